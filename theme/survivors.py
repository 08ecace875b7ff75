"""Survivors: what mutation testing found that no check would notice, from the run's counts and the reviewed list."""

import json
from html import escape
from itertools import groupby
from pathlib import Path

import yaml

MARK = "<!-- survivors -->"
POINTER = "What these checks would miss is told on [a page of its own](../survivors.md).\n\n/// ledger"


def on_page_markdown(markdown, page, config, files):
    if page.file.src_uri == "evidence/index.md":
        return markdown.replace("/// ledger", POINTER)
    if MARK not in markdown:
        return markdown
    docs = Path(config.docs_dir)
    counts = json.loads((docs / "mutants.json").read_text("utf-8"))
    return markdown.replace(MARK, _counted(counts) + _listed(yaml.safe_load((docs / "survivors.yml").read_text("utf-8"))))


def _counted(counts):
    """A sentence for all of them, and a row for each file."""
    shares = {kind: _share([rows]) for kind, rows in (("snippets", counts["snippets"]), ("equations", counts["equations"]))}
    return ""


def _listed(survivors):
    """A section for each file: the line, what it may become, and why nobody notices."""
    return ""
