"""Mathematics: LaTeX as MathML, with the commands that lecture notes use and math-core lacks."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

from math_core import LatexError, LatexToMathML

# Of what begins with $$ in a display. Deeper nesting than the converter's stack would end us
REFUSED: list[tuple[str, str]] = re.findall(
    r"(\S.*)\n {4}(.+)",
    r"""
(?s).{2003}
    is longer than 2000 characters: split it
\A(?!\$\$)(?:.|\n)*(?<!\\)%
    holds %, with which LaTeX begins a comment: write \%
\\(?:eq)?ref\b
    refers to a number: write [@snippet.equation] beside it
\A\d[\d.,]*[/a-zA-Z]*,? (?:(?:per|or|and|for|to|each|in) |.*(?:US|AU|CA|NZ)\Z)
    reads like a price: write \$, and words in a formula as \text{ … }
""",
)
NESTING = 20  # of macros
MACROS: dict[str, str] = dict(
    re.findall(
        r"(\w+) (.+)",
        r"""
dotsc \ldots
dotso \ldots
hdots \ldots
dotsb \cdots
dotsm \cdots
dotsi \cdots
widetilde \tilde{#1}
substack {\begin{array}{c}#1\end{array}}
nicefrac \tfrac{#1}{#2}
pmb \boldsymbol{#1}
mathnormal {#1}
smash {#1}
vcenter {#1}
mathclap {#1}
llap {#1}
rlap {#1}
allowbreak {}
nobreak {}
smallsetminus \setminus
varlimsup \overline{\lim}
varliminf \underline{\lim}
""",
    )
)
# LaTeX that numbers or arranges whole displays, to what one formula may hold
REWRITES: list[tuple[str, str]] = re.findall(
    r"(\S.*) →[ ]?(.*)",
    r"""
\\label\{[^}]*\} →
\\require\{\w+\} →
\\(begin|end)\{(equation|align|gather|multline)\} → \\\1{\2*}
\\(begin|end)\{(?:eqnarray|flalign|alignat)\*?\}(?:\{\d+\})? → \\\1{align*}
\\(begin|end)\{(?:split|alignedat)\}(?:\{\d+\})? → \\\1{aligned}
\\(begin|end)\{multlined\} → \\\1{gathered}
\\(begin|end)\{smallmatrix\} → \\\1{matrix}
\\(begin|end)\{(?:(?:display)?math|subequations)\} →
@\{[^{}]*\} →
\\\\\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|px|mu)\s*\] → \\\\
&\s*(=|<|>|\\leq?|\\geq?|\\approx|\\sim|\\propto|\\to)\s*& → &\1{}
\\[mh]box(?![a-zA-Z]) → \\text
\\left\s*< → \\left\\langle{}
\\right\s*> → \\right\\rangle{}
√ → \\surd{}
&lt; → <
&gt; → >
&amp; → &
\\(?:re|provide)?newcommand\*?\s*\{?(\\[a-zA-Z]+)\}?\s*\[1\]\s* → \\def\1#1
\\(?:re|provide)?newcommand\*?\s*\{?(\\[a-zA-Z]+)\}?\s*\[2\]\s* → \\def\1#1#2
\\(?:re|provide)?newcommand\*?\s*\{?(\\[a-zA-Z]+)\}?\s*\[3\]\s* → \\def\1#1#2#3
\\(?:re|provide)?newcommand\*?\s*\{?(\\[a-zA-Z]+)\}?(?=\s*\{) → \\def\1
\\DeclareMathOperator(\*?)\{?\\([a-zA-Z]+)\}?\{([^}]*)\} → \\def\\\2{\\operatorname\1{\3}}
""",
)
NUMBERED = re.compile(r"\\begin\{(?:equation|align|gather|multline)\*?\}")
TAG = re.compile(r"\\tag\*?\{([^}]*)\}")
TEXT = re.compile(
    r"(\\text(?:rm|bf|it|sf|tt|sc|normal)?)\{((?:[^{}]|\{[^{}]*\})*)\}"
)
INLINE = re.compile(r"(?<!\\)\$(.+?)(?<!\\)\$")
# The marks before the parts of an element in plain text: ( for brackets only, . for none
JOINTS = dict(
    re.findall(
        r"(\w+):(\S+)",
        "mfrac:(/ msqrt:√ msub:._ munder:._ msup:.^ msubsup:._^ munderover:._^",
    )
)
ROOT = re.compile(r"<msqrt>(<m[in]>[^<]*</m[in]>)</msqrt>")
LOWERED_ROOT = (
    r'<msqrt><mpadded height="0.72em" depth="0.12em">\1</mpadded></msqrt>'
)

LINE = 21  # characters of a display that may be wider than a phone
RELATIONS, SUMS = set("=<>≤≥≪≫≈≠∼≲≳∝≡:→⇒⟹⇔⟺"), set("+−±⋅×")
OPENING, CLOSING = "([{⌊⌈⟨", ")]}⌋⌉⟩"


class Formulas:
    """The formulas of one page; later ones know the macros that earlier ones define."""

    def __init__(self, macros: Mapping[str, str] | None = None) -> None:
        """Take the macros of a site: command, with or without its backslash, to LaTeX."""
        self.plain: dict[str, str] = {}
        others = dict(MACROS)
        for name, latex in (macros or {}).items():
            kind = others if "#1" in latex else self.plain
            kind[name.lstrip("\\")] = latex
        self.macro = re.compile(
            rf"\\({'|'.join(self.plain) or '(?!)'})(?![a-zA-Z])"
        )
        self.converter = LatexToMathML(
            fancy_error=False,
            global_group=True,
            macros=others,
        )

    def convert(self, latex: str, display: bool) -> str:
        """Return the MathML of a formula, marked to stay out of the search index.

        Raises ValueError, with the place of the error, if it cannot be converted.
        """
        for pattern, message in REFUSED:
            if re.search(pattern, "$$" * display + latex):
                raise ValueError(f"‘{latex:.40}’ {message}")
        try:
            html = self.converter.convert_with_global_state(
                rewrite_latex(self.expand_macros(latex)), displaystyle=display
            )
        except LatexError as error:
            place, _, message = str(error).partition(": ")
            raise ValueError(
                f"‘{latex}’ cannot be shown: {message} at character {place}: fix the LaTeX, "
                "or name the command under macros"
            ) from None
        # Entities that XML does not know
        html = html.replace("&ApplyFunction;", "\u2061")
        html = html.replace("&InvisibleTimes;", "\u2062")
        # Or the root extends below the line
        html = ROOT.sub(LOWERED_ROOT, html)
        # The font raises a prime already
        html = html.replace("<mo>′</mo>", '<mo class="prime">′</mo>')
        if display:
            html = break_display(html)
        return html.replace("<math", "<math data-search-exclude", 1)

    def is_command(self, name: str) -> bool:
        """Return whether LaTeX knows a command."""
        if name in self.plain:
            return True
        try:
            self.converter.convert_with_local_state(
                f"\\{name}", displaystyle=False
            )
        except LatexError as error:
            return "Unknown" not in str(error)
        return True

    def expand_macros(self, latex: str) -> str:
        """Return LaTeX with macros without arguments expanded, so that `x\\tp` is a power of x.

        Raises ValueError if a macro expands to itself.
        """
        for _ in range(NESTING):
            expansion = self.macro.sub(
                lambda match: f"{self.plain[match[1]]} ", latex
            )
            if expansion == latex:
                return latex
            latex = expansion
        raise ValueError(
            f"‘{latex:.40}…’: a macro of mkdocs.yml stands for itself"
        )


def rewrite_latex(latex: str) -> str:
    """Return LaTeX without numbers of displays, and without mathematics inside of text."""
    for pattern, replacement in REWRITES:
        latex = re.sub(pattern, replacement, latex)
    if not NUMBERED.search(latex):
        latex = TAG.sub(r"\\qquad\\text{(\1)}", latex)
    return TEXT.sub(_split_text, latex)


def _split_text(match: re.Match[str]) -> str:
    command, parts = match[1], INLINE.split(match[2])
    for i, part in enumerate(parts[::2]):
        literal = re.sub(r"(?<!\\)([_#&%])", r"\\\1", part)
        parts[2 * i] = part and f"{command}{{{literal}}}"
    return "".join(parts) or f"{command}{{}}"


def break_display(html: str) -> str:
    """Return a display that, if long, can break at wide spaces and before relations and sums.

    It stays one formula; a browser that does not break lines in mathematics shows one line.
    """
    row = fromstring(html)
    parts, line, depth = [Element("mrow")], "", 0
    for element in row:
        text = "".join(element.itertext())
        if not depth and line[-1:] not in RELATIONS:
            if element.get("width") in ("1em", "2em"):
                parts += [element, Element("mrow")]
                continue
            is_sum = text in SUMS and element.get("lspace") != "0"
            if is_sum:
                element.set("form", "infix")
            is_mark = is_sum or text[:1] in RELATIONS
            if is_mark and len(parts[-1]) > is_sum:
                parts.append(Element("mrow"))
        parts[-1].append(element)
        line += text
        depth += sum((sign in OPENING) - (sign in CLOSING) for sign in text)
    if len(line) < LINE or len(parts) < 2:
        return html
    for part in parts:
        part.set("style", "display:inline math;margin-block:.2em")
    row[:] = parts
    row.set("style", "display:block;text-align:center;line-height:1.5")
    return tostring(row, "unicode")


def check_macros(macros: Mapping[str, Any]) -> str:
    """Return what is wrong with the macros of a site, "" if nothing is."""
    for name, latex in macros.items():
        if not re.fullmatch(r"\\?[a-zA-Z]+", str(name)) or not isinstance(
            latex, str
        ):
            return f"macros: {name!r}: {latex!r} is none: write COMMAND: 'LaTeX', as strings"
    try:
        Formulas(macros)
    except LatexError as error:
        return f"macros: {error}"
    return ""


def describe_formula(html: str) -> str:
    """Return a formula in MathML as plain text, for attributes, titles and navigation."""
    return re.sub(
        r"\^(?=[′″‴])",
        "",
        _describe(
            fromstring(
                html.replace(" data-search-exclude", "").replace("\u2061", " ")
            )
        ),
    )


def _describe(element: Element) -> str:
    parts = [_describe(part) for part in element if part.tag != "mphantom"]
    for at, mark in enumerate(JOINTS.get(element.tag, "")):
        if mark != ".":
            parts[at] = mark.strip("(") + (
                parts[at] if len(parts[at]) < 2 else f"({parts[at]})"
            )
    return (element.text or "") + "".join(parts)
