"""Shared fixtures: a small site to break, and the real one, built once."""

import functools
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from filelock import FileLock

for variable in list(os.environ):  # settings of the user, and of numbers, which a build's runs do not see either
    if variable.startswith(("EVIDENCE_STORE", "EVIDENCE_SCHEDULER", "OPENBLAS_", "NPY_")):
        os.environ.pop(variable)
os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}  # two workers, two cores
ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
QUESTIONS = [f"{page.stem}/" for page in DOCS if "\n/// answer" in page.read_text("utf-8")]
LEAST = {"values": 11, "figures": 1, "equations": 1}  # of every page with an answer; equations checked as printed
LABS = [f"labs/{path.stem}/" for path in sorted((ROOT / "docs/labs").glob("*.py"))]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split()
FLAGS += "--disable-component-update --disable-sync".split()
NO_BROWSER = not CHROMIUM and "CI" not in os.environ
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
CHECKOUT = ("docs", "snippets", "theme", "zigzag_site", "mkdocs.yml")  # the sources of the real site
PROBLEM = re.compile(r"^  (\S+?):(\d+): (.*)$", re.M)
PATIENCE = 240  # seconds, for what takes a few on an idle machine
sys.path.insert(0, str(ROOT / "snippets"))  # as when a snippet is run by itself
# Has one value, in line 13.
SNIPPET = '''"""What is the answer?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: object
    "A number."


def compute() -> Result:
    return Result(answer=VALUE)
'''


class Site:
    """A project in a folder of its own, and the commands that a contributor types there."""

    def __init__(self, root):
        self.root = root

    def run(self, *arguments, timeout=600, **environment):
        """Run `python -m …` in the project, and return the finished process, with both streams in `stdout`."""
        clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        environment = clean | {"NO_MKDOCS_2_WARNING": "1", "COLUMNS": "200"} | environment
        command = [sys.executable, "-m", *arguments]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(
            command, cwd=self.root, env=environment, text=True, timeout=timeout, check=False, **streams
        )

    def build(self, **environment):
        return self.run("mkdocs", "build", "--strict", **environment)

    def check_build(self, **environment):
        """Build, check that it succeeds, and return the output."""
        result = self.build(**environment)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def edit(self, file, old, new):
        path = self.root / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def bytes(self, folder="site"):
        """Map the relative path of every file of the built site to its content."""
        top = self.root / folder
        return {str(p.relative_to(top)): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}

    def entry(self, name="square"):
        """Return the path of the one entry of a name in the cache."""
        (path,) = self.root.glob(f".evidence/cache/{name}/*")
        return path


def wait_until(condition, seconds=PATIENCE, every=0.05):
    """Wait until `condition()` is true, some seconds at most, and return its last value."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(every)
    return value


def flip_bit(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def has_ended(process):
    """Wait for a process to end, and return whether it did."""

    def has_exited():
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return False

    return wait_until(has_exited)


@pytest.fixture
def small(tmp_path):
    """A fresh copy of the small site."""
    return Site(shutil.copytree(ROOT / "tests/small", tmp_path / "small"))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The small site with its results, made once for all workers, to be read or copied."""
    site = Site(find_shared_folder(tmp_path_factory) / "template")

    def make(root):
        shutil.copytree(ROOT / "tests/small", root, dirs_exist_ok=True)
        return site.run("evidence", "build")

    make_once("template", site.root, make)
    return site


@pytest.fixture
def warm(template, tmp_path):
    """A fresh copy of the small site with its results, so that only what a test adds runs."""
    return Site(shutil.copytree(template.root, tmp_path / "small"))


WAIT = """import os, time
    with open("signal", "w") as file:  # in the folder of the run
        file.write(str(os.getpid()))
    while "go" not in open("signal").read():
        time.sleep(0.02)
    sides = (1.0"""


class SlowSite(Site):
    """The small site with a second snippet, `slow`, which runs until `let_go` is called."""

    worker_folder = None
    "The folder for temporary files of the workers of a cluster."

    def find_signal(self):
        """Return the files that `slow` writes when it starts, here or on a worker."""
        folders = [*self.root.glob(".evidence/runs/*"), *self.worker_folder.glob("evidence-*")]
        return [path for folder in folders for path in folder.glob("site/snippets/signal")]

    def wait_for_process(self, other_than=0):
        """Wait until `slow` runs, and return the number of its process."""

        def find():
            numbers = {int(text.removesuffix("go")) for path in self.find_signal() if (text := path.read_text())}
            return numbers - {other_than}

        processes = wait_until(find)
        assert processes, "slow did not start"
        return processes.pop()

    def let_go(self):
        for path in self.find_signal():
            with path.open("a") as file:
                file.write("go")


@pytest.fixture
def slow(small):
    text = (small.root / "snippets/square.py").read_text()
    (small.root / "snippets/slow.py").write_text(text.replace("sides = (1.0", WAIT))
    small.edit("mkdocs.yml", "seconds: 8", f"seconds: {PATIENCE}")
    site = SlowSite(small.root)
    with tempfile.TemporaryDirectory(prefix="workers-") as folder:  # a short path, as sockets need
        site.worker_folder = Path(folder)
        yield site


class Server:
    """`mkdocs serve` in a site, its log, and the pages that it serves."""

    def __init__(self, site):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = site.root / "log"
        command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", self.address]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=site.root, stdout=log, stderr=subprocess.STDOUT)

    def wait(self, text, page=""):
        """Wait until a page has a text, and return the page; fail with the log."""

        def ask():
            assert self.process.poll() is None, self.read_log()
            try:
                with urlopen(f"http://{self.address}/{page}", timeout=PATIENCE) as answer:
                    html = answer.read().decode()
            except OSError:
                return ""
            return html if text in html else ""

        html = wait_until(ask, every=0.2)
        assert html, self.read_log()
        return html

    def read_log(self):
        return self.log.read_text()


@pytest.fixture
def serve():
    """A function that starts `mkdocs serve` in a site until the test ends."""
    servers = []

    def start(site):
        servers.append(Server(site))
        return servers[-1]

    yield start
    for server in servers:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()


def copy_checkout(root, *parts):
    """Copy folders and files of the checkout to another place."""
    for part in parts:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, root / part)


def find_shared_folder(tmp_path_factory):
    """Return the folder that all workers of a test run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def sample(names, every):
    """Return every so many-th name, or all of them in `make whole` and with PAGE."""
    return names if {"WHOLE", "PAGE"} & os.environ.keys() else names[::every]


def pytest_collection_modifyitems(config, items):
    """With PAGE=name, select the tests of that page, of the snippets that it shows, of its prose, and of the search."""
    page = os.environ.get("PAGE")
    if not page:
        return
    file = ROOT / f"docs/{page}.md"
    if not file.is_file():
        raise pytest.UsageError(f"there is no page docs/{page}.md: PAGE is the name of one, without .md")
    snippets = re.findall(r"(?:\{\{ *|^/// \w+ \| *)(\w+)\.", file.read_text("utf-8"), re.M)
    names = {page, f"{page}/", *snippets}

    def concerns(item):
        if not hasattr(item, "callspec"):
            return item.path.stem in ("test_prose", "test_search")
        return bool(names & set(map(str, item.callspec.params.values())))

    selection = [item for item in items if concerns(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in selection])
    items[:] = selection


UNAVAILABLE = set()  # fixtures that could not be made


def pytest_runtest_setup(item):
    """Skip tests of a fixture that could not be made, which one other test reports."""
    if missing := UNAVAILABLE & set(item.fixturenames):
        pytest.skip(f"{', '.join(missing)} could not be made: another test says why")


def make_once(fixture, folder, make):
    """Fill a folder by `make(folder)`, which returns a finished process, in one worker; the others wait for it.

    If it failed, one test fails with its output, and all others of the fixture are skipped.
    """
    record, report = folder.with_name(f"{folder.name}.txt"), folder.with_name(f"{folder.name} reported")
    with FileLock(f"{folder}.lock"):
        if not record.exists():
            folder.mkdir()
            text = "it could not be made"
            try:
                result = make(folder)
                text = "" if result.returncode == 0 else result.stdout
            finally:
                record.write_text(text)
        if text := record.read_text():
            UNAVAILABLE.add(fixture)
            if not report.exists():
                report.touch()
                pytest.fail(text, pytrace=False)
            pytest.skip(f"{fixture} could not be made: another test says why")


@pytest.fixture(scope="session")
def run_log(tmp_path_factory):
    """The output of `python -m evidence build` in a copy of the checkout without earlier results.

    The tests of each snippet check its problems. KEPT_RESULTS names a folder `.evidence` with results to begin with.
    """
    root = find_shared_folder(tmp_path_factory) / "site of another name"
    log = root.with_name("run.log")

    def run(root):
        copy_checkout(root, *CHECKOUT)
        if folder := os.environ.get("KEPT_RESULTS"):
            shutil.copytree(Path(folder) / "cache", root / ".evidence/cache")
        result = Site(root).run("evidence", "build", timeout=1800, **EPOCH)
        log.write_text(result.stdout)
        result.returncode = 0  # the test of each snippet reports its problems
        return result

    make_once("run_log", root, run)
    return log.read_text()


@pytest.fixture(scope="session")
def zigzag(tmp_path_factory, run_log):
    """The real site, built strictly, once for all workers."""
    site = Site(find_shared_folder(tmp_path_factory) / "site of another name")
    make_once("zigzag", site.root.with_name("strict build"), lambda _: site.build(timeout=1800, **EPOCH))
    return site


@pytest.fixture(scope="session")
def results(zigzag):
    """Map the name of each real snippet to its result."""
    from evidence.build import Build
    from evidence.project import Project

    build = Build(Project(zigzag.root, pictures=True), print)
    assert build.stale == []
    return build.results


@pytest.fixture(scope="session")
def offline(zigzag):
    """The folder of the offline copy, built as `make publish` does it."""
    site = ("--site-dir", "offline copy/site")
    make_once(
        "offline",
        zigzag.root / "offline copy",
        lambda _: zigzag.run("mkdocs", "build", "--strict", *site, OFFLINE="true"),
    )
    return zigzag.root / "offline copy/site"


@contextmanager
def serve_folder(folder):
    """Serve a folder, and yield its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def address(zigzag):
    with serve_folder(zigzag.root / "site") as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """A function that opens a page and scrolls through it; afterwards there may be no error and no other host."""
    contexts, errors = [], []

    def open_page(path, **how):
        context = browser.new_context(**how)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "request",
            lambda request: errors.append(request.url) if not request.url.startswith((address, "data:")) else None,
        )
        page.on("response", lambda response: errors.append(response.url) if response.status >= 400 else None)
        page.goto(address + path)
        if how.get("java_script_enabled", True):
            scroll_through(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def scroll_through(page):
    """Scroll to the end, a screen at a time, and wait for all images."""
    page.evaluate("""async () => {
        for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
            scrollTo(0, y);
            await new Promise(requestAnimationFrame);
        }
        await Promise.allSettled([...document.images].map(image => image.decode()));
    }""")


def run_stale(project, log=print):
    """Run the stale snippets of a project, and wait for them; problems are in its diagnostics."""
    from evidence.build import Build

    build = Build(project, log)
    build.start()
    build.finish()
    return build
