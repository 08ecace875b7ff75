"""Inline: values, formulas and references in a sentence, for the Markdown extension."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import STX, AtomicString

from evidence.blocks import LESS
from evidence.integrity import describe_formulas
from evidence.mathematics import describe_formula
from evidence.syntax import DISPLAY, DOLLAR, REFERENCE, ROUND, TICKS, VALUE
from evidence.usage import PageContext, find_reference
from evidence.values import DOLLAR_SIGN, to_latex

PIPE = "\ue000"  # placeholder for a | in a value or formula while Markdown reads tables
# Of pymdownx; if it is there, it reads all mathematics
ARITHMATEX = "arithmatex-inline"
PARTNERS = dict(zip("()[]", ")(]["))
Create = Callable[..., Element | str | None]
MARKUP = re.compile(  # an open tag, comment, address or list of attributes
    r"(?:<[a-zA-Z][^<>]*|<!--(?:(?!-->)[\s\S])*|\]\([^()\s]*"
    r"|[)\]*_`]\{:?(?:[^{}]|\{\{[^{}]*\}\})*"
    r'|(?<!\S)\{:?(?:[^{}"]|"(?:[^{}"]|\{\{[^{}]*\}\})*")*"(?:[^{}"]|\{\{[^{}]*\}\})*)\Z'
)
TRAILING = "([.,;:!?)’”]*)"  # stays on the line of the formula
# Other braces are LaTeX’s
IN_FORMULA = re.compile(r"\{\{(\s*\w+\.(?:(?!\{\{).)+?)\}\}")


class EvidenceProcessor(InlineProcessor):
    """A pattern in a sentence; a ValueError becomes a diagnostic and a mark in the page."""

    md: Any

    def __init__(
        self,
        pattern: str,
        md: Markdown,
        create: Create,
    ) -> None:
        """`create` returns the element for a match, or None to leave it to other patterns."""
        super().__init__(pattern, md)
        self.create = create

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[Any, ...]:
        if STX in m[0] or MARKUP.search(data, 0, m.start()):
            # `integrity` fills the values there
            return None, None, None
        try:
            element = self.create(self.md, m)
        except ValueError as error:
            whole, inner = (part.replace(PIPE, "|") for part in (m[0], m[1]))
            self.md.evidence.report(whole, str(error), instead=inner.strip())
            element = _create("code", whole, {"class": "failed"})
        return (
            (element, *m.span()) if element is not None else (None, None, None)
        )


def _create(tag: str, text: str, attributes: dict[str, str]) -> Element:
    element = Element(tag, attributes)
    element.text = AtomicString(text)
    return element


def _link_value(text: str, address: str, description: str) -> Element:
    return _create(
        "a", text, {"class": "value", "href": address, "title": description}
    )


def create_value(md: Any, match: re.Match[str]) -> Element:
    """Return a value as a link to the line that computes it. Raises ValueError."""
    text, line, about = md.evidence.quote_value(match[1].replace(PIPE, "|"))
    return _link_value(text, line, describe_formulas(about, md.evidence))


def create_formula(
    md: Any, match: re.Match[str], display: bool = False
) -> Element | None:
    """Return a formula, or None if arithmatex reads mathematics. Raises ValueError."""
    if ARITHMATEX in md.inlinePatterns:
        return None
    context: PageContext = md.evidence
    source = match[1].replace(PIPE, "|").replace(LESS, "<").strip()
    values = list(map(context.quote_value, IN_FORMULA.findall(source)))
    texts = iter(values)
    latex = IN_FORMULA.sub(lambda _: to_latex(next(texts)[0]), source)
    html = context.formulas.convert(latex, display)
    placeholder = md.htmlStash.store(html)
    context.plain[placeholder] = describe_formula(html)
    element = _create(
        "span", "" if values else placeholder + match[2], {"class": "formula"}
    )
    if values:
        link = _link_value(placeholder, *values[0][1:])
        # A link that holds only mathematics has no accessible name
        link.set("aria-label", re.sub("<[^>]+>", "", html))
        link.tail = AtomicString(match[2])
        element.append(link)
    return element


def create_reference(md: Any, match: re.Match[str]) -> Element:
    """Return the link for `[@goh2017why]`, a work, or `[@square.area]`, an equation anywhere."""
    context: PageContext = md.evidence
    attributes = {"class": "reference", "data-key": match[1], "href": "#"}
    if not context.site.is_rendered:
        return _create("a", match[1], attributes)
    text, page, anchor = find_reference(match[1], context.page, context.site)
    return _create(
        "a", text, attributes | {"href": f"{context.address(page)}#{anchor}"}
    )


def check_delimiter(md: Any, match: re.Match[str]) -> None:
    """Report the delimiter of a formula without a partner, which Markdown takes for an escape."""
    own, other, text = match[0], "\\" + PARTNERS[match[1]], match.string
    if text.count(own) == 1 and not text.count(other):
        md.evidence.report(
            text[match.start() :].split("\n")[0][:20],
            f"‘{own}’ has no partner: close the formula, or write {match[1]}",
        )


def register_patterns(md: Markdown) -> None:
    """Register values, formulas and references, before escapes and emphasis."""
    patterns: list[tuple[str, Create, str, float]] = [
        (TICKS + TRAILING, create_formula, "ticks", 191),  # before code
        (
            DISPLAY + TRAILING,
            partial(create_formula, display=True),
            "display",
            189,
        ),
        (ROUND + TRAILING, create_formula, "round", 188),
        (DOLLAR + TRAILING, create_formula, "dollar", 187),
        (VALUE.pattern, create_value, "value", 186),
        (REFERENCE.pattern, create_reference, "reference", 185),
        (r"\\([()\[\]])", check_delimiter, "lone", 181),
        (r"\\\$", lambda md, match: DOLLAR_SIGN, "escape", 180.5),
    ]
    for pattern, create, name, priority in patterns:
        md.inlinePatterns.register(
            EvidenceProcessor(pattern, md, create),
            f"evidence-{name}",
            priority,
        )
