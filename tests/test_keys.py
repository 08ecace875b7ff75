"""Keys: every input that may change a result changes its key, and nothing else does."""

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
def test_imports_however_they_are_written(text):
    assert list_imports(text) == IMPORTS[text]


def test_a_library_that_is_edited_in_place_while_serving(project, tmp_path, monkeypatch):
    """One process asks twice."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "edited_in_place.py").write_text("X = 1\n")
    project = rewritten(project, "shared.py", project.scripts["shared"].text + "\nimport edited_in_place\n")
    first = Build(project).jobs["square"].key
    (tmp_path / "edited_in_place.py").write_text("X = 2\n")
    assert Build(project).jobs["square"].key != first


@pytest.fixture
def project(tmp_path):
    return Project(shutil.copytree(ROOT / "tests/small", tmp_path / "p"))


def rewritten(project, file, text):
    (project.root / "snippets" / file).write_text(text)
    return replace(project)


def key(project):
    return build_job(project, "square").key


def test_own_source(project):
    text = project.scripts["square"].text + "\n# more\n"
    assert key(rewritten(project, "square.py", text)) != key(project)


def test_source_of_an_imported_module(project):
    assert key(rewritten(project, "shared.py", '"""Other."""\n')) != key(project)


def test_source_of_a_module_imported_by_an_imported_module(project):
    deep = rewritten(project, "shared.py", project.scripts["shared"].text + "\nimport deeper\n")
    deep = rewritten(deep, "deeper.py", "X = 1\n")
    assert key(rewritten(deep, "deeper.py", "X = 2\n")) != key(deep)


@pytest.mark.parametrize("statement", ["import lib.deeper", "from lib import deeper", "from lib.deeper import X"])
def test_source_of_a_module_in_lib(project, statement):
    (project.root / "snippets/lib").mkdir()
    deep = rewritten(project, "shared.py", f"{project.scripts['shared'].text}\n{statement}\n")
    deep = rewritten(deep, "lib/deeper.py", "X = 1\n")
    assert key(rewritten(deep, "lib/deeper.py", "X = 2\n")) != key(deep)


def test_not_the_source_of_others(project):
    assert key(rewritten(project, "other.py", "X = 1\n")) == key(project)


def test_not_time_stamps(project):
    before = key(project)
    os.utime(project.root / "snippets/square.py", (0, 0))
    assert key(replace(project)) == before


def test_not_the_folder(project, tmp_path):
    assert key(Project(shutil.copytree(project.root, tmp_path / "elsewhere"))) == key(project)


@pytest.mark.parametrize("change", [{"seconds": 1}, {"megabytes": 1}])
def test_limits(project, change):
    assert key(replace(project, **change)) != key(project)


@pytest.mark.parametrize("name", ["numpy", "matplotlib"])
def test_versions_of_what_it_imports(project, monkeypatch, name):
    before, real = key(project), keys.describe_version
    monkeypatch.setattr(keys, "describe_version", lambda module: "0.0" if module == name else real(module))
    assert key(replace(project)) != before


def test_versions_of_what_helpers_import(project):
    project = rewritten(project, "shared.py", project.scripts["shared"].text + "\nimport jinja2\n")
    assert "jinja2" in build_job(project, "square").inputs


@pytest.mark.parametrize("part", ["digest_machinery", "platform.python_version"])
def test_machinery_and_python(project, monkeypatch, part):
    before = key(project)
    monkeypatch.setattr(f"evidence.keys.{part}", lambda *_: "other")
    assert key(replace(project)) != before


def test_the_machinery_of_numbers_is_what_the_worker_imports(tmp_path, monkeypatch):
    """A change of any module that decides on results counts; one of how pages look does not."""
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


def test_imports_are_found_wherever_they_stand(project):
    text = "import a, b as c\nfrom d.e import f\n\n"
    text += "def g():\n    import h  # here\n    from i import (\n        j,\n    )\n"
    found = rewritten(project, "k.py", text).scripts["k"].imports
    assert found == {"a", "b", "d.e", "d.e.f", "h", "i", "i.j"}


def test_explains_what_changed(project):
    now = build_job(project, "square").inputs
    assert explain_change(None, now) == ["never run"]
    assert explain_change(now | {"numpy": "0.0"}, now) == ["numpy changed"]
