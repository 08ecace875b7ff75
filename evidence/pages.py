"""Pages: the Markdown extension that fills values, formulas and references into sentences."""

import re
from functools import partial
from xml.etree.ElementTree import Element

from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.util import AtomicString
from pymdownx.blocks import BlocksExtension

from evidence.blocks import BLOCKS, LESS, PART, mathml
from evidence.book import BLOCK, Book, anchor
from evidence.problems import unknown
from evidence.project import Project
from evidence.values import PATTERN, latex

FORMULA = r"(?<![\\$])(\$\$?)(?!\s)((?:[^$\\\n]|\\.|\n(?!\n))+)(?<!\s)\1(?!\d)"
PIPE = "\ue000"  # a | inside a value, hidden while Markdown reads tables


class EvidenceExtension(BlocksExtension):
    """Evidence in Markdown; `book` is the Book to read from, else that of the working directory."""

    def __init__(self, **config):
        self.config = {"book": ["", "the Book to read from"]}  # of each instance: Markdown writes into it
        super().__init__(**config)

    def extendMarkdownBlocks(self, md, manager):
        if not (book := self.getConfig("book")):
            book = Book(Project("."))
            book.scan()
        md.book = book
        md.convert = partial(_converted, md, md.convert)
        md.ESCAPED_CHARS = [*md.ESCAPED_CHARS, "$"]
        md.preprocessors.register(_Marks(md), "evidence", 24)  # after fences, before raw HTML
        md.postprocessors.register(_Restored(md), "evidence", 0)
        formula = _Formula(FORMULA + "([.,;:!?)’”]*)", md)
        md.inlinePatterns.register(formula, "evidence-formula", 187)  # before escapes and emphasis
        md.inlinePatterns.register(_Value(PATTERN.pattern, md), "evidence-value", 186)
        md.inlinePatterns.register(_Reference(r"\[@([\w.:-]+)\]", md), "evidence-reference", 185)
        for block in BLOCKS:
            manager.register(block, {})


def makeExtension(**config):
    return EvidenceExtension(**config)


def _converted(md, convert, text):
    try:
        return convert(text)
    except RecursionError:
        md.book.report("", "the page nests deeper than Markdown can follow: take something out of the other")
    except ValueError as error:  # of MkDocs, where a link is no address
        md.book.report("", f"the page cannot be read: {error}")
    return ""


class _Marks(Preprocessor):
    """Before Markdown: finds blocks that do not exist or do not end, hides what Markdown would misread."""

    def run(self, lines):
        book, known, depth = self.md.book, self.md.parser.blockprocessors["blocks"].blocks, []
        for i, line in enumerate(lines):
            lines[i] = PATTERN.sub(lambda found: found[0].replace("|", PIPE), line)
            if found := BLOCK.match(line):
                depth.append(line)
                if found[1] not in known:
                    book.report(line, unknown("block", found[1], known))
                elif known[found[1]].ARGUMENT is True and not found[2]:
                    book.report(line, f"‘{line.strip()}’ names nothing: write /// {found[1]} | NAME")
            elif depth and re.fullmatch(r"\s*/{3,}\s*", line):
                depth.pop()
            elif line.strip() == "===" and depth:  # or Markdown makes a heading of the caption
                lines[i] = f"\n{PART}\n"
        for line in depth:
            book.report(line, f"‘{line}’ has no end: close it with ///")
        return "\n".join(lines).split("\n")


class _Restored(Postprocessor):
    def run(self, text):
        for mark, meant in ((PIPE, "|"), (PART, "==="), (LESS, "&lt;")):  # where nothing took them out
            text = text.replace(mark, meant)
        return text


class _Inline(InlineProcessor):
    """What stands in a sentence; a ValueError becomes a problem of the page and a mark where it stands."""

    def handleMatch(self, found, data):
        try:
            return self.made(found), *found.span()
        except ValueError as error:
            self.md.book.report(found[0].replace(PIPE, "|"), str(error))
            return self.element("strong", str(error), {"class": "failed"}), *found.span()

    def value(self, found):
        return self.md.book.value(found[1].replace(PIPE, "|"))

    def element(self, tag, text, attributes):
        made = Element(tag, attributes)
        made.text = AtomicString(text)
        return made


class _Value(_Inline):
    def made(self, found):
        text, href, about = self.value(found)
        return self.element("a", text, {"class": "value", "href": href, "title": about})


class _Formula(_Inline):
    def made(self, found):
        values = [self.value(part) for part in PATTERN.finditer(found[2])]
        texts = iter(values)
        formula = PATTERN.sub(lambda part: latex(next(texts)[0]), found[2]).replace(LESS, "<")
        html = mathml(formula, found[1] == "$$")
        made = self.element("span", self.md.htmlStash.store(html), {"class": "formula"})
        if values:
            spoken = re.sub("<[^>]+>", "", html)  # a link of mathematics alone has no name otherwise
            _, href, about = values[0]
            link = self.element("a", made.text, {"class": "value", "href": href, "title": about, "aria-label": spoken})
            link.tail, made.text = AtomicString(found[3]), ""
            made.append(link)
        elif found[3]:
            made.text = AtomicString(made.text + found[3])  # no line begins with a period
        return made


class _Reference(_Inline):
    """[@euler1748introductio] cites; [@square.area] points to a numbered equation, on whatever page it stands."""

    def made(self, found):
        book, key = self.md.book, found[1]
        if key in book.homes:
            page, number = book.number(key)
            text, href = f"({number})", f"/{page}#{anchor('equation', key)}"
        elif not book.bibliography or "." in key:
            raise ValueError(unknown("equation on any page", key, book.homes))
        else:
            entries = book.references(book.bibliography[1])
            if key not in entries:
                raise ValueError(unknown("reference", key, entries))
            text, href = entries[key][0], f"/{book.bibliography[0]}#{key}"
        return self.element("a", text, {"class": "reference", "href": href})
