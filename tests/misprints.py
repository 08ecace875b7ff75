"""Misprints of the equations that are checked as printed, and the reviewed list of mistakes that nothing notices."""

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
    """A line of a function, or an equation's LaTeX, what it became, and the text around it with the change."""

    module: str
    function: str
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self):
        return f"{self.module}.{self.function}", self.before, self.after


def equations(name):
    """(function, draws) of a snippet's equations that are checked as printed."""
    for node in ast.parse(PROJECT.scripts[name].text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("equation_"):
            function = getattr(importlib.import_module(name), node.name)
            if draws := list(function() or ()):
                yield function, draws


def misprints(function, draws):
    """Every misprint of one token: another digit, sign, function or letter of the same, a relation reversed."""
    latex = function.__doc__
    found = list(equation.TOKEN.finditer(latex))
    letters = sorted({key for bindings in draws for key in bindings} & {token[0] for token in found} - SWAPS.keys())
    others = SWAPS | dict(zip(letters, [*letters[1:], *letters[:1]]))
    for token in found:
        other = str(int(token[0]) + 1) if token[0].isdigit() else others.get(token[0], token[0])
        if other != token[0]:
            text = f"{latex[: token.start()]}{other} {latex[token.end() :]}"
            printed = (" ".join(said.split()) for said in (latex, text))
            yield Mutant(function.__module__, function.__name__, function.__code__.co_firstlineno, *printed, text)


def check(latex, bindings):
    """Check every relation of an equation on bindings; raises what the first one that fails raises."""
    for statement in equation.parse(latex, bindings):
        equation.check_statement(statement, bindings)


def passes(misprint, draws):
    """Whether a misprinted equation can be read and holds on every draw."""
    try:
        with warnings.catch_warnings(action="ignore"):
            for bindings in draws:
                check(misprint.text, bindings)
    except Exception:  # also of a function that is bound to a letter
        return False
    return True


def some(mutants, size):
    """So many of the mutants, chosen by a digest, so that an edit elsewhere leaves the choice as it is."""
    return sorted(mutants, key=lambda mutant: sha256(repr(mutant.key).encode()).digest())[:size]


def reviewed():
    """The survivors that are known, as keys of mutants."""
    held = yaml.safe_load((ROOT / "docs/survivors.yml").read_text("utf-8"))
    return {(entry["in"], entry["line"], other) for entry in held for other in entry["becomes"]}
