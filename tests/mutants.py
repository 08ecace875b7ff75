"""Would the evidence notice a mistake? Wrong snippets, misprinted equations, and those of them that nothing catches.

In what `compute()` runs one number, sign, operator or comparison is changed at a time, in an equation one token. What
no claim and no equation then catches stands in docs/survivors.yml, with a reason. `make mutants` tries some of each
file, the same in every run, compares, and writes the counts to docs/mutants.json; `make mutants MUTANTS=100000` tries
all, which takes hours.
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
from misprints import PROJECT, Mutant, check, equations, misprints, passes, reviewed, some

PAGES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
OPERATORS = ["NumberReplacer", "ReplaceUnaryOperator_Delete_USub"]
OPERATORS += [f"ReplaceBinaryOperator_{pair}" for pair in "Add_Sub Sub_Add Mul_Div Div_Mul Pow_Mul".split()]
OPERATORS += [f"ReplaceComparisonOperator_{pair}" for pair in "Lt_Gt Lt_LtE LtE_Gt LtE_Lt Gt_Lt Gt_GtE".split()]
OPERATORS += [f"ReplaceComparisonOperator_{pair}" for pair in "GtE_Lt GtE_Gt Eq_NotEq NotEq_Eq".split()]
CHECKS = ("figure_", "explore_", "claim_", "equation_")
SEEDED = re.compile(r"default_rng\([^()]*\)")  # another seed is no mistake
SAME, NOISE = 1e-12, 1e-13  # relative; and numbers that are all below the latter are errors of rounding


def mutants(module, lines):
    """Every change of one token on the given lines of a module; checks and seeds are left alone."""
    text = PROJECT.scripts[module].text.splitlines(keepends=True)
    for node in ast.parse("".join(text)).body:
        name = getattr(node, "name", "table")
        if name.startswith(CHECKS) or not lines.intersection(range(node.lineno, node.end_lineno + 1)):
            continue
        part, seen = text[node.lineno - 1 : node.end_lineno], set()
        for operator in OPERATORS:
            change, occurrence = get_operator(f"core/{operator}")(), 0
            while changed := mutate_code("".join(part), change, occurrence):
                occurrence += 1
                other = changed.splitlines(keepends=True)
                at = next((i for i, (old, new) in enumerate(zip(part, other)) if old != new), 0)
                told = SEEDED.sub("", part[at]) != SEEDED.sub("", other[at])
                if told and changed not in seen and node.lineno + at in lines:
                    seen.add(changed)
                    whole = "".join([*text[: node.lineno - 1], changed, *text[node.end_lineno :]])
                    yield Mutant(module, name, node.lineno + at, part[at].strip(), other[at].strip(), whole)


class Judge:
    """One snippet as it stands: its result, the lines of functions that compute it, and what is quoted of it."""

    def __init__(self, name):
        self.name, called, start = name, set(), time.process_time()
        for module in map(importlib.import_module, PROJECT.transitive_imports(name)):
            for part in vars(module).values():
                getattr(part, "cache_clear", lambda: None)()  # what was computed for another snippet is not seen
        sys.setprofile(lambda frame, *_: called.add((frame.f_code.co_filename, frame.f_code.co_firstlineno)))
        self.result = importlib.import_module(name).compute()
        sys.setprofile(None)
        self.seconds = 3 + 5 * (time.process_time() - start)  # of processor time; longer runs count as endless
        self.lines = {module: _lines(module, called) for module in PROJECT.transitive_imports(name)}
        functions = [node for node in ast.parse(PROJECT.scripts[name].text).body if isinstance(node, ast.FunctionDef)]
        self.checks = [node.name for node in functions if node.name.startswith(CHECKS)]
        sentences = " ".join(ast.get_docstring(node) for node in functions if node.name in self.checks)
        self.quoted = {said.strip() for said in VALUE.findall(PAGES) if said.strip().startswith(f"{name}.")}
        self.quoted |= {f"{name}.{said.strip()}" for said in VALUE.findall(sentences)}

    def verdict(self, mutant):
        """‘equal’, ‘caught …’ or ‘survives …’: what becomes of a mutant, in a process of its own."""
        ours, theirs = os.pipe()
        if not (child := os.fork()):
            signal.setitimer(signal.ITIMER_PROF, self.seconds)
            try:
                said = self.look(mutant)
            except BaseException as error:
                said = f"caught: {error!r}"
            os.write(theirs, said.encode()[:4000])
            os._exit(0)
        os.close(theirs)
        with open(ours) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return said or "caught: endless"

    def look(self, mutant):
        warnings.simplefilter("error")
        resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, resource.RLIM_INFINITY))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        for module in PROJECT.scripts:
            if mutant.module in PROJECT.transitive_imports(module):
                sys.modules.pop(module, None)
        sys.modules[mutant.module] = wrong = types.ModuleType(mutant.module)
        wrong.__file__ = str(PROJECT.root / PROJECT.scripts[mutant.module].file)
        exec(compile(mutant.text, wrong.__file__, "exec"), vars(wrong))
        module = importlib.import_module(self.name)
        old, new = vars(self.result), vars(result := module.compute())
        plain = {name: convert_value(value, name, 1) for name, value in new.items()}
        if not (changed := [name for name in old if not _same(old[name], new[name])]):
            return "equal"
        for said in self.quoted:
            look_up(said, {self.name: plain})
        for test in (getattr(module, name) for name in self.checks):
            if test.__name__.startswith("claim_"):
                test(result)
            elif test.__name__.startswith("equation_"):
                for bindings in list(test() or ()):
                    check(test.__doc__, bindings)
        quoted = {said.replace("[", ".").split(".")[1].split()[0] for said in self.quoted}
        return f"survives in what is {'quoted' if quoted & set(changed) else 'drawn'}: {', '.join(changed)}"


def _lines(module, called):
    """The lines of all functions of a module that were called."""
    path, lines = str(PROJECT.root / PROJECT.scripts[module].file), set()
    for node in ast.walk(ast.parse(PROJECT.scripts[module].text)):
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
    if isinstance(old, str) or np.shape(old) != np.shape(new):
        return old is new or (isinstance(old, str) and old == new)
    size = np.max(np.abs([old, new]), initial=0)
    return bool(size < NOISE or np.max(np.abs(np.subtract(old, new, dtype=float)), initial=0) <= SAME * size)


def decided(judges, mutant):
    """What the first snippet says that notices a mutant: its own first, then others that run the same line."""
    asked = [judge for judge in judges if mutant.line in judge.lines.get(mutant.module, ())]
    said = "equal"
    for judge in sorted(asked, key=lambda judge: judge.name != mutant.module):
        verdict = judge.verdict(mutant)
        if verdict.startswith("caught"):
            return verdict
        said = verdict if said == "equal" else said
    return said


def differences(tried, survived, held):
    """Diagnostics: survivors that are not on the list, and what is on the list and does not survive."""
    for mutant in survived:
        if mutant.key not in held:
            what = f"‘{mutant.before}’ as ‘{mutant.after}’ is not noticed: assert it, or say why in docs/survivors.yml"
            yield Diagnostic(PROJECT.scripts[mutant.module].file, mutant.line, what)
    for function, before, after in sorted(held & {mutant.key for mutant in tried} - {m.key for m in survived}):
        yield Diagnostic("docs/survivors.yml", 1, f"‘{before}’ as ‘{after}’ in {function} is noticed now: take it out")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="of snippets and shared modules, instead of all")
    parser.add_argument("--most", type=int, default=40, help="mutants of each")
    arguments = parser.parse_args()
    judges = [Judge(name) for name in PROJECT.names("snippet")]
    modules = arguments.names or sorted({module for judge in judges for module in judge.lines} - {"lib.plots"})
    counts = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "most": arguments.most, "files": {}}
    tried, survived, printed = [], [], []
    for module in modules:
        lines = set().union(*(judge.lines.get(module, ()) for judge in judges))
        verdicts = {mutant: decided(judges, mutant) for mutant in some(mutants(module, lines), arguments.most)}
        tried += verdicts
        survived += [mutant for mutant, said in verdicts.items() if said.startswith("survives")]
        counts["files"][module] = dict(Counter(said.split(":")[0] for said in verdicts.values()))
        print(module, counts["files"][module], flush=True)
        for function, draws in equations(module):
            printed += [(misprint, draws) for misprint in misprints(function, draws)]
    passing = [misprint for misprint, draws in printed if passes(misprint, draws)]
    tried, survived = tried + [misprint for misprint, _ in printed], survived + passing
    if diagnostics := list(differences(tried, survived, reviewed())):
        sys.exit(format_diagnostics(diagnostics))
    if not arguments.names:
        counts |= {
            "equations": len({m.key[:2] for m, _ in printed}),
            "misprints": len(printed),
            "passing": len(passing),
        }
        (ROOT / "docs/mutants.json").write_text(json.dumps(counts, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
