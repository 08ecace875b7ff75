"""What readers take along runs where nothing of ours is: archives and notebooks, with modules and data."""

import json
import subprocess
import sys
from zipfile import ZipFile

import nbformat
import pytest
from nbclient import NotebookClient

from world.sites import Site, clean_environment, copy_site, share_folder, snippet

OPEN = "open(Path(__file__).parent / {!r}, newline='').read()"
PATH = "from pathlib import Path\n"
TABLE = 'DATA = ["table.csv"]\n\n\ndef read():\n    return {}\n'.format(OPEN.format("table.csv"))
TEXT = 'TEXT = """one\n\n\n\ntwo\n\n\n\nif __name__ == 1:"""\n\n\n# kept\n@staticmethod\ndef f():\n\n\n    return 3\n'
SNIPPETS = {  # its file, the data, what stands before compute(), the value
    "beside": ("snippets/a.py", ["points.csv"], OPEN.format("points.csv")),
    "in a folder": ("snippets/b.py", ["data/deep/points.csv"], OPEN.format("data/deep/points.csv")),
    "above": ("snippets/c.py", ["../data/points.csv"], OPEN.format("../data/points.csv")),
    "among pages": ("snippets/d.py", ["../docs/points.csv"], OPEN.format("../docs/points.csv")),
    "names alike": (
        "snippets/e.py",
        ["points.csv", "../points.csv", "../data/points.csv"],
        " + ".join(OPEN.format(name) for name in ("points.csv", "../points.csv", "../data/points.csv")),
    ),
    "outside": ("snippets/f.py", ["../../out.csv"], OPEN.format("../../out.csv")),
    "Windows line ends": ("snippets/g.py", ["crlf.csv"], "repr({})".format(OPEN.format("crlf.csv"))),
    "binary": ("snippets/h.py", ["b.bin"], '(Path(__file__).parent / "b.bin").read_bytes().hex()'),
    "by the working folder": ("snippets/i.py", ["../data/points.csv"], 'open("../data/points.csv").read()'),
    "of a module": ("snippets/j.py", [], "table.read()"),
    "of a module, from a folder": ("snippets/deep/k.py", ["points.csv"], OPEN.format("points.csv") + " + table.read()"),
    "none": ("snippets/l.py", [], "TEXT + str(f())"),
}
BEFORE = {"of a module": "from lib import table", "of a module, from a folder": "from lib import table", "none": TEXT}


@pytest.fixture(scope="module")
def downloads(tmp_path_factory, base_site):
    """A site whose snippets read data, and the value of each as its page shows it."""

    def make(folder):
        site = copy_site(base_site, folder / "site")
        site.write({"../out.csv": "out", "data/points.csv": "below", "points.csv": "top", "docs/points.csv": "docs"})
        site.write({f"snippets/{name}": f"in {name}" for name in ("points.csv", "data/deep/points.csv")})
        site.write({"snippets/crlf.csv": "a\r\nb\r\n", "snippets/b.bin": bytes(range(256))})
        site.write({"snippets/lib/table.csv": "of the module", "snippets/lib/table.py": PATH + TABLE})
        site.write({"snippets/deep/points.csv": "deep"})
        page = "# Data\n\n"
        for case, (file, data, value) in SNIPPETS.items():
            before = f"{PATH}{BEFORE.get(case, '')}\n" + (f"DATA = {data}\n" if data else "")
            site.write({file: snippet(f"value = {value}", before)})
            name = file.split("/")[-1][:-3]
            page += f"- <code>{name}</code>: {{{{ {name}.value }}}}\n"
        site.write({"docs/data.md": page})
        site.check_build()

    folder, _ = share_folder(tmp_path_factory, "downloads", make)
    return Site(folder / "site")


def find_value(site, name):
    """The value as the build computed it."""
    (entry,) = (site.root / f".evidence/cache/{name}").iterdir()
    data = entry.read_bytes()
    return json.loads(data[data.index(b'{"name"') :].decode("utf-8", "ignore").split("\n")[0])["values"]["value"]


@pytest.mark.parametrize("case", SNIPPETS)
def test_an_archive_runs(downloads, tmp_path, case):
    name = SNIPPETS[case][0].split("/")[-1][:-3]
    with ZipFile(downloads.root / f"site/evidence/{name}/{name}.zip") as archive:
        assert not any(".." in file or file.startswith("/") for file in archive.namelist())
        archive.extractall(tmp_path)
    (script,) = tmp_path.rglob(f"{name}.py")
    program = "import sys; sys.path.insert(0, '.'); import NAME; print(repr(NAME.compute().value))".replace(
        "NAME", name
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=script.parent, env=clean_environment(),
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == repr(find_value(downloads, name)["value"])


@pytest.mark.parametrize("case", SNIPPETS)
def test_a_notebook_runs(downloads, tmp_path, case):
    name = SNIPPETS[case][0].split("/")[-1][:-3]
    made = nbformat.read(downloads.root / f"site/evidence/{name}/{name}.ipynb", as_version=4)
    nbformat.validate(made)
    made.cells = [cell for cell in made.cells if not cell.source.startswith("%pip")]
    made.cells.append(nbformat.v4.new_code_cell("result.value"))
    (tmp_path / "in").mkdir()
    done = NotebookClient(made, timeout=60, resources={"metadata": {"path": str(tmp_path / "in")}}).execute()
    (output,) = done.cells[-1].outputs
    assert eval(output.data["text/plain"]) == find_value(downloads, name)["value"]
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_notebook_is_cut_between_statements(downloads):
    """Not in a string or in a function, though two lines are empty there."""
    made = nbformat.read(downloads.root / "site/evidence/l/l.ipynb", as_version=4)
    cells = [cell.source for cell in made.cells]
    assert sum("one\n\n\n\ntwo" in cell for cell in cells) == 1
    assert "# kept\n@staticmethod\ndef f():\n\n\n    return 3" in [cell.strip() for cell in cells]
