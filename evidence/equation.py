r"""Equations: parse printed LaTeX and check it on numbers, so that what is shown is checked.

An equation is parsed once, and evaluated on any number of bindings, letter to value.
Every bound name is a letter, the longest match first, so that `\lambda_{\max}` or
`\frac{\partial L}{\partial w}` may be one letter.
"""

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from evidence.arithmetic import KNOWN, Array, Expression, ShapeError, holds
from evidence.arithmetic import evaluate as evaluate_side

Bindings = Mapping[str, Any]

TOKEN = re.compile(
    r"\\(?:begin|end)\{pmatrix\}|\\[a-zA-Z]+|\\.|\d+(?:\{,\}\d{3})*(?:\.\d+)?|\S"
)
LAYOUT = re.compile(  # of a chain on several lines; and a ⊤ needs no braces
    r"\\(?:begin|end)\{aligned\}|(?:\\\\\s*)?&(?=\s*=)|(?<=\^)\{(\\top)\}"
)
SPACES = r"\, \; \: \! \  \left \right ~".split(" ")
SEPARATORS = r", . ; \\ \quad \qquad".split()
MATRIX = r"\begin{pmatrix}"
CLOSERS = {
    "(": ")",
    "[": "]",
    "{": "}",
    r"\lvert": r"\rvert",
    r"\lVert": r"\rVert",
    MATRIX: r"\end{pmatrix}",
}
NORMS = {"1": 1.0, "2": 2.0, r"\infty": np.inf}
FRACTIONS = {
    **dict.fromkeys(r"\frac \tfrac \dfrac".split(), "/"),
    r"\binom": r"\binom",
}
REPEATED = r"\sum \prod".split()
# Of a factor that is no letter or number
STARTERS = [*CLOSERS, *FRACTIONS, *REPEATED]
PRODUCTS = r"\cdot \times / \otimes \odot".split()
RELATIONS = r"= \approx < > \le \leq \ge \geq".split()


class ParseError(ValueError):
    """The LaTeX cannot be parsed, or its operators do not fit the values of its letters."""


class Mismatch(AssertionError):
    """The equation, as printed, does not hold for these values."""


@dataclass(frozen=True)
class Statement:
    """A chain such as a = b < c."""

    latex: str
    "As its author wrote it, on one line."
    sides: list[Expression]
    relations: list[str]
    "One less than sides."
    letters: list[str]
    "The letters bound to numbers or arrays, in order of appearance."


def parse(latex: str, letters: Bindings) -> list[Statement]:
    r"""Return the statements of an equation whose letters are bound to values like these.

    In `\sum_{k=1}^{n} x_k` the letter `x_k` is bound to a function of k.
    A sum without limits, `\sum_k`, is bound to a range.
    Both extend over the product that follows.
    """
    try:
        return _Parser(latex, {**KNOWN, **letters}).parse_statements()
    except RecursionError:
        raise ParseError(
            "it nests too deeply: write several equations"
        ) from None


def check_statement(statement: Statement, bindings: Bindings) -> None:
    """Check every relation of a parsed chain."""
    sides = evaluate_sides(statement, bindings)
    for relation, left, right in zip(statement.relations, sides, sides[1:]):
        with _explain_errors(statement, bindings):
            fits = holds(relation, left, right, bindings.get(r"\approx", 0))
        if not fits:
            values = f"left of {relation} is {_format(left)}, right of it {_format(right)}"
            raise Mismatch(f"{_describe(statement, bindings)}: {values}")


def evaluate_sides(statement: Statement, bindings: Bindings) -> list[Array]:
    """Return the values of all sides."""
    with _explain_errors(statement, bindings):
        return [
            evaluate_side(side, {**KNOWN, **bindings})
            for side in statement.sides
        ]


@contextmanager
def _explain_errors(
    statement: Statement, bindings: Bindings
) -> Generator[None]:
    """Turn errors of arithmetic into errors that show the statement and its values."""
    try:
        with np.errstate(invalid="raise", divide="raise", over="raise"):
            yield
    except (ShapeError, np.linalg.LinAlgError) as error:
        raise ParseError(f"{error}, in ‘{statement.latex}’") from None
    except (FloatingPointError, OverflowError, ZeroDivisionError) as error:
        raise Mismatch(f"{_describe(statement, bindings)}: {error}") from None


def _describe(statement: Statement, bindings: Bindings) -> str:
    values = [
        f"{letter} = {_format(bindings[letter])}"
        for letter in statement.letters
    ]
    return f"‘{statement.latex}’ with {', '.join(values)}"


def _format(value: object) -> str:
    """Return a number, or a small array, on one line."""
    array = np.asarray(value)
    if array.size == 1:
        return f"{array.item():.9g}"
    return " ".join(
        np.array2string(array, precision=6, threshold=8, separator=", ").split()
    )


def _is_function(expression: Expression) -> bool:
    """Return whether an expression is a function without an argument."""
    return (
        isinstance(expression, tuple)
        and expression[0] == "call"
        and not expression[2:]
    )


class _Parser:
    """A recursive-descent parser: one pass over the tokens."""

    def __init__(self, latex: str, letters: dict[str, Any]) -> None:
        text = LAYOUT.sub(
            lambda match: (match[1] or "").center(len(match[0])), latex
        )
        matches = [
            token for token in TOKEN.finditer(text) if token[0] not in SPACES
        ]
        self.latex = latex
        self.starts = [*(token.start() for token in matches), len(latex)]
        self.tokens = [*(token[0] for token in matches), ""]
        self.at = 0
        self.letters = letters
        names = sorted(letters.keys() - RELATIONS, key=len, reverse=True)
        self.names = {tuple(TOKEN.findall(name)): name for name in names}
        self.indices: list[str] = []
        self.occurrences: list[str] = []

    @property
    def next(self) -> str:
        """The next token; nothing at the end."""
        return self.tokens[self.at]

    def accept(self, *wanted: str) -> str:
        """Return the next token and move on if it is one of these, else return ""."""
        token = self.next if self.next in wanted else ""
        self.at += token != ""
        return token

    def expect(self, tokens: str, message: str) -> None:
        """Move past these tokens, or raise an error with a message."""
        for token in tokens.split():
            if not self.accept(token):
                raise self.error(message)

    def quote(self, start: int, end: int) -> str:
        """Return the LaTeX between two tokens, as its author wrote it."""
        return " ".join(
            self.latex[self.starts[start] : self.starts[end]].split()
        )

    def error(self, message: str) -> ParseError:
        """Return an error that quotes the place."""
        rest = self.quote(self.at, -1)[:40] or "the end"
        return ParseError(f"{message}, at ‘{rest}’")

    def parse_statements(self) -> list[Statement]:
        """Parse all chains.

        statements = {sum relation sum {relation sum} {separator}}
        """
        statements = []
        while self.next:
            start, self.occurrences = self.at, []
            sides, relations = [self.parse_expression()], []
            while relation := self.accept(*RELATIONS):
                relations.append(relation)
                sides.append(self.parse_expression())
            if not relations:
                raise self.error("expected a relation such as =")
            if r"\approx" in relations and r"\approx" not in self.letters:
                raise self.error("bind \\approx to its relative tolerance")
            statements.append(
                Statement(
                    self.quote(start, self.at),
                    sides,
                    relations,
                    list(dict.fromkeys(self.occurrences)),
                )
            )
            while self.accept(*SEPARATORS):
                pass
        return statements

    def parse_expression(self) -> Expression:
        """Parse a sum.

        sum = [sign] product {sign product}
        """
        sign = self.accept("+", "-")
        total = self.parse_product()
        if sign == "-":
            total = (r"\cdot", -1.0, total)
        while sign := self.accept("+", "-"):
            total = (sign, total, self.parse_product())
        return total

    def parse_product(self) -> Expression:
        """Parse a product; its sign is optional, but not after a slash.

        product = power {[sign] power}
        """
        product = self.parse_power()
        while (sign := self.accept(*PRODUCTS)) or self.starts_factor():
            product = (sign or r"\cdot", product, self.parse_power())
            if sign == "/" and self.starts_factor():
                raise self.error(
                    "a factor after a slash can be read in two ways: write \\frac"
                )
        return product

    def starts_factor(self) -> bool:
        """Return whether the next token starts a factor without a sign."""
        return self.next in STARTERS or bool(self.match_name())

    def parse_power(self) -> Expression:
        r"""Parse a power, a transposed matrix, or a function of something.

        power = (primary | call) {"^" (script | \top)}
        """
        power = self.parse_primary()
        if _is_function(power):
            power = self.parse_call(power)
        while self.accept("^"):
            if self.accept(r"\top"):
                power = (r"\top", power)
            else:
                power = ("^", power, self.parse_script())
        return power

    def parse_script(self) -> Expression:
        r"""Parse the argument of ^ or \frac.

        script = digit | operand
        """
        if self.next[:1].isdecimal() and self.next[1:]:
            raise self.error(
                "put braces around a number of more than one digit"
            )
        return self.parse_operand()

    def parse_operand(self) -> Expression:
        """Parse a primary that is not a function."""
        operand = self.parse_primary()
        if _is_function(operand):
            raise self.error("put a function and its argument in parentheses")
        return operand

    def parse_call(self, function: Expression) -> Expression:
        r"""Parse the argument of a function, and its power, if any.

        call = function ["^" script] ("(" sum {"," sum} ")" | operand)

        such as \cos\varphi, \cos(2\varphi), \cos^2\varphi, \max(a, b)
        """
        exponent = self.parse_script() if self.accept("^") else None
        has_bracket = self.next in CLOSERS
        if function[1] == r"\sqrt" and self.next == "[":
            raise self.error("write such a root as a power, ^{1/3}")
        if self.accept("("):
            call = (*function, *self.parse_list(",", self.parse_expression))
            self.expect(")", "expected )")
        else:
            call = (*function, self.parse_operand())
        if self.next == "^" and not has_bracket:
            raise self.error("put the argument or the power in parentheses")
        return call if exponent is None else ("**", call, exponent)

    def parse_list(self, separator: str, parse: Callable[[], Any]) -> list[Any]:
        """Parse a list of items with a separator; `parse` parses one item."""
        items = [parse()]
        while self.accept(separator):
            items.append(parse())
        return items

    def parse_row(self) -> list[Expression]:
        """Parse the cells of a row of a matrix.

        row = sum {"&" sum}
        """
        return self.parse_list("&", self.parse_expression)

    def parse_primary(self) -> Expression:
        r"""Parse an operand.

        primary = name
                | fraction script script
                | \sum limits product
                | opener sum closer
                | matrix
        """
        if tokens := self.match_name():
            return self.parse_name(tokens)
        if sign := self.accept(*FRACTIONS):
            return (FRACTIONS[sign], self.parse_script(), self.parse_script())
        if sign := self.accept(*REPEATED):
            return self.parse_repeated(sign, *self.parse_limits())
        if not (opener := self.accept(*CLOSERS)):
            unknown = f"‘{self.next}’ is not bound, and not known"
            raise self.error(
                unknown if self.next else "the formula ends too early"
            )
        matrix = opener == MATRIX
        group = (
            self.parse_list(r"\\", self.parse_row)
            if matrix
            else self.parse_expression()
        )
        self.expect(CLOSERS[opener], f"expected {CLOSERS[opener]}")
        if opener == r"\lVert":
            order = self.accept(*NORMS) if self.accept("_") else "2"
            if not order:
                raise self.error("a norm is _1, _2 or _\\infty")
            return (opener, group, NORMS[order])
        return (opener, group) if opener in (r"\lvert", MATRIX) else group

    def match_name(self) -> tuple[str, ...]:
        """Return the tokens of the longest letter, the number or the index at this place."""
        for name in self.names:
            if (
                name
                and tuple(self.tokens[self.at : self.at + len(name)]) == name
            ):
                return name
        alone = self.next[:1].isdecimal() or self.next in self.indices
        return (self.next,) * alone

    def parse_name(self, tokens: tuple[str, ...]) -> Expression:
        """Parse a number, an index, a letter or a function."""
        self.at += len(tokens)
        text = "".join(tokens)
        if self.next in ("_", "'"):
            raise self.error(
                f"‘{text}’ is bound without the index behind it: bind both together"
            )
        if text in self.indices:
            return ("index", text)
        if tokens not in self.names:
            return float(text.replace("{,}", ""))
        name = self.names[tokens]
        if isinstance(self.letters[name], range):
            return self.parse_repeated(
                tokens[0], text.strip("{}")[-1], ("letter", name)
            )
        if not callable(self.letters[name]):
            self.occurrences += [name] * (name not in KNOWN)
            return ("letter", name)
        below = tokens[tokens.index("_") :] if "_" in tokens else ()
        indices = [("index", token) for token in below if token in self.indices]
        return ("call", name, *indices)  # x_{jk} is a function of j and k

    def parse_limits(self) -> tuple[str, Expression]:
        """Parse the index of a sum, and its range.

        limits = "_{" index "=" sum "}^" script
        """
        self.expect(
            "_ {", "write a sum with its limits, or bind \\sum_k to a range"
        )
        index = self.next
        self.at += 1
        self.expect("=", "the index has no first value: write _{k=1}")
        first = self.parse_expression()
        self.expect("} ^", "the index has no last value: write ^{n}")
        return index, ("range", first, self.parse_script())

    def parse_repeated(
        self, sign: str, index: str, values: Expression
    ) -> Expression:
        """Parse the term of a sum or product."""
        if sign not in REPEATED:
            raise self.error("bind a range to \\sum_k or \\prod_k")
        self.indices.append(index)
        term = self.parse_product()
        self.indices.pop()
        return (sign, index, values, term)
