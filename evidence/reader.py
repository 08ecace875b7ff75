"""Reader of printed equations: evaluates LaTeX on numbers, so that what is checked is what is shown.

A recursive descent over tokens. What the letters mean comes from the bindings: every bound key is an atom, the longest
match first, so that `\\lambda_{\\max}` or `\\frac{\\partial L}{\\partial w}` may be one letter.
"""

import inspect
import math
import re

import numpy as np

TOKEN = re.compile(r"\\(?:begin|end)\{pmatrix\}|\\[a-zA-Z]+|\\.|\d+(?:\{,\}\d{3})*(?:\.\d+)?|\S")
SPACES = {r"\,", r"\;", r"\:", r"\!", r"\ ", r"\left", r"\right", "~"}
CLOSERS = {"(": ")", "[": "]", "{": "}", r"\lVert": r"\rVert", r"\lvert": r"\rvert"}
CLOSERS[r"\begin{pmatrix}"] = r"\end{pmatrix}"
NORMS = {"1": 1, "2": 2, r"\infty": np.inf}
KNOWN = {rf"\{name}": getattr(np, name) for name in "sin cos tan arccos arcsin arctan tanh exp log sqrt pi".split()}
KNOWN |= {r"\ln": np.log, r"\det": np.linalg.det, r"\max": np.maximum, r"\min": np.minimum}
FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac")
LARGEST = 100_000  # terms of a sum
REPEATED = (r"\sum", r"\prod")
STARTERS = (*CLOSERS, *FRACTIONS, *REPEATED, r"\binom")  # with a letter or a number, what a factor may begin with
RELATIONS = {
    "=": lambda a, b, near: np.allclose(a, b, rtol=1e-7, atol=1e-9),
    r"\approx": lambda a, b, near: np.allclose(a, b, rtol=near, atol=0),
    r"\le": lambda a, b, near: np.all(a <= b + 1e-9 * abs(b)),
    r"\ge": lambda a, b, near: np.all(a >= b - 1e-9 * abs(b)),
    "<": lambda a, b, near: np.all(a < b),
    ">": lambda a, b, near: np.all(a > b),
}
RELATIONS |= {r"\leq": RELATIONS[r"\le"], r"\geq": RELATIONS[r"\ge"]}


class Unreadable(ValueError):
    """The reader does not know what a piece of the formula means."""


class Unequal(AssertionError):
    """The formula, as printed, does not hold for these numbers."""


def check(latex, bindings):
    """Evaluate every relation of the formula `latex` on `bindings`: letter to number, array or function.

    One-dimensional arrays are columns. In `\\sum_{k=1}^{n} x_k` the letter `x_k` is bound to a function of k; a sum
    without limits, `\\sum_k`, is bound to a range; both govern the product behind them. `=` holds to a relative 1e-7,
    `\\approx` to the tolerance that is bound to it.
    Raises `Unreadable` where the formula has no meaning, `Unequal` where a relation fails.
    """
    try:
        with np.errstate(invalid="raise", divide="raise", over="raise"):
            _Reading(latex, bindings).statements()
    except RecursionError:
        raise Unreadable("it nests deeper than the reader can follow") from None
    except np.linalg.LinAlgError as error:
        raise Unreadable(str(error)) from None
    except (FloatingPointError, OverflowError, ZeroDivisionError) as error:
        raise Unequal(f"it is not a number: {error}") from None


class _Reading:
    def __init__(self, latex, bindings):
        latex = re.sub(r"\\(begin|end)\{aligned\}|(\\\\\s*)?&(?=\s*=)", " ", latex)  # a chain over several lines
        self.tokens, self.at = [token for token in TOKEN.findall(latex) if token not in SPACES], 0
        self.near, self.indices = bindings.get(r"\approx"), {}
        self.bind({key: value for key, value in (KNOWN | bindings).items() if key not in RELATIONS})

    def bind(self, letters):
        self.letters = {tuple(TOKEN.findall(key)): letters[key] for key in sorted(letters, key=len, reverse=True)}

    def take(self, *wanted):
        token = self.next
        self.at += token in wanted
        return token if token in wanted else ""

    @property
    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else "the end"

    def stuck(self, why):
        done, rest = (" ".join(part) for part in (self.tokens[: self.at], self.tokens[self.at :]))
        return Unreadable(f"{why}, at ‘{rest[:40] or 'the end'}’ after ‘{done[-40:]}’")

    def alike(self, left, right, done):
        if np.shape(left) != np.shape(right):
            raise self.stuck(f"shapes {np.shape(left)} and {np.shape(right)} cannot be {done}")

    # From the loosest binding to the tightest: statements, sums, products, powers, atoms.
    def statements(self):
        while self.at < len(self.tokens):
            start, left = self.at, self.sum()
            if self.next not in RELATIONS:
                raise self.stuck("expected a relation")
            while relation := self.take(*RELATIONS):
                right = self.sum()
                if np.any(right):  # = 0 stands for an array of zeros, too
                    self.alike(left, right, "compared")
                if relation == r"\approx" and not self.near:
                    raise self.stuck("bind \\approx to its relative tolerance")
                if not RELATIONS[relation](left, right, self.near):
                    sides = [np.array2string(np.asarray(side), precision=8, threshold=8) for side in (left, right)]
                    printed = " ".join(self.tokens[start : self.at])
                    raise Unequal(f"‘{printed}’: left of {relation} is {sides[0]}, right of it {sides[1]}")
                left = right
            while self.take(",", ".", ";", r"\\", r"\quad", r"\qquad"):
                pass

    def sum(self):
        total = -self.product() if self.take("+", "-") == "-" else self.product()
        while sign := self.take("+", "-"):
            term = self.product()
            self.alike(total, term, "added")
            total = total + term if sign == "+" else total - term
        return total

    def product(self):
        value = self.power()
        while (sign := self.take(r"\cdot", r"\times", "/", r"\otimes", r"\odot")) or self.factor():
            right = self.power()
            if sign == "/" and self.factor():
                raise self.stuck("a factor after a slash can be read in two ways: use \\frac")
            if sign == r"\odot":
                self.alike(value, right, "multiplied entry by entry")
            join = {"/": self.over, r"\otimes": np.kron, r"\odot": np.multiply}.get(sign, self.times)
            value = join(value, right)
        return value

    def factor(self):
        return self.next in STARTERS or self.letter()

    def repeated(self, sign, index, values):
        """The sum or product of what follows, once for each value of its index."""
        start, hidden, total = self.at, self.indices.get(index), None
        for self.indices[index] in values:
            self.at = start
            term = self.product()
            total = term if total is None else total + term if sign == r"\sum" else self.times(total, term)
        self.indices[index] = hidden
        if total is None:
            raise self.stuck("a sum over nothing: what it governs cannot be skipped")
        return total

    def limits(self):
        """The index of a sum and the integers that it runs over, from \\sum_{k=1}^{n}."""
        if not (self.take("_") and self.take("{")):
            raise self.stuck("write a sum with its limits, or bind \\sum_k to a range")
        index = self.next
        self.at += 1
        if not self.take("="):
            raise self.stuck("an index starts somewhere: _{k=1}")
        first = self.sum()
        if not (self.take("}") and self.take("^")):
            raise self.stuck("a sum ends somewhere: ^{n}")
        return index, range(self.whole(first), self.whole(self.digit()) + 1)

    def whole(self, value):
        if np.ndim(value) or np.iscomplexobj(value) or not abs(value) <= LARGEST:
            raise self.stuck(f"expected a whole number up to {LARGEST:,}")
        return int(value)

    def times(self, left, right):
        if not np.ndim(left) or not np.ndim(right):
            return left * right
        if left.shape[1] != right.shape[0]:
            raise self.stuck(f"shapes {left.shape} and {right.shape} cannot be multiplied")
        return self.number(left @ right)

    def over(self, above, below):
        if np.ndim(below):
            raise self.stuck("a denominator must be a number")
        return above / below

    def power(self):
        value = self.atom()
        if callable(value):  # one atom is the argument: \cos\varphi, \cos(2\varphi), \cos^2\varphi
            exponent, enclosed = self.digit() if self.take("^") else 1, self.next in CLOSERS
            value = self.number(self.applied(value, self.arguments())) ** exponent
            if self.next == "^" and not enclosed:
                raise self.stuck("put the argument or the power in parentheses")
        while self.take("^"):
            if self.tokens[self.at : self.at + 3] == ["{", r"\top", "}"]:
                self.tokens[self.at : self.at + 3] = [r"\top"]
            if self.take(r"\top"):
                value = np.transpose(value)
            elif np.ndim(exponent := self.digit()):
                raise self.stuck("an exponent must be a number")
            else:
                value = np.linalg.matrix_power(value, int(exponent)) if np.ndim(value) else value**exponent
        return value

    def arguments(self):
        """The atom that a function is applied to, or several in parentheses, between commas."""
        if not self.take("("):
            return [self.operand()]
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        if not self.take(")"):
            raise self.stuck("expected )")
        return found

    def applied(self, function, arguments):
        try:
            if isinstance(function, np.ufunc):  # which would write into an argument too many
                fits = function.nin == len(arguments)
            else:
                fits = inspect.signature(function).bind(*arguments)
        except TypeError:
            fits = False
        if not fits:
            raise self.stuck(f"a function is given {len(arguments)} arguments, and takes another number of them")
        return function(*arguments)

    def digit(self):
        """What ^ or \\frac governs: braces, a letter, and of a number one digit."""
        if self.next[:1].isdecimal() and len(self.next) > 1:
            raise self.stuck("brace what has more than one digit")
        return self.operand()

    def operand(self):
        value = self.atom()
        if callable(value):
            raise self.stuck("a function needs its argument here: put both in parentheses")
        return value

    def letter(self):
        """The tokens of the longest bound key or of the number that stands here."""
        keys = (key for key in self.letters if tuple(self.tokens[self.at : self.at + len(key)]) == key)
        alone = self.next[:1].isdecimal() or self.indices.get(self.next) is not None
        return next(keys, (self.next,) if alone else ())

    def subscript(self, found):
        """The present values of the indices in the subscript of a letter: x_{jk} is a function of j and k."""
        below = found[found.index("_") :] if "_" in found else ()
        return [self.indices[token] for token in below if self.indices.get(token) is not None]

    def atom(self):
        if found := self.letter():
            self.at += len(found)
            if self.next in ("_", "'"):
                raise self.stuck(f"‘{''.join(found)}’ is bound, but not with what follows it")
            if len(found) == 1 and self.indices.get(found[0]) is not None:
                return float(self.indices[found[0]])
            value = self.letters[found] if found in self.letters else float(found[0].replace("{,}", ""))
            if isinstance(value, range):
                return self.repeated(found[0], found[-1] if found[-1] != "}" else found[-2], value)
            if callable(value) and (index := self.subscript(found)):
                value = self.applied(value, index)
            return value if callable(value) else self.number(value)
        if self.take(*FRACTIONS):
            return self.over(self.digit(), self.digit())
        if self.take(r"\binom"):
            above, below = self.whole(self.digit()), self.whole(self.digit())
            if above < 0 or below < 0:
                raise self.stuck("\\binom takes no negative numbers")
            return float(math.comb(above, below))
        if sign := self.take(*REPEATED):
            return self.repeated(sign, *self.limits())
        if not (opener := self.take(*CLOSERS)):
            raise self.stuck(
                "the formula ends too early" if self.next == "the end" else "this is not bound and not known"
            )
        rows = [[self.sum()]]
        while opener == r"\begin{pmatrix}" and (mark := self.take("&", r"\\")):
            rows.append([self.sum()]) if mark == r"\\" else rows[-1].append(self.sum())
        if not self.take(CLOSERS[opener]):
            raise self.stuck(f"expected {CLOSERS[opener]}")
        if opener == r"\begin{pmatrix}":
            try:
                return np.block([[np.atleast_2d(cell) for cell in row] for row in rows])
            except ValueError:
                raise self.stuck("the rows of a matrix do not fit") from None
        if opener == r"\lVert":
            order = self.take(*NORMS) if self.take("_") else "2"
            if not order:
                raise self.stuck("a norm is _1, _2 or _\\infty")
            return np.linalg.norm(np.ravel(rows[0][0]), NORMS[order])
        return np.abs(rows[0][0]) if opener == r"\lvert" else rows[0][0]

    def number(self, value):
        """A number where an array holds one, a column where it has one axis."""
        value = np.asarray(value)
        if value.dtype.kind not in "iufc" or value.ndim > 2 or not value.size:
            raise self.stuck(f"{value!s:.40} is no number, column or matrix")
        if value.dtype.kind in "iu":  # which overflow unseen, and have no negative powers
            value = value.astype(float)
        return value.reshape(())[()] if value.size == 1 else value[:, None] if value.ndim == 1 else value
