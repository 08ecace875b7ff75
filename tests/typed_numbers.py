"""Typed numbers: what readers see of pages, labs and snippets, and the numbers in it that no snippet computes.

`python tests/typed_numbers.py` prints them, as file:line: what: cure, and how much of each kind of text was read.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
EXCEPTIONS = ROOT / "tests/typed_numbers.yml"
BASELINE = ROOT / "tests/typed_numbers_baseline.txt"  # file and count of what is still to be mended: it only shrinks
# Keys of a page's head that no reader sees, and one that quotes readers, who may type what they like.
UNSEEN_KEYS = (*"search hide thumbnail tags section template icon order".split(), "asked")
