"""Layout in the real browser: every page at four widths, from a phone to a wall, in both palettes."""

import re

import pytest

from conftest import DOCS, LABS, LEAST, NO_BROWSER, QUESTIONS, ROOT, sample
from evidence.mathematics import Formulas
from evidence.project import Project

pytestmark = pytest.mark.skipif(NO_BROWSER, reason="no Chromium: install Debian's package chromium")

WIDTHS = (360, 768, 1280, 1920)
PAGES = ["", *(f"{page.stem}/" for page in DOCS if page.stem != "index"), *LABS, "evidence/", "404.html"]
SNIPPETS = Project(ROOT).names("snippet")
AUDIT = (ROOT / "tests/geometry.js").read_text("utf-8").split("\n", 2)[2]  # without its opening comment


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
    """One tab of the browser for all pages of the site, with reduced motion."""
    page = browser.new_page(reduced_motion="reduce")
    yield page
    page.close()


@pytest.fixture
def look(tab, address):
    """A function that opens a page and waits for its figures; afterwards no error may have been logged."""
    errors = []

    def log(message):
        if message.type == "error":
            errors.append(message.text)

    def open_page(path):
        tab.goto(address + path, wait_until="load")
        assert tab.evaluate(READY) == []
        return tab

    tab.on("console", log)
    yield open_page
    tab.remove_listener("console", log)
    assert errors == []


def find_faults(page, widths=WIDTHS, schemes=("light", "dark")):
    """Map each fault of an open page to the first width and palette at which it occurs."""
    faults = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            for what in page.evaluate(AUDIT):
                faults.setdefault(what, (width, scheme))
    return faults


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_fault_at_any_width(look, path):
    """Figures are loaded, formulas and values are rendered, and nothing overlaps, is cropped, too small or too wide."""
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
    assert find_faults(page) == {}


@pytest.mark.sampled
@pytest.mark.parametrize("name", sample(SNIPPETS, 8))
def test_page_of_a_source_has_no_fault_on_a_phone_and_a_desk(look, name):
    assert find_faults(look(f"evidence/{name}/"), (360, 1280), ("light",)) == {}


def test_misplaced_cards_on_the_home_page_are_noticed(look):
    """Move two cards among the three paths of the home page, as a mistake once did."""
    page = look("")
    page.evaluate(CARDS_AMONG_THE_WAYS)
    for width in WIDTHS:
        faults = find_faults(page, (width,), ("light",))
        assert sum("not of the kind of its row" in what for what in faults) == 2, width


FAULTS = {  # for each: page, width, and a style that causes it
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
def test_planted_fault_is_noticed(look, what):
    path, width, rule = FAULTS[what]
    page = look(path)
    assert not any(what in fault for fault in find_faults(page, (width,), ("light",)))
    page.add_style_tag(content=rule)
    assert any(fault.startswith(what) for fault in find_faults(page, (width,), ("light",)))


LONG = r"a_1 + b_1 = \left(c_1 + d_1\right) + e_1^2 - g_1^2 \leq 2\,[\,k_1 + l_1] \cdot m_1,\qquad n = 3"
UNBROKEN = r"a = \frac{a_1 + b_1 + c_1 + d_1 + e_1 + f_1 + g_1 + h_1 + k_1 + l_1}{2}"
REPLACE = """html => {
    const formula = document.querySelector(".equation > div > math"), column = formula.parentElement
    formula.outerHTML = html
    return column.firstElementChild.getBoundingClientRect().height
}"""


def test_long_equation_breaks_on_a_phone_or_is_a_fault(look):
    """A long equation takes several lines on a phone and one on a desk; one without a place to break is a fault."""
    page, formulas = look("noise/"), Formulas()
    heights = {}
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        heights[width] = page.evaluate(REPLACE, formulas.convert(LONG, display=True))
        assert find_faults(page, (width,), ("light",)) == {}
    assert heights[1280] < 40 and 80 < heights[360] < 150
    page.evaluate(REPLACE, formulas.convert(UNBROKEN, display=True))
    assert [what.split(":")[0] for what in find_faults(page, (360,), ("light",))] == ["scrolls inside itself"]
    assert find_faults(page, (1280,), ("light",)) == {}


BARE = """([html, width]) => {
    document.body.innerHTML = `<div style="width: ${width}px; font: 16px serif"><p>So</p>${html}<p>and</p></div>`
    const box = e => e.getBoundingClientRect(), { left, right } = box(document.querySelector("div"))
    const parts = [...document.querySelector("math").children].map(box)
    return {
        lines: new Set(parts.filter(p => p.width).map(p => Math.round((p.top + p.bottom) / 40))).size,
        gaps: [Math.min(...parts.map(p => p.left)) - left, right - Math.max(...parts.map(p => p.right))],
    }
}"""


def test_long_equation_breaks_without_our_styles(tab):
    """It is one formula, centered in its column, and one line on a desk."""
    tab.goto("about:blank")
    html = Formulas().convert(LONG, display=True)
    assert html.count("<math") == 1
    for width, lines in (900, {1}), (328, {2, 3}):
        layout = tab.evaluate(BARE, [html, width])
        assert layout["lines"] in lines and min(layout["gaps"]) >= 0, layout
        assert abs(layout["gaps"][0] - layout["gaps"][1]) < 2 or width == 328, layout


SAFARI = """
CSS.supports = () => false
document.addEventListener("DOMContentLoaded", () => document.head.insertAdjacentHTML("beforeend", `<style>
    .equation math, .equation math[style] > * { display: block math !important }
    .equation math[style] { width: max-content !important }
</style>`))
"""


def test_long_equation_breaks_in_browsers_that_do_not_break_mathml(browser, address):
    """Show its parts one after the other, as in Safari, and have screen readers read the whole."""
    page = browser.new_page(reduced_motion="reduce", viewport={"width": 360, "height": 900})
    page.add_init_script(SAFARI)
    page.goto(f"{address}noise/", wait_until="load")
    page.wait_for_selector("#equation-noise-step .lines")
    assert find_faults(page, (360,), ("light",)) == {}
    whole, *parts = page.locator("#equation-noise-step math").all()
    assert "".join(part.text_content() for part in parts) == whole.text_content()
    assert page.locator("#equation-noise-step .lines").get_attribute("aria-hidden") == "true"
    assert len({round(part.bounding_box()["y"]) // 20 for part in parts}) > 1
    page.close()
