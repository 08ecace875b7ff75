"""Keys: every input that may change a result changes its key, and nothing else changes it."""

import os
import shutil
from dataclasses import replace

import pytest

from conftest import ROOT
from evidence import keys
from evidence.build import Build
from evidence.keys import build_job, digest_machinery, explain_change
from evidence.project import Project, list_imports

IMPORTS = {
    "import numpy as np; import scipy": {"numpy", "scipy"},
    "try: import yaml\nexcept ImportError: pass": {"yaml"},
    "if True: from sklearn import svm; import d": {"sklearn", "sklearn.svm", "d"},
    "from a import (b,  # first\n    c)": {"a", "a.b", "a.c"},
    "import a, \\\n    b.c as x": {"a", "b.c"},
    "from a import b, \\\n    c": {"a", "a.b", "a.c"},
    "def f():\n    import q  # import z": {"q"},
    "x = {1: 2}\nimportant = 1": set(),
}


@pytest.mark.parametrize("text", IMPORTS)
def test_imports_are_found_in_every_notation(text):
    assert list_imports(text) == IMPORTS[text]


def test_key_changes_with_a_library_edited_in_place_within_one_process(project, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "edited_in_place.py").write_text("X = 1\n")
    project = write_snippet(project, "shared.py", project.scripts["shared"].text + "\nimport edited_in_place\n")
    first = Build(project).jobs["square"].key
    (tmp_path / "edited_in_place.py").write_text("X = 2\n")
    assert Build(project).jobs["square"].key != first


@pytest.fixture
def project(tmp_path):
    return Project(shutil.copytree(ROOT / "tests/small", tmp_path / "p"))


def write_snippet(project, file, text):
    (project.root / "snippets" / file).write_text(text)
    return replace(project)


def compute_key(project):
    return build_job(project, "square").key


def test_key_changes_with_own_source(project):
    text = project.scripts["square"].text + "\n# more\n"
    assert compute_key(write_snippet(project, "square.py", text)) != compute_key(project)


def test_key_changes_with_source_of_an_imported_module(project):
    assert compute_key(write_snippet(project, "shared.py", '"""Other."""\n')) != compute_key(project)


def test_key_changes_with_source_of_a_transitive_import(project):
    deep = write_snippet(project, "shared.py", project.scripts["shared"].text + "\nimport deeper\n")
    deep = write_snippet(deep, "deeper.py", "X = 1\n")
    assert compute_key(write_snippet(deep, "deeper.py", "X = 2\n")) != compute_key(deep)


@pytest.mark.parametrize("statement", ["import lib.deeper", "from lib import deeper", "from lib.deeper import X"])
def test_key_changes_with_source_of_a_module_in_lib(project, statement):
    (project.root / "snippets/lib").mkdir()
    deep = write_snippet(project, "shared.py", f"{project.scripts['shared'].text}\n{statement}\n")
    deep = write_snippet(deep, "lib/deeper.py", "X = 1\n")
    assert compute_key(write_snippet(deep, "lib/deeper.py", "X = 2\n")) != compute_key(deep)


def test_key_ignores_source_of_other_snippets(project):
    assert compute_key(write_snippet(project, "other.py", "X = 1\n")) == compute_key(project)


def test_key_ignores_time_stamps(project):
    before = compute_key(project)
    os.utime(project.root / "snippets/square.py", (0, 0))
    assert compute_key(replace(project)) == before


def test_key_ignores_the_folder(project, tmp_path):
    assert compute_key(Project(shutil.copytree(project.root, tmp_path / "elsewhere"))) == compute_key(project)


@pytest.mark.parametrize("change", [{"seconds": 1}, {"megabytes": 1}])
def test_key_changes_with_limits(project, change):
    assert compute_key(replace(project, **change)) != compute_key(project)


@pytest.mark.parametrize("name", ["numpy", "matplotlib"])
def test_key_changes_with_versions_of_imported_libraries(project, monkeypatch, name):
    before, real = compute_key(project), keys.describe_version
    monkeypatch.setattr(keys, "describe_version", lambda module: "0.0" if module == name else real(module))
    assert compute_key(replace(project)) != before


def test_inputs_include_libraries_that_shared_modules_import(project):
    project = write_snippet(project, "shared.py", project.scripts["shared"].text + "\nimport jinja2\n")
    assert "jinja2" in build_job(project, "square").inputs


@pytest.mark.parametrize("part", ["digest_machinery", "platform.python_version"])
def test_key_changes_with_machinery_and_python(project, monkeypatch, part):
    before = compute_key(project)
    monkeypatch.setattr(f"evidence.keys.{part}", lambda *_: "other")
    assert compute_key(replace(project)) != before


def test_machinery_of_results_is_what_the_worker_imports(tmp_path, monkeypatch):
    """Its digest changes with modules that decide on results, and not with those that only render pages."""
    package = shutil.copytree(ROOT / "evidence", tmp_path / "evidence")
    monkeypatch.setattr(keys, "__file__", str(package / "keys.py"))

    def digest():
        digest_machinery.cache_clear()
        return digest_machinery("evidence.worker")

    before = digest()
    for module in (
        "worker",
        "equation",
        "arithmetic",
        "figures",
        "values",
        "diagnostics",
        "confinement",
        "extras/live",
    ):
        path = package / f"{module}.py"
        path.write_text(path.read_text() + "\n# changed\n")
        assert before != (before := digest()), module
    for module in ("blocks", "extension", "plugin", "extras/downloads", "extras/page_cache", "mathematics"):
        path = package / f"{module}.py"
        path.write_text(path.read_text() + "\n# changed\n")
        assert before == digest(), module
    digest_machinery.cache_clear()


def test_imports_inside_functions_and_over_lines_are_found(project):
    text = "import a, b as c\nfrom d.e import f\n\n"
    text += "def g():\n    import h  # here\n    from i import (\n        j,\n    )\n"
    imports = write_snippet(project, "k.py", text).scripts["k"].imports
    assert imports == {"a", "b", "d.e", "d.e.f", "h", "i", "i.j"}


def test_explanation_names_what_changed(project):
    now = build_job(project, "square").inputs
    assert explain_change(None, now) == ["never run"]
    assert explain_change(now | {"numpy": "0.0"}, now) == ["numpy changed"]
