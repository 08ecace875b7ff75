"""The real browser on the real site: figures, explorers, links and printing, with no request to another host."""

import gzip
import json
import re
import time

import pytest

from conftest import DOCS, LABS, NO_BROWSER

PAGES = ["", *(f"{page.stem}/" for page in DOCS if page.stem != "index"), *LABS, "evidence/", "evidence/zigzag/"]
EXPLORED = [f"{page.stem}/".replace("index/", "") for page in DOCS if "\n/// explore" in page.read_text("utf-8")]
SOME = ["zigzag/", "atlas/", "layer/", "labs/signals/"]

pytestmark = pytest.mark.skipif(NO_BROWSER, reason="no Chromium: install Debian's package chromium")


@pytest.mark.parametrize("scheme, dark", [("light", False), ("dark", True)])
def test_figures_follow_the_palette_of_the_page(visit, scheme, dark):
    """The background of a figure is that of the page, for each preference of the system and choice of the reader."""
    page = visit("zigzag/", color_scheme=scheme)

    def read_darkness():
        shot = page.locator("figure img").first.screenshot()
        from io import BytesIO

        from matplotlib.image import imread

        plate = tuple(round(255 * part) for part in imread(BytesIO(shot))[3, 3, :3])
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert plate == tuple(map(int, re.findall(r"\d+", paper)[:3]))
        return sum(plate) < 384

    assert read_darkness() is dark
    for palette, then in ((1, False), (2, True), (0, dark)):  # light, dark, and the system's again
        page.locator(f"label[for=__palette_{palette}]").click()
        wait_until_true(page, lambda then=then: read_darkness() is then)


@pytest.mark.parametrize("path", ["", *SOME])
def test_page_does_not_scroll_sideways_at_320_pixels(visit, path):
    """This is the width of a window of 1280 pixels at 400%, and of the smallest phone."""
    page = visit(path, viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("path", SOME[:3])
def test_page_is_readable_without_scripts(visit, path):
    page = visit(path, java_script_enabled=False)
    images = page.locator("article figure img").all()
    assert images
    for image in images:
        assert float(image.get_attribute("width")) > 0 and image.bounding_box()["height"] > 100
    assert page.locator(".equation math").first.is_visible() and page.locator(".claim").first.is_visible()


def wait_until_true(page, holds):
    """Wait until a condition holds, five seconds at most."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


def read_explorer(explorer):
    """Read what an explorer shows: the text of each readout, and its sentence."""
    words = explorer.locator("dl").inner_text().split("\n")
    return dict(zip(words[::2], words[1::2])) | {"": explorer.locator("[data-text='']").inner_text()}


def read_frame(site, explorer, *parameters):
    """Read the texts of an explorer for the values of its parameters from its file."""
    texts = json.loads((site.root / f"site/evidence/{explorer}.json").read_text("utf-8"))["texts"]
    at = list(zip(*list(texts.values())[: len(parameters)])).index(parameters)
    return {name: entries[at] for name, entries in texts.items()}


def test_explorer_follows_the_keyboard(visit, zigzag):
    """Curve, numbers and sentence change together, and the address restores the position of the slider."""
    page = visit("zigzag/")
    explorer, slider = page.locator("#explore-zigzag-mean"), page.get_by_role("slider", name="mean of each input")
    slider.focus()
    curves = set()
    for key, mean in (("Home", "0.0"), ("End", "3.0"), ("ArrowLeft", "2.9")):
        steps = read_frame(zigzag, "zigzag/explore_mean", mean)["steps to a millionth"]
        page.keyboard.press(key)
        page.wait_for_function("mean => document.querySelector('.explorer output').textContent === mean", arg=mean)
        assert (
            read_explorer(explorer)["steps to a millionth"] == steps and slider.get_attribute("aria-valuetext") == mean
        )
        assert (steps in read_explorer(explorer)[""]) == (mean != "0.0")
        curves.add(explorer.locator("#path path").get_attribute("d"))
    assert len(curves) == 3
    page.wait_for_url("**/zigzag/?explore-zigzag-mean=2.9#explore-zigzag-mean")
    page.reload()
    page.wait_for_function("document.querySelector('.explorer output').textContent === '2.9'")
    assert explorer.locator("#path path").get_attribute("d") in curves and slider.input_value() == "29"
    explorer.get_by_role("button", name="Reset").click()
    page.wait_for_function("document.querySelector('.explorer output').textContent === '1.0'")
    page.wait_for_url("**/zigzag/#explore-zigzag-mean")


def test_explorer_of_two_parameters_is_followed_sent_and_reset(visit, zigzag):
    """Each slider moves its own parameter, Play the second one, and the address has both."""
    page = visit("step_size/")
    explorer = page.locator("#explore-mean-and-step-mean-and-step")
    mean, step = explorer.get_by_role("slider").all()
    start = read_explorer(explorer)

    def check(mean_text, step_text):
        page.wait_for_function(
            "([mean, step]) => { const [a, b] = document.querySelectorAll("
            "'#explore-mean-and-step-mean-and-step output'); return a.textContent === mean && b.textContent === step }",
            arg=[mean_text, step_text],
        )
        expected = read_frame(zigzag, "mean_and_step/explore_mean_and_step", mean_text, step_text)
        assert read_explorer(explorer).items() <= expected.items()
        assert (mean.get_attribute("aria-valuetext"), step.get_attribute("aria-valuetext")) == (mean_text, step_text)

    mean.press("End")
    check("2.0", "0.50")
    step.press("Home")
    check("2.0", "0.05")
    curve = explorer.locator("#path path").get_attribute("d")
    page.wait_for_url("**=2.0%2C0.05#explore-mean-and-step-mean-and-step")
    page.reload()
    check("2.0", "0.05")
    assert explorer.locator("#path path").get_attribute("d") == curve
    explorer.get_by_role("button", name="Play").click()
    check("2.0", "2.00")
    explorer.get_by_role("button", name="Reset").click()
    check("1.0", "0.50")
    assert read_explorer(explorer) == start


@pytest.mark.parametrize("path", EXPLORED)
def test_every_explorer_changes_from_end_to_end(visit, path):
    """Drawing, sentence and numbers change, and nothing below moves."""
    page = visit(path)
    explorers = page.locator(".explorer").all()
    assert explorers
    for explorer, control in [(one, each) for one in explorers for each in one.locator("input, select").all()]:
        states = []
        for key in ("Home", "End"):
            control.press(key)
            drawing = explorer.locator("[role=img]").first
            wait_until_true(page, lambda drawing=drawing: drawing.evaluate("e => Boolean(e.shadowRoot)"))
            if states:
                wait_until_true(
                    page, lambda explorer=explorer, states=states: str(read_explorer(explorer)) != states[0][1]
                )
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            curves = drawing.evaluate("e => e.shadowRoot.innerHTML")
            below = explorer.locator("figcaption").bounding_box()["y"] - explorer.bounding_box()["y"]
            states.append((curves, str(read_explorer(explorer)), round(below / 25)))  # up to one line may be added
        assert states[0][0] != states[1][0] and states[0][1] != states[1][1]
        assert abs(states[0][2] - states[1][2]) <= 1


def test_explorer_follows_a_finger(visit):
    page = visit("zigzag/", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    slider = page.get_by_role("slider", name="mean of each input")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.touchscreen.tap(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    page.wait_for_function("document.querySelector('.explorer output').textContent > '2.2'")


def test_explorer_requests_its_data_again_after_a_failure(browser, address):
    page, failures = browser.new_page(), []
    page.route("**/explore_mean.json", lambda route: route.fallback() if failures else route.fulfill(status=503))
    page.on("response", lambda response: failures.append(response) if response.status == 503 else None)
    page.goto(address + "zigzag/")
    slider = page.get_by_role("slider", name="mean of each input")
    slider.press("Home")
    wait_until_true(page, lambda: failures)
    slider.press("End")
    wait_until_true(page, lambda: page.locator("#explore-zigzag-mean output").inner_text() == "3.0")
    page.close()


def test_answer_opens_with_a_click_and_output_of_a_cell_has_its_own_style(visit):
    """Output has a line at its left, and not the background of code."""
    page = visit("labs/zigzag_by_hand/")
    output = page.locator(".highlight:has-text('step size 0.2') code").last
    style = output.evaluate("code => [getComputedStyle(code).borderLeftStyle, getComputedStyle(code).backgroundColor]")
    assert style == ["solid", "rgba(0, 0, 0, 0)"]
    answer = page.locator("details.answer").first
    assert not answer.locator("pre").first.is_visible()
    answer.locator("summary").click()
    assert answer.locator("pre").first.is_visible()


def test_term_has_a_tooltip_and_links_to_the_glossary(visit):
    page = visit("zigzag/")
    term, tip = page.locator("a.term", has_text="second moment").first, page.get_by_role("tooltip")
    term.hover()
    assert "The mean outer product of the inputs with themselves" in tip.inner_text()
    line = term.evaluate("link => link.getClientRects()[0].toJSON()")
    page.mouse.move(line["x"] + 5, line["y"] + 5)
    page.mouse.move(line["x"] + 5, line["bottom"] + 15, steps=20)  # the tooltip stays under the mouse
    assert tip.count() == 1
    page.mouse.move(0, 0)
    assert tip.count() == 0
    for leave in (term.blur, lambda: page.keyboard.press("Escape")):
        term.focus()
        assert tip.is_visible() and describe(page) == tip.inner_text()
        leave()
        assert tip.count() == 0
    assert describe(page, "a.term[title^='The mean outer product']").startswith("The mean outer product")
    term.click()
    page.wait_for_url("**/glossary/#second-moment")
    assert page.locator("dt#second-moment").is_visible()


def describe(page, selector=":focus"):
    """Return the accessible description of an element."""
    session = page.context.new_cdp_session(page)
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})
    (element,) = session.send("Accessibility.getPartialAXTree", {**node, "fetchRelatives": False})["nodes"]
    return element["description"].get("value")


def test_value_links_to_the_line_that_computes_it(visit):
    page = visit("bias/")
    page.locator("a.value[title^='The same with a bias whose input is 1']").first.click()
    page.wait_for_url("**/evidence/bias/#line-*")
    line = page.url.split("#")[1]
    assert "wide_kappa_bias=" in page.locator(f"#{line}").inner_text()
    page = visit("bias/")  # a value that `**` adds links to the line that computes it
    page.locator("a.value[title^='The same with a bias, targets of mean zero']").first.click()
    page.wait_for_url("**/evidence/plateau/#line-*")
    assert "count_steps(" in page.locator(f"#{page.url.split('#')[1]}").inner_text()


def test_code_can_be_copied(visit):
    page = visit("zigzag/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy to clipboard").first.click()
    code = page.locator("pre > code").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == code.rstrip("\n") and "def " in code


def test_page_prints_as_an_article(visit):
    """Paper has the figure of the explorer, and no header, navigation or slider."""
    page = visit("zigzag/")
    selectors = (".md-header", ".md-sidebar", ".md-footer", ".foot", ".explorer input")
    assert all(page.locator(selector).first.is_visible() for selector in selectors)
    page.emulate_media(media="print")
    assert page.locator(".explorer .plates img, .explorer .plates [role=img]").first.is_visible()
    for selector in selectors:
        assert not page.locator(selector).first.is_visible(), selector
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_missing_page_offers_a_search_for_the_words_of_its_address(visit, address, zigzag):
    page = visit("404.html")  # a host sends this page instead of a missing one
    page.route("**/batch-normalization.html", lambda route: route.fulfill(path=zigzag.root / "site/404.html"))
    page.goto(address + "batch-normalization.html")
    field = page.get_by_label("Search the site for")
    assert field.input_value() == "batch normalization"
    page.locator(".find button").click()
    page.locator(".md-search-result__item a[href*='batch_norm/']").first.wait_for()
    below = (zigzag.root / "site/404.html").read_text().replace('action="/."', 'action="/gradients/."')
    page.route("**/gradients/batch-norm/", lambda route: route.fulfill(body=below))  # of a site in a folder of a host
    page.goto(address + "gradients/batch-norm/")
    assert field.input_value() == "batch norm"


def test_policy_blocks_scripts_in_the_text_of_a_page(browser, address):
    page, messages = browser.new_page(), []
    page.on("console", lambda message: messages.append(message.text) if message.type == "error" else None)
    bad = "<script>ran = 1</script><img src=data:, onerror='ran = 2'><script src=//other.example/ran.js></script>"
    page.route("**/bias/", lambda route: route.fulfill(body=re.sub("(<article[^>]*>)", r"\1" + bad, read_page())))

    def read_page():
        return page.request.get(address + "bias/").text()

    page.goto(address + "bias/", wait_until="networkidle")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'ran = 3'}))")
    assert page.evaluate("typeof ran") == "undefined"
    assert sum("Content Security Policy" in message for message in messages) == 4, messages
    page.close()


def test_every_page_has_a_policy_that_allows_our_scripts(visit, zigzag):
    """Share a search and choose a tab, which no other test does."""
    for path in ["404.html", *(f"{page}index.html" for page in PAGES)]:
        assert (zigzag.root / "site" / path).read_text("utf-8").count('http-equiv="Content-Security-Policy"') == 1, path
    page = visit("take/?q=momentum", permissions=["clipboard-write"])
    page.locator(".md-search-result__item a[href*='adam/']").first.wait_for()
    page.locator("[data-md-component=search-share]").click()
    page.keyboard.press("Escape")
    page.locator("label", has_text="Notebook").click()
    assert page.get_by_text("jupyter lab zigzag.ipynb").is_visible()


def test_offline_copy_works_from_a_folder(browser, offline):
    """Without a server, use figures, explorer and search, and make no request to a host."""
    assert "Content-Security-Policy" not in (offline / "index.html").read_text(
        "utf-8"
    )  # ‘self’ has no meaning in a folder
    page, addresses, errors = browser.new_page(), [], []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((offline / "index.html").as_uri())
    page.get_by_role("link", name="Why it zig-zags").first.click()
    page.wait_for_url("**/zigzag.html")
    slider = page.get_by_role("slider", name="mean of each input")
    slider.focus()
    page.keyboard.press("End")
    page.wait_for_function("document.querySelector('.explorer output').textContent === '3.0'")
    page.get_by_label("Search", exact=True).locator("input").first.fill("plateau of the bias")
    page.locator(".md-search-result__item a[href*='bias.html']").first.wait_for()
    page.close()
    assert (
        errors == [] and [url for url in addresses if not url.startswith(("file:", "data:", "blob:", "about:"))] == []
    )


SHIFT = (
    "window.shift = 0; new PerformanceObserver(l => l.getEntries().forEach(e => window.shift += e.value))"
    ".observe({type: 'layout-shift', buffered: true})"
)


@pytest.mark.parametrize("path", ["", "labs/signals/", "use/"])
def test_layout_does_not_shift_when_scripts_load(browser, address, path):
    """Buttons that copy code, and controls of the explorer on the home page, have their place before."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page.add_init_script(SHIFT)
    page.route("**/*.js", lambda route: (time.sleep(0.2), route.fallback()))  # paint the page first
    page.goto(address + path, wait_until="networkidle")
    assert page.evaluate("window.shift") < 0.001
    page.close()


def test_page_has_at_most_300_kilobytes_and_does_not_shift(browser, address, zigzag):
    """Compressed, a page loads at most 150 KB before the first scroll, and 300 KB in all."""
    page, paths = browser.new_page(viewport={"width": 412, "height": 823}), []
    page.on("request", lambda request: paths.append(request.url.removeprefix(address).split("#")[0]))
    page.add_init_script(SHIFT)

    def measure_kilobytes():
        files = [zigzag.root / "site" / (path + "index.html" if path.endswith("/") else path) for path in set(paths)]
        return sum(min(len(gzip.compress(data)), len(data)) for data in (file.read_bytes() for file in files)) / 1024

    page.goto(address + "zigzag/", wait_until="networkidle")
    assert measure_kilobytes() < 150 and "search/search_index.json" not in paths
    page.evaluate("async () => { for (let y = 0; y < document.body.scrollHeight; y += 400) {"
                  " scrollTo(0, y); await new Promise(r => setTimeout(r, 50)); } }")  # fmt: skip
    page.wait_for_load_state("networkidle")
    assert measure_kilobytes() < 300 and page.evaluate("window.shift") < 0.01
    page.close()
