"""The real site, built strictly from a copy of the checkout, examined without a browser."""

import json
import re
import shutil
from html import unescape
from statistics import median
from urllib.parse import unquote

from conftest import CHECKOUT, DOCS, EPOCH, LABS, LEAST, PROBLEM, QUESTIONS, ROOT, Site, copy_checkout
from evidence.figures import BYTES, FRAMES, NUMBER
from lib.plots import PALETTE


def test_strict_build_has_every_page_with_a_title(zigzag):
    pages = [path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")]
    assert len(pages) > 5
    for page in pages:
        html = zigzag.root / "site" / ("index.html" if page.name == "index" else f"{page}/index.html")
        title = re.search(r"<h1[^>]*>(.+?)<a ", html.read_text(), re.S)
        assert title and title[1].strip(), page


FAULTS = {  # for each: how its message begins, the file, and the replacements in it
    "a broken claim": (
        "snippets/orthants.py: claim_",
        "snippets/orthants.py",
        {"off_span < 1e-12": "off_span > 1e-12"},
    ),
    "a misprint": (
        "snippets/zigzag.py: equation_",
        "snippets/zigzag.py",
        {r"(\kappa^2-1)\cos^2": r"(\kappa^3-1)\cos^2"},
    ),
    "a missing value": (
        "docs/steepest_descent.md: no value of line_search is called ‘ratio’",
        "snippets/line_search.py",
        {"ratio: float": "rate: float", "ratio=RATIO": "rate=RATIO"},
    ),
}


def test_faults_are_reported_where_they_are(tmp_path, zigzag):
    """In a copy of the real site, report each fault and nothing else, and keep the last good site."""
    copy_checkout(tmp_path, *CHECKOUT)
    shutil.copytree(zigzag.root / ".evidence", tmp_path / ".evidence")
    (tmp_path / "site").mkdir()
    site = Site(tmp_path)
    for _, file, edits in FAULTS.values():
        for old, new in edits.items():
            site.edit(file, old, new)
    result = site.build(**EPOCH)
    messages = [f"{file}: {what}" for file, _, what in PROBLEM.findall(result.stdout)]
    assert result.returncode == 1 and site.bytes() == {}
    for begin, *_ in FAULTS.values():
        assert any(line.startswith(begin) for line in messages), result.stdout
    consequences = (
        "snippets/line_search.py: no page shows the value ‘rate’",
        "docs/zigzag.md: no value of line_search is called",
    )
    ours = (*(begin for begin, *_ in FAULTS.values()), *consequences)
    assert [line for line in messages if not line.startswith(ours)] == []


def test_same_results_make_the_same_site(tmp_path, zigzag):
    """Render every page again in another folder with another hash seed, and compare all files."""
    copy_checkout(tmp_path, *CHECKOUT)
    for result in zigzag.root.glob("snippets/*.py"):
        if (entries := zigzag.root / ".evidence/cache" / result.stem).is_dir():
            shutil.copytree(entries, tmp_path / ".evidence/cache" / result.stem)
    for lab in LABS:
        name = lab.split("/")[1]
        shutil.copytree(zigzag.root / ".evidence/cache" / name, tmp_path / ".evidence/cache" / name)
    site = Site(tmp_path)
    output = site.check_build(PYTHONHASHSEED="3", **EPOCH)
    assert "running" not in output
    ours, theirs = site.bytes(), zigzag.bytes()
    assert [name for name in ours | theirs if ours.get(name) != theirs.get(name)] == []


def find_missing(html):
    """List the kinds of evidence of which a page shows fewer than every page with an answer must."""
    article = html.split("<article")[1].split("</article")[0]
    count = {
        "values": len(re.findall(r'<a [^>]*class="value"', article)),
        "figures": len(re.findall(r"<figure\b(?:(?!</figure>).)*?<img [^>]*evidence/", article, re.S)),
        "equations": article.count(">checked as printed<"),
    }
    return [kind for kind, least in LEAST.items() if count[kind] < least]


def test_every_page_with_an_answer_shows_values_a_figure_and_an_equation(zigzag):
    pages = {path: (zigzag.root / f"site/{path}index.html").read_text() for path in QUESTIONS}
    assert {path: missing for path, html in pages.items() if (missing := find_missing(html))} == {}
    html = pages["min_max/"]
    assert find_missing(re.sub(r"<figure\b.*?</figure>", "", html, flags=re.S)) == ["figures"]
    assert find_missing(html.replace("checked as printed", "asserted separately")) == ["equations"]
    assert find_missing(re.sub('class="value"', "", html, count=html.count('class="value"') - 10)) == ["values"]


def find_formulas_and_code(entries, pages):
    """Find the checked equations and listings of pages (address to HTML) that are in the entries of a search index.

    They are compared without tags and spaces. A letter of a formula may be a word of the prose, as κ.
    """
    leaks = []
    for path, html in pages.items():
        parts = re.findall(r'<div class="equation".*?<math\b(.*?)</math>', html, re.S)
        parts += re.findall(r'<div class="code"[^>]*>(.*?)</div>', html, re.S)
        texts = [
            get_text(entry["title"] + entry["text"]) for entry in entries if entry["location"].split("#")[0] == path
        ]
        leaks += [f"{path}: {part}" for part in map(get_text, parts) if any(part in text for text in texts)]
    return leaks


def get_text(html):
    return "".join(unescape(re.sub(r"^[^<>]*>|<[^>]*>", "", html)).split())


def test_formulas_and_code_stay_out_of_the_search_index(zigzag):
    entries = json.loads((zigzag.root / "site/search/search_index.json").read_text())["docs"]
    assert any("zig-zag" in entry["text"] for entry in entries)
    assert [entry["location"] for entry in entries if entry["location"].startswith("evidence/")] == []
    pages = {f"{page.stem}/": zigzag.root / "site" / page.stem / "index.html" for page in DOCS if page.stem != "index"}
    pages = {path: file.read_text() for path, file in pages.items()}
    assert find_formulas_and_code(entries, pages) == []
    leaks = find_formulas_and_code([{"location": "zigzag/#a", "title": "", "text": pages["zigzag/"]}], pages)
    assert any("deffirst_steps(" in leak for leak in leaks) and sum("=" in leak for leak in leaks) > 6


def test_target_of_every_link_exists(zigzag):
    """Check all links: of values and check marks to lines, of terms to the glossary, of references to equations."""
    site, ids, missing = zigzag.root / "site", {}, []

    def read_ids(path):
        if path not in ids:
            ids[path] = set(re.findall(r'\bid="([^"]+)"', path.read_text())) if path.is_file() else None
        return ids[path]

    for page in sorted(site.rglob("*.html")):
        for href in set(re.findall(r'<a\b[^>]* href="([^"]+)"', page.read_text())):
            address, _, place = unquote(href.replace("&amp;", "&")).partition("#")
            if ":" in address or page.name == "404.html":
                continue
            target = (page.parent / address).resolve() if address else page
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (place and place not in read_ids(target) and not place.startswith("__")):
                missing.append(f"{page.relative_to(site)}: {href}")
    assert missing == []


NAMED_ELEMENTS = {  # elements that screen readers announce by their words; formulas have none
    "a link": re.compile(r"<a\b(?![^>]*aria-label)[^>]*\shref=[^>]*>(.*?)</a>", re.S),
    "a column": re.compile(r"<th\b[^>]*>(.*?)</th>", re.S),
    "a heading": re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.S),
}


def find_unnamed(html):
    """Find links, columns and headings without a word outside of formulas, and ids of more than one element."""
    html = re.sub(r'<a class="headerlink".*?</a>|<(script|svg|template)\b.*?</\1>', "", html, flags=re.S)
    elements = [
        f"{kind}: {match[0]}"
        for kind, pattern in NAMED_ELEMENTS.items()
        for match in pattern.finditer(html)
        if not re.sub(r"<math\b.*?</math>|<[^>]*>|&nbsp;|\s", "", match[1], flags=re.S)
        and "alt=" not in match[1]
        and "aria-label" not in match[0]
        and "title=" not in match[0]
    ]
    ids = re.findall(r'<[^>]*\sid="([^"]+)"', html)
    return elements + [f"two have the id {name}" for name in sorted({name for name in ids if ids.count(name) > 1})]


def test_links_columns_and_headings_have_names_and_ids_are_unique(zigzag):
    pages = {path: path.read_text("utf-8") for path in sorted((zigzag.root / "site").rglob("index.html"))}
    assert {str(path): faults for path, html in pages.items() if (faults := find_unnamed(html))} == {}
    assert find_unnamed('<h2 id="_1"><a class="headerlink" href="#_1">#</a></h2>') == ['a heading: <h2 id="_1"></h2>']
    assert len(find_unnamed('<th></th><th><math><mi>p</mi></math></th><a href="b"><math></math></a>')) == 3
    assert find_unnamed('<p id="a">a</p><p id="a">b</p>') == ["two have the id a"]


def test_figures_have_alternative_texts_sizes_and_lazy_loading(zigzag):
    for path in QUESTIONS:
        html = (zigzag.root / f"site/{path}index.html").read_text()
        images = re.findall(r"<img [^>]*evidence[^>]*>", html)
        assert all(re.search(r'width="\d+"', image) and re.search(r'height="\d+"', image) for image in images)
        assert all(re.search(r"#panel-(?!1\b)", image) for image in images if 'alt=""' in image), path
        lazy = ['loading="lazy"' in image for image in images]
        assert not lazy[0] and all(lazy[2:])
        assert not re.search(r"\{\{|\}\}", "".join(images))


def test_every_frame_of_an_explorer_has_its_curves_and_texts(zigzag, results):
    """Every animated artist is in the drawing once, with a path for each frame, and frames have distinct addresses."""
    files = sorted(zigzag.root.glob("site/evidence/*/explore_*.json"))
    assert len(files) == sum(len(getattr(result, "explorers", ())) for result in results.values()) >= 8
    for path in files:
        frames, drawing = json.loads(path.read_text()), path.with_suffix(".svg").read_text()
        parameter, *others = frames["texts"].values()
        least = FRAMES if all(map(NUMBER.fullmatch, parameter)) else 3  # of a slider, or of a list
        two = len(set(parameter)) < len(parameter)
        addresses = set(zip(parameter, others[0])) if two else set(parameter)
        assert len(addresses) == len(parameter) >= least and path.stat().st_size < BYTES, path
        for texts in others:
            assert len(texts) == len(parameter) and all(texts), path
        for name, paths in frames["paths"].items():
            assert drawing.count(f'id="{name}"') == 1 and len(paths) == len(parameter), f"{path}: {name}"
            shapes = [paths[data] if isinstance(data, int) else data for data in paths]
            assert all(re.fullmatch(r"(M[-\d. ]+|[LQCZ][-\d. ]*)+", data) for data in shapes), f"{path}: {name}"
        assert len(set(frames["texts"][""])) > 1, path


def test_lab_is_no_larger_than_a_page(zigzag):
    """A lab has no style sheet of a notebook, no script, and no picture inside the page."""
    sizes = {path: (zigzag.root / f"site/{path}index.html").stat().st_size for path in [*QUESTIONS, *LABS]}
    assert max(sizes[path] for path in LABS) < median(sizes[path] for path in QUESTIONS)
    for path in LABS:
        article = (zigzag.root / f"site/{path}index.html").read_text().split("<article")[1].split("</article")[0]
        assert not re.search("<style|<script|base64", article)


def test_nothing_is_loaded_from_another_host(zigzag):
    for path in sorted((zigzag.root / "site").rglob("*.html")):
        html = path.read_text()
        loads = re.findall(r'<(?:script|img|iframe|source)[^>]* src="(https?:[^"]+)', html)
        loads += re.findall(r'<link[^>]* rel="(?:stylesheet|preload|icon)"[^>]* href="(https?:[^"]+)', html)
        assert loads == [], path


def measure_smallest_text(svg):
    """Return the pixels of the smallest text of a drawing whose panels fill the column of a phone of 360 pixels."""
    panels = [float(width) for width in re.findall(r'<view id="panel-\d+" viewBox="\S+ \S+ (\S+) ', svg)]
    sizes = [100 * float(scale) for scale in re.findall(r"scale\(([\d.]+) -[\d.]+\)", svg)]
    return 330 / max(panels) * min(sizes)


def test_text_of_figures_has_11_pixels_on_a_phone(zigzag):
    drawings = {path: path.read_text("utf-8") for path in sorted((zigzag.root / "site/evidence").rglob("*_*.svg"))}
    assert len(drawings) > 100
    assert {path.name: size for path, svg in drawings.items() if (size := measure_smallest_text(svg)) < 11} == {}
    svg = next(iter(drawings.values()))
    assert measure_smallest_text(re.sub(r'(<view id="panel-1" viewBox="\S+ \S+) \S+', r"\1 400", svg)) < 11


def test_palette_of_figures_is_that_of_pages():
    css = (ROOT / "theme/assets/zigzag.css").read_text()
    for role, pair in PALETTE.items():
        assert tuple(re.findall(rf"--zz-{role}: (#\w+);", css)) == pair, role
