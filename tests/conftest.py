"""What the tests share: a small site of their own to break, and the real one, built once."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}  # two workers, two cores
for variable in ("EVIDENCE_STORE", "EVIDENCE_STORE_KEY", "EVIDENCE_SCHEDULER"):  # of whoever runs the tests
    os.environ.pop(variable, None)
ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
QUESTIONS = [f"{page.stem}/" for page in DOCS if "\n/// answer" in page.read_text("utf-8")]
LABS = [f"labs/{path.stem}/" for path in sorted((ROOT / "docs/labs").glob("*.py"))]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split()
FLAGS += "--disable-component-update --disable-sync".split()
NO_BROWSER = not CHROMIUM and "CI" not in os.environ
sys.path.insert(0, str(ROOT / "snippets"))  # as when a snippet is run by itself
# Offers one value, in line 13.
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

    def run(self, *arguments, **environment):
        """The finished process of `python -m …` in the project, with both streams in `stdout`."""
        clean = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
        environment = clean | {"NO_MKDOCS_2_WARNING": "1", "COLUMNS": "200"} | environment
        command = [sys.executable, "-m", *arguments]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.run(command, cwd=self.root, env=environment, text=True, timeout=280, check=False, **streams)

    def build(self, **environment):
        return self.run("mkdocs", "build", "--strict", **environment)

    def edit(self, file, old, new):
        path = self.root / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def bytes(self, folder="site"):
        """Relative path to content of every file of the built site."""
        top = self.root / folder
        return {str(p.relative_to(top)): p.read_bytes() for p in sorted(top.rglob("*")) if p.is_file()}


@pytest.fixture
def small(tmp_path):
    """A fresh copy of the small site."""
    return Site(shutil.copytree(ROOT / "tests/small", tmp_path / "small"))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The small site with its results made."""
    site = Site(shutil.copytree(ROOT / "tests/small", tmp_path_factory.mktemp("made") / "small"))
    assert site.run("evidence", "build").returncode == 0
    return site


@pytest.fixture
def warm(made, tmp_path):
    """A fresh copy of the small site, results included, so that only what a test adds runs."""
    return Site(shutil.copytree(made.root, tmp_path / "small"))


def copy_checkout(root, *parts):
    """Folders and files of the checkout in another place."""
    for part in parts:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, root / part)


def run_suite(root, kept, *arguments, timeout):
    """The finished pytest of a copy of the checkout, which takes over the results of the site `kept`."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    alone["KEPT_RESULTS"] = str(kept.root / ".evidence")
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, cwd=root, env=alone, capture_output=True, text=True, timeout=timeout)


def once(folder, make):
    """Call `make(folder)`, which returns a finished process, in one worker of a test run; the others wait for it."""
    said = folder.with_suffix(".txt")
    try:
        folder.mkdir()
    except FileExistsError:
        while not said.exists():
            time.sleep(0.2)
    else:
        text = "another worker could not make it"
        try:
            done = make(folder)
            text = "" if done.returncode == 0 else done.stdout
        finally:
            said.with_suffix(".new").write_text(text)
            said.with_suffix(".new").replace(said)
    assert said.read_text() == ""


@pytest.fixture(scope="session")
def zigzag(tmp_path_factory):
    """The real site, built in a copy of the checkout, so that nothing made earlier can help; once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared

    def build(root):
        copy_checkout(root, "docs", "snippets", "theme", "zigzag_site", "mkdocs.yml")
        if kept := os.environ.get("KEPT_RESULTS"):  # of a suite that runs this one inside it
            shutil.copytree(kept, root / ".evidence")
        return Site(root).build(SOURCE_DATE_EPOCH="1700000000")

    once(shared / "site of another name", build)
    return Site(shared / "site of another name")


@pytest.fixture(scope="session")
def offline(zigzag):
    """The folder of the offline copy, built as `make publish` does it."""
    site = ("--site-dir", "offline copy/site")
    once(zigzag.root / "offline copy", lambda _: zigzag.run("mkdocs", "build", "--strict", *site, OFFLINE="true"))
    return zigzag.root / "offline copy/site"


@contextmanager
def served(folder):
    """The address at which a folder is served."""

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
    with served(zigzag.root / "site") as address:
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
    """Opens a page and scrolls through it; at the end no error was logged and no other host was asked."""
    contexts, wrong = [], []

    def open_page(path, **how):
        context = browser.new_context(**how)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda request: wrong.append(request.url) if not request.url.startswith((address, "data:")) else None,
        )
        page.on("response", lambda response: wrong.append(response.url) if response.status >= 400 else None)
        page.goto(address + path, wait_until="networkidle")
        if how.get("java_script_enabled", True):
            page.evaluate("async () => { for (let y = 0; y < document.body.scrollHeight; y += 400) {"
                          " scrollTo(0, y); await new Promise(r => setTimeout(r, 25)); }"
                          " await Promise.allSettled([...document.images].map(i => i.decode())); }")  # fmt: skip
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
