"""Reader of printed equations: evaluates LaTeX on numbers, so that what is checked is what is shown.

A recursive descent over tokens. What the letters mean comes from the bindings: every bound key is an atom, the longest
match first, so that `\\lambda_{\\max}` or `\\frac{\\partial L}{\\partial w}` may be one letter.
"""

import re

import numpy as np

TOKEN = re.compile(r"\\(?:begin|end)\{pmatrix\}|\\[a-zA-Z]+|\\.|\d+(?:\{,\}\d{3})*(?:\.\d+)?|\S")
SPACES = {r"\,", r"\;", r"\:", r"\!", r"\ ", r"\left", r"\right", "~"}
CLOSERS = {"(": ")", "[": "]", "{": "}", r"\lVert": r"\rVert", r"\lvert": r"\rvert"}
NORMS = {"1": 1, "2": 2, r"\infty": np.inf}
KNOWN = {rf"\{name}": getattr(np, name) for name in "sin cos tan arccos arcsin arctan tanh exp log".split()}
KNOWN |= {r"\ln": np.log, r"\det": np.linalg.det, r"\pi": np.pi}
RELATIONS = {
    "=": lambda a, b, near: np.allclose(a, b, rtol=1e-7, atol=1e-9),
    r"\approx": lambda a, b, near: np.allclose(a, b, rtol=near, atol=0),
    r"\le": lambda a, b, near: np.all(a <= b + 1e-9 * abs(b)),
    r"\ge": lambda a, b, near: np.all(a >= b - 1e-9 * abs(b)),
    "<": lambda a, b, near: np.all(a < b),
    ">": lambda a, b, near: np.all(a > b),
}


class Unreadable(ValueError):
    """The reader does not know what a piece of the formula means."""


class Unequal(AssertionError):
    """The formula, as printed, does not hold for these numbers."""


def check(latex, bindings):
    """Evaluate every relation of the formula `latex` on `bindings`: letter to number, array or function.

    One-dimensional arrays are columns. `=` holds to a relative 1e-7, `\\approx` to the tolerance that is bound to it.
    Raises `Unreadable` where the formula has no meaning, `Unequal` where a relation fails.
    """
    try:
        with np.errstate(invalid="raise", divide="raise"):
            _Reading(latex, bindings).statements()
    except np.linalg.LinAlgError as error:
        raise Unreadable(str(error)) from None
    except (FloatingPointError, ZeroDivisionError) as error:
        raise Unequal(f"it is not a number: {error}") from None


class _Reading:
    def __init__(self, latex, bindings):
        latex = re.sub(r"\\(begin|end)\{aligned\}|(\\\\\s*)?&(?=\s*=)", " ", latex)  # a chain over several lines
        self.tokens, self.at = [token for token in TOKEN.findall(latex) if token not in SPACES], 0
        letters = {key: value for key, value in (KNOWN | bindings).items() if key not in RELATIONS}
        self.letters = {tuple(TOKEN.findall(key)): value for key, value in letters.items()}
        self.keys = sorted(self.letters, key=len, reverse=True)
        self.near = bindings.get(r"\approx")

    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted):
        token = self.next()
        self.at += bool(token) and token in wanted
        return token if token in wanted else ""

    def need(self, token):
        if not self.take(token):
            raise self.stuck(f"expected {token}")

    def stuck(self, why):
        done, rest = (" ".join(part) for part in (self.tokens[: self.at], self.tokens[self.at :]))
        return Unreadable(f"{why}, at ‘{rest[:40] or 'the end'}’ after ‘{done[-40:]}’")

    # From the loosest binding to the tightest: statements, relations, sums, products, powers, atoms.
    def statements(self):
        while self.next():
            self.relations()
            while self.take(",", ".", ";", r"\\", r"\quad", r"\qquad"):
                pass

    def relations(self):
        start, left = self.at, self.sum()
        if self.next() not in RELATIONS:
            raise self.stuck("expected a relation")
        while relation := self.take(*RELATIONS):
            right = self.sum()
            if np.shape(left) != np.shape(right) and np.any(right):  # = 0 stands for an array of zeros too
                raise self.stuck(f"shapes {np.shape(left)} and {np.shape(right)} cannot be compared")
            if relation == r"\approx" and not self.near:
                raise self.stuck("bind \\approx to its relative tolerance")
            if not RELATIONS[relation](left, right, self.near):
                sides = [np.array2string(np.asarray(side), precision=8, threshold=8) for side in (left, right)]
                printed = " ".join(self.tokens[start : self.at])
                raise Unequal(f"‘{printed}’: left of {relation} is {sides[0]}, right of it {sides[1]}")
            left = right

    def sum(self):
        negative = self.take("+", "-") == "-"
        total = -self.product() if negative else self.product()
        while sign := self.take("+", "-"):
            term = self.product()
            if np.shape(total) != np.shape(term):
                raise self.stuck(f"shapes {np.shape(total)} and {np.shape(term)} cannot be added")
            total = total + term if sign == "+" else total - term
        return total

    def product(self):
        value, divided = self.power(), False
        while True:
            if self.take(r"\cdot", r"\times"):
                value = self.multiply(value, self.power())
            elif self.take("/"):
                value, divided = self.divide(value, self.power()), True
            elif not self.starts_atom():
                return value
            elif divided:
                raise self.stuck("a factor after a slash can be read in two ways: use \\frac")
            else:
                value = self.multiply(value, self.power())

    def multiply(self, left, right):
        if np.ndim(left) and np.ndim(right) and left.shape[1] != right.shape[0]:
            raise self.stuck(f"shapes {left.shape} and {right.shape} cannot be multiplied")
        return _number(left @ right) if np.ndim(left) and np.ndim(right) else left * right

    def divide(self, over, under):
        if np.ndim(under):
            raise self.stuck("a denominator must be a number")
        return over / under

    def power(self):
        value = self.atom()
        if callable(value):  # one atom is the argument: \cos\varphi, \cos(2\varphi), \cos^2\varphi
            exponent, enclosed = self.group() if self.take("^") else 1, self.next() in ("(", "[")
            value = _number(np.asarray(value(self.atom()))) ** exponent
            if self.next() == "^" and not enclosed:
                raise self.stuck("put the argument or the power in parentheses")
        while self.take("^"):
            braced = self.tokens[self.at : self.at + 3] == ["{", r"\top", "}"]
            if braced or self.take(r"\top"):
                value, self.at = np.transpose(value), self.at + 3 * braced
            elif np.ndim(exponent := self.group()):
                raise self.stuck("an exponent must be a number")
            else:
                value = np.linalg.matrix_power(value, int(exponent)) if np.ndim(value) else value**exponent
        return value

    def group(self):
        """What ^ or \\frac governs: a braced sum or a single sign, and of a number one digit."""
        if self.next()[:1].isdigit() and len(self.next()) > 1:
            raise self.stuck("brace what has more than one digit")
        return self.atom()

    def key(self):
        return next((key for key in self.keys if tuple(self.tokens[self.at : self.at + len(key)]) == key), None)

    def starts_atom(self):
        opens = (*CLOSERS, r"\frac", r"\tfrac", r"\sqrt", r"\begin{pmatrix}")
        return self.next() in opens or self.next()[:1].isdigit() or self.key()

    def atom(self):
        if key := self.key():
            self.at += len(key)
            if self.next() in ("_", "'"):
                raise self.stuck(f"‘{''.join(key)}’ is bound, but not with what follows it")
            value = self.letters[key]
            return value if callable(value) else _number(np.asarray(value))
        if self.next()[:1].isdigit():
            self.at += 1
            return float(self.tokens[self.at - 1].replace("{,}", ""))
        if opener := self.take(*CLOSERS):
            value = self.sum()
            self.need(CLOSERS[opener])
            if opener == r"\lVert":
                order = self.take(*NORMS) if self.take("_") else "2"
                return np.linalg.norm(np.ravel(value), NORMS.get(order) or self.need("1, 2 or \\infty"))
            return np.abs(value) if opener == r"\lvert" else value
        if self.take(r"\frac", r"\tfrac"):
            return self.divide(self.group(), self.group())
        if self.take(r"\sqrt"):
            return np.sqrt(self.group())
        if self.take(r"\begin{pmatrix}"):
            rows = [[self.sum()]]
            while mark := self.take("&", r"\\"):
                rows.append([self.sum()]) if mark == r"\\" else rows[-1].append(self.sum())
            self.need(r"\end{pmatrix}")
            return np.block([[np.atleast_2d(cell) for cell in row] for row in rows])
        raise self.stuck("this is not bound and not known" if self.next() else "the formula ends too early")


def _number(value):
    """A number where the array holds one, a column where it has one axis."""
    return value.reshape(())[()] if value.size == 1 else value[:, None] if value.ndim == 1 else value
