"""Reader of printed equations: evaluates LaTeX on numbers, so that what is checked is what is shown.

A recursive descent over the tokens of the formula. What the letters mean comes from the bindings: every bound
key is an atom, the longest match first, so `\\lambda_{\\max}` or `\\frac{\\partial L}{\\partial w}` may be one letter.
"""

import re

import numpy as np

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\{,\}\d{3})*(?:\.\d+)?|\S")
SPACE = {r"\,", r"\;", r"\:", r"\!", r"\ ", r"\left", r"\right", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", "~"}
GAP = {r"\quad", r"\qquad"}
CLOSER = {"(": ")", "[": "]", r"\lVert": r"\rVert", r"\lvert": r"\rvert", "{": "}"}
NORMS = {"1": 1, "2": 2, r"\infty": np.inf}
RELATIONS = {
    "=": lambda a, b, near: np.allclose(a, b, rtol=1e-7, atol=1e-9),
    r"\le": lambda a, b, near: bool(np.all(a <= b + 1e-9 * abs(b))),
    r"\ge": lambda a, b, near: bool(np.all(a >= b - 1e-9 * abs(b))),
    "<": lambda a, b, near: bool(np.all(a < b)),
    ">": lambda a, b, near: bool(np.all(a > b)),
    r"\approx": lambda a, b, near: np.allclose(a, b, rtol=near, atol=0),
}
RELATIONS |= {r"\leq": RELATIONS[r"\le"], r"\geq": RELATIONS[r"\ge"]}
KNOWN = {rf"\{name}": getattr(np, name) for name in "sin cos tan arccos arcsin arctan tanh cosh sinh exp log".split()}
KNOWN |= {r"\ln": np.log, r"\pi": np.pi, r"\det": np.linalg.det}


class Unreadable(ValueError):
    """The reader does not know what a piece of the formula means."""


class Unequal(AssertionError):
    """The formula, as printed, does not hold for these numbers."""


def check(latex, bindings):
    """Evaluate every relation of the formula `latex` on `bindings` (letter to number, array or function).

    One-dimensional arrays count as columns. `=` holds to a relative 1e-7; `\\approx` to the relative tolerance bound to
    it. Raises `Unreadable` where the formula has no meaning, `Unequal` where a relation fails.
    """
    try:
        with np.errstate(invalid="raise", divide="raise"):
            _Reading(latex, bindings).statements()
    except (FloatingPointError, ZeroDivisionError) as error:
        raise Unequal(f"it is not a number: {error}") from None


class _Reading:
    def __init__(self, latex, bindings):
        latex = re.sub(r"\\(begin|end)\{aligned\}|(?<!\\)&(?=\s*=)", " ", latex)
        self.tokens = [token for token in TOKEN.findall(latex) if token not in SPACE]
        self.at = 0
        self.letters = {tuple(TOKEN.findall(key)): value for key, value in (KNOWN | bindings).items()}
        self.longest = sorted(self.letters, key=len, reverse=True)
        self.near = bindings.get(r"\approx")

    # Tokens.
    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted):
        if self.next() not in wanted or not self.next():
            return ""
        self.at += 1
        return self.tokens[self.at - 1]

    def need(self, token):
        if not self.take(token):
            raise self.stuck(f"expected {token}")

    def stuck(self, why):
        done, rest = " ".join(self.tokens[: self.at]), " ".join(self.tokens[self.at :])
        return Unreadable(f"{why}, at ‘{rest[:40] or 'the end'}’ after ‘{done[-40:]}’")

    # Grammar: statements, chains of relations, sums, products, powers, atoms.
    def statements(self):
        while self.next():
            self.chain()
            while self.take(",", ".", ";", r"\\", *GAP):
                pass

    def chain(self):
        start, left = self.at, self.sum()
        if self.next() not in RELATIONS:
            raise self.stuck("expected a relation")
        while relation := self.take(*RELATIONS):
            right = self.sum()
            if np.shape(left) != np.shape(right) and not (np.ndim(right) == 0 and right == 0):
                raise self.stuck(f"shapes {np.shape(left)} and {np.shape(right)} cannot be compared")
            if relation == r"\approx" and self.near is None:
                raise self.stuck("bind \\approx to its relative tolerance")
            if not RELATIONS[relation](np.asarray(left), np.asarray(right), self.near):
                printed = " ".join(self.tokens[start : self.at])
                raise Unequal(f"‘{printed}’: left of {relation} is {_brief(left)}, right of it {_brief(right)}")
            left = right

    def sum(self):
        sign = self.take("+", "-")
        total = self.product()
        total = -total if sign == "-" else total
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
            elif self.take(r"\odot"):
                value = value * self.power()
            elif self.take(r"\otimes"):
                value = np.kron(value, self.power())
            elif self.starts_atom():
                if divided:
                    raise self.stuck("a factor after a slash can be read in two ways: use \\frac")
                value = self.multiply(value, self.power())
            else:
                return value

    def multiply(self, left, right):
        if np.ndim(left) == 0 or np.ndim(right) == 0:
            return left * right
        if left.shape[1] != right.shape[0]:
            raise self.stuck(f"shapes {left.shape} and {right.shape} cannot be multiplied")
        return _scalar(left @ right)

    def divide(self, over, under):
        if np.ndim(under):
            raise self.stuck("a denominator must be a number")
        return over / under

    def power(self):
        value = self.atom()
        if callable(value):
            value = self.application(value)
        while self.take("^"):
            if self.tokens[self.at : self.at + 3] == ["{", r"\top", "}"]:
                self.at += 2
                value = np.transpose(value)
                self.need("}")
            elif self.take(r"\top"):
                value = np.transpose(value)
            elif np.ndim(exponent := self.group()):
                raise self.stuck("an exponent must be a number")
            else:
                value = value**exponent if np.ndim(value) == 0 else np.linalg.matrix_power(value, int(exponent))
        return value

    def application(self, function):
        """\\cos\\varphi, \\cos(2\\varphi), \\cos^2\\varphi: one atom is the argument."""
        exponent, enclosed = self.group() if self.take("^") else 1, self.next() in ("(", "[")
        value = _scalar(np.asarray(function(self.atom())))
        if self.next() == "^" and not enclosed:
            raise self.stuck("put the argument or the power in parentheses")
        return value**exponent

    def group(self):
        """What ^, _ or \\frac govern: a braced sum, or a single token."""
        if self.take("{"):
            value = self.sum()
            self.need("}")
            return value
        token = self.next()  # TeX takes one digit: x^10 is x¹0
        if token.isdigit() and len(token) > 1:
            raise self.stuck("brace what has more than one digit")
        return self.atom()

    def key(self):
        """The longest bound key that stands here, or None."""
        return next((key for key in self.longest if tuple(self.tokens[self.at : self.at + len(key)]) == key), None)

    def starts_atom(self):
        token = self.next()
        opens = token in ("(", "[", "{", r"\lVert", r"\lvert", r"\frac", r"\tfrac", r"\dfrac", r"\sqrt", r"\begin")
        return opens or token[:1].isdigit() or self.key() is not None

    def atom(self):
        if key := self.key():
            self.at += len(key)
            value = self.letters[key]
            if self.next() in ("_", "'"):
                raise self.stuck(f"‘{''.join(key)}’ is bound, but not with what follows it")
            return value if callable(value) else _scalar(np.asarray(value))
        if self.next()[:1].isdigit():
            self.at += 1
            return float(self.tokens[self.at - 1].replace("{,}", ""))
        if opener := self.take(*CLOSER):
            value = self.sum()
            self.need(CLOSER[opener])
            if opener == r"\lVert":
                return np.linalg.norm(np.ravel(value), self.order())
            return np.abs(value) if opener == r"\lvert" else value
        if self.take(r"\frac", r"\tfrac", r"\dfrac"):
            return self.divide(self.group(), self.group())
        if self.take(r"\sqrt"):
            return np.sqrt(self.group())
        if self.take(r"\begin"):
            return self.matrix()
        raise self.stuck("this is not bound and not known" if self.next() else "the formula ends too early")

    def order(self):
        if not self.take("_"):
            return 2
        token = self.take(*NORMS)
        if not token:
            raise self.stuck("a norm is _1, _2 or _\\infty")
        return NORMS[token]

    def matrix(self):
        self.need("{"), self.need_word("pmatrix"), self.need("}")
        rows = [[self.sum()]]
        while mark := self.take("&", r"\\"):
            rows.append([self.sum()]) if mark == r"\\" else rows[-1].append(self.sum())
        self.need(r"\end"), self.need("{"), self.need_word("pmatrix"), self.need("}")
        return np.block([[np.atleast_2d(cell) for cell in row] for row in rows])

    def need_word(self, word):
        for letter in word:
            self.need(letter)


def _scalar(value):
    """A number where the array holds one, a column where it has one axis."""
    if value.size == 1:
        return value.reshape(())[()]
    return value[:, None] if value.ndim == 1 else value


def _brief(value):
    return np.array2string(np.asarray(value), precision=8, threshold=8, separator=", ").replace("\n", "")
