"""Pages: the Markdown extension that fills values, formulas and references into text, and the base of its blocks."""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from math_core import LatexError, LatexToMathML
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block

from evidence.book import BLOCK, Book
from evidence.problems import unknown
from evidence.project import Project
from evidence.values import PATTERN, latex

MATHML = LatexToMathML(fancy_error=False)
PIPE, PART = "\ue000", "\ue001"  # a | inside a value and a caption's ===, hidden while Markdown reads tables and headings


def makeExtension(**config):
    """The extension, for Python-Markdown; `book` is the Book to read from, else that of the working directory."""
    return EvidenceExtension(**config)


class EvidenceExtension(BlocksExtension):
    config = {"book": ["", "the Book to read from"]}

    def extendMarkdownBlocks(self, md, blocks):
        from evidence.blocks import BLOCKS

        md.book = self.getConfig("book") or Book(Project("."))
        md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "$"]
        md.preprocessors.register(_Marks(md), "evidence", 24)  # after fences, before raw HTML
        md.inlinePatterns.register(_Formula(r"(?<![\\$])(\$\$?)(?!\s)(.+?)(?<![\\\s])\1(?!\d)", md), "evidence-formula", 187)
        md.inlinePatterns.register(_Value(PATTERN.pattern, md), "evidence-value", 186)
        md.inlinePatterns.register(_Reference(r"\[@([\w.:-]+)\]", md), "evidence-reference", 185)
        for block in BLOCKS:
            blocks.register(block, {})


def mathml(formula, display=False):
    """MathML of a formula, kept out of the search index; raises ValueError with the place of the error."""
    try:
        made = MATHML.convert_with_local_state(formula, displaystyle=display)
    except LatexError as error:
        raise ValueError(f"‘{formula}’ cannot be shown: {error}") from None
    return made.replace("<math", "<math data-search-exclude", 1)


def add(parent, tag, text=None, **attributes):
    """A new element at the end of `parent`; `class_` is class, `aria_label` is aria-label."""
    made = SubElement(parent, tag, {key.strip("_").replace("_", "-"): str(value) for key, value in attributes.items()})
    made.text = text
    return made


def link(snippet, line):
    return f"/evidence/{snippet}.md#line-{line}"


def anchor(name):
    return re.sub("[._]", "-", name)


class _Marks(Preprocessor):
    """Before Markdown: finds blocks that do not exist or do not end, hides what Markdown would misread."""

    def run(self, lines):
        book, known, depth = self.md.book, self.md.parser.blockprocessors["blocks"].blocks, []
        for i, line in enumerate(lines):
            lines[i] = line = PATTERN.sub(lambda m: m[0].replace("|", PIPE), line)
            if match := BLOCK.match(line):
                depth.append(line)
                if match[1] not in known:
                    book.report(line, unknown("block", match[1], list(known)))
            elif line.strip() == "///" and depth:
                depth.pop()
            elif line.strip() == "===" and depth:
                lines[i] = f"\n{PART}\n"
        for line in depth:
            book.report(line, f"‘{line}’ has no end: close it with ///")
        return "\n".join(lines).split("\n")


class _Inline(InlineProcessor):
    """What stands in a sentence; a ValueError becomes a problem of the page and a mark where it stands."""

    def handleMatch(self, match, data):
        try:
            return self.made(match), *match.span()
        except ValueError as error:
            return failed(self.md, match[0].replace(PIPE, "|"), error), *match.span()

    def value(self, match):
        return self.md.book.value(match[1].replace(PIPE, "|")) or ("…", "#", "")


class _Value(_Inline):
    def made(self, match):
        text, href, about = self.value(match)
        made = Element("a", {"class": "value", "href": href, "title": about})
        made.text = AtomicString(text)
        return made


class _Formula(_Inline):
    def made(self, match):
        values = [self.value(found) for found in PATTERN.finditer(match[2])]
        texts = iter(values)
        html = mathml(PATTERN.sub(lambda m: latex(next(texts)[0]), match[2]), match[1] == "$$")
        if not values:
            return self.md.htmlStash.store(html)
        _, href, about = values[0]
        spoken = re.sub("<[^>]+>", "", html)  # a link of mathematics alone has no name otherwise
        made = Element("a", {"class": "value", "href": href, "title": about, "aria-label": spoken})
        made.text = AtomicString(self.md.htmlStash.store(html))
        return made


class _Reference(_Inline):
    """[@lecun1998efficient] cites; [@zigzag.detour] points to a numbered equation, on whatever page it stands."""

    def made(self, match):
        text, href = self.md.book.reference(match[1])
        made = Element("a", {"class": "reference", "href": href})
        made.text = AtomicString(text)
        return made


def failed(md, text, error):
    md.book.report(text, str(error))
    made = Element("strong", {"class": "failed"})
    made.text = AtomicString(str(error))
    return made


class Shown(Block):
    """A block that shows something: `show` fills its box, `self.body` takes what the author writes in it."""

    ARGUMENT = True
    TAG = "div"

    def on_create(self, parent):
        name = f"{self.NAME}-{anchor(self.argument or '')}".strip("-")
        self.box = self.body = add(parent, self.TAG, class_=self.NAME, id=name)
        self.snippet, _, self.part = (self.argument or "").partition(".")
        try:
            self.fill()
        except ValueError as error:
            self.box.append(failed(self.md, f"/// {self.NAME} | {self.argument}", error))
        return self.box

    def fill(self):
        if offer := self.md.book.offered(self.NAME, self.argument):
            self.result, self.entry = offer
            self.show()

    def on_add(self, block):
        return self.body

    def stash(self, parent, html):
        parent.text = AtomicString(self.md.htmlStash.store(html))
