"""What a visitor of the repository meets: an up-to-date picture, the licenses, and how to cite."""

import random
import re
import shutil

import yaml
from fontTools.ttLib import TTFont

from conftest import CHECKOUT, EPOCH, QUESTIONS, ROOT, Site, copy_checkout
from zigzag_site.font import cut_font
from zigzag_site.picture import paint
from zigzag_site.thumbnails import make_thumbnail

README = (ROOT / "README.md").read_text("utf-8")
SITE = "https://zigzag.example/"


def read_figure(site):
    return (site.root / "site/evidence/zigzag/figure_paths.svg").read_text("utf-8")


def test_readme_opens_with_the_current_figure(zigzag):
    pictures = re.findall(r'(?:srcset|src)="([^"]+)"', README.split("## ")[0])
    assert pictures == [".github/zigzag-dark.svg", ".github/zigzag-light.svg"]
    for file, dark in zip(pictures, (True, False)):
        assert (ROOT / file).read_text("utf-8") == paint(read_figure(zigzag), dark), "run make picture"
    alt = re.search(r'<img [^>]*alt="([^"]+)"', README)[1]
    assert len(alt) > 80 and not re.search(r"\d", alt)


def test_readme_links_to_the_site():
    head = README.split("## ")[0]
    assert f"]({SITE})" in head and SITE in (ROOT / "mkdocs.yml").read_text("utf-8")


def test_font_is_the_output_of_make_font():
    assert (ROOT / "theme/assets/math.woff2").read_bytes() == cut_font(), "run make font"


def test_font_has_every_character_of_every_formula(zigzag):
    with TTFont(ROOT / "theme/assets/math.woff2") as font:
        characters = set(font.getBestCmap())
    missing = {}
    for page in sorted((zigzag.root / "site").rglob("index.html")):
        for formula in re.findall(r"<math.*?</math>", page.read_text("utf-8"), re.S):
            text = re.sub(r"<[^>]+>", "", formula)
            text = re.sub(r"&#x(\w+);", lambda code: chr(int(code[1], 16)), text)
            for sign in set(re.sub(r"&\w+;", "", text)):
                if ord(sign) not in characters and not sign.isspace() and sign not in "\u2061\u2062\u2063\u2064":
                    missing.setdefault(sign, page.parent.name)
    assert missing == {}, "add them to zigzag_site/font.py, and run make font"


def test_licenses_stand_on_every_page_and_in_the_repository(zigzag):
    assert (ROOT / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c) 2026 the Zigzag contributors\n")
    text = (ROOT / "LICENSE-CC-BY-4.0").read_text()
    assert text.startswith("Attribution 4.0 International\n") and len(re.findall(r"^Section \d --", text, re.M)) == 8
    assert 'license = "MIT"' in (ROOT / "pyproject.toml").read_text()
    for path in ("", "zigzag/", "take/", "evidence/zigzag/"):
        html = (zigzag.root / "site" / path / "index.html").read_text("utf-8")
        foot = html.split('class="md-copyright"')[1]
        assert re.search(r'<a href="[^"]*#license">Text and figures CC BY 4.0, code MIT</a>', foot), path
        assert '<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">' in html
    assert 'id="license"' in (zigzag.root / "site/take/index.html").read_text("utf-8")


def test_citation_file_is_complete():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors", "license"} <= set(citation)
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert citation["url"] in settings and citation["repository-code"] in settings
    assert citation["license"] == ["CC-BY-4.0", "MIT"]


def test_thumbnail_is_small_and_without_text(zigzag):
    """Check one thumbnail in both palettes, and the size of all on the home page."""
    small = make_thumbnail(read_figure(zigzag), 1)
    assert len(small) < 4000 and "SourceSans" not in small and "text" not in small
    assert small.count("--second:") == 2 and "prefers-color-scheme:dark" in small
    assert small != make_thumbnail(read_figure(zigzag), 2)
    thumbnails = re.findall(r'src="(assets/thumbnails/[^"]+)"', (zigzag.root / "site/index.html").read_text("utf-8"))
    assert len(thumbnails) == len(set(thumbnails)) > 30
    for name in thumbnails:
        assert (zigzag.root / "site" / name).stat().st_size < 40_000, name


def test_unknown_thumbnail_is_reported_with_its_page(tmp_path, zigzag):
    """On pages drawn at random, name an unknown snippet, an unknown figure, and an explorer."""
    copy_checkout(tmp_path, *CHECKOUT)
    shutil.copytree(zigzag.root / ".evidence", tmp_path / ".evidence")
    site = Site(tmp_path)
    pages = random.sample([name.strip("/") for name in QUESTIONS], 3)
    for page, thumbnail in zip(pages, ("nothing.paths", "zigzag.nothing", "zigzag.mean")):
        text = (site.root / f"docs/{page}.md").read_text("utf-8")
        (site.root / f"docs/{page}.md").write_text(
            re.sub("(?m)^thumbnail: .*", f"thumbnail: {thumbnail}", text), "utf-8"
        )
    result = site.build(**EPOCH)
    reported_pages = re.findall(r"WARNING +-  docs/(\w+)\.md:1: ‘thumbnail’ names no drawing", result.stdout)
    assert result.returncode == 1 and sorted(reported_pages) == sorted(pages), result.stdout
