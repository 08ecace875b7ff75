"""Every snippet, claim, equation and figure of the real site, in the one build of the suite."""

import ast
import importlib
import os
import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from alone import run_by_itself
from conftest import PROBLEM, ROOT, sample
from evidence.project import Project
from evidence.syntax import VALUE
from evidence.values import look_up

PROJECT = Project(ROOT)
NAMES = PROJECT.names("snippet")
TEXTS = {name: script.text for name, script in PROJECT.scripts.items()}
KINDS = {"claim": "claims", "equation": "equations", "figure": "figures", "explore": "explorers"}
OFFERS = {
    name: [
        node.name
        for node in ast.parse(TEXTS[name]).body
        if isinstance(node, ast.FunctionDef) and node.name.split("_")[0] in KINDS
    ]
    for name in NAMES
}
RANDOM = [name for name in NAMES if re.search("^SEED = ", TEXTS[name], re.M)]


def test_project_is_read_without_problems():
    assert PROJECT.diagnostics == [] and len(NAMES) > 60


@pytest.mark.parametrize("name", PROJECT.scripts)
def test_snippets_import_no_module_of_ours_but_lib(name):
    """A snippet answers one question or one paper: what two of them need is in snippets/lib, written once."""
    if PROJECT.scripts[name].kind != "lab":
        ours = PROJECT.scripts[name].imports & PROJECT.scripts.keys() - {"measured"}  # written by the benchmark
        assert all(module.startswith("lib.") for module in ours), f"move what {name} shares to snippets/lib"


@pytest.mark.parametrize("name", NAMES)
def test_snippet_runs_without_problems(name, run_log):
    """In the suite's one build, every claim and equation of the snippet held, and every figure was drawn."""
    file = PROJECT.scripts[name].file
    assert [f"{file}:{line}: {what}" for where, line, what in PROBLEM.findall(run_log) if where == file] == []


def test_every_claim_equation_figure_and_explorer_was_run(results):
    for name, functions in OFFERS.items():
        names = [f"{kind}_{part}" for kind, offers in KINDS.items() for part in getattr(results[name], offers)]
        assert sorted(names) == sorted(functions), name


@pytest.mark.parametrize("name", RANDOM)
def test_claims_hold_for_other_seeds(name, monkeypatch):
    """Repeat a random experiment with other seeds: `make seeds` tries twenty, `make test` one."""
    module, failures = importlib.import_module(name), []
    for seed in range(1, 1 + int(os.environ.get("SEEDS", "1"))):
        monkeypatch.setattr(module, "SEED", seed)
        for part in vars(module).values():
            getattr(part, "cache_clear", lambda: None)()
        result = module.compute()
        for function in [function for function in OFFERS[name] if function.startswith("claim_")]:
            try:
                getattr(module, function)(result)
            except AssertionError:
                failures.append(f"{function} with seed {seed}")
    for part in vars(module).values():
        getattr(part, "cache_clear", lambda: None)()
    assert failures == []


def test_three_main_pages_have_figures_claims_and_equations():
    """Each has at least two figures, six claims, and four equations that are checked as printed."""
    for page in ("zigzag", "bias", "activations"):
        text = (ROOT / f"docs/{page}.md").read_text("utf-8")
        kinds = re.findall(r"^/// (\w+) \|", text, re.M)
        assert kinds.count("figure") >= 2 and kinds.count("claim") >= 6 and kinds.count("equation") >= 4, page


def test_archive_has_exactly_the_modules_that_its_snippet_imports(zigzag):
    """Each file has the text that the build ran."""
    for name in NAMES:
        with ZipFile(BytesIO((zigzag.root / f"site/evidence/{name}/{name}.zip").read_bytes())) as archive:
            files = {file: archive.read(file).decode() for file in archive.namelist() if file.endswith(".py")}
        modules = {name, *PROJECT.transitive_imports(name)}
        assert files == {f"{name}/{one.replace('.', '/')}.py": TEXTS[one] for one in modules}


@pytest.mark.sampled
@pytest.mark.parametrize("name", sample(NAMES, 8))
def test_archive_runs_by_itself_with_the_same_numbers(name, zigzag, results, tmp_path):
    """Run a reader's download: it computes the numbers of the pages, and saves its figures where there is no screen.

    Its process has another hash seed than that of the build.
    """
    archive = (zigzag.root / f"site/evidence/{name}/{name}.zip").read_bytes()
    code, pictures, values = run_by_itself(name, archive, tmp_path)
    assert code == 0 and values == results[name].quotable
    assert {function for function in OFFERS[name] if function.startswith("figure_")} <= pictures


def test_figures_do_not_depend_on_those_drawn_before(results):
    """Draw the figures of one snippet in reverse order, and compare their SVG with that of the build."""
    module = importlib.import_module("zigzag")
    result = module.compute()
    values = {"zigzag": results["zigzag"].quotable}
    for name, figure in reversed(results["zigzag"].figures.items()):
        text = VALUE.sub(lambda match: look_up(f"zigzag.{match[1].strip()}", values)[0], figure.text)
        title, _, description = text.partition(". ")
        svg = getattr(module, f"figure_{name}")(result).svg(title, description)
        assert svg.encode() == results["zigzag"].files[f"figure_{name}.svg"]


def test_numbers_equal_those_of_an_independent_computation(results):
    """Compare the main numbers with the first of two independent computations of them."""
    names = ("zigzag", "step_size", "bias", "activations", "one_at_a_time", "orthants")
    zigzag, step_size, bias, activations, one, orthants = (results[name].quotable for name in names)
    assert zigzag["steps"] == [1, 20, 62, 132] and step_size["cautious_steps"][2] == 118
    assert [round(kappa) for kappa in zigzag["kappa"]] == [1, 3, 9, 19] and round(one["crossings"], 2) == 0.50
    assert bias["steps_bias"] == [1, 97, 677, 2750]
    assert [float(f"{kappa:.3g}") for kappa in bias["kappa_bias"]] == [1, 13.9, 98.0, 398]
    assert [round(bias[name]) for name in ("wide_kappa", "wide_kappa_bias", "best_kappa")] == [101, 10_402, 402]
    column = [float(f"{row['kappa_bias']:.3g}") for row in activations["table"].values()]
    assert column == [6760, 6690, 388, 371, 118, 63.7, 50.3, 15.2, 5.46, 2.54, 1.33, 1.0]
    assert [float(f"{orthants['cosine'][i]:.2g}") for i in range(3)] == [0.95, 0.84, 0.75]
