"""What readers download: pages as Markdown, lists of pages, cards, citations, notebooks, the offline copy."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image
from pybtex.database import parse_string

from conftest import LABS, QUESTIONS, ROOT
from evidence.extras.downloads import pack_downloads
from evidence.keys import build_job
from evidence.project import Project
from zigzag_site.history import read_days

PROJECT = Project(ROOT, pictures=True)
NAMES = PROJECT.names("snippet")
SITE_URL = "https://zigzag.example/"
HAS_GIT = (ROOT / ".git").exists()


def find_file(site, address):
    """Return the file of the built site at an address."""
    path = site / urlsplit(address).path.lstrip("/")
    return path / "index.html" if path.is_dir() or address.endswith("/") else path


def list_pages(site):
    """List every page except 404.html and the list that Material makes."""
    return [page for page in sorted(site.rglob("index.html")) if page.parent.name != "tags"]


def test_every_page_has_a_markdown_copy_with_its_values(zigzag):
    site = zigzag.root / "site"
    for page in list_pages(site):
        text = page.with_suffix(".md").read_text("utf-8")
        assert text.startswith(("# ", "<")) and f'href="{page.with_suffix(".md").name}"' in page.read_text()
        if "evidence" in page.parts:
            continue
        prose = re.sub(r"^```.*?^```|`[^`\n]+`", "", text, flags=re.M | re.S)
        assert not re.search(r"\{\{|^///|\[@|\0|^ {4}(?:attrs|open|type):", prose, re.M), page
        for address in re.findall(rf"\({re.escape(SITE_URL)}([^)#]*)", prose):
            assert find_file(site, address).is_file(), f"{page}: {address}"
    flagship = (site / "zigzag/index.md").read_text("utf-8")
    assert "and the same problem needs 62," in flagship and "$$H = \\mathbb{E}[x x^\\top] = \\Sigma" in flagship


def test_list_for_language_models_names_every_page_of_the_navigation(zigzag):
    site = zigzag.root / "site"
    paths = re.findall(rf"^- \[.+\]\({SITE_URL}(\S+)\): \S", (site / "llms.txt").read_text("utf-8"), re.M)
    assert {f"{path}index.md" for path in QUESTIONS} <= set(paths)
    for path in paths:
        assert (site / path).is_file()
    assert {f"{path}index.md" for path in LABS} <= set(
        re.findall(rf"{SITE_URL}(\S+\.md)", (site / "llms.txt").read_text("utf-8"))
    )


def test_items_of_the_feed_lead_to_pages(zigzag):
    site = zigzag.root / "site"
    items = ElementTree.parse(site / "feed.xml").getroot().findall("channel/item")
    assert len(items) == 20
    for item in items:
        assert (
            find_file(site, item.findtext("link")).is_file() and item.findtext("title") and item.findtext("description")
        )


@pytest.mark.skipif(not HAS_GIT, reason="there is no git here")
def test_dates_of_last_changes_come_from_git(zigzag):
    """The copy that the suite builds has no repository, and shows no dates."""
    assert "Last changed" not in (zigzag.root / "site/zigzag/index.html").read_text()
    days = read_days(ROOT)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", days[name]) for name in ("docs/zigzag.md", "snippets/zigzag.py"))
    assert read_days(Path("/")) == {}


def test_every_page_has_a_card_for_sharing(zigzag):
    site = zigzag.root / "site"
    for path in ["", *QUESTIONS, *LABS]:
        html = (site / path / "index.html").read_text()
        card = re.search(rf'property="og:image" content="{SITE_URL}([^"]+)"', html)[1]
        with Image.open(site / card) as image:
            assert image.size == (1200, 630) and image.format == "PNG"
        assert (site / card).stat().st_size < 100_000
        assert re.search(r'property="og:title" content="[^"]+"', html)


def test_every_page_can_be_cited(zigzag):
    for path in QUESTIONS:
        html = (zigzag.root / "site" / path / "index.html").read_text()
        text = re.search(r"<pre><code>(@misc.*?)</code></pre>", html, re.S)[1]
        (entry,) = parse_string(text, "bibtex").entries.values()
        assert entry.fields["title"].strip("{}") in html and f"{SITE_URL}{path}" in entry.fields["howpublished"]


@pytest.mark.parametrize("name", ["zigzag", "digits"])
def test_notebook_runs_in_an_empty_folder(name, zigzag, tmp_path):
    """A notebook writes the modules that it imports, and draws every figure of its snippet."""
    notebook = nbformat.read(zigzag.root / f"site/evidence/{name}/{name}.ipynb", as_version=4)
    executed_notebook = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    kinds = [
        kind
        for cell in executed_notebook.cells
        for output in cell.get("outputs", ())
        for kind in output.get("data", ())
    ]
    assert kinds.count("image/svg+xml") == sum(
        "def figure_" in line for line in PROJECT.scripts[name].text.splitlines()
    )


@pytest.mark.parametrize("name", NAMES)
def test_notebook_has_every_line_of_its_snippet(name, zigzag):
    """A notebook is valid, its cells compile, and it has the lines of the snippet in order."""
    data = (zigzag.root / f"site/evidence/{name}/{name}.ipynb").read_bytes()
    nbformat.validate(nbformat.reads(data.decode(), as_version=4))
    cells = ["".join(cell["source"]) for cell in json.loads(data)["cells"] if cell["cell_type"] == "code"]
    own = [cell for cell in cells if not cell.startswith(("%", "import os\nos.makedirs"))]
    for cell in own:
        compile(cell, name, "exec")
    modules = {
        cell.split()[1].removesuffix(".py").replace("/", ".") for cell in cells if cell.startswith("%%writefile")
    }
    assert modules == set(PROJECT.transitive_imports(name)) - {name}
    code = PROJECT.scripts[name].text.split('"""', 2)[2].split("if __name__")[0]
    assert re.sub(r"\s+", "", "".join(own)).startswith(re.sub(r"\s+", "", code))


def test_downloads_are_reproducible(zigzag, results):
    """Pack the downloads again, and compare them with those of the build."""
    for name in ("zigzag", "digits"):
        for file, data in pack_downloads(results[name], build_job(PROJECT, name)).items():
            assert (zigzag.root / f"site/evidence/{name}/{file}").read_bytes() == data, file


def test_offline_copy_loads_nothing_from_other_hosts(zigzag, offline):
    """Examine its files; test_browser.py opens it in a browser."""
    html = (offline / "zigzag.html").read_text()
    assert "unpkg" not in html and 'loading="lazy"' not in html
    assert re.search(r'<script type="application/json">\["', html) and "assets/iframe-worker.js" in html
    print_page = (offline / "print_page.html").read_text()
    pages = [page for page in (zigzag.root / "site").rglob("index.html") if "evidence" not in page.parts]
    figures = sum(page.read_text().count("<figure") for page in pages)
    assert print_page.count("<figure") == figures and "print-site-enumerate-figures" in print_page
