"""Values: what stands between {{ and }}, looked up in results and formatted by explicit filters."""

import re
from functools import cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from evidence.problems import unknown

PATTERN = re.compile(r"\{\{((?:(?!\{\{).)+?)\}\}")
LONGEST = 200  # characters of an expression, or it nests deeper than Python can follow
MOST = 30  # digits that a filter prints
LARGEST = 1e300  # or rounding overflows
RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LOWERED = {raised: chr(plain) for plain, raised in RAISED.items()}
WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
ONLY = "only names, entries and filters stand between {{ and }}: compute the rest in the snippet"


def decimals(value, count):
    """A fixed number of decimals: 0.50."""
    return f"{value:,.{count}f}".replace("-", "−")


def integer(value):
    """A whole number, thousands parted: 10,402."""
    return decimals(value, 0)


def digits(value, count=3):
    """So many significant digits, written out: 13.9, 10,400, 0.0557."""
    rounded = float(f"{value:.{count - 1}e}")
    exponent = int(f"{rounded:e}".split("e")[1])
    return decimals(rounded, max(0, count - 1 - exponent))


def scientific(value, count=2):
    """So many significant digits and a power of ten: 2.6·10⁻¹³."""
    mantissa, exponent = f"{value:.{count - 1}e}".split("e")
    mantissa = "" if mantissa == "1" else mantissa.replace("-", "−") + "·"
    return mantissa + "10" + str(int(exponent)).translate(RAISED)


def percent(value, count=0):
    """A share of one, in percent: 85%."""
    return decimals(100 * value, count) + "%"


def words(value):
    """A whole number up to twelve, spelled: three."""
    return WORDS[value] if value in range(len(WORDS)) else integer(value)


def series(value):
    """A row of formatted entries: 1, 3, 9 and 19."""
    return " and ".join([", ".join(value[:-1]), value[-1]] if len(value) > 1 else value)


FILTERS = {f.__name__: f for f in (integer, decimals, digits, scientific, percent, words)} | {"list": series}


def latex(text):
    """A formatted number inside mathematics."""
    power = re.sub("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: f"^{{{m[1].translate(LOWERED)}}}", text)
    return power.replace("·", r"\times").replace("−", "-").replace(",", "{,}").replace("%", r"\%")


def look_up(expression, results):
    """What `snippet.field[index].key | filter(argument)` shows: (text, snippet, field).

    Raises ValueError with a sentence for the author where a name, an index or a filter does not fit.
    """
    value, trail = _walk(_parsed(expression), results)
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(trail) < 2:
        kind = "a number with decimals" if isinstance(value, float) else "not a single number"
        raise ValueError(f"{'.'.join(trail)} is {kind}: choose an entry, or a filter ({', '.join(FILTERS)})")
    text = _filtered("integer", value, [], ".".join(trail)) if isinstance(value, int) else value
    return text, trail[0], trail[1]


@cache
def _parsed(expression):
    if len(expression) > LONGEST:
        raise ValueError(f"‘{expression.strip():.40}…’ is no value: write snippet.field | filter")
    try:
        return Environment().parse("{{" + expression + "}}").body[0].nodes[0]
    except RecursionError:
        raise ValueError(ONLY) from None
    except TemplateSyntaxError as error:
        raise ValueError(
            f"‘{expression.strip()}’ is no value ({error.message}): write snippet.field | filter"
        ) from None


def _walk(node, results):
    """The value of a parsed expression, and the names on the way to it. Nothing is executed."""
    if isinstance(node, nodes.Name):
        return _entry(results, node.name, "snippet"), [node.name]
    if not isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Filter)):
        raise ValueError(ONLY)
    value, trail = _walk(node.node, results)
    name = ".".join(trail)
    if isinstance(node, nodes.Filter):
        if node.name not in FILTERS:
            raise ValueError(unknown("filter", node.name, FILTERS))
        if node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ValueError(ONLY)
        return _filtered(node.name, value, [_written(argument) for argument in node.args], name), trail
    part = node.attr if isinstance(node, nodes.Getattr) else _written(node.arg)
    if value is None:
        raise ValueError(f"{name} is a large array: give what you quote a field of its own")
    return _entry(value, part, f"value of {name}"), [*trail, str(part)]


def _written(node):
    """A number, a string or a slice, as it is written."""
    if not isinstance(node, (nodes.Const, nodes.Neg, nodes.Slice)):
        raise ValueError(ONLY)
    for part in node.iter_child_nodes():
        _written(part)
    try:
        return node.as_const()
    except nodes.Impossible:  # -"x"
        raise ValueError(ONLY) from None


def _entry(value, part, kind):
    if isinstance(value, dict) and not (isinstance(part, str) and part in value):
        raise ValueError(unknown(kind, str(part), value))
    try:
        return value[part]
    except (IndexError, TypeError, ValueError):
        raise ValueError(f"no {kind} is numbered [{part}]: it is {value!r:.60}") from None


def _filtered(name, value, arguments, what):
    if isinstance(value, list) and name != "list":
        return [_filtered(name, entry, arguments, what) for entry in value]
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < LARGEST
    if name == "list":
        fits = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
    if not fits:
        wanted = "entries that are formatted (put another filter before it)" if name == "list" else "numbers"
        raise ValueError(f"the filter ‘{name}’ takes {wanted}, and {what} is {value!r:.40}")
    if not all(isinstance(argument, int) and argument <= MOST for argument in arguments):
        raise ValueError(f"the filter ‘{name}’ does not take {arguments}: give it a whole number up to {MOST}")
    try:
        return FILTERS[name](value, *arguments)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the filter ‘{name}’ does not take {arguments}: {error}") from None
