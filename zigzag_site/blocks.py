"""Blocks: lists that are derived from all pages, put into Markdown in place of `/// cards`, `/// questions` and others.

They are Markdown made of text, before Markdown is read: a build calls `expand` where it reads a page, and the Markdown
extension calls it for whatever reads pages without MkDocs.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from zigzag_site import survivors
from zigzag_site.pages import ENTRY, FENCE, WRONG, Page, Site, anchor_of, read_site
from zigzag_site.public_names import document_package
from zigzag_site.tightness import Tightness
from zigzag_site.words import Names, Words

CARD = """<section markdown>
![](/evidence/{snippet}/{drawing}.svg#plot-{plot}){{ loading=lazy width=96 height=96 .thumbnail }}
<div markdown>

### [{title}](/{path})

{answer}

</div>
</section>
"""


def expand(text: str, site: Site) -> str:
    """Return the Markdown of a page with the blocks of this site expanded."""

    def replace(text: str) -> str:
        if LEDGER.search(text) and (page := site.page_with("survivors")):
            pointer = POINTER.format(path=page.path)
            text = text if pointer in text else LEDGER.sub(f"{pointer}/// ledger", text)
        return BLOCK.sub(lambda match: BLOCKS[match["name"]](site, match["argument"], match["body"]), text)

    return outside_code(text, replace)


def outside_code(text: str, replace: Callable[[str], str]) -> str:
    """Return `replace(text)`, leaving code as it is."""
    code: list[str] = []

    def keep(match: re.Match[str]) -> str:
        code.append(match[0])
        return f"\0{len(code) - 1}\0"

    return re.sub("\0(\\d+)\0", lambda match: code[int(match[1])], replace(FENCE.sub(keep, text)))


LEDGER = re.compile("^/// ledger", re.M)
POINTER = """Whether such a check would notice a mistake is [a page of its own](/{path}).
“Notices 3” behind a claim means that it fails as soon as any computed number which it quotes is off by three in the
last digit printed; what a script chooses, as the number of examples, is left out.

"""


def _cards(site: Site, argument: str | None, body: str) -> str:
    """Return all questions by section, each with a thumbnail and a one-sentence answer."""
    parts = []
    for section, pages in site.sections().items():
        parts += [f"## {section}\n", '<div class="cards" markdown>\n', *map(_card, pages), "</div>\n"]
    return "\n".join(parts)


def _card(page: Page) -> str:
    snippet, drawing, plot = page.thumbnail()
    fields = {"title": page.title, "path": page.path, "answer": page.meta["answer"]}
    return CARD.format(snippet=snippet, drawing=drawing, plot=plot, **fields)


def _questions(site: Site, argument: str | None, body: str) -> str:
    """Return readers' wordings by section and page, each as a link to its answer."""
    parts = []
    for section, pages in site.sections().items():
        parts.append(f"## {section}\n")
        for page in pages:
            parts.append(f"### [{page.title}](/{page.path})\n")
            parts.append("".join(f"- [{_escaped(words)}]({address})\n" for words, address in page.asked()))
    return "\n".join(parts)


def _misconceptions(site: Site, argument: str | None, body: str) -> str:
    """Return what people get wrong, by page, with the whole correction and a link to its place."""
    parts = []
    for page in site.pages:
        if pairs := page.misconceptions():
            parts.append(f"## [{page.title}](/{page.path})\n")
            parts += [
                f"/// wrong | [{sentence}](/{page.path}#{anchor_of(sentence)})\n{_from(page, truth)}\n///\n"
                for sentence, truth in pairs
            ]
    return "\n".join(parts)


def _from(page: Page, text: str) -> str:
    """Return text of a page for use on another page: links to its own headings name the page."""
    return re.sub(r"\]\(#", f"](/{page.path}#", text)


def _glossary(site: Site, argument: str | None, body: str) -> str:
    """Return the terms, each followed by a link to the page whose head says that it explains it."""
    places = site.explained()

    def more(match: re.Match[str]) -> str:
        return f"{match[0]} [More]({places[match['term']]})." if match["term"] in places else match[0]

    return f'<div class="glossary" markdown>\n\n{ENTRY.sub(more, body).strip()}\n\n</div>'


def _public_names(site: Site, argument: str | None, body: str) -> str:
    return document_package(argument or "evidence")


def _mutants(site: Site, argument: str | None, body: str) -> str:
    return survivors.count_mutants(site.folder / (argument or ""))


def _survivors(site: Site, argument: str | None, body: str) -> str:
    return survivors.list_survivors(site.folder / (argument or ""))


def _escaped(words: str) -> str:
    """Return a reader's words as the text of a link."""
    return re.sub(r"([\[\]*_`$])", r"\\\1", words)


Block = Callable[[Site, str | None, str], str]
BLOCKS: dict[str, Block] = {
    "cards": _cards,
    "questions": _questions,
    "misconceptions": _misconceptions,
    "glossary": _glossary,
    "mutants": _mutants,
    "public_names": _public_names,
    "survivors": _survivors,
}
BLOCK = re.compile(
    rf"^/// (?P<name>{'|'.join(BLOCKS)})(?: \| (?P<argument>\S.*?))?[ ]*\n(?P<body>(?s:.*?))^///[ ]*$", re.M
)


class SiteExtension(Extension):
    """`/// cards` and the other blocks, links to the glossary, words that do not break, and when a page was checked."""

    def __init__(self, **options: object) -> None:
        self.config = {"root": [".", "the folder of mkdocs.yml"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        root = Path(self.getConfig("root")).resolve()
        md.preprocessors.register(Blocks(md, root), "zigzag-blocks", 29)  # before code and evidence are looked for
        md.treeprocessors.register(Names(md), "zigzag-names", 12)  # before headings get links
        md.treeprocessors.register(
            Tightness(md, read_site(root).folder), "zigzag-tightness", 13
        )  # before headings get links
        md.treeprocessors.register(Words(md, lambda: read_site(root)), "zigzag-words", 4)  # after attributes and toc


class Blocks(Preprocessor):
    def __init__(self, md: Markdown, root: Path) -> None:
        super().__init__(md)
        self.root = root

    def run(self, lines: list[str]) -> list[str]:
        text = expand("\n".join(lines), read_site(self.root))
        return outside_code(text, _add_anchors).split("\n")


def _add_anchors(text: str) -> str:
    """Return text whose corrections have ids, each its own, as options of their blocks."""
    count: Counter[str] = Counter()

    def add(match: re.Match[str]) -> str:
        head, rest = match[0].split("\n", 1)
        anchor = anchor_of(re.sub(r"^\[(.*)\]\(/[^)]*\)$", r"\1", match["said"]))
        count[anchor] += 1
        anchor += f"-{count[anchor]}" if count[anchor] > 1 else ""
        return f"{head}\n    attrs: {{id: {anchor}}}\n\n{rest}"

    return WRONG.sub(add, text)


def makeExtension(**options: object) -> SiteExtension:
    return SiteExtension(**options)
