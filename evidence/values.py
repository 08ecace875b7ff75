"""Values: expressions between {{ and }}, looked up in results and formatted by filters."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from evidence.diagnostics import describe_unknown
from evidence.results import JSON
from evidence.syntax import VALUE

ENVIRONMENT = Environment()
OPENING, CLOSING = (
    "\ue003",
    "\ue004",
)  # placeholders for {{ and }} in the text of values
# Placeholder for an escaped $ until the page was checked
DOLLAR_SIGN = "\ue005"
LONGEST = 200  # characters of an expression
MOST_DIGITS = 30  # a filter prints no more
LARGEST = 1e300  # beyond it, rounding overflows
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LATEX = {raised: chr(digit) for digit, raised in SUPERSCRIPTS.items()}
LATEX |= str.maketrans({"·": r"\times", "−": "-", ",": "{,}", "%": r"\%"})
WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
ALLOWED = (
    "only snippet.field[index] | filter is allowed between {{ and }}: compute the rest in the "
    "snippet"
)


def decimals(value: float | Decimal, count: int) -> str:
    """Return a fixed number of decimals: 0.50."""
    return f"{Decimal(value):z,.{count}f}".replace("-", "−")


def integer(value: float) -> str:
    """Return a whole number with separators of thousands: 10,402."""
    return decimals(value, 0)


def digits(value: float, count: int = 3) -> str:
    """Return so many significant digits, written out: 13.9, 10,400, 0.0557."""
    text = f"{Decimal(value) or 0.0:.{count - 1}e}"
    places = count - 1 - int(text.split("e")[1])
    return decimals(Decimal(text), max(0, places))


def scientific(value: float, count: int = 2) -> str:
    """Return so many significant digits and a power of ten: 2.6·10⁻¹³."""
    mantissa, exponent = f"{Decimal(value) or 0.0:.{count - 1}e}".split("e")
    mantissa = "" if mantissa == "1" else mantissa.replace("-", "−") + "·"
    return mantissa + "10" + str(int(exponent)).translate(SUPERSCRIPTS)


def percent(value: float, count: int = 0) -> str:
    """Return a share of one in percent: 85%."""
    return decimals(100 * value, count) + "%"


def spell(value: float) -> str:
    """Return a whole number up to twelve as a word: three."""
    return WORDS[int(value)] if value in range(len(WORDS)) else integer(value)


def join(value: list[str]) -> str:
    """Return formatted entries as a phrase: 1, 3, 9 and 19."""
    if len(value) > 1:
        value = [", ".join(value[:-1]), value[-1]]
    return " and ".join(value)


FILTERS: dict[str, Callable[..., str]] = {
    "integer": integer,
    "decimals": decimals,
    "digits": digits,
    "scientific": scientific,
    "percent": percent,
    "words": spell,
    "list": join,
}


def to_latex(text: str) -> str:
    """Return a formatted number as it is written inside mathematics."""
    return re.sub("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", r"^{\1}", text).translate(LATEX)


def look_up(
    expression: str, results: Mapping[str, Mapping[str, JSON]]
) -> tuple[str, str, str]:
    """Return the text, the snippet and the field of `snippet.field[index].key | filter(argument)`.

    `results` maps each snippet to its values by name. Raises ValueError, with a sentence for the
    author, if a name, an index or a filter does not fit.
    """
    value, trail = _evaluate_node(_parse(expression), results)
    name = ".".join(trail)
    if type(value) not in (str, int) or len(trail) < 2:
        kind = (
            "a number with decimals"
            if isinstance(value, float)
            else "not a single number"
        )
        raise ValueError(
            f"{name} is {kind}: choose an entry, or a filter ({', '.join(FILTERS)})"
        )
    text = (
        value
        if isinstance(value, str)
        else _apply_filter("integer", value, [], name)
    )
    return text, trail[0], trail[1]


@cache
def _parse(expression: str) -> nodes.Node:
    excerpt = expression.strip()
    if len(expression) > LONGEST:
        raise ValueError(
            f"‘{excerpt:.40}…’ is not a value: write snippet.field | filter"
        )
    try:
        template: Any = ENVIRONMENT.parse("{{" + expression + "}}")
        return template.body[0].nodes[0]
    except RecursionError:
        raise ValueError(ALLOWED) from None
    except TemplateSyntaxError as error:
        raise ValueError(
            f"‘{excerpt}’ is not a value ({error.message}): write snippet.field | filter"
        ) from None


def _evaluate_node(
    node: nodes.Node, results: Mapping[str, Any]
) -> tuple[Any, list[str]]:
    """Return the value of a parsed expression, and the path of names. Nothing is executed."""
    if isinstance(node, nodes.Name):
        return _get_entry(results, node.name, "snippet"), [node.name]
    if (
        not isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Filter))
        or not node.node
    ):
        raise ValueError(ALLOWED)
    value, trail = _evaluate_node(node.node, results)
    name = ".".join(trail)
    if isinstance(node, nodes.Filter):
        if node.name not in FILTERS:
            raise ValueError(describe_unknown("filter", node.name, FILTERS))
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ValueError(ALLOWED)
        return _apply_filter(
            node.name,
            value,
            [_read_constant(argument) for argument in node.args],
            name,
        ), trail
    part = (
        node.attr
        if isinstance(node, nodes.Getattr)
        else _read_constant(node.arg)
    )
    if value is None:
        raise ValueError(
            f"{name} is a large array: give what you quote a field of its own"
        )
    return _get_entry(value, part, f"value of {name}"), [*trail, str(part)]


def _read_constant(node: nodes.Node) -> Any:
    """Return a literal number, string or slice."""
    if not isinstance(node, (nodes.Const, nodes.Neg, nodes.Slice)):
        raise ValueError(ALLOWED)
    for part in node.iter_child_nodes():
        _read_constant(part)
    try:
        return node.as_const()
    except nodes.Impossible:  # -"x"
        raise ValueError(ALLOWED) from None


def _get_entry(value: Any, part: Any, kind: str) -> Any:
    if isinstance(value, Mapping) and not (
        isinstance(part, str) and part in value
    ):
        raise ValueError(describe_unknown(kind, str(part), value))
    try:
        return value[part]
    except (IndexError, TypeError, ValueError):
        raise ValueError(
            f"no {kind} is numbered [{part}], since it is {value!r:.60}: choose another entry"
        ) from None


def _apply_filter(name: str, value: Any, arguments: list, what: str) -> Any:
    if name == "list":
        fits = isinstance(value, list) and all(
            isinstance(entry, str) for entry in value
        )
        expectation = (
            "entries that are formatted (put another filter before it)"
        )
    elif isinstance(value, list):
        return [_apply_filter(name, entry, arguments, what) for entry in value]
    else:
        fits = type(value) in (int, float) and abs(value) < LARGEST
        expectation = "numbers"
    if not fits:
        raise ValueError(
            f"the filter ‘{name}’ takes {expectation}: {what} is {value!r:.40}"
        )
    problem = f"the filter ‘{name}’ does not take {arguments}"
    if not all(
        type(argument) is int and argument <= MOST_DIGITS
        for argument in arguments
    ):
        raise ValueError(
            f"{problem}: give it a whole number up to {MOST_DIGITS}"
        )
    try:
        return FILTERS[name](value, *arguments)
    except (TypeError, ValueError):
        raise ValueError(f"{problem}: write {name}, or {name}(2)") from None


def mask_braces(text: str) -> str:
    """Return a text with placeholders for its double braces, which are not values."""
    return text.replace("{{", OPENING).replace("}}", CLOSING)


def unmask_braces(text: str) -> str:
    """Return a text with double braces and escaped dollars in place of their placeholders."""
    return (
        text.replace(OPENING, "{{")
        .replace(CLOSING, "}}")
        .replace(DOLLAR_SIGN, "$")
    )


def qualify(text: str, snippet: str) -> str:
    """Return a docstring, `{{ area }}`, as a page writes it: `{{ square.area }}`."""
    return VALUE.sub(
        lambda match: "{{ " + f"{snippet}.{match[1].strip()}" + " }}", text
    )
