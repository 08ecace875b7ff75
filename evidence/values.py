"""Values: what stands between {{ and }}, looked up in results and formatted by explicit filters."""

import re
from functools import cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from evidence.problems import unknown

PATTERN = re.compile(r"\{\{(.+?)\}\}")
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Shown(str):
    """A formatted number, as prose."""


def latex(text):
    """A formatted number, as LaTeX."""
    text = re.sub(r"·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda m: rf"\times10^{{{m[1].translate({v: k for k, v in RAISED.items()})}}}", text)
    return text.replace("−", "-").replace(",", "{,}").replace("%", r"\%")


def integer(value):
    """A whole number, thousands parted: 10,402."""
    return Shown(f"{round(value):,}".replace("-", "−"))


def decimals(value, count):
    """A fixed number of decimals: 0.50."""
    return Shown(f"{value:,.{count}f}".replace("-", "−"))


def digits(value, count=3):
    """So many significant digits, written out: 13.9, 10,400, 0.0557."""
    rounded = float(f"{value:.{count - 1}e}")
    places = max(0, count - 1 - int(f"{rounded:e}".split("e")[1])) if rounded else 0
    return decimals(rounded, places)


def scientific(value, count=2):
    """So many significant digits and a power of ten: 2.6·10⁻¹³."""
    mantissa, exponent = f"{value:.{count - 1}e}".split("e")
    return Shown(f"{mantissa}·10{str(int(exponent)).translate(RAISED)}".replace("-", "−"))


def percent(value, count=0):
    """A share of one, in percent: 85%."""
    return Shown(f"{100 * value:.{count}f}%".replace("-", "−"))


def series(value):
    """A row of formatted things: 1, 3, 9 and 19."""
    return Shown(f"{', '.join(value[:-1])} and {value[-1]}" if len(value) > 1 else "".join(value))


FILTERS = {f.__name__: f for f in (integer, decimals, digits, scientific, percent)} | {"list": series}


def look_up(expression, results):
    """What `snippet.field[index].key | filter(argument)` shows: (text, snippet, field).

    Raises ValueError with a sentence for the author where a name, an index or a filter does not fit.
    """
    value, trail = _walk(_parsed(expression), results)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        kind = "a number with decimals" if isinstance(value, float) else "not a single number"
        raise ValueError(f"{'.'.join(trail)} is {kind}: choose a filter ({', '.join(FILTERS)}) or an entry")
    return (integer(value) if isinstance(value, int) else value), trail[0], trail[1]


@cache
def _parsed(expression):
    try:
        return Environment().parse("{{" + expression + "}}").body[0].nodes[0]
    except TemplateSyntaxError as error:
        raise ValueError(f"‘{expression.strip()}’ is no value: {error.message}") from None


def _walk(node, results):
    if isinstance(node, nodes.Name):
        return _entry(results, node.name, "snippet"), [node.name]
    if isinstance(node, (nodes.Getattr, nodes.Getitem)):
        value, trail = _walk(node.node, results)
        part = node.attr if isinstance(node, nodes.Getattr) else node.arg.as_const()
        if value is None:
            raise ValueError(f"{'.'.join(trail)} is a large array: give what you quote a field of its own")
        return _entry(value, part, f"value of {'.'.join(trail)}"), [*trail, str(part)]
    if isinstance(node, nodes.Filter):
        value, trail = _walk(node.node, results)
        if node.name not in FILTERS:
            raise ValueError(unknown("filter", node.name, FILTERS))
        return _formatted(node.name, value, [argument.as_const() for argument in node.args], trail), trail
    raise ValueError("only names, entries and filters stand between {{ and }}: compute the rest in the snippet")


def _entry(value, part, kind):
    if isinstance(value, dict) and part in value:
        return value[part]
    if isinstance(value, list) and (isinstance(part, slice) or isinstance(part, int) and -len(value) <= part < len(value)):
        return value[part]
    if isinstance(value, dict):
        raise ValueError(unknown(kind, str(part), list(value)))
    raise ValueError(f"no {kind} is numbered [{part}]: it has {len(value) if isinstance(value, list) else 'no'} entries")


def _formatted(name, value, arguments, trail):
    if isinstance(value, list) and name != "list":
        return [_formatted(name, part, arguments, trail) for part in value]
    wanted = list if name == "list" else (int, float)
    if not isinstance(value, wanted) or isinstance(value, bool) or name == "list" and not all(isinstance(v, str) for v in value):
        wanted = "formatted entries (put digits or integer before it)" if name == "list" else "a number"
        raise ValueError(f"the filter ‘{name}’ takes {wanted}, and {'.'.join(trail)} is {value!r:.40}")
    try:
        return FILTERS[name](value, *arguments)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the filter ‘{name}’ does not take {arguments}: {error}") from None
