r"""Live equations: what a browser needs to evaluate an equation whose letters are plain numbers.

Each chain becomes a list such as `["P", "=", expression, "≤", expression]`.
An expression is a number, a letter, `#k` for the index of a sum, or a list of an operator or a
function and its operands; `theme/assets/live.js` evaluates them.
"""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from evidence.arithmetic import KNOWN, Expression, evaluate
from evidence.equation import Bindings, Statement, parse

OPERATORS = {
    "+": "+",
    "-": "-",
    "/": "/",
    "^": "^",
    "**": "^",
    r"\cdot": "*",
    r"\times": "*",
    r"\odot": "*",
    r"\otimes": "*",
    r"\lvert": "abs",
    r"\binom": "binom",
    r"\ln": "log",
    r"\arccos": "acos",
    r"\arcsin": "asin",
    r"\arctan": "atan",
    r"\leq": "≤",
    r"\le": "≤",
    r"\geq": "≥",
    r"\ge": "≥",
    r"\approx": "≈",
}
OPERATORS |= {
    rf"\{name}": name
    for name in "sin cos tan tanh exp log sqrt max min".split()
}
CONSTANTS = {r"\pi": math.pi, "e": math.e}  # in JSON #pi and #e
DEFINITIONS = [  # a letter that is bound to a function is compared with these
    parse(f"{latex} = 0", {"z": 0.0})[0].sides[0]
    for latex in (
        r"\frac{1}{1 + \exp(-z)}",
        r"\frac{\exp(-z)}{(1 + \exp(-z))^2}",
        r"\frac{1}{1 + \exp(-z)}\,(1 - \frac{1}{1 + \exp(-z)})",
        r"\tanh(z)",
        r"1 - \tanh(z)^2",
        r"\frac{4}{(\exp(z) + \exp(-z))^2}",
    )
]
# So far out that rounding tells two ways to compute apart
SAMPLES = np.linspace(-9, 9, 13)


def compile_equation(statements: list[Statement], draws: list[Bindings]) -> Any:
    """Return the chains, the letters and the tolerance of ≈; None if letters are not all numbers.

    For each letter: its first value, the least and the greatest, and whether all are whole.
    """
    names = dict.fromkeys(
        name for statement in statements for name in statement.letters
    )
    columns = {name: [bindings[name] for bindings in draws] for name in names}
    if not all(
        np.ndim(v) == 0 and np.isrealobj(v)
        for column in columns.values()
        for v in column
    ):
        return None
    constants = [
        name
        for name in CONSTANTS
        if {*columns.get(name, [])} <= {CONSTANTS[name]}
    ]
    letters = {name: name for name in names} | {
        name: "#" + name.strip("\\") for name in constants
    }
    try:
        chains = []
        for statement in statements:
            first, *sides = [
                _compile(side, draws[0], letters) for side in statement.sides
            ]
            chain = [first]
            for relation, side in zip(statement.relations, sides):
                chain += [OPERATORS.get(relation, relation), side]
            chains.append(chain)
    except KeyError:  # an operator or a function that browsers do not know
        return None
    leading = {statement.letters[0] for statement in statements}
    inner = [re.search(r"\((.*)\)", name) for name in names.keys() - leading]
    if any(match and match[1] in names for match in inner):
        return None  # σ(z), which would not follow z
    free = [name for name in names if name not in constants]
    if all(name in [chain[0] for chain in chains] for name in free):
        return None  # each is a constant
    ranges = {name: _summarize(columns[name]) for name in free}
    return {
        "chains": chains,
        "letters": ranges,
        "near": draws[0].get(r"\approx", 0),
    }


def _compile(
    expression: Expression, bindings: Bindings, letters: dict[str, Any]
) -> Any:
    """Return an expression as JSON; raise `KeyError` where it has no scalar value."""
    if isinstance(expression, float):
        return int(expression) if expression.is_integer() else expression
    if not isinstance(expression, tuple):
        raise KeyError("matrix")
    operator, *operands = expression
    if operator == "letter":
        return letters[operands[0]]
    if operator == "index":
        return f"#{operands[0]}"
    if operator == r"\sum" and operands[1][0] == "range":
        parts = [*operands[1][1:], operands[2]]
        code = [_compile(part, bindings, letters) for part in parts]
        return ["sum", f"#{operands[0]}", *code]
    if operator == "call":
        operator, *operands = operands
    code = [_compile(operand, bindings, letters) for operand in operands]
    if operator in bindings:
        return _compile(
            _find_definition(bindings[operator]), {}, {"z": code[0]}
        )
    return [OPERATORS[operator], *code]


def _find_definition(function: Callable[[Any], Any]) -> Expression:
    """Return the definition with the values of a function; raise `KeyError` if there is none."""
    try:
        values = [float(function(z)) for z in SAMPLES]
    except Exception:  # it is another kind of function, of two arguments say
        raise KeyError(function) from None
    for definition in DEFINITIONS:
        if np.allclose(
            values,
            [evaluate(definition, {**KNOWN, "z": z}) for z in SAMPLES],
            1e-12,
            0,
        ):
            return definition
    raise KeyError(function)


def _summarize(column: list[Any]) -> Any:
    """Return the first of some values, the least and the greatest, and whether all are whole."""
    values = [float(value) for value in column]
    whole = all(float(value).is_integer() for value in values)
    low, high = _widen(min(values), max(values))
    return [int(values[0]) if whole else values[0], low, high, whole]


def _widen(low: float, high: float) -> tuple[float, float]:
    """Return a range around another, with ends of one digit; a single value gets a decade."""
    if low == high:
        low, high = sorted((low / 3, low * 3)) if low else (-1, 1)
    return _round(low, math.floor), _round(high, math.ceil)


def _round(value: float, rounding: Callable[[float], int]) -> float:
    """Return a value with one digit."""
    unit = 10.0 ** math.floor(math.log10(abs(value))) if value else 1.0
    return float(f"{rounding(value / unit) * unit:.1g}")
