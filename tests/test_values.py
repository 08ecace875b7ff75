"""Values: what filters print in prose and in mathematics, and which expressions are refused."""

import pytest

from evidence.values import look_up, to_latex
from examples import RESULTS


@pytest.mark.parametrize(
    "expression, prose, formula",
    [
        ("s.n", "1,234", "1{,}234"),
        ("s.name", "tanh", "tanh"),
        ("s.k | integer", "10,402", "10{,}402"),
        ("s.k | digits", "10,400", "10{,}400"),
        ("s.k | digits(6)", "10,402.4", "10{,}402.4"),
        ("s.v | digits(2)", "−0.056", "-0.056"),
        ("s.t | scientific", "2.6·10⁻¹³", r"2.6\times10^{-13}"),
        ("s.o | scientific(1)", "10⁻⁴", "10^{-4}"),
        ("s.p | percent", "50%", r"50\%"),
        ("s.p | percent(1)", "49.6%", r"49.6\%"),
        ("s.p | decimals(2)", "0.50", "0.50"),
        ("s.l | digits(2) | list", "1.0, 2.5 and 19", "1.0{,} 2.5 and 19"),
        ("s.l[1:] | integer | list", "2 and 19", "2 and 19"),
        ("s.l[-1] | integer", "19", "19"),
        ("s.d.x.y | digits(1)", "0.5", "0.5"),
    ],
)
def test_filters_print_prose_and_latex(expression, prose, formula):
    text, snippet, _ = look_up(expression, RESULTS)
    assert (text, to_latex(text), snippet) == (prose, formula, "s")


@pytest.mark.parametrize(
    "value, count, text", [(0.0, 3, "0.00"), (9.999, 3, "10.0"), (0.09996, 3, "0.100"), (1e6, 1, "1,000,000")]
)
def test_digits_rounds_at_powers_of_ten(value, count, text):
    assert look_up(f"s.k | digits({count})", {"s": {"k": value}})[0] == text


@pytest.mark.parametrize(
    "expression",
    [
        "s",
        "s.k",
        "s.l",
        "s.l | list",
        "s.name | digits",
        "s.k | digits('x')",
        "s.q",
        "s.l[3]",
        "s.k.j",
        "s.k +",
        "f(s.k)",
        "s.k | nothing",
    ],
)
def test_invalid_expression_is_refused(expression):
    with pytest.raises(ValueError):
        look_up(expression, RESULTS)


def test_attributes_of_python_objects_cannot_be_reached():
    for expression in ("s.__class__", "s.k.__class__.__mro__", "s['k'].__init__"):
        with pytest.raises(ValueError):
            look_up(expression, RESULTS)
