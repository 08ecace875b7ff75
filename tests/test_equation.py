"""Printed equations: how they are read, what is refused, and that misprints are noticed."""

import re

import numpy as np
import pytest

from evidence.equation import Mismatch, ParseError, check_statement, evaluate_sides, parse
from examples import BOUND, HOLDS
from misprints import PROJECT, check_equation, find_equations, generate_misprints, passes, read_survivors


@pytest.mark.parametrize("latex", HOLDS)
def test_equation_holds(latex):
    check_equation(latex, BOUND)


@pytest.mark.parametrize(
    "latex",
    [
        r"a = b",
        r"a_1 = a",
        r"v^\top v = 15",
        r"a \ge b",
        r"10 \approx 11",
        r"\frac{a}{b} = \frac{b}{a}",
        r"1/0 = 1",
        r"\sqrt{-a} = 1",
    ],
)
def test_false_equation_is_a_mismatch(latex):
    with pytest.raises(Mismatch):
        check_equation(latex, BOUND)


@pytest.mark.parametrize(
    "latex, why",
    [
        (r"q = 1", "is not bound"),
        (r"a_2 = 1", "without the index behind it"),
        (r"a' = 1", "without the index behind it"),
        (r"a", "expected a relation"),
        (r"a =", "ends too early"),
        (r"a = (b", "expected )"),
        (r"a/b a = 1", "two ways"),
        (r"a^10 = 1", "more than one digit"),
        (r"\sum v_k = 1", "with its limits"),
        (r"\sum_{k=1} v_k = 1", "no last value"),
        (r"\sum_{k} v_k = 1", "no first value"),
        (r"\sum_{k=1}^{0} v_k = 0", "no terms"),
        (r"v \odot X = 0", "entry by entry"),
        (r"\frac12 = 1", "more than one digit"),
        (r"\cos a^2 = 1", "parentheses"),
        (r"X v = 1", "cannot be multiplied"),
        (r"X + a = X", "cannot be added"),
        (r"v = a", "cannot be compared"),
        (r"a / v = 1", "denominator"),
        (r"a^v = 1", "exponent"),
        (r"\lVert v\rVert_3 = 1", "a norm is"),
        (r"\sqrt[3]{a} = 1", "write such a root as a power"),
        (r"\sum_{k=1}^{1.5} v_k = 1", "a whole number"),
    ],
)
def test_ambiguous_or_invalid_equation_is_a_parse_error(latex, why):
    with pytest.raises(ParseError, match=re.escape(why)):
        check_equation(latex, BOUND)


def test_mismatch_shows_the_relation_as_written_and_both_sides():
    """Show the LaTeX that fails, the numbers of this draw and both sides, and leave out the relations that hold."""
    with pytest.raises(Mismatch) as caught:
        check_equation("b = 4, \\qquad a^2\\,b = \\frac{1}{2}  v^\\top v", BOUND)
    message = r"‘a^2\,b = \frac{1}{2} v^\top v’ with a = 3, b = 4, v = [ 1., -2., 3.]: left of = is 36, right of it 7"
    assert str(caught.value) == message


@pytest.mark.parametrize("size", [1e-12, 1e-3, 1.0, 1e12])
def test_tolerance_is_relative_to_the_numbers_compared(size):
    check_equation("a = b", {"a": size * (1 + 1e-9), "b": size})
    with pytest.raises(Mismatch):
        check_equation("a = b", {"a": size * 1.001, "b": size})


def test_parsed_equation_can_be_checked_on_many_draws():
    (statement,) = parse(r"f(a) = a^2", {"a": 1.0, "f": np.square})
    for a in (2.0, 3.0):
        check_statement(statement, {"a": a, "f": np.square})
        assert evaluate_sides(statement, {"a": a, "f": np.square}) == [a * a, a * a]
    assert statement.letters == ["a"]


@pytest.mark.parametrize("name", PROJECT.names("snippet"))
def test_misprints_of_a_snippet_are_noticed_or_listed(name):
    for function, draws in find_equations(name):
        for misprint in generate_misprints(function, draws):
            assert not passes(misprint, draws) or misprint.key in read_survivors(), misprint.after
