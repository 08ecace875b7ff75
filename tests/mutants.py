"""Would the evidence notice a mistake? Wrong snippets and misprinted equations, and those that nothing catches.

One number, sign, operator or comparison at a time is changed in what `compute()` runs, and one token of an equation.
What no claim and no equation then catches must stand, with a reason, in docs/survivors.yml, and what stands there must
be real: `make mutants` says what differs, and writes the counts to docs/mutants.json. `SAMPLE=40` tries fewer.
"""

import argparse
import ast
import dataclasses
import importlib
import json
import os
import random
import re
import resource
import signal
import sys
import time
import types
import warnings
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import yaml
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

from conftest import ROOT
from evidence import reader
from evidence.contract import _plain
from evidence.project import Project
from evidence.values import PATTERN, look_up

PROJECT = Project(ROOT)
PAGES = "\n".join(path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md"))
BINARY = "Add_Sub Sub_Add Mul_Div Div_Mul Pow_Mul FloorDiv_Mul Mod_Mul".split()
COMPARISON = "Lt_Gt Lt_LtE LtE_Lt LtE_Gt Gt_Lt Gt_GtE GtE_Gt GtE_Lt Eq_NotEq NotEq_Eq".split()
OPERATORS = ["NumberReplacer", "ReplaceUnaryOperator_Delete_USub"]
OPERATORS += [f"ReplaceBinaryOperator_{pair}" for pair in BINARY]
OPERATORS += [f"ReplaceComparisonOperator_{pair}" for pair in COMPARISON]
CHECKS = ("figure_", "explore_", "claim_", "equation_")
SEEDED = re.compile(r"default_rng\([^()]*\)")
SWAPS = {"+": "-", "-": "+", "/": r"\cdot", r"\cdot": "+", r"\sqrt": "", r"\top": "2", r"\sum": r"\prod"}
TWINS = [(r"\cos", r"\sin"), (r"\exp", r"\log"), (r"\max", r"\min"), (r"\le", r"\ge"), (r"\leq", r"\geq"), "<>"]
SWAPS |= {one: other for pair in TWINS for one, other in (pair, pair[::-1])} | {r"\ln": r"\exp"}
SAME, NOISE = 1e-12, 1e-13  # relative; and below this, everywhere, a number is an error of rounding


class Mutant(NamedTuple):
    """A line of a function, or an equation's LaTeX, and what it became; `text` is the whole of it, changed."""

    module: str
    function: str
    line: int
    before: str
    after: str
    text: str

    @property
    def key(self):
        return f"{self.module}.{self.function}", self.before, self.after


def mutants(module, lines):
    """Every change of one token in the functions of a module, on the lines given; checks and seeds are left alone."""
    text = PROJECT.texts[module].splitlines(keepends=True)
    for node in ast.parse("".join(text)).body:
        name = getattr(node, "name", "table")
        if name.startswith(CHECKS) or not lines.intersection(range(node.lineno, node.end_lineno + 1)):
            continue
        part, seen = text[node.lineno - 1 : node.end_lineno], set()
        for operator in OPERATORS:
            made, occurrence = get_operator(f"core/{operator}")(), -1
            while changed := mutate_code("".join(part), made, occurrence := occurrence + 1):
                other = changed.splitlines(keepends=True)
                at = next((i for i, (old, new) in enumerate(zip(part, other)) if old != new), 0)
                same = SEEDED.sub("", part[at]) == SEEDED.sub("", other[at])
                if not same and changed not in seen and node.lineno + at in lines:
                    seen.add(changed)
                    whole = "".join([*text[: node.lineno - 1], changed, *text[node.end_lineno :]])
                    yield Mutant(module, name, node.lineno + at, part[at].strip(), other[at].strip(), whole)


class Judge:
    """One snippet as it stands: its result, the lines of the project's functions that compute it, what pages quote."""

    def __init__(self, name):
        self.name, called = name, set()
        for module in map(importlib.import_module, PROJECT.reach(name)):
            for part in vars(module).values():
                getattr(part, "cache_clear", lambda: None)()  # or what an earlier snippet computed would not be seen
        sys.setprofile(lambda frame, event, argument: called.add((frame.f_code.co_filename, frame.f_code.co_firstlineno)))
        start = time.process_time()
        self.result = importlib.import_module(name).compute()
        sys.setprofile(None)
        self.seconds = 3 + 5 * (time.process_time() - start)  # of processor time; a mutant that takes longer is caught
        self.lines = {module: _lines(module, called) for module in PROJECT.reach(name)}
        functions = [node for node in ast.parse(PROJECT.texts[name]).body if isinstance(node, ast.FunctionDef)]
        self.checks = [node.name for node in functions if node.name.startswith(CHECKS)]
        docstrings = "\n".join(ast.get_docstring(node) for node in functions if node.name in self.checks)
        self.quoted = {said.strip() for said in PATTERN.findall(PAGES) if said.strip().startswith(f"{name}.")}
        self.quoted |= {f"{name}.{said.strip()}" for said in PATTERN.findall(docstrings)}
        self.fields = {re.split(r"\W+", said)[1] for said in self.quoted}

    def verdict(self, mutant):
        """What becomes of a mutant, found in a process of its own: ‘equal’, ‘caught by …’ or ‘survives in …’."""
        ours, theirs = os.pipe()
        if not (child := os.fork()):
            signal.setitimer(signal.ITIMER_PROF, self.seconds)
            try:
                said = self.look(mutant)
            except BaseException as error:
                said = f"caught by {type(error).__name__}"
            os.write(theirs, said.encode())
            os._exit(0)
        os.close(theirs)
        with open(ours) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return said or "caught by its time"

    def look(self, mutant):
        warnings.simplefilter("error")
        resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, resource.RLIM_INFINITY))
        os.close(1), os.close(2)
        for module in PROJECT.modules:
            if mutant.module in PROJECT.reach(module):
                sys.modules.pop(module, None)
        sys.modules[mutant.module] = wrong = types.ModuleType(mutant.module)
        wrong.__file__ = str(PROJECT.modules[mutant.module])
        exec(compile(mutant.text, wrong.__file__, "exec"), vars(wrong))
        module = importlib.import_module(self.name)
        result = module.compute()
        fields = [field.name for field in dataclasses.fields(self.result)]
        values = {name: _plain(getattr(result, name), name, 1) for name in fields}
        changed = [name for name in fields if not _same(getattr(self.result, name), getattr(result, name))]
        if not changed:
            return "equal"
        for said in self.quoted:
            look_up(said, {self.name: values})
        for check in self.checks:
            function = getattr(module, check)
            try:
                if check.startswith("claim_"):
                    function(result)
                elif check.startswith("equation_"):
                    for bindings in list(function() or ()):
                        reader.check(function.__doc__, bindings)
            except Exception as error:
                return f"caught by {check} {type(error).__name__}"
        kind = "quoted" if self.fields & set(changed) else "drawn"
        return f"survives in {kind} {' '.join(changed)}"


def _lines(module, called):
    """The lines of all functions of a module that were called."""
    path, lines = str(PROJECT.modules[module]), set()
    for node in ast.walk(ast.parse(PROJECT.texts[module])):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
            if (path, first) in called:
                lines.update(range(node.lineno, node.end_lineno + 1))
    return lines


def _same(old, new):
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, str) or not np.shape(old) == np.shape(new):
        return old is new or old == new
    size = np.max(np.abs([old, new]), initial=0)
    return bool(size < NOISE or np.max(np.abs(np.subtract(old, new, dtype=float)), initial=0) <= SAME * size)


def equations():
    """(snippet, function, line, LaTeX, draws) of every equation that is checked as printed."""
    for name in PROJECT.names:
        for node in ast.parse(PROJECT.texts[name]).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("equation_"):
                check = getattr(importlib.import_module(name), node.name)
                if draws := list(check() or ()):
                    yield name, node.name, node.lineno, check.__doc__, draws


def misprints(name, function, line, latex, draws):
    """Every misprint of one token: a sign, a digit, a function, a relation reversed, another letter of the same."""
    found = list(reader.TOKEN.finditer(latex))
    bound = {key for bindings in draws for key in bindings} - SWAPS.keys()
    letters = sorted(bound & {token[0] for token in found})
    others = dict(zip(letters, [*letters[1:], *letters[:1]])) if len(letters) > 1 else {}
    for token in found:
        other = SWAPS.get(token[0], others.get(token[0]))
        if token[0].isdigit():
            other = str(int(token[0]) + 1)
        if other is not None:
            text = f"{latex[: token.start()]}{other} {latex[token.end() :]}"
            yield Mutant(name, function, line, " ".join(latex.split()), " ".join(text.split()), text)


def passes(misprint, draws):
    """Whether a misprinted equation holds on every draw."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for bindings in draws:
                reader.check(misprint.text, bindings)
    except (reader.Unequal, reader.Unreadable, TypeError, ValueError, OverflowError):
        return False
    return True


def listed():
    """The reviewed survivors, as keys of mutants."""
    held = yaml.safe_load((ROOT / "docs/survivors.yml").read_text("utf-8"))
    return {(entry["in"], entry["line"], other) for entry in held for other in entry["becomes"]}


def sampled(found, size):
    """A seeded sample of mutants, or all."""
    found = list(found)
    return found if not size or size > len(found) else random.Random(0).sample(found, size)


def decided(judges, mutant):
    """What the first snippet says that notices a mutant: its own first, then those that run the same line."""
    asked = sorted((j for j in judges if mutant.line in j.lines.get(mutant.module, ())), key=lambda j: j.name != mutant.module)
    said = "equal"
    for judge in asked:
        verdict = judge.verdict(mutant)
        if verdict.startswith("caught"):
            return verdict
        said = verdict if said == "equal" else said
    return said


def differences(tried, survived, whole):
    """What the reviewed list has to change: problems as sentences with file, line and cure."""
    keys, held = {mutant.key for mutant in survived}, listed()
    for mutant in survived:
        if mutant.key not in held:
            where = PROJECT.relative(PROJECT.modules[mutant.module])
            yield f"{where}:{mutant.line}: ‘{mutant.before}’ may become ‘{mutant.after}’, and nothing notices: assert it in a claim, or add it with a reason to docs/survivors.yml"
    gone = held - keys if whole else (held & {mutant.key for mutant in tried}) - keys
    for function, before, after in sorted(gone):
        yield f"docs/survivors.yml: in {function}, ‘{before}’ as ‘{after}’ is caught now: take it from the list"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of snippets and shared modules; without any, all")
    parser.add_argument("--sample", type=int, default=0, help="so many mutants of each, instead of all")
    arguments = parser.parse_args()
    judges = [Judge(name) for name in PROJECT.names]
    modules = arguments.names or sorted({module for judge in judges for module in judge.lines} - {"style"})
    counts, tried, survived = {}, [], []
    for module in modules:
        lines = set().union(*(judge.lines.get(module, ()) for judge in judges))
        found = sampled(mutants(module, lines), arguments.sample)
        verdicts = [decided(judges, mutant) for mutant in found]
        tried += found
        survived += [mutant for mutant, said in zip(found, verdicts) if said.startswith("survives")]
        counts[module] = Counter(said.split()[0] for said in verdicts)
