"""Printed equations: what is read, what it refuses, and that a misprint does not pass."""

import re

import numpy as np
import pytest

from evidence.equation import Mismatch, ParseError, check_statement, evaluate_sides, parse
from examples import BOUND, HOLDS
from misprints import PROJECT, check, equations, misprints, passes, reviewed


@pytest.mark.parametrize("latex", HOLDS)
def test_holds(latex):
    check(latex, BOUND)


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
def test_does_not_hold(latex):
    with pytest.raises(Mismatch):
        check(latex, BOUND)


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
def test_cannot_be_read(latex, why):
    with pytest.raises(ParseError, match=re.escape(why)):
        check(latex, BOUND)


def test_a_mismatch_shows_the_equation_as_written():
    """With its spaces, the numbers of this draw and the values of both sides; not the parts that hold."""
    with pytest.raises(Mismatch) as caught:
        check("b = 4, \\qquad a^2\\,b = \\frac{1}{2}  v^\\top v", BOUND)
    told = r"‘a^2\,b = \frac{1}{2} v^\top v’ with a = 3, b = 4, v = [ 1., -2., 3.]: left of = is 36, right of it 7"
    assert str(caught.value) == told


@pytest.mark.parametrize("size", [1e-12, 1e-3, 1.0, 1e12])
def test_numbers_of_any_size_are_compared(size):
    """To their own size, not to that of 1."""
    check("a = b", {"a": size * (1 + 1e-9), "b": size})
    with pytest.raises(Mismatch):
        check("a = b", {"a": size * 1.001, "b": size})


def test_an_equation_is_parsed_once():
    (statement,) = parse(r"f(a) = a^2", {"a": 1.0, "f": np.square})
    for a in (2.0, 3.0):
        check_statement(statement, {"a": a, "f": np.square})
        assert evaluate_sides(statement, {"a": a, "f": np.square}) == [a * a, a * a]
    assert statement.letters == ["a"]


@pytest.mark.parametrize("name", PROJECT.names("snippet"))
def test_a_misprint_of_ours_is_noticed(name):
    """Or stands, with a reason, on the list of those that are not."""
    for function, draws in equations(name):
        for misprint in misprints(function, draws):
            assert not passes(misprint, draws) or misprint.key in reviewed(), misprint.after
