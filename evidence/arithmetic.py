r"""Arithmetic: the value of a parsed expression on numbers, columns and matrices.

An expression is a number, or a tuple of an operator and its operands:

- `("letter", name)`, and `("index", name)` for the index of a sum;
- `("call", name, *arguments)`, for which `name` is bound to a function;
- `(r"\sum", index, values, term)`, also `\prod`; `values` is a letter that is bound to a range,
  or `("range", first, last)`;
- `(r"\begin{pmatrix}", rows)`, a matrix made of blocks;
- `("+", left, right)` and so on, as `OPERATIONS` has them.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Expression = Any
Array = Any  # a real or complex number, or an array with two axes
# Letter to value; ("index", k) to the number of an index
Bindings = Mapping[Any, Any]

RELATIVE, ROUNDING = 1e-7, 1e-9  # of a side of =, and of its largest entry
MOST_TERMS = 100_000  # of a sum
FUNCTIONS = "sin cos tan arccos arcsin arctan tanh exp log sqrt pi".split()
KNOWN: Bindings = {rf"\{name}": getattr(np, name) for name in FUNCTIONS}
KNOWN |= {
    r"\ln": np.log,
    r"\det": np.linalg.det,
    r"\max": np.maximum,
    r"\min": np.minimum,
}
JOINED = {
    "+": "added",
    "-": "subtracted",
    "=": "compared",
    r"\odot": "multiplied entry by entry",
    r"\cdot": "multiplied",
    r"\times": "multiplied",
    "/": "divided: a denominator must be a number",
    "^": "raised to a power: an exponent must be a number",
    "**": "raised to a power: an exponent must be a number",
}


class ShapeError(ValueError):
    """The shapes or types of operands do not fit their operator."""


def evaluate(expression: Expression, bindings: Bindings) -> Array:
    """Return the value of an expression; vectors are columns."""
    if not isinstance(expression, tuple):
        return np.float64(expression)
    operator, *operands = expression
    match operator:
        case "letter":
            return to_array(bindings[operands[0]])
        case "index":
            return bindings["index", operands[0]]
        case "call":
            return to_array(
                call_function(
                    bindings[operands[0]],
                    [evaluate(operand, bindings) for operand in operands[1:]],
                )
            )
        case r"\sum" | r"\prod":
            return repeat_term(operator, *operands, bindings)
        case r"\begin{pmatrix}":
            return build_matrix(operands[0], bindings)
    values = [evaluate(operand, bindings) for operand in operands]
    if operator in JOINED:
        require_fit(operator, *values)
    return OPERATIONS[operator](*values)


def to_array(value: object) -> Array:
    """Return an array with one entry as a number, one with one axis as a column."""
    array = np.asarray(value)
    if array.dtype.kind not in "iufc" or array.ndim > 2 or not array.size:
        raise ShapeError(f"{value!s:.40} is no number, column or matrix")
    if array.dtype.kind in "iu":
        # Integers overflow silently, and have no negative powers
        array = array.astype(float)
    if array.size == 1:
        return array.reshape(())[()]
    return array[:, None] if array.ndim == 1 else array


def to_integer(value: Array) -> int:
    """Return a whole number as int; raise `ShapeError` for anything else."""
    real = not np.ndim(value) and not np.iscomplexobj(value)
    if not real or not abs(value) <= MOST_TERMS or value % 1:
        raise ShapeError(f"expected a whole number up to {MOST_TERMS:,}")
    return int(value)


def require_fit(operator: str, left: Array, right: Array) -> None:
    """Raise `ShapeError` if the shapes of two values do not fit an operator."""
    one, other = np.shape(left), np.shape(right)
    if operator in (r"\cdot", r"\times"):
        fits = not one or not other or one[1] == other[0]
    elif operator in ("/", "^", "**"):
        fits = not other
    else:
        fits = one == other
    if not fits:
        raise ShapeError(
            f"shapes {one} and {other} cannot be {JOINED[operator]}"
        )


def multiply(left: Array, right: Array) -> Array:
    """Return the product of two numbers or matrices."""
    return (
        to_array(left @ right)
        if np.ndim(left) and np.ndim(right)
        else left * right
    )


def raise_power(base: Array, exponent: Array) -> Array:
    """Return a power of a number or of a square matrix."""
    if np.ndim(base):
        return np.linalg.matrix_power(base, to_integer(exponent))
    return base**exponent


def choose(above: Array, below: Array) -> Array:
    """Return a binomial coefficient."""
    numbers = to_integer(above), to_integer(below)
    if min(numbers) < 0:
        raise ShapeError("\\binom takes no negative numbers")
    return np.float64(math.comb(*numbers))


def call_function(function: Callable[..., Any], arguments: list[Array]) -> Any:
    """Call a function. Raises `ShapeError` if it requires another number of arguments."""
    if isinstance(function, np.ufunc):
        wanted = function.nin
    else:
        wanted = sum(
            parameter.default is parameter.empty
            for parameter in inspect.signature(function).parameters.values()
        )
    if wanted != len(arguments):
        raise ShapeError(
            f"it takes {wanted} arguments and is given {len(arguments)}: write {wanted}"
        )
    return function(*arguments)


def repeat_term(
    operator: str,
    index: str,
    values: Expression,
    term: Expression,
    bindings: Bindings,
) -> Array:
    """Return the sum or product of a term over the values of its index."""
    if values[0] == "range":
        first, last = (
            to_integer(evaluate(limit, bindings)) for limit in values[1:]
        )
        numbers = range(first, last + 1)
    else:
        numbers = bindings[values[1]]
    if not numbers:
        raise ShapeError(
            "its sum or product has no terms: bind a range that is not empty"
        )
    join = {r"\sum": "+", r"\prod": r"\cdot"}[operator]
    terms = (
        evaluate(term, {**bindings, ("index", index): number})
        for number in numbers
    )
    total = next(terms)
    for value in terms:
        require_fit(join, total, value)
        total = OPERATIONS[join](total, value)
    return total


def build_matrix(rows: list[list[Expression]], bindings: Bindings) -> Array:
    """Return a matrix of cells, which may be matrices. Raises `ShapeError` if they do not fit."""
    cells = [
        [np.atleast_2d(evaluate(cell, bindings)) for cell in row]
        for row in rows
    ]
    try:
        return np.block(cells)
    except ValueError:
        raise ShapeError("the rows of a matrix do not fit") from None


def holds(relation: str, left: Array, right: Array, tolerance: float) -> bool:
    """Return whether a relation holds for all entries of two arrays.

    `=` allows each entry a relative error `RELATIVE`, plus `ROUNDING` times the largest entry on
    the right (times 1 if that is zero).
    """
    if np.any(right):  # = 0 stands for an array of zeros, too
        require_fit("=", left, right)
    gap, size = left - right, abs(right)
    largest = float(np.max(size, initial=0)) or 1.0
    match relation:
        case "=":
            fits = abs(gap) <= RELATIVE * size + ROUNDING * largest
        case r"\approx":
            fits = abs(gap) <= tolerance * size
        case r"\le" | r"\leq":
            fits = gap <= ROUNDING * size
        case r"\ge" | r"\geq":
            fits = -gap <= ROUNDING * size
        case "<":
            fits = gap < 0
        case _:
            fits = gap > 0
    return bool(np.all(fits))


OPERATIONS: dict[str, Callable[..., Array]] = {
    "+": np.add,
    "-": np.subtract,
    r"\odot": np.multiply,
    r"\otimes": np.kron,
    r"\cdot": multiply,
    r"\times": multiply,
    "/": np.divide,
    "^": raise_power,
    "**": np.power,
    r"\binom": choose,
    r"\top": np.transpose,
    r"\lvert": np.abs,
    r"\lVert": lambda value, order: np.linalg.norm(np.ravel(value), order),
}
