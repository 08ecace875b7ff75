"""Dependencies: whatever a result depends on is in its key or refused, so that no number on a page is outdated."""

import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from world.sites import ROOT, clean_environment, copy_site, find_line, find_problems, new_site, share_folder, snippet

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="system calls are traced on Linux only")
TOP = "from pathlib import Path\n\n"


def place_data(folder, count=3):
    """Write the same table of `count` rows in many formats."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.arange(2.0 * count).reshape(count, 2)
    (folder / "points.csv").write_text("".join(f"{x},{y}\n" for x, y in rows))
    rows.tofile(folder / "points.bin")
    np.save(folder / "points.npy", rows)
    np.savez(folder / "points.npz", rows=rows)
    (folder / "points.json").write_text(json.dumps(rows.tolist()))
    (folder / "points.toml").write_text(f"rows = {count}\n")
    (folder / "points.ini").write_text(f"[points]\nrows = {count}\n")
    (folder / "points.svm").write_text("".join(f"1 1:{x} 2:{y}\n" for x, y in rows))
    (folder / "helper.py").write_text(f"ROWS = {count}\n")
    (folder / "points.pgm").write_text(f"P2\n{count} 1\n9\n{' '.join(['1'] * count)}\n")
    with zipfile.ZipFile(folder / "points.zip", "w") as archive:
        archive.writestr("points.txt", "x" * count)
    (folder / "points.db").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "points.db")) as connection:
        connection.execute("create table points (x, y)")
        connection.executemany("insert into points values (?, ?)", rows.tolist())
        connection.commit()


# Ways to read a file of the user: the imports, and an expression that reads from `FOLDER`.
READERS = {
    "open": ("", 'len(open(FOLDER / "points.csv").readlines())'),
    "pathlib": ("", 'len((FOLDER / "points.csv").read_text().split())'),
    "bytes": ("", 'len((FOLDER / "points.bin").read_bytes()) // 16'),
    "loadtxt": ("import numpy as np", 'len(np.loadtxt(FOLDER / "points.csv", delimiter=","))'),
    "genfromtxt": ("import numpy as np", 'len(np.genfromtxt(FOLDER / "points.csv", delimiter=","))'),
    "fromfile": ("import numpy as np", 'len(np.fromfile(FOLDER / "points.bin")) // 2'),
    "load": ("import numpy as np", 'len(np.load(FOLDER / "points.npy"))'),
    "load mapped": ("import numpy as np", 'len(np.load(FOLDER / "points.npy", mmap_mode="r"))'),
    "load many": ("import numpy as np", 'len(np.load(FOLDER / "points.npz")["rows"])'),
    "memmap": ("import numpy as np", 'len(np.memmap(FOLDER / "points.bin", mode="r")) // 16'),
    "mmap": (
        "import mmap\nimport os",
        'len(mmap.mmap(os.open(FOLDER / "points.bin", os.O_RDONLY), 0, access=mmap.ACCESS_READ)) // 16',
    ),
    "os.open": ("import os", 'len(os.read(os.open(FOLDER / "points.bin", os.O_RDONLY), 999)) // 16'),
    "os.open in a folder": (
        "import os",
        'len(os.read(os.open("points.bin", os.O_RDONLY, dir_fd=os.open(FOLDER, os.O_RDONLY)), 999)) // 16',
    ),
    "FileIO": ("import _io", 'len(_io.FileIO(str(FOLDER / "points.bin")).read()) // 16'),
    "sqlite3": (
        "import sqlite3",
        'sqlite3.connect(FOLDER / "points.db").execute("select count(*) from points").fetchone()[0]',
    ),
    "sqlite3 by address": (
        "import sqlite3",
        'sqlite3.connect(f"file:{FOLDER}/points.db?mode=ro", uri=True).execute("select count(*) from points")'
        ".fetchone()[0]",
    ),
    "sqlite3 attached": (
        "import sqlite3",
        'len(sqlite3.connect(":memory:").execute(f"attach \'{FOLDER}/points.db\' as d").connection'
        '.execute("select * from d.points").fetchall())',
    ),
    "C": (
        "import ctypes",
        'max(0, (c := ctypes.CDLL(None)).lseek(c.open(str(FOLDER / "points.bin").encode(), 0), 0, 2)) // 16 or 1 / 0',
    ),
    "C streams": (
        "import ctypes",
        '1 / bool((c := ctypes.CDLL(None)) and setattr(c.fopen, "restype", ctypes.c_void_p) '
        'or c.fopen(str(FOLDER / "points.bin").encode(), b"r"))',
    ),
    "json": ("import json", 'len(json.load((FOLDER / "points.json").open()))'),
    "codecs": ("import codecs", 'len(codecs.open(str(FOLDER / "points.csv"), encoding="utf-8").readlines())'),
    "toml": ("import tomllib", 'tomllib.load(open(FOLDER / "points.toml", "rb"))["rows"]'),
    "configparser": (
        "import configparser",
        '(c := configparser.ConfigParser()).read(FOLDER / "points.ini") and c.getint("points", "rows") or 1 / 0',
    ),
    "linecache": ("import linecache", 'len(linecache.getlines(str(FOLDER / "points.csv"))) or 1 / 0'),
    "fileinput": ("import fileinput", 'len(list(fileinput.input(str(FOLDER / "points.csv"))))'),
    "zip": ("import zipfile", 'len(zipfile.ZipFile(FOLDER / "points.zip").read("points.txt"))'),
    "picture": ("from PIL import Image", 'Image.open(FOLDER / "points.pgm").size[0]'),
    "pyplot": ("import matplotlib.pyplot as plt", 'plt.imread(FOLDER / "points.pgm").shape[1]'),
    "scikit-learn": (
        "from sklearn.datasets import load_svmlight_file",
        'load_svmlight_file(str(FOLDER / "points.svm"))[0].shape[0]',
    ),
    "pandas": ("import pandas", 'len(pandas.read_csv(FOLDER / "points.csv", header=None))'),
    "listdir": ("import os", "len(os.listdir(FOLDER)) - 9"),
    "scandir": ("import os", "len(list(os.scandir(FOLDER))) - 9"),
    "glob": ("", 'len(list(FOLDER.glob("*.csv"))) or 1 / 0'),
    "walk": ("import os", "len([name for _, _, names in os.walk(FOLDER) for name in names]) - 9"),
    "iterated glob": ("import glob", 'len(list(glob.iglob(f"{FOLDER}/*.csv")))'),
    "shared memory": ("", 'len(open("/dev/shm/points.csv").readlines())'),
    "archive": ("import tarfile", 'len(tarfile.open(FOLDER / "points.csv").getnames())'),
    "descriptor of this process": ("", 'len(open(f"/proc/self/root{FOLDER}/points.csv").readlines())'),
    "module by its path": ("import runpy", 'runpy.run_path(str(FOLDER / "helper.py"))["ROWS"]'),
    "module that is executed": ("", 'eval((FOLDER / "helper.py").read_text().split("=")[1])'),
}
SILENT = ("C", "C streams", "pandas", "configparser", "linecache")  # their errors do not carry our message
WITH_MESSAGE = [name for name in READERS if name not in SILENT]
PLACES = {
    "inside": 'Path(__file__).parents[1] / "data"',
    "outside": 'Path(__file__).parents[2] / "elsewhere"',
    "by a link": 'Path(__file__).parents[1] / "linked"',
    "in the working folder": 'Path("data")',
    "with dots": 'Path(__file__).parent / ".." / "docs" / ".." / "data"',
    "hidden": 'Path(__file__).parents[1] / ".private"',
    "among pages": 'Path(__file__).parents[1] / "docs/data"',
    "beside the snippet": "Path(__file__).parent",
    "at home": 'Path.home() / "data"',
    "in the store": 'Path(__file__).parents[1] / ".evidence/data"',
    "outside of the copy": 'Path(__file__).parents[5] / "data"',
}
EVERYWHERE = ["open", "memmap", "sqlite3", "C"]
CASES = [
    *((reader, "outside" if number % 2 else "inside") for number, reader in enumerate(READERS)),
    *((reader, place) for reader in EVERYWHERE for place in PLACES),
    *((reader, "outside of the copy") for reader in ("walk", "iterated glob", "glob", "scandir")),
]
CASES = list(dict.fromkeys(CASES))


def make_reader(reader, place):
    imports, line = READERS[reader]
    text = f"FOLDER = {PLACES[place]}\nvalue = int({line})  # here"
    return snippet(text, TOP + imports + "\n")


def add_snippets(site, texts):
    """Write snippets, by name, and a page that shows the value of each."""
    site.write({f"snippets/{name}.py": text for name, text in texts.items()})
    lines = [f"- {name}: {{{{ {name}.value }}}}" for name in texts]
    return site.write({"docs/values.md": "# Values\n\n" + "\n".join(lines) + "\n"})


def read_values(site):
    """Map names to values on the page that `add_snippets` wrote."""
    text = site.soup("values/").main.get_text()
    return dict(re.findall(r"^(\w+): (.+)$", text, re.M))


def is_installed(name):
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def readers(tmp_path_factory, base_site):
    """The output of a build whose snippets read files in all these ways."""

    def make(folder):
        site = copy_site(base_site, folder / "site")
        for place in ("data", "docs/data", ".private", "snippets", ".evidence/data", "../elsewhere", "../home/data"):
            place_data(site.root / place)
        (site.root / "snippets/helper.py").unlink()
        (site.root / "docs/data/helper.py").unlink()
        (site.root / "linked").symlink_to(folder / "elsewhere")
        cases = [case for case in CASES if case[0] != "pandas" or is_installed("pandas")]
        add_snippets(site, {f"reads{CASES.index(case)}": make_reader(*case) for case in cases})
        result = site.build(HOME=str(folder / "home"))
        return {"output": result.stdout, "code": result.returncode}

    _, record = share_folder(tmp_path_factory, "readers", make)
    assert record["code"] == 1, record["output"]
    return record["output"]


@pytest.mark.parametrize(("reader", "place"), CASES)
def test_reading_a_file_of_the_user_is_refused_with_its_line(readers, reader, place):
    if reader == "pandas" and not is_installed("pandas"):
        pytest.skip("pandas is not installed")
    if reader in ("C", "C streams") and sys.platform != "linux":
        pytest.skip("system calls are traced on Linux only")
    messages = find_problems(readers, f"snippets/reads{CASES.index((reader, place))}.py")
    assert [line for line, _ in messages] == [find_line(make_reader(reader, place), "# here")], messages
    if reader in WITH_MESSAGE and place != "in the store":
        assert "DATA" in messages[0][1], messages


# Requests about files that open none, or that ignore errors.

HERE_DATA, FAR = '(Path(__file__).parents[1] / "data")', '(Path(__file__).parents[5] / "data")'
ASKERS = {
    "exists": ("", f'int(({FAR} / "points.csv").exists())'),
    "exists beside": ("", f'int(({HERE_DATA} / "points.csv").exists())'),
    "exists in os": ("import os", f'int(os.path.exists({FAR} / "points.csv"))'),
    "is a folder": ("import os", f"int(os.path.isdir({FAR}))"),
    "is a file": ("", f'int(({HERE_DATA} / "points.csv").is_file())'),
    "size": ("import os", f'os.stat({FAR} / "points.csv").st_size'),
    "size by path": ("import os", f'os.path.getsize({FAR} / "points.csv")'),
    "time": ("import os", f'str(os.path.getmtime({FAR} / "points.csv"))'),
    "may be read": ("import os", f'int(os.access({FAR} / "points.csv", os.R_OK))'),
    "where a link leads": ("import os", f'os.readlink({FAR}.parent / "linked")'),
    "real path": ("import os", f'os.path.realpath({FAR}.parent / "linked")'),
    "same file": ("import os", f'int(os.path.samefile({FAR} / "points.csv", {FAR} / "points.csv"))'),
    "a program": ("import shutil", 'str(shutil.which("python3", path="/opt/bin:/usr/local/bin"))'),
    "walk of nothing": ("import os", f"len(list(os.walk({HERE_DATA})))"),
    "glob of nothing": ("import glob", f'len(glob.glob(str({HERE_DATA}) + "/*.csv"))'),
    "modules": ("import pkgutil", f"len(list(pkgutil.iter_modules([str({FAR})])))"),
    "settings": ("import configparser", f'len(configparser.ConfigParser().read({FAR} / "points.ini"))'),
    "tries": ("", f'len(attempt(lambda: open({FAR} / "points.csv").read()))'),
    "tries beside": ("", f'len(attempt(lambda: open({HERE_DATA} / "points.csv").read()))'),
    "folder": ("", "len(list(Path(__file__).parent.iterdir()))"),
    "folder in os": ("import os", "len(os.listdir())"),
    "glob beside": ("", 'sum(float(p.read_text()) for p in Path(__file__).parent.glob("*.csv"))'),
    "tries beside with numpy": (
        "import numpy as np",
        'len(attempt(lambda: np.loadtxt(Path(__file__).with_name("points.csv"), delimiter=",")))',
    ),
    "tries with numpy": (
        "import numpy as np",
        f'len(attempt(lambda: np.loadtxt({FAR} / "points.csv", delimiter=",")))',
    ),
}
ATTEMPT = "\n\ndef attempt(read):\n    try:\n        return read()\n    except Exception:\n        return ()\n"
HARMLESS = {  # requests about files of the snippet and of libraries
    "resolve": ("", "value = len(str(Path(__file__).resolve())) and 1"),
    "resolve a library": ("import numpy", "value = len(str(Path(numpy.__file__).resolve())) and 1"),
    "its own data": ('DATA = ["own.csv"]', 'value = len(list(Path(__file__).parent.glob("*.csv")))'),
    "made by itself": ("", 'Path("a.txt").write_text("x")\nvalue = int(Path("a.txt").exists())'),
    "folders": ("import os", 'os.makedirs("a/b/c")\nvalue = len(os.listdir("a"))'),
    "temporary": ("import os\nimport tempfile", 'value = int(os.path.exists(tempfile.mkdtemp() + "/x"))'),
    "database": ("import sqlite3", 'sqlite3.connect("a.db").execute("create table a (b)")\nvalue = 1'),
    "shelf": ("import shelve", 'with shelve.open("s") as d:\n    d["a"] = 1\n    value = d["a"]'),
    "memory of functions": ("import joblib", 'value = joblib.Memory("m", verbose=0).cache(abs)(-3)'),
    "a regression": (
        "import numpy as np\nfrom sklearn.linear_model import LogisticRegression",
        "value = len(LogisticRegression().fit(np.arange(8.0).reshape(4, 2), [0, 0, 1, 1]).coef_)",
    ),
    "its own arguments": (
        "import argparse",
        'p = argparse.ArgumentParser()\np.add_argument("--n", type=int, default=3)\nvalue = p.parse_args().n',
    ),
}


@pytest.fixture(scope="module")
def askers(tmp_path_factory, base_site):
    def make(folder):
        site = copy_site(base_site, folder / "site")
        place_data(site.root / "data")
        (site.root / "linked").symlink_to("data")
        site.write({"snippets/own.csv": "1\n"})
        texts = {
            f"asks{number}": snippet(f"value = {line}  # here", TOP + imports + ATTEMPT)
            for number, (imports, line) in enumerate(ASKERS.values())
        }
        lines = {name: find_line(text, "# here") for name, text in texts.items()}
        for number, (imports, body) in enumerate(HARMLESS.values()):
            texts[f"harmless{number}"] = snippet(body, TOP + imports + "\n")
        add_snippets(site, texts)
        return {"output": site.build().stdout, "lines": lines}

    return share_folder(tmp_path_factory, "askers", make)[1]


@pytest.mark.parametrize("name", ASKERS)
def test_request_about_a_file_of_the_user_is_refused(askers, name):
    """A number that depends on whether a file exists would be outdated without it."""
    number = list(ASKERS).index(name)
    messages = find_problems(askers["output"], f"snippets/asks{number}.py")
    assert [line for line, _ in messages] == [askers["lines"][f"asks{number}"]] and "DATA" in messages[0][1], messages
    assert ".evidence/runs" not in messages[0][1], "the message must not name the folder of a run"


@pytest.mark.parametrize("name", HARMLESS)
def test_request_about_own_files_is_allowed(askers, name):
    assert find_problems(askers["output"], f"snippets/harmless{list(HARMLESS).index(name)}.py") == []


# Files that a snippet may open: those of libraries and of the system, and those that it writes.

FREE = {
    "a library’s data": ("from sklearn.datasets import load_iris", "value = len(load_iris().data)"),
    "a font": ("from matplotlib import font_manager", 'value = len(font_manager.findfont("DejaVu Sans")) and 1'),
    "a style": (
        "import matplotlib.pyplot as plt",
        'with plt.style.context("ggplot"):\n    value = len(plt.rcParams["axes.facecolor"])',
    ),
    "a time zone": (
        "from datetime import datetime\nfrom zoneinfo import ZoneInfo",
        'value = int(datetime(2024, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")).utcoffset().seconds)',
    ),
    "a temporary file": (
        "import tempfile",
        'with tempfile.TemporaryFile() as f:\n    f.write(b"abc")\n    f.seek(0)\n    value = len(f.read())',
    ),
    "a temporary folder": (
        "import tempfile\n\nimport numpy as np",
        "with tempfile.TemporaryDirectory() as folder:\n"
        '    np.save(f"{folder}/a.npy", np.ones(3))\n    value = len(np.load(f"{folder}/a.npy", mmap_mode="r"))',
    ),
    "a database in memory": ("import sqlite3", 'value = sqlite3.connect(":memory:").execute("select 5").fetchone()[0]'),
    "its own source": ("import inspect\nimport sys", "value = len(inspect.getsource(sys.modules[__name__])) and 2"),
    "chance of the system": ("import os", "value = len(os.urandom(4))"),
    "an event loop": ("import asyncio", "async def later():\n    return 7\n\nvalue = asyncio.run(later())"),
    "a thread": (
        "from concurrent.futures import ThreadPoolExecutor",
        "with ThreadPoolExecutor(2) as pool:\n    value = sum(pool.map(abs, [-1, -2]))",
    ),
    "late modules of Python": ("", "import decimal, lzma, sqlite3, unicodedata, xml.dom.minidom\nvalue = 1"),
    "late modules of a library": ("", "import scipy.signal\nvalue = len(scipy.signal.windows.hann(4))"),
}


@pytest.fixture(scope="module")
def free(tmp_path_factory, base_site):
    def make(folder):
        site = copy_site(base_site, folder / "site")
        add_snippets(
            site, {f"free{n}": snippet(body, imports + "\n") for n, (imports, body) in enumerate(FREE.values())}
        )
        result = site.build()
        return {"output": result.stdout, "values": read_values(site) if result.returncode == 0 else {}}

    return share_folder(tmp_path_factory, "free", make)[1]


@pytest.mark.parametrize("name", FREE)
def test_file_of_library_system_or_snippet_may_be_opened(free, name):
    number = list(FREE).index(name)
    assert find_problems(free["output"], f"snippets/free{number}.py") == []
    assert not free["values"] or free["values"][f"free{number}"].replace(",", "").isdecimal()


# Writing and removing.

WRITERS = {
    "open": ("", 'open(FOLDER / "new.txt", "w").write("x")'),
    "pathlib": ("", '(FOLDER / "new.txt").write_text("x")'),
    "append": ("", 'open(FOLDER / "points.csv", "a").write("9,9")'),
    "os.open": ("import os", 'os.write(os.open(FOLDER / "new.txt", os.O_WRONLY | os.O_CREAT), b"x")'),
    "save": ("import numpy as np", 'np.save(FOLDER / "new.npy", np.ones(3))'),
    "memmap": ("import numpy as np", 'np.memmap(FOLDER / "new.bin", mode="w+", shape=(3,)).flush()'),
    "figure": ("from matplotlib.figure import Figure", 'Figure().savefig(FOLDER / "new.png")'),
    "sqlite3": ("import sqlite3", 'sqlite3.connect(FOLDER / "new.db").execute("create table a (b)")'),
    "C": ("import ctypes", 'assert ctypes.CDLL(None).creat(str(FOLDER / "new.c").encode(), 0o644) >= 0'),
    "remove": ("import os", 'os.remove(FOLDER / "points.json")'),
    "rename": ("import os", 'os.rename(FOLDER / "points.toml", FOLDER / "new.toml")'),
    "folder": ("import os", 'os.mkdir(FOLDER / "new")'),
    "remove a folder": ("import shutil", 'shutil.rmtree(FOLDER / "more")'),
    "truncate": ("import os", 'os.truncate(FOLDER / "points.ini", 0)'),
    "link": ("import os", 'os.symlink("/", FOLDER / "new.link")'),
    "time": ("import os", 'os.utime(FOLDER / "points.svm", (0, 0))'),
    "owner": ("import os", 'os.chown(FOLDER / "points.svm", 0, 0)'),
    "attribute": ("import os", 'os.setxattr(FOLDER / "points.svm", "user.world", b"x")'),
    "mode": ("import os", 'os.chmod(FOLDER / "points.svm", 0)'),
}


@pytest.fixture(scope="module")
def writers(tmp_path_factory, base_site):
    def make(folder):
        site = copy_site(base_site, folder / "site")
        place_data(site.root / "data")
        site.write({"data/more/file": "text"})
        texts = {}
        for number, (imports, line) in enumerate(WRITERS.values()):
            body = f'FOLDER = Path(__file__).parents[1] / "data"\n{line}  # here\nvalue = 1'
            texts[f"writes{number}"] = snippet(body, TOP + imports + "\n")
        add_snippets(site, texts)
        before = read_state(site.root / "data")
        output = site.build().stdout
        return {
            "output": output,
            "differences": sorted(set(before.items()) ^ set(read_state(site.root / "data").items())),
        }

    return share_folder(tmp_path_factory, "writers", make)[1]


def read_state(folder):
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mode, path.read_bytes().hex() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("writer", WRITERS)
def test_writing_is_refused_with_its_line(writers, writer):
    imports, line = WRITERS[writer]
    messages = find_problems(writers["output"], f"snippets/writes{list(WRITERS).index(writer)}.py")
    assert len(messages) == 1, messages
    text = snippet(f"FOLDER = 1\n{line}  # here\nvalue = 1", TOP + imports + "\n")
    assert messages[0][0] == find_line(text, "# here")


@LINUX
def test_refused_writes_change_nothing(writers):
    assert writers["differences"] == []


# The network.

NETWORK = {
    "socket": ("import socket", 'socket.create_connection(("127.0.0.1", PORT), 2)'),
    "numbers": ("import socket", 's = socket.socket()\ns.connect(("127.0.0.1", PORT))'),
    "datagrams": (
        "import socket",
        'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT))',
    ),
    "urllib": ("from urllib.request import urlopen", 'urlopen(f"http://127.0.0.1:{PORT}/", timeout=2)'),
    "http": (
        "from http.client import HTTPConnection",
        'HTTPConnection("127.0.0.1", PORT, timeout=2).request("GET", "/")',
    ),
    "requests": ("import requests", 'requests.get(f"http://127.0.0.1:{PORT}/", timeout=2)'),
    "numpy": ("import numpy as np", 'np.loadtxt(f"http://127.0.0.1:{PORT}/points.csv")'),
    "names": ("import socket", 'socket.getaddrinfo("example.org", 80)'),
    "name of a host": ("import socket", 'socket.gethostbyname("localhost")'),
    "names of a host": ("import socket", 'socket.gethostbyaddr("127.0.0.1")'),
    "name of an address": ("import socket", 'socket.getnameinfo(("127.0.0.1", 80), 0)'),
    "messages": (
        "import socket",
        'socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, ("127.0.0.1", PORT))',
    ),
    "asyncio": (
        "import asyncio",
        'asyncio.run(asyncio.wait_for(asyncio.open_connection("127.0.0.1", PORT), 2))',
    ),
    "C": (
        "import ctypes\nimport struct",
        "c = ctypes.CDLL(None)\n"
        'a = struct.pack("=HH4s8x", 2, int.from_bytes(PORT.to_bytes(2, "big"), "little"), bytes([127, 0, 0, 1]))\n'
        "assert c.connect(c.socket(2, 1, 0), a, len(a)) == 0",
    ),
    "server": ("import socket", 'socket.create_server(("127.0.0.1", 0))'),
    "process": ("import subprocess", 'subprocess.run(["true"])'),
    "shell": ("import os", 'os.system("true")'),
    "pipe": ("import os", 'os.popen("true").read()'),
    "C shell": ("import ctypes", 'assert ctypes.CDLL(None).system(b"true") == 0'),
    "spawn": ("import os", 'os.posix_spawn("/bin/true", ["true"], {})'),
}


@pytest.fixture(scope="module")
def network(tmp_path_factory, base_site):
    """The output of a build whose snippets use the network, and the number of connections that they made."""

    def make(folder):
        site, requests = copy_site(base_site, folder / "site"), []
        server = socket.create_server(("127.0.0.1", 0))

        def answer():
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                requests.append(1)
                with client:
                    client.settimeout(0.2)
                    try:
                        client.recv(9999)
                        client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n1 2\n")
                    except OSError:
                        pass

        threading.Thread(target=answer, daemon=True).start()
        texts = {}
        for number, (imports, line) in enumerate(NETWORK.values()):
            body = f"PORT = {server.getsockname()[1]}\n{line}  # here\nvalue = 1"
            texts[f"asks{number}"] = snippet(body, imports + "\n")
        add_snippets(site, texts)
        result = site.build()
        server.close()
        lines = {name: find_line(text, "# here") for name, text in texts.items()}
        return {"output": result.stdout, "requests": len(requests), "lines": lines}

    return share_folder(tmp_path_factory, "network", make)[1]


@pytest.mark.parametrize("how", NETWORK)
def test_network_and_processes_are_refused_with_their_line(network, how):
    name = f"asks{list(NETWORK).index(how)}"
    messages = find_problems(network["output"], f"snippets/{name}.py")
    assert [line for line, _ in messages] == [network["lines"][name]], messages


@LINUX
def test_refused_connections_are_not_made(network):
    assert network["requests"] == 0


# Files that a snippet names in DATA are part of its key.

DECLARATIONS = {
    "list": 'DATA = ["points.csv"]',
    "tuple": 'DATA = ("points.csv",)',
    "annotated": 'DATA: list[str] = ["points.csv"]',
    "single": 'DATA = "points.csv"',
    "a bracket in a name": 'DATA = ["odd[1].csv", "points.csv"]',
    "a bracket in a comment": 'DATA = [  # see ]\n    "points.csv",\n]',
    "beside a text that shows another": 'TEXT = """\nDATA = ["nothing.csv"]\n"""\nDATA = ["points.csv"]',
    "two names": 'DATA = FILES = ["points.csv"]',
}


def make_data_snippet(
    declaration='DATA = ["points.csv"]', reads='np.loadtxt(Path(__file__).with_name("points.csv"), delimiter=",")'
):
    """Return the text of a snippet that counts the rows of a file that DATA names."""
    return snippet(f"value = len({reads})", f"{TOP}import numpy as np\n\n{declaration}\n")


@pytest.fixture
def data_site(site):
    place_data(site.root / "snippets")
    (site.root / "snippets/helper.py").unlink()
    (site.root / "snippets/odd[1].csv").write_text("1\n")
    return site


def change_and_build(site, change):
    """Build, change something and build again; return the values of both builds."""
    site.check_build()
    first = read_values(site)
    change()
    site.check_build()
    return first, read_values(site)


def test_change_of_a_data_file_runs_its_snippets_again(data_site):
    """Write DATA and read files in many ways."""
    folder = data_site.root / "snippets"
    texts = {f"named{n}": make_data_snippet(declaration) for n, declaration in enumerate(DECLARATIONS.values())}
    reads = {
        "memmap": ("points.bin", 'np.memmap(Path(__file__).with_name("points.bin"), mode="r")[::16]'),
        "npy": ("points.npy", 'np.load(Path(__file__).with_name("points.npy"), mmap_mode="r")'),
        "deeper": ("more/points.csv", '(Path(__file__).parent / "more/points.csv").read_text().split()'),
        "above": ("../data/points.csv", '(Path(__file__).parents[1] / "data/points.csv").read_text().split()'),
        "outside": ("../../far/points.csv", '(Path(__file__).parents[2] / "far/points.csv").read_text().split()'),
        "sqlite": (
            "points.db",
            "__import__('sqlite3').connect(Path(__file__).with_name('points.db')).execute('select * from points')"
            ".fetchall()",
        ),
    }
    for name, (file, line) in reads.items():
        texts[name] = make_data_snippet(f'DATA = ["{file}"]', line)
    texts["two"] = make_data_snippet(
        'DATA = ["points.csv", "points.npy"]', 'np.load(Path(__file__).with_name("points.npy"))'
    )
    add_snippets(data_site, texts)
    places = [folder, folder / "more", data_site.root / "data", data_site.root.parent / "far"]

    def change(count):
        for place in places:
            place_data(place, count)
            (place / "helper.py").unlink()

    change(3)
    first, second = change_and_build(data_site, lambda: change(5))
    assert first == dict.fromkeys(texts, "3") and second == dict.fromkeys(texts, "5")
    assert "running" not in data_site.check_build()  # nothing changed
    (folder / "points.csv").write_text("1,2\n")
    result = data_site.run("evidence", "check")
    assert result.returncode == 1 and "points.csv" in result.stdout, result.stdout
    assert re.search(r"snippets/named0\.py:\d+: .*stale", result.stdout), result.stdout
    assert not re.search(r"snippets/deeper\.py", result.stdout), result.stdout


def test_change_of_a_data_file_of_a_shared_module_runs_its_importers_again(data_site):
    reads = 'import numpy as np\nfrom pathlib import Path\n\nDATA = ["../points.csv"]\n\n\ndef rows():\n'
    reads += '    """Rows."""\n    return len(np.loadtxt(Path(__file__).parents[1] / "points.csv", delimiter=","))\n'
    data_site.write({"snippets/lib/table.py": f'"""A table."""\n\n{reads}'})
    add_snippets(data_site, {"uses": snippet("value = table.rows()", "from lib import table\n")})
    (data_site.root / "snippets/uses.py").write_text(snippet("value = rows()", "from lib.table import rows\n"))
    change = lambda: place_data(data_site.root / "snippets", 5)  # noqa: E731
    first, second = change_and_build(data_site, lambda: (change(), (data_site.root / "snippets/helper.py").unlink()))
    assert (first["uses"], second["uses"]) == ("3", "5")


INVALID_DECLARATIONS = {
    "missing": 'DATA = ["nothing.csv"]',
    "a folder": 'DATA = ["more"]',
    "computed": "DATA = [str(path) for path in [1, 2]]",
    "a number": "DATA = [3]",
    "nothing": 'DATA = [""]',
    "misspelled": 'DATA = ["point.csv"]',
    "very long": f'DATA = ["{"a" * 300}"]',
    "pattern": 'DATA = ["*.csv"]',
    "two lists": 'DATA = ["points.csv"] + ["points.npy"]',
    "twice": 'DATA = ["points.csv"]\nDATA = ["points.npy"]',
    "added": 'DATA = ["points.csv"]\nDATA += ["points.npy"]',
    "on condition": 'if True:\n    DATA = ["points.csv"]',
    "put together": 'DATA = ["points" + ".csv"]',
    "with a name": 'import os\nDATA = [os.path.join("more", "points.csv")]',
    "a dict": 'DATA = {"points.csv": "points.npy"}',
    "absolute": 'DATA = ["/etc/hostname"]',
}


def test_invalid_data_declaration_is_refused_at_its_line(data_site):
    """The message is ours, and no error of Python."""
    (data_site.root / "snippets/more").mkdir()
    texts = {
        f"wrong{n}": make_data_snippet(declaration, "'abc'")
        for n, declaration in enumerate(INVALID_DECLARATIONS.values())
    }
    add_snippets(data_site, texts)
    output = data_site.check_refusal()
    for number, name in enumerate(INVALID_DECLARATIONS):
        messages, at = find_problems(output, f"snippets/wrong{number}.py"), find_line(texts[f"wrong{number}"], "DATA =")
        assert [line for line, _ in messages] in ([at], [at - 1]), (name, messages)
        assert "DATA" in messages[0][1] and "Error" not in messages[0][1], (name, messages)
    assert "nothing.csv" in output and "points.csv" in output  # the nearest existing name


def test_removed_data_file_is_refused(data_site):
    add_snippets(data_site, {"named": make_data_snippet()})
    data_site.check_build()
    (data_site.root / "snippets/points.csv").unlink()
    assert "points.csv" in data_site.check_refusal()


def test_files_that_data_does_not_name_stay_refused(data_site):
    add_snippets(data_site, {"named": make_data_snippet(reads='open(Path(__file__).with_name("points.json")).read()')})
    assert find_problems(data_site.check_refusal(), "snippets/named.py")


def test_shared_results_are_used_only_for_the_same_data(data_site, tmp_path):
    add_snippets(data_site, {"named": make_data_snippet()})
    store = {"EVIDENCE_STORE": str(tmp_path / "store")}
    data_site.check_build(**store)
    other = new_site(tmp_path / "other")
    add_snippets(other, {"named": make_data_snippet()})
    place_data(other.root / "snippets", 7)
    (other.root / "snippets/helper.py").unlink()
    other.check_build(**store)
    assert read_values(data_site) == {"named": "3"} and read_values(other) == {"named": "7"}


# Libraries: their code is in the key, or their import is refused.


def create_environment(folder):
    """Create a virtual environment with the packages of this one; return its Python and its site-packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "ours.pth").write_text("\n".join([*ours, str(ROOT)]) + "\n")
    return folder / "bin/python", packages


def write_distribution(folder, name, backend, layout, **modules):
    """Write the sources of a distribution whose modules are in `src` or beside its pyproject.toml."""
    top = folder / ("src" if layout == "src" else ".")
    for module, text in modules.items():
        path = top / module.replace("__", "/")
        path = path / "__init__.py" if "__" not in module else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    requires, build = {
        "flit": ('["flit_core"]', "flit_core.buildapi"),
        "setuptools": ('["setuptools"]', "setuptools.build_meta"),
    }[backend]
    text = f'[build-system]\nrequires = {requires}\nbuild-backend = "{build}"\n\n[project]\n'
    text += f'name = "{name}"\nversion = "0.1.0"\ndescription = "A library."\n'
    first = next(iter(modules)).split("__")[0]
    if backend == "flit":
        text += f'\n[tool.flit.module]\nname = "{first}"\n'
    elif layout == "flat":
        text += f'\n[tool.setuptools]\npackages = ["{first}"]\n\n[tool.setuptools.package-data]\n{first} = ["*.txt"]\n'
    (folder / "pyproject.toml").write_text(text)
    return top


def install(python, *what):
    """Install packages from folders, without an index."""
    command = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--python", python, "--offline"]
    command += ["--no-cache", "--no-build-isolation", "--no-deps", "--reinstall", *what]
    result = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), check=False)
    assert result.returncode == 0, result.stdout + result.stderr


LIBRARIES = {  # for each module, how a snippet uses it
    "flit_src": ("import flit_src", "value = flit_src.f()"),
    "tools_flat": ("from tools_flat.core import f", "value = f()"),
    "tools_src": ("", "from tools_src import core\nvalue = core.f()"),
    "indirect": ("import flit_src.uses", "value = flit_src.uses.f()"),
    "with_data": ("import tools_flat", "value = tools_flat.number()"),
    "copied": ("import copied", "value = copied.f()"),
    "lone": ("import lone", "value = lone.f()"),
    "path_file": ("import path_file", "value = path_file.f()"),
    "python_path": ("import python_path", "value = python_path.f()"),
    "appended": ("import sys\n\nsys.path.append({code!r})\nimport appended", "value = appended.f()"),
    "by_path": (
        "from importlib.util import module_from_spec, spec_from_file_location",
        "spec = spec_from_file_location('by_path', {code!r} + '/by_path.py')\n"
        "module = module_from_spec(spec)\nspec.loader.exec_module(module)\nvalue = module.f()",
    ),
    "by_name": (
        "import importlib\nimport sys",
        "sys.path.insert(0, {code!r})\nvalue = importlib.import_module('by_na' + 'me').f()",
    ),
    "namespace": ("import space.part", "value = space.part.f()"),
    "zipped": ("import zipped", "value = zipped.f()"),
}


def write_libraries(folder, packages, number):
    """Write the code of all libraries in a folder, or among the packages of an environment, to return a number."""
    code = folder / "code"
    f = f"def f():\n    return {number}\n"
    calls = "import lower_lib\n\n\ndef f():\n    return lower_lib.f()\n"
    reads = "from importlib.resources import files\n\n\ndef number():\n"
    reads += "    return int(files(__name__).joinpath('number.txt').read_text())\n"
    one, two = folder / "site/one", folder / "two"
    write_distribution(one, "flit-src-name", "flit", "src", flit_src=f, flit_src__uses=calls)
    write_distribution(two, "tools-flat", "setuptools", "flat", tools_flat=reads, tools_flat__core=f)
    (folder / "two/tools_flat/number.txt").write_text(f"{number}\n")
    write_distribution(folder / "three", "tools-src", "setuptools", "src", tools_src="", tools_src__core=f)
    write_distribution(folder / "four", "lower-lib", "flit", "src", lower_lib=f)
    write_distribution(folder / "five", "copied", "flit", "src", copied=f'"""Copied."""\n\n{f}')
    code.mkdir(exist_ok=True)
    for name in ("path_file", "python_path", "appended", "by_path", "by_name"):
        (code / f"{name}.py").write_text(f)
    (code / "space").mkdir(exist_ok=True)
    (code / "space/part.py").write_text(f)
    (packages / "lone.py").write_text(f)
    with zipfile.ZipFile(code / "archive.zip", "w") as archive:
        archive.writestr("zipped.py", f)


def run_in_environment(site, python, *arguments):
    """Run a module of a virtual environment that finds the libraries in the folder `code` beside the site."""
    code = site.root.parent / "code"
    environment = clean_environment() | {"PYTHONPATH": f"{code}{os.pathsep}{code / 'archive.zip'}"}
    how = {
        "cwd": site.root,
        "env": environment,
        "text": True,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
    }
    return subprocess.run([str(python), "-m", *arguments], **how, timeout=200, check=False)


@pytest.fixture(scope="module")
def libraries(tmp_path_factory, base_site):
    """The values of snippets before and after their libraries change, and the output of `check` in between."""

    def make(folder):
        site = copy_site(base_site, folder / "site")
        python, packages = create_environment(folder / "environment")
        code = folder / "code"
        texts = {}
        for name, (imports, body) in LIBRARIES.items():
            imports, body = (text.replace("{code!r}", repr(str(code))) for text in (imports, body))
            texts[f"uses_{name}"] = snippet(body, imports + "\n")
        add_snippets(site, texts)

        write_libraries(folder, packages, 1)
        places = [site.root / "one", *(folder / name for name in ("two", "three", "four"))]
        install(python, *(part for place in places for part in ("--editable", place)), folder / "five")
        (packages / "code.pth").write_text(f"{code}\n")
        runs = []
        for number in (1, 2):
            write_libraries(folder, packages, number)
            if number == 2:
                install(python, folder / "five")
                runs.append(run_in_environment(site, python, "evidence", "check").stdout)
            result = run_in_environment(site, python, "mkdocs", "build")
            for name in list(texts):  # remove those that are refused, which is right too
                if number == 1 and find_problems(result.stdout, f"snippets/{name}.py"):
                    (site.root / f"snippets/{name}.py").unlink()
                    del texts[name]
            if number == 1 and result.returncode:
                add_snippets(site, texts)
                result = run_in_environment(site, python, "mkdocs", "build")
            runs.append(read_values(site) if result.returncode == 0 else {"output": result.stdout})
        return {"first": runs[0], "check": runs[1], "second": runs[2]}

    return share_folder(tmp_path_factory, "libraries", make)[1]


@pytest.mark.parametrize("name", LIBRARIES)
def test_change_of_a_library_runs_its_importers_again(libraries, name):
    """A snippet whose library cannot be followed is refused from the start."""
    first, second = libraries["first"], libraries["second"]
    assert "output" not in first and "output" not in second, (first, second)
    if f"uses_{name}" in first:
        assert (first[f"uses_{name}"], second[f"uses_{name}"]) == ("1", "2")
        assert re.search(rf"snippets/uses_{name}\.py:\d+: .*stale", libraries["check"]), libraries["check"]


# Results do not depend on the environment.

SETTINGS = {
    "WORLD_POINTS": ("import os", 'value = int(os.environ.get("WORLD_POINTS", "3"))'),
    "getenv": ("import os", 'value = int(os.getenv("WORLD_POINTS") or 3)'),
    "TZ": ("import time", "value = time.localtime(0).tm_hour"),
    "LC_ALL": ("import locale", 'locale.setlocale(locale.LC_ALL, "")\nvalue = locale.getlocale()[0] or "C"'),
    "HOME": ("from pathlib import Path", 'value = str(Path("~").expanduser())'),
    "TMPDIR": ("import os", 'value = os.environ.get("TMPDIR", "none")'),
    "USER": ("import os", 'value = os.environ.get("USER", "nobody")'),
    "PYTHONHASHSEED": ("", 'value = hash("zigzag") % 1000'),
    "order": ("", 'value = "".join({"a", "b", "c", "d", "e", "f"})'),
    "COLUMNS": ("import shutil", "value = shutil.get_terminal_size().columns"),
    "threads": ("import os", 'value = os.environ.get("OMP_NUM_THREADS", "none")'),
    "backend": ("import matplotlib", "value = str(matplotlib.get_backend()).lower()"),
    "folder": ("import os", "value = os.path.basename(os.getcwd())"),
    "dotenv": ("import os", 'value = int(os.environ.get("WORLD_DOTENV", "3"))'),
    "PATH": ("import os", 'value = os.environ["PATH"]'),
    "arguments": ("import sys", "value = len(sys.argv)"),
}
HERE = {"WORLD_POINTS": "4", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "HOME": "/tmp", "TMPDIR": "/tmp", "USER": "ann"}
HERE |= {"PYTHONHASHSEED": "1", "COLUMNS": "100", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
THERE = {"WORLD_POINTS": "5", "TZ": "America/Lima", "LC_ALL": "C", "HOME": "/", "TMPDIR": "/var/tmp", "USER": "bob"}
HERE["PATH"], THERE["PATH"] = "/bin:/usr/bin:/opt", "/usr/bin:/bin"
THERE |= {"PYTHONHASHSEED": "2", "COLUMNS": "77", "OMP_NUM_THREADS": "2", "MPLBACKEND": "svg"}


@pytest.fixture(scope="module")
def environments(tmp_path_factory, base_site):
    """The values of snippets that read the environment, built in two environments."""

    def make(folder):
        outcomes = []
        for number, environment in enumerate((HERE, THERE)):
            site = copy_site(base_site, folder / f"site{number}")
            texts = {f"asks_{n}": snippet(body, imports + "\n") for n, (imports, body) in enumerate(SETTINGS.values())}
            add_snippets(site, texts)
            result = site.run("mkdocs", "build", **environment)
            outcomes.append(read_values(site) if result.returncode == 0 else {"output": result.stdout})
        return outcomes

    return share_folder(tmp_path_factory, "environments", make)[1]


@pytest.mark.parametrize("name", SETTINGS)
def test_value_does_not_depend_on_the_environment(environments, name):
    here, there = environments
    number = list(SETTINGS).index(name)
    if "output" in here:
        assert find_problems(here["output"], f"snippets/asks_{number}.py"), here["output"]
    else:
        assert here[f"asks_{number}"] == there[f"asks_{number}"]


RED = "axes.facecolor: red\nfont.size: 30\nlines.linewidth: 9\nsavefig.dpi: 10\nsvg.fonttype: none\n"
STYLES = {  # the files of a style, the environment, and the folder of the command
    "found by itself": (
        [
            "matplotlibrc",
            "snippets/matplotlibrc",
            "home/.config/matplotlib/matplotlibrc",
            "home/.matplotlib/matplotlibrc",
        ],
        {"HOME": "home"},
        ".",
    ),
    "in a folder that is named": (["named/matplotlibrc"], {"MPLCONFIGDIR": "named"}, "."),
    "in a file that is named": (["file/other"], {"MATPLOTLIBRC": "file/other"}, "."),
    "where the command stands": (["elsewhere/matplotlibrc"], {}, "elsewhere"),
}


@pytest.mark.parametrize("name", STYLES)
def test_figure_does_not_depend_on_the_style_of_the_user(base_site, tmp_path, name):
    files, environment, where = STYLES[name]
    site, reference = copy_site(base_site, tmp_path / "site"), base_site.root / "site/evidence/grow/figure_growth.svg"
    site.write(dict.fromkeys(files, RED))
    shutil.rmtree(site.root / ".evidence")
    environment = {variable: str(site.root / path) for variable, path in environment.items()}
    site.check_build("-f", str(site.root / "mkdocs.yml"), where=where, **environment)
    assert (site.root / "site/evidence/grow/figure_growth.svg").read_text() == reference.read_text()


def test_change_of_a_module_runs_its_importers_again_however_it_is_imported(site):
    texts = {
        "late": snippet("import helper\nvalue = helper.N"),
        "aliased": snippet("value = other.N", "import helper as other\n"),
        "conditional": snippet("value = helper.N", "try:\n    import helper\nexcept ImportError:\n    helper = None\n"),
        "several": snippet("value = helper.N", "import json, helper\n"),
        "parts": snippet("value = N", "from helper import (\n    N,\n)\n"),
        "spaced": snippet("value = helper.N", "import  \\\n    helper\n"),
        "semicolon": snippet("value = helper.N", "import json; import helper\n"),
        "star": snippet("value = N", "from helper import *\n"),
    }
    site.write({"snippets/helper.py": '"""Helps."""\n\nN = 1\n'})
    add_snippets(site, texts)
    result = site.build()
    accepted_texts = {
        name: text for name, text in texts.items() if not find_problems(result.stdout, f"snippets/{name}.py")
    }
    for name in set(texts) - set(accepted_texts):
        (site.root / f"snippets/{name}.py").unlink()
    add_snippets(site, accepted_texts)
    assert len(accepted_texts) >= 6
    change = {"snippets/helper.py": '"""Helps."""\n\nN = 2\n'}
    first, second = change_and_build(site, lambda: site.write(change))
    assert first == dict.fromkeys(accepted_texts, "1") and second == dict.fromkeys(accepted_texts, "2")
