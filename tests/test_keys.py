"""Keys: every input that may change a result changes its key, and nothing else does."""

import os
import shutil
from dataclasses import replace

import pytest

from conftest import ROOT
from evidence import project as module
from evidence.project import Project


@pytest.fixture
def project(tmp_path):
    return Project(shutil.copytree(ROOT / "tests/small", tmp_path / "p"))


def rewritten(project, file, text):
    (project.root / "snippets" / file).write_text(text)
    return replace(project)


def test_own_source(project):
    assert rewritten(project, "square.py", project.texts["square"] + "\n# more\n").key("square") != project.key(
        "square"
    )


def test_source_of_an_imported_module(project):
    assert rewritten(project, "shared.py", '"""Other."""\n').key("square") != project.key("square")


def test_source_of_a_module_imported_by_an_imported_module(project):
    deep = rewritten(project, "shared.py", project.texts["shared"] + "\nimport deeper\n")
    deep = rewritten(deep, "deeper.py", "X = 1\n")
    assert rewritten(deep, "deeper.py", "X = 2\n").key("square") != deep.key("square")


def test_not_the_source_of_others(project):
    assert rewritten(project, "other.py", "X = 1\n").key("square") == project.key("square")


def test_not_time_stamps(project):
    key = project.key("square")
    os.utime(project.root / "snippets/square.py", (0, 0))
    assert replace(project).key("square") == key


def test_not_the_folder(project, tmp_path):
    assert Project(shutil.copytree(project.root, tmp_path / "elsewhere")).key("square") == project.key("square")


@pytest.mark.parametrize("change", [{"seconds": 1}, {"megabytes": 1}])
def test_limits(project, change):
    assert replace(project, **change).key("square") != project.key("square")


@pytest.mark.parametrize("name", ["numpy", "matplotlib"])
def test_versions_of_what_it_imports(project, monkeypatch, name):
    before = project.key("square")
    real = module._version
    monkeypatch.setattr(module, "_version", lambda imported: "0.0" if imported == name else real(imported))
    assert replace(project).key("square") != before


def test_versions_of_what_helpers_import(project, monkeypatch):
    project = rewritten(project, "shared.py", project.texts["shared"] + "\nimport jinja2\n")
    assert "jinja2" in project.inputs("square")


@pytest.mark.parametrize("part", ["_machinery", "platform.python_version"])
def test_machinery_and_python(project, monkeypatch, part):
    before = project.key("square")
    monkeypatch.setattr(f"evidence.project.{part}", lambda *_: "other")
    assert replace(project).key("square") != before


def test_imports_are_found_wherever_they_stand(project):
    text = "import a, b as c\nfrom d.e import f\n\ndef g():\n    import h  # here\n    from i import (\n        j)\n"
    assert rewritten(project, "k.py", text).imports("k") == {"a", "b", "d", "h", "i"}


def test_explains_what_changed(project):
    assert project.explain("square") == ["never run"]
