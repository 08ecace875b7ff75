"""Mutation testing: change snippets and equations one token at a time, and list the changes that no check notices.

Of the code that `compute()` runs, one number, sign, operator or comparison is changed at a time; of an equation, one
token. Changes that no claim and no equation notices are listed in docs/survivors.yml, with a reason. `make mutants`
tries some of each file, the same in every run, compares them with that list, and writes the counts to
docs/mutants.json; `make mutants MUTANTS=100000` tries all, which takes hours.
"""

import argparse
import ast
import importlib
import json
import os
import re
import resource
import signal
import sys
import time
import types
import warnings
from collections import Counter
from datetime import UTC, datetime

import numpy as np
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

from conftest import ROOT
from evidence.contract import convert_value
from evidence.diagnostics import Diagnostic, format_diagnostics
from evidence.values import VALUE, look_up
from misprints import (
    PROJECT,
    Mutant,
    check_equation,
    choose_mutants,
    find_equations,
    generate_misprints,
    passes,
    read_survivors,
)

PAGES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
OPERATORS = ["NumberReplacer", "ReplaceUnaryOperator_Delete_USub"]
OPERATORS += [f"ReplaceBinaryOperator_{pair}" for pair in "Add_Sub Sub_Add Mul_Div Div_Mul Pow_Mul".split()]
OPERATORS += [f"ReplaceComparisonOperator_{pair}" for pair in "Lt_Gt Lt_LtE LtE_Gt LtE_Lt Gt_Lt Gt_GtE".split()]
OPERATORS += [f"ReplaceComparisonOperator_{pair}" for pair in "GtE_Lt GtE_Gt Eq_NotEq NotEq_Eq".split()]
CHECKS = ("figure_", "explore_", "claim_", "equation_")
SEED = re.compile(r"default_rng\([^()]*\)")  # another seed is no mistake
SAME, NOISE = 1e-12, 1e-13  # relative tolerance; numbers all below NOISE are rounding errors


def generate_mutants(module, lines):
    """Yield every change of one token on the given lines of a module, except in checks and seeds."""
    text = PROJECT.scripts[module].text.splitlines(keepends=True)
    for node in ast.parse("".join(text)).body:
        name = getattr(node, "name", "table")
        if name.startswith(CHECKS) or not lines.intersection(range(node.lineno, node.end_lineno + 1)):
            continue
        part, variants = text[node.lineno - 1 : node.end_lineno], set()
        for operator in OPERATORS:
            change, occurrence = get_operator(f"core/{operator}")(), 0
            while variant := mutate_code("".join(part), change, occurrence):
                occurrence += 1
                other = variant.splitlines(keepends=True)
                at = next((i for i, (old, new) in enumerate(zip(part, other)) if old != new), 0)
                differs = SEED.sub("", part[at]) != SEED.sub("", other[at])
                if differs and variant not in variants and node.lineno + at in lines:
                    variants.add(variant)
                    whole = "".join([*text[: node.lineno - 1], variant, *text[node.end_lineno :]])
                    yield Mutant(module, name, node.lineno + at, part[at].strip(), other[at].strip(), whole)


class Judge:
    """One unchanged snippet: its result, the lines of the functions that compute it, and the values quoted from it."""

    def __init__(self, name):
        self.name, calls, start = name, set(), time.process_time()
        for module in map(importlib.import_module, PROJECT.transitive_imports(name)):
            for part in vars(module).values():
                getattr(part, "cache_clear", lambda: None)()  # a cached call would not be traced
        sys.setprofile(lambda frame, *_: calls.add((frame.f_code.co_filename, frame.f_code.co_firstlineno)))
        self.result = importlib.import_module(name).compute()
        sys.setprofile(None)
        self.seconds = 3 + 5 * (time.process_time() - start)  # of processor time; longer runs count as endless
        self.lines = {module: _find_lines(module, calls) for module in PROJECT.transitive_imports(name)}
        functions = [node for node in ast.parse(PROJECT.scripts[name].text).body if isinstance(node, ast.FunctionDef)]
        self.checks = [node.name for node in functions if node.name.startswith(CHECKS)]
        sentences = " ".join(ast.get_docstring(node) for node in functions if node.name in self.checks)
        expressions = [expression.strip() for expression in VALUE.findall(PAGES)]
        self.quotes = {expression for expression in expressions if expression.startswith(f"{name}.")}
        self.quotes |= {f"{name}.{expression.strip()}" for expression in VALUE.findall(sentences)}

    def judge(self, mutant):
        """Run a mutant in a process of its own, and return ‘equal’, ‘caught …’ or ‘survives …’."""
        ours, theirs = os.pipe()
        if not (child := os.fork()):
            signal.setitimer(signal.ITIMER_PROF, self.seconds)
            try:
                verdict = self._run_checks(mutant)
            except BaseException as error:
                verdict = f"caught: {error!r}"
            os.write(theirs, verdict.encode()[:4000])
            os._exit(0)
        os.close(theirs)
        with open(ours) as pipe:
            verdict = pipe.read()
        os.waitpid(child, 0)
        return verdict or "caught: endless"

    def _run_checks(self, mutant):
        """Replace the module by the mutant, compute, and run all checks; return the verdict, or raise."""
        warnings.simplefilter("error")
        resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, resource.RLIM_INFINITY))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        for module in PROJECT.scripts:
            if mutant.module in PROJECT.transitive_imports(module):
                sys.modules.pop(module, None)
        sys.modules[mutant.module] = replacement = types.ModuleType(mutant.module)
        replacement.__file__ = str(PROJECT.root / PROJECT.scripts[mutant.module].file)
        exec(compile(mutant.text, replacement.__file__, "exec"), vars(replacement))
        module = importlib.import_module(self.name)
        old, new = vars(self.result), vars(result := module.compute())
        plain = {name: convert_value(value, name, 1) for name, value in new.items()}
        if not (differences := [name for name in old if not _equal(old[name], new[name])]):
            return "equal"
        for expression in self.quotes:
            look_up(expression, {self.name: plain})
        for test in (getattr(module, name) for name in self.checks):
            if test.__name__.startswith("claim_"):
                test(result)
            elif test.__name__.startswith("equation_"):
                for bindings in list(test() or ()):
                    check_equation(test.__doc__, bindings)
        fields = {expression.replace("[", ".").split(".")[1].split()[0] for expression in self.quotes}
        return f"survives in what is {'quoted' if fields & set(differences) else 'drawn'}: {', '.join(differences)}"


def _find_lines(module, calls):
    """Return the lines of all functions of a module that were called."""
    path, lines = str(PROJECT.root / PROJECT.scripts[module].file), set()
    for node in ast.walk(ast.parse(PROJECT.scripts[module].text)):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", ()))])
            if (path, first) in calls:
                lines.update(range(node.lineno, node.end_lineno + 1))
    return lines


def _equal(old, new):
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_equal(old[key], new[key]) for key in old)
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(_equal, old, new))
    if isinstance(old, str) or np.shape(old) != np.shape(new):
        return old is new or (isinstance(old, str) and old == new)
    size = np.max(np.abs([old, new]), initial=0)
    return bool(size < NOISE or np.max(np.abs(np.subtract(old, new, dtype=float)), initial=0) <= SAME * size)


def judge_mutant(judges, mutant):
    """Return the verdict of the first snippet that notices a mutant: its own, then others that run the same line."""
    selection = [judge for judge in judges if mutant.line in judge.lines.get(mutant.module, ())]
    outcome = "equal"
    for judge in sorted(selection, key=lambda judge: judge.name != mutant.module):
        verdict = judge.judge(mutant)
        if verdict.startswith("caught"):
            return verdict
        outcome = verdict if outcome == "equal" else outcome
    return outcome


def find_differences(mutants, survivors, known_keys):
    """Yield a diagnostic for each survivor that is not on the list, and for each on the list that is noticed."""
    for mutant in survivors:
        if mutant.key not in known_keys:
            what = f"‘{mutant.before}’ as ‘{mutant.after}’ is not noticed: assert it, or say why in docs/survivors.yml"
            yield Diagnostic(PROJECT.scripts[mutant.module].file, mutant.line, what)
    for function, before, after in sorted(known_keys & {mutant.key for mutant in mutants} - {m.key for m in survivors}):
        yield Diagnostic("docs/survivors.yml", 1, f"‘{before}’ as ‘{after}’ in {function} is noticed now: take it out")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of snippets and shared modules, instead of all")
    parser.add_argument("--most", type=int, default=40, help="mutants of each")
    arguments = parser.parse_args()
    judges = [Judge(name) for name in PROJECT.names("snippet")]
    modules = arguments.names or sorted({module for judge in judges for module in judge.lines} - {"lib.plots"})
    counts = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "most": arguments.most, "files": {}}
    all_mutants, survivors, misprints = [], [], []
    for module in modules:
        lines = set().union(*(judge.lines.get(module, ()) for judge in judges))
        chosen_mutants = choose_mutants(generate_mutants(module, lines), arguments.most)
        verdicts = {mutant: judge_mutant(judges, mutant) for mutant in chosen_mutants}
        all_mutants += verdicts
        survivors += [mutant for mutant, verdict in verdicts.items() if verdict.startswith("survives")]
        counts["files"][module] = dict(Counter(verdict.split(":")[0] for verdict in verdicts.values()))
        print(module, counts["files"][module], flush=True)
        for function, draws in find_equations(module):
            misprints += [(misprint, draws) for misprint in generate_misprints(function, draws)]
    passing = [misprint for misprint, draws in misprints if passes(misprint, draws)]
    all_mutants, survivors = all_mutants + [misprint for misprint, _ in misprints], survivors + passing
    if diagnostics := list(find_differences(all_mutants, survivors, read_survivors())):
        sys.exit(format_diagnostics(diagnostics))
    if not arguments.names:
        counts |= {
            "equations": len({m.key[:2] for m, _ in misprints}),
            "misprints": len(misprints),
            "passing": len(passing),
        }
        (ROOT / "docs/mutants.json").write_text(json.dumps(counts, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
