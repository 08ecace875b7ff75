"""Live equations: the browser computes what Python does, and when a reader changes one letter, others follow."""

import html
import json
import math
import re
import warnings

import brotli
import numpy as np
import pytest

from conftest import NO_BROWSER
from evidence.equation import Mismatch, ParseError, evaluate_sides, parse
from evidence.extras.letters import describe_letters, read_letters
from evidence.extras.live import compile_equation
from misprints import PROJECT, choose_mutants, find_equations, generate_misprints

pytestmark = pytest.mark.skipif(NO_BROWSER, reason="no Chromium")
SAME = 1e-12  # relative
LIVE = re.compile(r'id="(equation-[\w-]+)">(?:(?!id="equation-).)*?<live-equation data="([^"]*)"', re.S)
# For each job, [chains, draws]: the values of all sides of all chains.
EVALUATE = """jobs => jobs.map(([chains, draws]) => draws.map(draw => chains.map(chain =>
    chain.filter((_, i) => i % 2 === 0).map(side => {
        const at = { "#pi": Math.PI, "#e": Math.E, ...draw };
        return customElements.get("live-equation").evaluate(side, at);
    }))))"""


# Open each equation of a page alone, and return its name and message.
OPEN_EACH = """() => [...document.querySelectorAll("live-equation:not([open])")].map(live => {
    live.querySelector("button").click();
    const message = live.querySelector("p").textContent;
    live.querySelector("button").click();
    return [live.name, message];
})"""


@pytest.fixture(scope="module")
def live(zigzag):
    """Map the anchor of each live equation of the site to the data on its page."""
    pages = [path.read_text("utf-8") for path in (zigzag.root / "site").rglob("index.html")]
    return {anchor: json.loads(html.unescape(data)) for page in pages for anchor, data in LIVE.findall(page)}


@pytest.fixture
def page(visit):
    page = visit("zigzag/?try=zigzag-steps")
    page.wait_for_function("!!customElements.get('live-equation')")
    return page


def convert_numbers(bindings, letters):
    return {letter: float(bindings[letter]) for letter in letters}


def evaluate_statements(statements, bindings):
    """Return the values of all sides of all statements, or None if one has no value."""
    with warnings.catch_warnings(action="ignore"):
        try:
            return [[float(side) for side in evaluate_sides(statement, bindings)] for statement in statements]
        except (Mismatch, ParseError):
            return None


def agree(ours, theirs):
    """Return whether the numbers of Python and of the browser agree; Python has None where one is not finite."""
    if ours is None:
        return not all(math.isfinite(value) for chain in theirs for value in chain)
    return all(
        abs(side - value) <= SAME * max(abs(side), abs(value))
        for chain, others in zip(ours, theirs, strict=True)
        for side, value in zip(chain, others, strict=True)
    )


def test_browser_evaluates_every_live_equation_as_python_does(page, live):
    """Evaluate the data on the page, on every draw of the equation's check."""
    jobs, python_values = [], []
    for name in PROJECT.names("snippet"):
        for function, draws in find_equations(name):
            anchor = f"equation-{name}-{function.__name__.removeprefix('equation_')}".replace("_", "-")
            if data := live.pop(anchor, None):
                letters = [letter for letter, *_ in data["letters"]]
                assert all(low <= start <= high for *_, start, low, high, _ in data["letters"]), anchor
                functions = [letter for letter, _, name, *_ in data["letters"] if name == "logistic sigmoid"]
                assert all("(" in letter for letter in functions), anchor  # and no number has that name
                jobs.append([data["chains"], [convert_numbers(draw, letters) for draw in draws]])
                statements = parse(function.__doc__, draws[0])
                python_values.append((anchor, [evaluate_statements(statements, draw) for draw in draws]))
    assert not live and len(jobs) > 90
    for (anchor, ours), theirs in zip(python_values, page.evaluate(EVALUATE, jobs), strict=True):
        for draw, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert one is not None and agree(one, other), (anchor, draw, one, other)


def test_browser_and_python_agree_on_misprints(page):
    """Try two misprints of each equation, which must compile to something else."""
    jobs, python_values = [], []
    for name in PROJECT.names("snippet"):
        for function, draws in find_equations(name):
            original = compile_equation(parse(function.__doc__, draws[0]), draws)
            for misprint in choose_mutants(generate_misprints(function, draws), 2) if original else ():
                try:
                    statements = parse(misprint.text, draws[0])
                    variant = compile_equation(statements, draws)
                except ParseError:
                    continue
                if variant:
                    assert variant["chains"] != original["chains"], misprint.after
                    jobs.append([variant["chains"], [convert_numbers(draw, variant["letters"]) for draw in draws]])
                    python_values.append((misprint.after, [evaluate_statements(statements, draw) for draw in draws]))
    assert len(jobs) > 90
    for (text, ours), theirs in zip(python_values, page.evaluate(EVALUATE, jobs), strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert agree(one, other), (text, one, other)


def test_every_live_equation_holds_for_its_first_numbers(browser, address, zigzag):
    page, count = browser.new_page(), 0
    for path in sorted((zigzag.root / "site").rglob("index.html")):
        if "<live-equation" in path.read_text("utf-8"):
            page.goto(f"{address}{path.parent.relative_to(zigzag.root / 'site')}/?try=nothing")
            page.wait_for_function("!!customElements.get('live-equation')")
            for name, message in page.evaluate(OPEN_EACH):
                count += 1
                assert message and not re.search("does not hold|No solution|NaN", message), (name, message)
    page.close()
    assert count > 90


def test_changed_letter_moves_another_and_the_address_restores_both(visit):
    """Change letters by keyboard, open the resulting address, and solve for another letter there."""
    page = visit("zigzag/")
    assert "live.js" not in page.content()  # the script is loaded on demand
    box, (steps, share, kappa) = find_fields(page)
    box.get_by_role("button", name="try it").press("Enter")
    kappa.fill("100")
    share.fill("1e-6")
    share.press("Tab")
    solution = math.log(1e-6) / math.log(99 / 101)
    assert float(steps.input_value()) == pytest.approx(solution, rel=1e-5)
    assert "≈ is off by 0.0033%" in box.locator("p").inner_text()

    again = visit("zigzag/?" + page.url.split("?")[1])  # as somebody who received the address
    box, (steps, share, kappa) = find_fields(again)
    assert [float(field.input_value()) for field in (share, kappa)] == [1e-6, 100]
    assert float(steps.input_value()) == pytest.approx(solution, rel=1e-5)
    box.get_by_role("button", name="solve κ").click()
    steps.fill("62")
    assert float(kappa.input_value()) == pytest.approx(8.9997, abs=0.1)
    share.fill("2")
    assert "No solution for κ" in box.locator("p").inner_text()
    kappa.fill("9")  # now κ is fixed, and another letter follows
    assert "No solution" not in box.locator("p").inner_text()
    assert box.get_by_role("button", name="solve κ").get_attribute("aria-pressed") == "false"


def find_fields(page, equation="zigzag-steps"):
    """Return the box of a live equation and its first three fields."""
    box = page.locator(f"#equation-{equation}")
    return box, [box.locator("[type=text]").nth(i) for i in range(3)]


def test_numbers_are_read_in_common_notations(page):
    """Read decimal commas, thousands separators and minus signs, and ignore what is no number."""
    _, (_, share, kappa) = find_fields(page)
    numbers = {"1e5": "100000", "1,5": "1.5", "−3": "-3", "10,000": "10000", " 9\u202f000": "9000", "123456": "123456"}
    for text, number in numbers.items():
        kappa.fill(text)
        kappa.press("Tab")
        assert kappa.input_value() == number
    kappa.press("ArrowDown")
    share.press("ArrowUp")
    assert kappa.input_value() == "113456" and float(share.input_value()) == pytest.approx(2.3332e-5, rel=1e-4)
    for text in ("", "abc", "1e999"):
        kappa.fill(text)
        kappa.press("Tab")
        assert kappa.input_value() == "113456"
    page.goto(page.url.split("?")[0] + "?try=zigzag-steps;kappa=abc;epsilon=;t=1e999")
    box, _ = find_fields(page)
    assert "t = 60.573." in box.locator("p").inner_text()


def test_poles_and_flat_curves_are_no_solutions(visit):
    """Report that there is no solution, and solve again once there is one."""
    page = visit("adam/?try=momentum-gains;beta")
    box, (steady, alternating, beta) = find_fields(page, "momentum-gains")
    steady.fill("0")
    assert "No solution for β" in box.locator("p").inner_text() and beta.input_value() == ""
    steady.fill("3")
    alternating.fill("1")
    assert float(beta.input_value()) == 0.5
    page = visit("atlas/?try=activation-curves-sigmoid;z")
    box, (sigmoid, z, _) = find_fields(page, "activation-curves-sigmoid")
    sigmoid.fill("1e-400")
    assert "True for any" not in box.locator("p").inner_text()
    sigmoid.fill("0.5")
    assert float(z.input_value()) == 0


TRY = """([x, value]) => {
    const button = document.querySelector(`#equation-${CSS.escape(x)} live-equation > button`)
    if (button) return button.click()
    const rows = [...document.querySelectorAll("live-equation")].flatMap(live => live.form ? live.rows : [])
    const { row } = rows.find(row => row.x === x), field = row.children[2]
    if (!value) return row.lastChild.click()
    field.value = value
    field.dispatchEvent(new Event("input"))
    field.dispatchEvent(new Event("change"))
}"""
STATE = """() => [...document.querySelectorAll("live-equation")].filter(live => live.form).map(live =>
    [live.name, ...live.rows.map(({x, row: {children: [, , field, button]}}) =>
        [x, Number(field.value).toPrecision(4), button.ariaPressed])])"""


@pytest.mark.parametrize(
    "path, actions",
    [
        (
            "calculator/",
            ["calculator-with-bias", "calculator-descent", r"\lambda_{\max}=199"],
        ),  # the first click closes an open equation
        ("zigzag/", ["zigzag-detour", "zigzag-factor-across", r"\varphi=0.89"]),  # in this order
        ("through_zero/", ["through-zero-conserved", "v_{t+1}=-0.345", r"\eta"]),  # a letter once computed is fixed
        ("depth/", ["depth-next-scale", "depth-small-differences", "C_l", "c_{l+1}", "v_l", "V_l=0.142"]),
    ],
)
def test_address_restores_open_equations_and_letters(visit, path, actions):
    """Open equations, type letters, and choose the letter that follows."""
    page = visit(path if path == "calculator/" else f"{path}?try=")
    page.wait_for_function("!!customElements.get('live-equation')")
    for part in actions:
        page.evaluate(TRY, part.partition("=")[::2])
    again = visit(path + "?" + page.url.split("?")[1])
    again.wait_for_function("!!customElements.get('live-equation')")
    assert again.evaluate(STATE) == page.evaluate(STATE)
    values = [float(value) for _, *rows in page.evaluate(STATE) for _, value, follows in rows if follows == "false"]
    assert values and all(values)


def test_equations_clicked_before_the_script_loads_open_afterwards(browser, address):
    page, routes = browser.new_page(), []
    page.route("**/live.js", lambda route: routes.append(route))
    page.goto(address + "activations/")
    page.evaluate("document.querySelectorAll('live-equation > button').forEach(button => button.click())")
    page.wait_for_timeout(100)
    (script,) = routes
    script.continue_()
    page.locator("live-equation > [aria-expanded=true]").nth(1).wait_for()
    assert page.locator("live-equation > [aria-expanded=false]").count() == 0
    page.close()


@pytest.fixture
def calculator(visit):
    """The calculator, which opens with a bias, and whose script has loaded."""
    page = visit("calculator/")
    page.wait_for_function("!!customElements.get('live-equation')")
    return page


def read_letter(page, equation, name):
    """Read the value of a letter of a calculator's equation."""
    row = page.locator(f"#equation-calculator-{equation} .live > div")
    row = row.filter(has=page.locator("label", has_text=name))
    return float(row.locator("[type=text]").first.input_value())


def test_calculator_summarizes_a_pasted_column(calculator):
    columns = {
        "1,2,3,4\n5,6,7,8": "8 numbers, mean 4.5, standard deviation 2.29129.",
        "1,234.5 2,000.5": "2 numbers, mean 1617.5, standard deviation 383.",
        "1.5,2": "2 numbers, mean 1.75, standard deviation 0.25.",
        "−1e−5; abc": "1 number, mean −0.00001, standard deviation 0. Numbers that do not differ are not taken over. "
        "1 entry is no number.",
    }
    for text, message in columns.items():
        calculator.get_by_label("Paste a column").fill(text)
        assert calculator.locator(".live-column p").inner_text() == message
    calculator.get_by_label("Paste a column").fill("1.5\n2,5\n-0.5\nno number\n")
    mean, variance = 3.5 / 3, (1.5**2 + 2.5**2 + 0.5**2) / 3 - (3.5 / 3) ** 2
    assert "3 numbers, mean 1.16667" in calculator.locator(".live-column p").inner_text()
    assert read_letter(calculator, "ratio", "mean of each input") == pytest.approx(mean, rel=1e-4)
    assert read_letter(calculator, "ratio", "off-center ratio") == pytest.approx(mean**2 / variance, rel=1e-4)


def test_calculator_carries_numbers_from_equation_to_equation(calculator):
    """Take a row of the table, compare with a computed Hessian, then leave the bias out and solve for the inputs."""
    calculator.get_by_role("button", name="use the numbers of sigmoid").click()
    n, mean = 10, read_letter(calculator, "ratio", "mean of each")
    std = read_letter(calculator, "ratio", "standard deviation of")
    assert (mean, std) == (0.5, 0.208)
    high, low = np.linalg.eigvalsh(np.block([[np.eye(n) * std**2 + mean**2, np.full((n, 1), mean)],
                                             [np.full((1, n), mean), np.ones((1, 1))]]))[[-1, 0]]  # fmt: skip
    assert read_letter(calculator, "condition", "condition number") == pytest.approx(high / low, rel=1e-4)
    steps = math.log(1e-6) / math.log((high - low) / (high + low))
    assert read_letter(calculator, "descent", "steps of gradient descent") == pytest.approx(steps, rel=1e-4)

    calculator.locator("#equation-calculator-without-bias").get_by_role("button", name="try it").click()
    assert calculator.locator("#equation-calculator-with-bias .live").count() == 0
    kappa = 1 + n * mean**2 / std**2
    assert read_letter(calculator, "condition", "condition number") == pytest.approx(kappa, rel=1e-4)
    steps, share, kappa = (calculator.locator("#equation-calculator-descent [type=text]").nth(i) for i in range(3))
    steps.fill("62")
    share.fill("1e-6")  # both are fixed now: the inputs follow, and the last letter keeps its value
    assert float(kappa.input_value()) == pytest.approx(9, abs=0.1)
    n = read_letter(calculator, "without-bias", "inputs")
    assert 1 + n * read_letter(calculator, "ratio", "off-center ratio") == pytest.approx(9, abs=0.1)
    assert "does not hold" not in " ".join(calculator.locator(".live p").all_inner_texts())


def test_explorer_plays_once_to_its_last_frame(visit):
    """Play from the position of the slider, stop when it is moved, and offer no button if motion is reduced."""
    page = visit("zigzag/")
    figure = page.locator("#explore-zigzag-mean")
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function("() => /1.[345]/.test(document.querySelector('#explore-zigzag-mean output').textContent)")
    figure.get_by_role("slider").press("Home")
    assert figure.get_by_role("button", name="Play").is_visible() and figure.locator("output").inner_text() == "0.0"
    figure.get_by_role("button", name="Play").click()
    page.wait_for_url("**/zigzag/?explore-zigzag-mean=3.0*")
    assert figure.get_by_role("button", name="Play").is_visible() and figure.locator("output").inner_text() == "3.0"
    calm = visit("zigzag/", reduced_motion="reduce")
    assert not calm.locator("#explore-zigzag-mean .play").is_visible()


def test_slider_and_first_panel_fit_on_the_screen_of_a_phone(visit):
    """Check an explorer whose two stacked panels are higher than the screen."""
    page = visit("step_size/", viewport={"width": 360, "height": 640})
    page.locator("#explore-step-size-step").evaluate("figure => figure.scrollIntoView()")
    page.wait_for_timeout(300)
    slider = page.locator("#explore-step-size-step").get_by_role("slider").bounding_box()
    panel = page.locator("#explore-step-size-step .plates > *").first.bounding_box()
    assert 0 <= panel["y"] and panel["y"] + panel["height"] <= slider["y"] and slider["y"] + slider["height"] <= 640


def test_equation_without_scripts_has_no_button(visit):
    page = visit("zigzag/", java_script_enabled=False)
    assert page.locator("#equation-zigzag-steps math").first.is_visible()
    assert not page.get_by_text("try it").first.is_visible()


def test_script_of_live_equations_is_at_most_four_kilobytes(zigzag):
    assert len(brotli.compress((zigzag.root / "site/assets/live.js").read_bytes())) <= 4096


def test_letters_are_described_by_tables_and_lines():
    names = read_letters(
        [
            "| Letter | Meaning |\n| --- | --- |\n| $n$ | how many inputs there are |\n"
            "| $\\kappa = a/b$ | the condition number of $H$: steepest over flattest |\n\n"
            "| $n$ | [depth](depth.md), [layer](layer.md) | a width, here |\n"
        ]
    )
    assert names == {
        ("n", ""): "how many inputs there are",
        (r"\kappa", ""): "condition number of H",
        ("n", "depth.md"): "width",
        ("n", "layer.md"): "width",
    }
    ranges = {"n_1": [3, 1, 9, True], r"\kappa": [2.5, 1, 9, False]}
    descriptions = describe_letters(ranges, names, "depth.md", r"\kappa: how steep, 1..1e3")
    assert descriptions == {"n_1": ["width", 3, 1, 9, True], r"\kappa": ["how steep", 2.5, 1, 1000, False]}
    with pytest.raises(ValueError, match="did you mean"):
        describe_letters(ranges, names, "depth.md", r"\kapa: how steep")
