"""Geometry in the real browser: every page at the widths of a phone, a tablet, a desk and a wall, in both palettes."""

import re

import pytest

from conftest import DOCS, LABS, LEAST, NO_BROWSER, QUESTIONS, ROOT, sample
from evidence.mathematics import Formulas
from evidence.project import Project

pytestmark = pytest.mark.skipif(NO_BROWSER, reason="no Chromium: install Debian's package chromium")

WIDTHS = (360, 768, 1280, 1920)
PAGES = ["", *(f"{page.stem}/" for page in DOCS if page.stem != "index"), *LABS, "evidence/", "404.html"]
SNIPPETS = Project(ROOT).names("snippet")
AUDIT = (ROOT / "tests/geometry.js").read_text("utf-8").split("\n", 2)[2]  # without the words at its head


READY = """async () => {
    const images = [...document.images].map(image => (image.loading = "eager", image.decode()))
    await Promise.allSettled(images)
    return [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)
}"""
WORDS = """() => {  // without listings
    const article = document.querySelector("article").cloneNode(true)
    for (const listing of article.querySelectorAll("pre, code, evidence-explorer")) listing.remove()
    return article.textContent
}"""
CARDS_AMONG_THE_WAYS = """() => {
    const ways = document.querySelector(".paths"), second = ways.children[1]
    for (const card of [...document.querySelectorAll(".cards > section")].slice(0, 2)) ways.insertBefore(card, second)
}"""


@pytest.fixture(scope="module")
def tab(browser):
    """One page of the browser, in which all others are opened, without motion."""
    page = browser.new_page(reduced_motion="reduce")
    yield page
    page.close()


@pytest.fixture
def look(tab, address):
    """Opens a page, whole with its figures; at the end no error was logged and nothing was missing."""
    wrong = []

    def log(message):
        if message.type == "error":
            wrong.append(message.text)

    def open_page(path):
        tab.goto(address + path, wait_until="load")
        assert tab.evaluate(READY) == []
        return tab

    tab.on("console", log)
    yield open_page
    tab.remove_listener("console", log)
    assert wrong == []


def problems(page, widths=WIDTHS, schemes=("light", "dark")):
    """What is wrong with an open page, each with the first width and palette at which it is."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            for what in page.evaluate(AUDIT):
                found.setdefault(what, (width, scheme))
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_at_every_width(look, path):
    """Figures are loaded, mathematics and values are shown, and nothing overlaps, is cropped, too small or too wide."""
    page = look(path)
    if path != "404.html":
        words = page.evaluate(WORDS)
        assert "{{" not in words
        assert not re.search(r"(?<!\\)\$\S", words)
    if path in QUESTIONS:
        assert page.locator("article math").count() > 5
        assert page.locator("article a.value").count() >= LEAST["values"]
        assert page.locator("article figure :is(img, svg)").count() >= LEAST["figures"]
        heights = page.eval_on_selector_all(
            ".equation > div:first-child math", "all => all.map(m => m.getBoundingClientRect().height)"
        )
        assert len(heights) >= LEAST["equations"] and min(heights) > 10
    assert problems(page) == {}


@pytest.mark.sampled
@pytest.mark.parametrize("name", sample(SNIPPETS, 8))
def test_a_source_is_whole_on_a_phone_and_on_a_desk(look, name):
    assert problems(look(f"evidence/{name}/"), (360, 1280), ("light",)) == {}


def test_the_home_page_as_it_once_was_broken_is_noticed(look):
    """Two cards among the three ways in, at every width."""
    page = look("")
    page.evaluate(CARDS_AMONG_THE_WAYS)
    for width in WIDTHS:
        found = problems(page, (width,), ("light",))
        assert sum("not of the kind of its row" in what for what in found) == 2, width


FAULTS = {  # what must be said: page, width, and the rule that breaks it
    "smaller than 11 px": ("zigzag/", 360, ".figure .links { font-size: 8px }"),
    "overlap": ("zigzag/", 1280, ".md-typeset .admonition.answer { margin-bottom: -6rem }"),
    "overlap: <button.md-code__button>": ("zigzag/", 360, ".md-typeset pre > .md-code__nav { position: absolute }"),
    "cropped": ("zigzag/", 768, ".md-typeset .admonition.answer { height: 4rem; overflow: hidden }"),
    "wider than its column": ("zigzag/", 360, ".md-content__inner h1 { white-space: nowrap; overflow: visible }"),
    "the page scrolls sideways": ("zigzag/", 360, ".md-typeset .figure { width: 40rem }"),
    "outside of its card": ("", 1280, ".cards img { width: 40rem; max-width: none }"),
    "columns of one kind in 2 rows": ("", 1280, ".paths { grid-template-columns: repeat(2, 1fr) !important }"),
    "columns of unequal width": ("", 1280, ".paths { grid-template-columns: 1fr 2fr 1fr !important }"),
    "out of proportion": ("zigzag/", 1280, ".figure .plates > img { height: 30rem }"),
    "scrolls inside itself": ("noise/", 360, ".equation math { white-space: nowrap }"),
    "breaks at its hyphen": ("zigzag/", 360, ".unbroken { white-space: normal } h1 { width: 9rem; text-wrap: wrap }"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_noticed(look, what):
    path, width, rule = FAULTS[what]
    page = look(path)
    assert not any(what in found for found in problems(page, (width,), ("light",)))
    page.add_style_tag(content=rule)
    assert any(found.startswith(what) for found in problems(page, (width,), ("light",)))


LONG = r"a_1 + b_1 = \left(c_1 + d_1\right) + e_1^2 - g_1^2 \leq 2\,[\,k_1 + l_1] \cdot m_1,\qquad n = 3"
UNBROKEN = r"a = \frac{a_1 + b_1 + c_1 + d_1 + e_1 + f_1 + g_1 + h_1 + k_1 + l_1}{2}"
REPLACE = """html => {
    const formula = document.querySelector(".equation > div > math"), column = formula.parentElement
    formula.outerHTML = html
    return column.firstElementChild.getBoundingClientRect().height
}"""


def test_an_equation_that_cannot_break_is_noticed_on_a_phone(look):
    """A long one takes several lines there and one on a desk; where nothing stands to break at, it is refused."""
    page, formulas = look("noise/"), Formulas()
    heights = {}
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        heights[width] = page.evaluate(REPLACE, formulas.convert(LONG, display=True))
        assert problems(page, (width,), ("light",)) == {}
    assert heights[1280] < 40 and 80 < heights[360] < 150
    page.evaluate(REPLACE, formulas.convert(UNBROKEN, display=True))
    assert [what.split(":")[0] for what in problems(page, (360,), ("light",))] == ["scrolls inside itself"]
    assert problems(page, (1280,), ("light",)) == {}


BARE = """([html, width]) => {
    document.body.innerHTML = `<div style="width: ${width}px; font: 16px serif"><p>So</p>${html}<p>and</p></div>`
    const box = e => e.getBoundingClientRect(), { left, right } = box(document.querySelector("div"))
    const parts = [...document.querySelector("math").children].map(box)
    return {
        lines: new Set(parts.filter(p => p.width).map(p => Math.round((p.top + p.bottom) / 40))).size,
        gaps: [Math.min(...parts.map(p => p.left)) - left, right - Math.max(...parts.map(p => p.right))],
    }
}"""


def test_a_long_display_breaks_on_a_site_without_our_looks(tab):
    """As one formula, in the middle of its column; on a desk it is one line."""
    tab.goto("about:blank")
    html = Formulas().convert(LONG, display=True)
    assert html.count("<math") == 1
    for width, lines in (900, {1}), (328, {2, 3}):
        found = tab.evaluate(BARE, [html, width])
        assert found["lines"] in lines and min(found["gaps"]) >= 0, found
        assert abs(found["gaps"][0] - found["gaps"][1]) < 2 or width == 328, found


SAFARI = """
CSS.supports = () => false
document.addEventListener("DOMContentLoaded", () => document.head.insertAdjacentHTML("beforeend", `<style>
    .equation math, .equation math[style] > * { display: block math !important }
    .equation math[style] { width: max-content !important }
</style>`))
"""


def test_a_long_equation_breaks_where_mathematics_has_no_lines(browser, address):
    """As in Safari: its parts follow each other, and what is read aloud is the whole."""
    page = browser.new_page(reduced_motion="reduce", viewport={"width": 360, "height": 900})
    page.add_init_script(SAFARI)
    page.goto(f"{address}noise/", wait_until="load")
    page.wait_for_selector("#equation-noise-step .lines")
    assert problems(page, (360,), ("light",)) == {}
    whole, *parts = page.locator("#equation-noise-step math").all()
    assert "".join(part.text_content() for part in parts) == whole.text_content()
    assert page.locator("#equation-noise-step .lines").get_attribute("aria-hidden") == "true"
    assert len({round(part.bounding_box()["y"]) // 20 for part in parts}) > 1
    page.close()
