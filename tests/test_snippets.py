"""Every snippet runs, and every claim and equation is a test of its own, found by walking the folder."""

import ast
import importlib
import multiprocessing
import os
import re
import runpy
import sys
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import matplotlib
import pytest
from evidence.book import BLOCK
from evidence.bundle import archive

from conftest import ROOT
from evidence import equation
from evidence.project import Project

PROJECT = Project(ROOT)
OFFERS = [
    (name, node.name)
    for name in PROJECT.names
    for node in ast.parse(PROJECT.texts[name]).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith(("claim_", "equation_", "figure_", "explore_"))
]


def offers(kind):
    found = [
        pytest.param(name, function, id=f"{name}.{function}") for name, function in OFFERS if function.startswith(kind)
    ]
    return pytest.mark.parametrize("name, function", found)


@cache
def computed(name):
    module = importlib.import_module(name)
    return module, module.compute()


def run_alone(script, folder):
    """In a process of its own, as `python script` would: only the script's folder to import from."""
    os.chdir(folder)
    sys.path[:] = [
        str(script.parent),
        *(path for path in sys.path if not path.startswith(str(ROOT)) or "site-packages" in path),
    ]
    sys.modules["evidence"] = sys.modules["font_source_sans_pro"] = None
    matplotlib.use("agg")
    runpy.run_path(str(script), run_name="__main__")


@pytest.mark.parametrize("name", PROJECT.modules)
def test_nothing_of_ours_is_imported_but_lib(name):
    """A snippet stands for one question or one paper: what two of them need is in snippets/lib, written once."""
    ours = PROJECT.imports(name) & set(PROJECT.modules) - {"measured"}  # what the benchmark writes
    assert all(module.startswith("lib.") for module in ours), f"move what {name} shares to snippets/lib"


@offers("claim_")
def test_claim_holds(name, function):
    module, result = computed(name)
    getattr(module, function)(result)


@pytest.mark.parametrize("name", [name for name in PROJECT.names if re.search("^SEED = ", PROJECT.texts[name], re.M)])
def test_claims_hold_for_other_seeds(name, monkeypatch):
    """What is true of one run of a random experiment is true of others: `make seeds` asks twenty, `make test` one."""
    module = importlib.import_module(name)
    claims = {function: getattr(module, function) for snippet, function in OFFERS if snippet == name}
    fallen = []
    for seed in range(1, 1 + int(os.environ.get("SEEDS", "1"))):
        monkeypatch.setattr(module, "SEED", seed)
        for part in vars(module).values():
            getattr(part, "cache_clear", lambda: None)()
        result = module.compute()
        for function, claim in claims.items():
            try:
                function.startswith("claim_") and claim(result)
            except AssertionError:
                fallen.append(f"{function} with seed {seed}")
    assert fallen == []


@offers("equation_")
def test_equation_holds_as_printed(name, function):
    check = getattr(importlib.import_module(name), function)
    draws = list(check() or ())
    for bindings in draws:
        equation.check(check.__doc__, bindings)


@pytest.mark.parametrize("name", PROJECT.names)
def test_a_figure_is_drawn_the_same_twice(name):
    """The first of each snippet; which shows that no number in its SVG depends on what was drawn before."""
    module, result = computed(name)
    for function in [function for snippet, function in OFFERS if snippet == name and function.startswith("figure_")][
        :1
    ]:
        draw = getattr(module, function)
        assert draw(result).svg("", "") == draw(result).svg("", "")


def test_the_flagship_is_complete():
    """Three pages, each with at least two figures, six claims and four equations that are checked as printed."""
    for page in ("zigzag", "bias", "activations"):
        kinds = [kind for kind, _ in BLOCK.findall((ROOT / f"docs/{page}.md").read_text("utf-8"))]
        assert kinds.count("figure") >= 2 and kinds.count("claim") >= 6 and kinds.count("equation") >= 4, page


@pytest.mark.parametrize("name", PROJECT.names)
def test_snippet_runs_by_itself(name, tmp_path):
    """What a reader takes along, unpacked, leaves its figures behind where there is no screen; nothing of ours is
    installed there."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["matplotlib.pyplot", "numpy"])
    texts = {module: PROJECT.texts[module] for module in PROJECT.reach(name)}
    ZipFile(BytesIO(archive(name, texts, PROJECT.libraries(name)))).extractall(tmp_path)
    process = context.Process(target=run_alone, args=(tmp_path / f"{name}/{name}.py", tmp_path))
    process.start()
    process.join(120)
    assert process.exitcode == 0
    figures = [function for snippet, function in OFFERS if snippet == name and function.startswith("figure_")]
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == sorted(figures)


def test_numbers_equal_those_published_before():
    """What the project stands behind was computed twice, independently; here is the first computation."""
    zigzag, bias, activations = (computed(name)[1] for name in ("zigzag", "bias", "activations"))
    assert zigzag.steps == (1, 20, 62, 132) and computed("step_size")[1].cautious_steps[2] == 118
    assert [round(kappa) for kappa in zigzag.kappa] == [1, 3, 9, 19] and round(
        computed("one_at_a_time")[1].crossings, 2
    ) == 0.50
    assert bias.steps_bias == (1, 97, 677, 2750)
    assert [float(f"{kappa:.3g}") for kappa in bias.kappa_bias] == [1, 13.9, 98.0, 398]
    assert [round(k) for k in (bias.wide_kappa, bias.wide_kappa_bias, bias.best_kappa)] == [101, 10_402, 402]
    column = {key: float(f"{row['kappa_bias']:.3g}") for key, row in activations.table.items()}
    assert list(column.values()) == [6760, 6690, 388, 371, 118, 63.7, 50.3, 15.2, 5.46, 2.54, 1.33, 1.0]
    assert [float(f"{computed('orthants')[1].cosine[i]:.2g}") for i in range(3)] == [0.95, 0.84, 0.75]
