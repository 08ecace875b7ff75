"""Extension: evidence in Python-Markdown, and `render`, which turns a page into HTML."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import STX
from mkdocs.exceptions import PluginError
from pymdownx.blocks import BlocksExtension

from evidence.blocks import BLOCKS, LESS, LIMITS_MARK
from evidence.diagnostics import Diagnostic
from evidence.inline import ARITHMATEX, PIPE, register_patterns
from evidence.integrity import check_html
from evidence.mathematics import describe_formula
from evidence.syntax import (
    CODE,
    DISPLAY,
    DOLLAR,
    HEAD,
    LIMITS,
    ROUND,
    TICKS,
    VALUE,
    write_head,
)
from evidence.usage import PageContext, Site, Usage
from evidence.values import unmask_braces

OPENER = re.compile(
    r"^[ \t]{0,3}(?:(\$\$)(?!\$)|(\\{1,2}\[)(?=\s*\S)|(?=\\begin\{([a-zA-Z]+\*?)\}))",
    re.M,
)
MATH_FENCE = re.compile(
    r"\A([ \t>]*)[`~]{3,}[ \t]*(?:\{math\}|math)[ \t]*(?:\n[ \t>]*:\w+:[^\n]*)*"
    r"(\n.*\n)[ \t>]*[`~]+[ \t]*\Z",
    re.S,
)
CLOSERS = {1: r"(?<!\\)\$\$", 2: r"\\{1,2}\]"}


@dataclass(frozen=True)
class Page:
    """A rendered page."""

    html: str
    "With placeholders for references to equations and works, see `resolve_references`."
    usage: Usage
    diagnostics: list[Diagnostic]
    markdown: dict[str, str]
    "Blocks and values as the author wrote them, to plain Markdown."


def render(
    text: str,
    site: Site,
    page: str,
    extensions: Sequence[Any] = (),
    configs: dict[str, Any] | None = None,
    source: str = "",
    file: str = "",
) -> Page:
    """Return a page as HTML, with its usage and diagnostics.

    `page` is its path in the pages’ folder; `extensions` and `configs` are those of
    Python-Markdown; diagnostics name `file` and lines of `source`, by default of `text`. The only
    change to `site` is that usage and diagnostics are added.
    """
    context = PageContext(site, page, source or text, file)
    md = Markdown(
        extensions=[
            *extensions,
            EvidenceExtension(create_context=lambda md: context),
        ],
        extension_configs=configs or {},
    )
    return Page(
        md.convert(HEAD.sub("", text)),
        context.usage,
        context.diagnostics,
        context.markdown,
    )


class EvidenceExtension(BlocksExtension):
    """Values, claims, figures, equations and formulas in Markdown.

    `create_context(md)` returns the PageContext for each conversion of a text.
    """

    def __init__(self, **config: Any) -> None:
        self.config = {
            "create_context": [
                _require_plugin,
                "returns the PageContext of a conversion",
            ]
        }
        super().__init__(**config)

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: Any) -> None:
        convert: Any = partial(
            _convert, md, md.convert, self.getConfig("create_context")
        )
        md.convert = convert
        # After preprocessors that include files
        md.preprocessors.register(_KeepText(md), "evidence-text", 28)
        # After fences, before HTML
        md.preprocessors.register(_HidePipes(md), "evidence", 24)
        register = md.parser.blockprocessors.register
        # Before code
        register(_DisplayProcessor(md.parser), "evidence-display", 85)
        # Before headings
        register(_LimitsProcessor(md.parser), "evidence-limits", 69)
        register_patterns(md)
        # After all others
        md.treeprocessors.register(_TreeFinisher(md), "evidence", -1000)
        md.postprocessors.register(_Finisher(md), "evidence", -100)
        for block in BLOCKS:
            block_mgr.register(block, {})


def _require_plugin(md: Markdown) -> None:
    raise PluginError(
        "evidence.extension needs the plugin: write ‘- evidence’ under ‘plugins:’ in mkdocs.yml"
    )


def makeExtension(**config: Any) -> EvidenceExtension:
    """Return the extension; Python-Markdown calls this by name."""
    return EvidenceExtension(**config)


def _convert(
    md: Any, convert: Callable, create_context: Callable, text: str
) -> str:
    md.evidence = context = create_context(md)
    html = ""
    try:
        html = convert(text)
    except RecursionError:
        context.report(
            "", "the page nests deeper than Markdown can follow: flatten it"
        )
    # From MkDocs, for a link that is not an address
    except ValueError as error:
        context.report("", f"the page cannot be read: {error}")
    context.submit()
    return html


class _KeepText(Preprocessor):
    """Keeps the text after includes, for the copy of the page in Markdown.

    A fence of mathematics, as on GitHub, becomes a formula.
    """

    md: Any

    def run(self, lines: list[str]) -> list[str]:
        self.md.evidence.text = text = "\n".join(lines)
        return CODE.sub(
            lambda match: MATH_FENCE.sub(r"\1$$\2\1$$", match[0]), text
        ).split("\n")


class _HidePipes(Preprocessor):
    """Hides | in values and formulas, so that it does not split cells of tables."""

    def run(self, lines: list[str]) -> list[str]:
        def hide(match: re.Match[str]) -> str:
            # Other Markdown needs \| in tables
            return re.sub(
                r"\\?\|" if match[0].startswith("{{") else r"\|", PIPE, match[0]
            )

        for i, line in enumerate(lines):
            if "|" in line:
                for pattern in (VALUE.pattern, TICKS, DISPLAY, DOLLAR, ROUND):
                    line = re.sub(pattern, hide, line)
                lines[i] = line
        return lines


class _DisplayProcessor(BlockProcessor):
    """A formula on its own lines, in which Markdown must see nothing else."""

    def test(self, parent: Element, block: str) -> bool:
        if ARITHMATEX in self.parser.md.inlinePatterns:
            return False
        code = block.startswith("    ") and not self.parser.state.isstate(
            "list"
        )
        # Each item of a list is tested by itself
        item = re.match(r" {0,3}(?:\d+\.|[*+-])[ \t]", block)
        return not code and not item and bool(OPENER.search(block))

    def run(self, parent: Element, blocks: list[str]) -> bool | None:
        match: Any = OPENER.search(blocks[0])
        ending = (
            CLOSERS.get(match.lastindex)
            or rf"(?<=\\end\{{{re.escape(match[3])}\}})"
        )
        closer = re.compile(
            # Followed by a list of attributes, if any
            rf"{ending}[ \t]*([.,;:]?(?:[ \t]*\n *\{{:.*\}})?)[ \t]*$",
            re.M,
        )
        text = "\n\n".join(blocks)
        if not (end := closer.search(text, match.end())):
            return False
        # Keep line ends, since they end LaTeX’s comments
        inside = text[match.end() : end.start()]
        if match[2] and re.search(ending, inside):  # escaped, as in \[1\]
            return False
        if not (latex := re.sub(r"\s*\n\s*", "\n", inside).strip()):
            return False
        if before := text[: match.start()].strip("\n"):
            self.parser.parseBlocks(parent, [before])
        SubElement(parent, "p").text = f"$${latex}$${end[1]}"
        after = text[end.end() :].strip("\n")
        blocks[:] = after.split("\n\n") if after else []
        return None


class _LimitsProcessor(BlockProcessor):
    """The line === in a caption, after which its limits follow."""

    def test(self, parent: Element, block: str) -> bool:
        return parent.tag == "figcaption" and bool(LIMITS.search(block))

    def run(self, parent: Element, blocks: list[str]) -> None:
        before, after = LIMITS.split(blocks.pop(0), maxsplit=1)
        if before.strip():
            self.parser.parseBlocks(parent, [before.strip("\n")])
        SubElement(parent, "p", {"class": LIMITS_MARK})
        if after.strip():
            blocks.insert(0, after.strip("\n"))


class _TreeFinisher(Treeprocessor):
    """Final changes to the elements of a page."""

    md: Any

    def run(self, root: Element) -> None:
        context: PageContext = self.md.evidence
        for entry in self.md.parser.blockprocessors["blocks"].stack:
            block = entry.block
            head = write_head(block.NAME, block.argument)
            context.report(
                head, f"‘{head}’ has no end: close it with {'/' * block.length}"
            )
        for element in root.iter():
            for name, value in element.attrib.items():
                if value and STX in value:
                    # A formula in an attribute, which cannot hold elements
                    for placeholder, plain in context.plain.items():
                        value = value.replace(placeholder, plain)
                    element.set(name, value)
            if element.tag == "a" and element.get("class") != "value":
                for inner in list(element.iter("a"))[1:]:  # links cannot nest
                    inner.tag = "span"
                    inner.attrib.pop("href", None)
        context.is_tree_finished = True


class _Finisher(Postprocessor):
    """Final changes to the HTML of a page."""

    md: Any

    def run(self, text: str) -> str:
        for mark, meaning in ((PIPE, "|"), (LESS, "&lt;")):
            text = text.replace(mark, meaning)
        if self.md.evidence.is_tree_finished:
            # The whole page, not a single heading for the table of contents
            text = check_html(
                text,
                self.md.evidence,
                list(self.md.parser.blockprocessors["blocks"].blocks),
            )
        else:
            text = re.sub(
                r"<math.*?</math>",
                lambda match: escape(describe_formula(match[0])),
                text,
            )
        return unmask_braces(text)
