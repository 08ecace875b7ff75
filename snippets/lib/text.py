"""Numbers as a page writes them, and the sentences of explorers: the filters are those of a page’s values."""

import re
from collections.abc import Iterable

VALUE = re.compile(r"\{\{ (\w+)(?: \| (\w+)(?:\((\d+)\))?)? \}\}")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def decimals(value: float, count: int) -> str:
    """A fixed number of decimals: 0.50."""
    return f"{value:,.{count}f}".replace("-", "−")


def integer(value: float) -> str:
    """A whole number, thousands separated: 10,402."""
    return decimals(value, 0)


def digits(value: float, count: int = 3) -> str:
    """So many significant digits, written out: 13.9, 10,400, 0.0557."""
    rounded = float(f"{value:.{count - 1}e}")
    exponent = int(f"{rounded:e}".split("e")[1])
    return decimals(rounded, max(0, count - 1 - exponent))


def percent(value: float, count: int = 0) -> str:
    """A share of one, in percent: 85%."""
    return decimals(100 * value, count) + "%"


def scientific(value: float, count: int = 2) -> str:
    """So many significant digits and a power of ten: 2.6·10⁻¹³."""
    mantissa, exponent = f"{value:.{count - 1}e}".split("e")
    mantissa = "" if mantissa == "1" else mantissa.replace("-", "−") + "·"
    return mantissa + "10" + str(int(exponent)).translate(SUPERSCRIPTS)


def brief(value: float, count: int = 2) -> str:
    """So many significant digits, with a power of ten where the number is far from 1."""
    return digits(value, count) if 1e-3 <= abs(value) < 1e3 else scientific(value, count)


def compact(value: float) -> str:
    """Two significant digits, or from 100 on a whole number: 2.5, 31, 6,694."""
    return integer(value) if value >= 99.5 else digits(value, 2)


FILTERS = {f.__name__: f for f in (decimals, integer, digits, percent, scientific, brief, compact)}


def fill(template: str, **values: float | str) -> str:
    """A sentence: the template with `{{ name | filter(count) }}` filled from `values`."""

    def show(match: re.Match) -> str:
        name, kind, count = match.groups()
        return FILTERS[kind](values[name], *([int(count)] if count else [])) if kind else str(values[name])

    return VALUE.sub(show, template)


def choose_sentence(cases: Iterable[tuple[bool, str]], **values: float | str) -> str:
    """The first template whose condition holds, filled."""
    return fill(next(template for holds, template in cases if holds), **values)
