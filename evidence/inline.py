"""Inline: what the Markdown extension reads in a sentence: values, formulas, references."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.util import STX, AtomicString

from evidence.blocks import LESS
from evidence.mathematics import describe_formula
from evidence.syntax import DISPLAY, DOLLAR, REFERENCE, ROUND, VALUE
from evidence.usage import PageContext, find_reference
from evidence.values import to_latex

PIPE = "\ue000"  # stands for a | in a value or formula while Markdown reads tables
ARITHMATEX = "arithmatex-inline"  # of pymdownx, which then reads all mathematics
FAILED = {"class": "failed"}
MARKUP = re.compile(  # that is open: a tag, a comment, an address, a list of attributes
    r"(?:<[a-zA-Z][^<>]*|<!--(?:(?!-->)[\s\S])*|\]\([^()\s]*|[)\]*_`]\{:?[^{}]*)\Z"
)
TRAILING = "([.,;:!?)’”]*)"  # that no line may begin with
IN_FORMULA = re.compile(r"\{\{(\s*\w+\.(?:(?!\{\{).)+?)\}\}")  # else it is LaTeX


class EvidenceProcessor(InlineProcessor):
    """What stands in a sentence; a ValueError becomes a diagnostic and a mark in its place."""

    md: Any

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[Element, int, int] | tuple[None, None, None]:
        if not self.is_active() or STX in m[0] or MARKUP.search(data, 0, m.start()):
            return None, None, None  # `integrity` fills values there
        try:
            return self.create_element(m), *m.span()
        except ValueError as error:
            whole, inner = (part.replace(PIPE, "|") for part in (m[0], m[1]))
            self.md.evidence.report(whole, str(error), instead=inner.strip())
            return _create("code", m[0].replace(PIPE, "|"), FAILED), *m.span()

    def is_active(self) -> bool:
        """Whether this is ours to read."""
        return True

    def create_element(self, match: re.Match[str]) -> Element:
        """Return the element that shows a match. Raises ValueError."""
        raise NotImplementedError


def _create(tag: str, text: str, attributes: dict[str, str]) -> Element:
    element = Element(tag, attributes)
    element.text = AtomicString(text)
    return element


def _describe_value(address: str, description: str) -> dict[str, str]:
    return {"class": "value", "href": address, "title": description}


class ValueProcessor(EvidenceProcessor):
    def create_element(self, match: re.Match[str]) -> Element:
        text, *about = self.md.evidence.quote(match[1].replace(PIPE, "|"))
        return _create("a", text, _describe_value(*about))


class FormulaProcessor(EvidenceProcessor):
    def __init__(self, pattern: str, md: Markdown, display: bool) -> None:
        super().__init__(pattern, md)
        self.compiled_re = re.compile(pattern, re.DOTALL | re.UNICODE)
        self.display = display

    def is_active(self) -> bool:
        """Whether no other extension reads mathematics."""
        return ARITHMATEX not in self.md.inlinePatterns

    def create_element(self, match: re.Match[str]) -> Element:
        context: PageContext = self.md.evidence
        source = match[1].replace(PIPE, "|").replace(LESS, "<").strip()
        values = [context.quote(value[1]) for value in IN_FORMULA.finditer(source)]
        texts = iter(values)
        latex = IN_FORMULA.sub(lambda _: to_latex(next(texts)[0]), source)
        html = context.formulas.convert(latex, self.display)
        placeholder = self.md.htmlStash.store(html)
        context.plain[placeholder] = describe_formula(latex)
        element = _create("span", placeholder, {"class": "formula"})
        if values:
            spoken = re.sub("<[^>]+>", "", html)  # a link of mathematics alone has no name
            attributes = _describe_value(*values[0][1:])
            link = _create("a", placeholder, attributes | {"aria-label": spoken})
            link.tail, element.text = AtomicString(match[2]), ""
            element.append(link)
        elif match[2]:
            element.text = AtomicString(placeholder + match[2])  # no line begins with a period
        return element


class LoneDelimiter(InlineProcessor):
    """A delimiter of a formula without its partner, which Markdown would take for an escape."""

    PARTNERS = {"(": ")", ")": "(", "[": "]", "]": "["}
    md: Any

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[None, None, None]:
        if MARKUP.search(data, 0, m.start()):
            return None, None, None
        own, other = m[0], f"\\{self.PARTNERS[m[1]]}"
        if data.count(own) == 1 and not data.count(other):
            line = data[m.start() :].split("\n")[0][:20]
            message = f"‘{own}’ has no partner: close the formula, or write {m[1]}"
            self.md.evidence.report(line, message)
        return None, None, None


class ReferenceProcessor(EvidenceProcessor):
    """`[@goh2017why]` cites; `[@square.area]` points to an equation on whatever page it is."""

    def create_element(self, match: re.Match[str]) -> Element:
        context: PageContext = self.md.evidence
        attributes = {"class": "reference", "data-key": match[1], "href": "#"}
        if not context.site.is_rendered:
            return _create("a", match[1], attributes)
        text, page, anchor = find_reference(match[1], context.page, context.site)
        return _create("a", text, attributes | {"href": f"{context.address(page)}#{anchor}"})


def register_patterns(md: Markdown) -> None:
    """Let Markdown read values, formulas and references, before escapes and emphasis."""
    patterns: list[tuple[InlineProcessor, str, int]] = [
        (FormulaProcessor(DISPLAY + TRAILING, md, display=True), "display", 189),
        (FormulaProcessor(ROUND + TRAILING, md, display=False), "round", 188),
        (FormulaProcessor(DOLLAR + TRAILING, md, display=False), "dollar", 187),
        (ValueProcessor(VALUE.pattern, md), "value", 186),
        (ReferenceProcessor(REFERENCE.pattern, md), "reference", 185),
        (LoneDelimiter(r"\\([()\[\]])", md), "lone", 181),
    ]
    for pattern, name, priority in patterns:
        md.inlinePatterns.register(pattern, f"evidence-{name}", priority)
