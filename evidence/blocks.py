"""Blocks: the offers of snippets on a page, each as HTML and as plain Markdown."""

from functools import cache, partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    select_autoescape,
)
from markdown.util import AtomicString
from pymdownx.blocks.block import Block, type_boolean, type_string

from evidence.integrity import describe_formulas
from evidence.syntax import write_head
from evidence.usage import PageContext, find_users, make_anchor
from evidence.values import mask_braces, qualify

try:
    from evidence.extras.letters import build_live_equation
except ImportError:  # left out
    build_live_equation = None  # type: ignore[assignment]

LESS = "\ue002"  # placeholder for a < in a claim, which Markdown would take for HTML
# Class of the mark between the two parts of a caption
LIMITS_MARK = "evidence-limits"
TemplateValues = dict[str, Any]

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(),
    trim_blocks=True,
    undefined=StrictUndefined,
)


@cache
def highlight_source(source: str) -> list[str]:
    """Return the lines of a Python source as HTML."""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    lexer, formatter = PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)
    return highlight(source, lexer, formatter).splitlines()


class EvidenceBlock(Block):
    """A block `/// NAME | snippet.part`; its content becomes the caption.

    To add a kind of block, set `NAME`, write a template `NAME.html`, and list the class in
    `BLOCKS`. Override `find_values` to change what fills the templates, and `build_html`. The
    template `copy.md` has the Markdown of all kinds.
    """

    NAME = ""
    ARGUMENT = True

    box: Element
    body: Any

    @property
    def context(self) -> PageContext:
        md: Any = self.md
        return md.evidence

    def on_create(self, parent: Element) -> Element:
        context, head = self.context, self.head()
        self.box = self.body = SubElement(parent, "div")
        context.block_counts[head] += 1
        try:
            if self.options["attrs"].pop("id", None):
                raise ValueError("its id is given: leave it out of attrs")
            if offer := self.find_values():
                box = self.build_html(offer)
                parent.remove(self.box)
                parent.append(box)
                self.box = box
                self.body = (
                    box.find("figcaption") if box.tag == "figure" else box
                )
                context.markdown[head] = self.render("copy.md", offer)
        except ValueError as error:
            context.report(head, str(error), context.block_counts[head])
            SubElement(
                self.box, "code", {"class": "failed"}
            ).text = AtomicString(head)
        return self.box

    def on_add(self, block: Element) -> Element:
        return self.body

    def head(self) -> str:
        """Return the first line of the block in its usual form."""
        return write_head(self.NAME, self.argument)

    def find_values(self) -> TemplateValues | None:
        """Return the values for the template, or None if the snippet has just failed."""
        if not (offer := self.context.find_offer(self.NAME, self.argument)):
            return None
        result, entry = offer
        return {
            "result": result,
            "entry": entry,
            "id": make_anchor(self.NAME, self.argument),
        }

    def build_html(self, offer: TemplateValues) -> Element:
        """Return the element for an offer."""
        box = fromstring(mask_braces(self.render(f"{self.NAME}.html", offer)))
        for part in box.iter():
            for place in "text", "tail":
                if text := getattr(part, place):
                    setattr(part, place, AtomicString(text.strip("\n")))
        return box

    def render(self, template: str, offer: TemplateValues) -> str:
        """Return a template, filled with an offer."""
        context = self.context
        return (
            TEMPLATES.get_template(template)
            .render(
                offer,
                kind=self.NAME,
                context=context,
                argument=self.argument,
                describe=partial(describe_formulas, context=context),
            )
            .strip()
        )

    def stash(self, element: Element, html: str) -> None:
        """Put HTML into an element, which Markdown leaves as it is."""
        element.text = AtomicString(self.md.htmlStash.store(html))


class EquationBlock(EvidenceBlock):
    """A checked equation, numbered in the order of its page."""

    NAME = "equation"
    OPTIONS = {"open": (False, type_boolean), "group": ("", type_string)}

    def find_values(self) -> TemplateValues | None:
        equations = self.context.usage.equations
        if offer := super().find_values():
            offer["number"] = equations.setdefault(
                self.argument, len(equations) + 1
            )
        return offer

    def build_html(self, offer: TemplateValues) -> Element:
        box = super().build_html(offer)
        self.stash(
            box[0],
            self.context.formulas.convert(offer["entry"].text, display=True),
        )
        self.entry = offer["entry"]
        return box

    def on_end(self, block: Element) -> None:
        if self.body.get("class") != "equation":
            # The equation is not shown, so drop the lines that name its letters
            self.body[:] = self.body.findall("code")
            return
        equation, mark, *lines = self.body
        self.body[:] = [equation, mark]
        text = "\n".join(line.text or "" for line in lines)
        live: Any = self.entry.live
        try:
            if live and build_live_equation:
                self.body.append(
                    build_live_equation(live, text, self.context, self.options)
                )
            elif text:
                raise ValueError(
                    "readers cannot try this equation, since not all of its letters are plain "
                    "numbers: remove the lines that name letters"
                )
        except ValueError as error:
            self.context.report(self.head(), str(error))


class ClaimBlock(EvidenceBlock):
    """A sentence with an assertion under it."""

    NAME = "claim"

    def build_html(self, offer: TemplateValues) -> Element:
        box = super().build_html(offer)
        # Markdown with values, which the extension fills
        box[0].text = qualify(
            offer["entry"].text, offer["result"].name
        ).replace("<", LESS)
        return box


class FigureBlock(EvidenceBlock):
    """A drawing with a caption; what follows a line of === states its limits."""

    NAME = "figure"

    def on_end(self, block: Element) -> None:
        if self.body is self.box:  # the snippet has failed
            return
        links, *parts = self.body
        children, attributes = [], {}
        for part in parts:
            if part.get("class") == LIMITS_MARK:
                attributes = {"class": "limits"}
            else:
                part.attrib |= attributes
                children.append(part)
        self.body[:] = [*children, links]


class ExploreBlock(FigureBlock):
    """A figure that follows a slider; without scripts, its first frame."""

    NAME = "explore"


class CodeBlock(EvidenceBlock):
    """A function or class of a snippet, as it runs."""

    NAME = "code"

    def build_html(self, offer: TemplateValues) -> Element:
        box, (first, last) = super().build_html(offer), offer["entry"]
        lines = "\n".join(
            highlight_source(offer["result"].source)[first - 1 : last]
        )
        code = f"<pre><span></span><code>{lines}\n</code></pre>"
        self.stash(box, f'<div class="highlight">{code}</div>\n')
        return box


class SourceBlock(EvidenceBlock):
    """The values and the source of a snippet; every line has an address."""

    NAME = "source"

    def find_values(self) -> TemplateValues | None:
        context, name = self.context, self.argument
        if not (result := context.find_result(name)):
            return None
        return {"result": result}

    def build_html(self, offer: TemplateValues) -> Element:
        box = super().build_html(offer)
        for part, line in zip(
            box.iter("span"), ["", *highlight_source(offer["result"].source)]
        ):
            self.stash(part, f"{line}\n")
        return box


class LedgerBlock(EvidenceBlock):
    """All checks: how, when, and by which lines."""

    NAME, ARGUMENT = "ledger", False

    def find_values(self) -> TemplateValues:
        self.context.usage.shows_all = True
        return {
            "places": find_users(self.context.site.usages.values()),
        }


class BibliographyBlock(EvidenceBlock):
    """The works of a BibTeX file."""

    NAME = "bibliography"

    def find_values(self) -> TemplateValues:
        self.context.usage.bibliography = self.argument
        return {"references": self.context.site.read_works(self.argument)}

    def build_html(self, offer: TemplateValues) -> Element:
        box = super().build_html(offer)
        for item, reference in zip(box, offer["references"].values()):
            self.stash(item, reference.html)
        return box


BLOCKS = [
    EquationBlock,
    ClaimBlock,
    FigureBlock,
    ExploreBlock,
    CodeBlock,
    SourceBlock,
    LedgerBlock,
    BibliographyBlock,
]
