"""Traces: what a run left behind in its process, so that no other run ever meets it."""

import decimal
import gc
import locale
import os
import random
import signal
import sys
import threading
import warnings
from functools import cache
from operator import is_

import matplotlib
import numpy as np


class Traces:
    """What a run could change for the next one, as it is now.

    Which modules are loaded; in those of `libraries`, which are packages, every name, every name in their classes, and
    how many things a dict, list or set holds; and what `settings` tells. A change deeper inside of an object is not
    seen.
    """

    def __init__(self, libraries):
        self.modules = dict(sys.modules)
        spaces = {name: vars(module) for name, module in sys.modules.items() if name.split(".")[0] in libraries}
        kinds = {
            value: vars(value)
            for name, space in spaces.items()
            for value in space.values()
            if isinstance(value, type) and value.__module__ == name
        }
        held = (value for space in spaces.values() for value in space.values())
        self.spaces = [(space, space.copy()) for space in [*spaces.values(), *kinds.values()]]
        self.containers = [(value, len(value)) for value in held if isinstance(value, (dict, list, set))]
        self.settings = settings()

    def none(self):
        """Whether everything is still as it was."""
        return (
            _same(sys.modules, self.modules)
            and all(_same(space, before) for space, before in self.spaces)
            and all(len(container) == size for container, size in self.containers)
            and settings() == self.settings
        )


@cache
def first():
    """The traces of this process, when they are first asked for: before its first run."""
    return Traces({name.split(".")[0] for name in os.environ["EVIDENCE_PRELOAD"].split()} | {"matplotlib", "numpy"})


def settings():
    """Those of matplotlib, numpy, decimal, locale, warnings and signal handlers.

    And the state of the global random generators, environment, working folder, import path, limits, hooks and threads.
    """
    _, words, *state = np.random.get_state()
    return (
        (words.tobytes(), state, random.getstate()),
        [repr(value) for value in dict.values(matplotlib.rcParams)],
        (np.geterr(), np.geterrcall(), np.get_printoptions()),
        (repr(decimal.getcontext()), locale.setlocale(locale.LC_ALL), list(map(repr, warnings.filters))),
        [signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM)],
        (dict(os.environ), os.getcwd(), list(sys.path), sys.getrecursionlimit(), gc.isenabled(), gc.get_threshold()),
        (sys.gettrace(), sys.getprofile(), sys.excepthook, sys.stdout, sys.stderr, threading.active_count()),
    )


def _same(names, before):
    return len(names) == len(before) and all(map(is_, names.values(), before.values()))
