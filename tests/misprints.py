"""Misprints of the equations that are checked as printed, and the reviewed list of mutants that survive."""

import ast
import importlib
import warnings
from hashlib import sha256
from typing import NamedTuple

import yaml

from conftest import ROOT
from evidence import equation
from evidence.project import Project

PROJECT = Project(ROOT)
TWINS = [(r"\cos", r"\sin"), (r"\exp", r"\log"), (r"\max", r"\min"), (r"\le", r"\ge"), (r"\leq", r"\geq"), "<>", "+-"]
SWAPS = {one: other for pair in TWINS for one, other in (pair, pair[::-1])}
SWAPS |= {r"\sqrt": "", r"\top": "2", r"\sum": r"\prod", r"\prod": r"\sum", r"\cdot": "+", "/": r"\cdot"}


class Mutant(NamedTuple):
    """A changed line of a function, or the changed LaTeX of an equation, before, after, and in its whole text."""

    module: str
    function: str
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self):
        return f"{self.module}.{self.function}", self.before, self.after


def find_equations(name):
    """Yield (function, draws) for each equation of a snippet that is checked as printed."""
    for node in ast.parse(PROJECT.scripts[name].text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("equation_"):
            function = getattr(importlib.import_module(name), node.name)
            if draws := list(function() or ()):
                yield function, draws


def generate_misprints(function, draws):
    """Yield every misprint of one token: another digit, sign, function or letter, or a reversed relation."""
    latex = function.__doc__
    tokens = list(equation.TOKEN.finditer(latex))
    letters = sorted({key for bindings in draws for key in bindings} & {token[0] for token in tokens} - SWAPS.keys())
    others = SWAPS | dict(zip(letters, [*letters[1:], *letters[:1]]))
    for token in tokens:
        other = str(int(token[0]) + 1) if token[0].isdigit() else others.get(token[0], token[0])
        if other != token[0]:
            text = f"{latex[: token.start()]}{other} {latex[token.end() :]}"
            before_and_after = (" ".join(part.split()) for part in (latex, text))
            yield Mutant(
                function.__module__, function.__name__, function.__code__.co_firstlineno, *before_and_after, text
            )


def check_equation(latex, bindings):
    """Check every relation of an equation on bindings, and raise the error of the first that fails."""
    for statement in equation.parse(latex, bindings):
        equation.check_statement(statement, bindings)


def passes(misprint, draws):
    """Return whether a misprinted equation can be read and holds on every draw."""
    try:
        with warnings.catch_warnings(action="ignore"):
            for bindings in draws:
                check_equation(misprint.text, bindings)
    except Exception:  # a function that is bound to a letter may raise anything
        return False
    return True


def choose_mutants(mutants, size):
    """Choose a number of mutants by their digests, so that an edit elsewhere does not change the choice."""
    return sorted(mutants, key=lambda mutant: sha256(repr(mutant.key).encode()).digest())[:size]


def read_survivors():
    """Read the list of known survivors, as keys of mutants."""
    entries = yaml.safe_load((ROOT / "docs/survivors.yml").read_text("utf-8"))
    return {(entry["in"], entry["line"], other) for entry in entries for other in entry["becomes"]}
