"""Source: what is wrong with the text of a page before Markdown reads it, and where."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import yaml

from evidence.diagnostics import INVISIBLE, describe_invisible
from evidence.syntax import CODE, FORMULA, HEAD, INCLUDE

HEADLESS = re.compile(
    r"\A(?:(?:[\w-]+:.*\n(?:[ \t]+.*\n)*){1,40}---[ \t]*$|\s*-{3,}\n(?:[a-z_]+:.*\n)+)",
    re.M,
)
# A formula whose commands YAML would take for a tab, a bell …
ESCAPED = re.compile(r"\"[^\"\n$]*\$[^\"\n]*?(?<!\\)(?:\\\\)*\\[a-zA-Z].*")
MARKUP = re.compile(r"<[^<>]*>|\]\([^()\s]*\)")
# In C where there is one, as in MkDocs
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INDENTED = re.compile(
    r"(?<=\n\n)(?:(?: {4}|\t).*\n)+(?=\n|\Z)"
)  # code, or in a list
# Characters of a line, and [ left open, that Markdown reads in seconds
LINE, BRACKETS = (5000, 100)


def check_source(text: str) -> Iterator[tuple[str, str]]:
    """Yield (fragment of the text, message) for what makes a page unreadable."""
    if "\ufffd" in text:
        yield "\ufffd", "this is not UTF-8: save the page as UTF-8"
        return
    if invisible := INVISIBLE.search(text):
        yield invisible[0], f"the page {describe_invisible(text)}"
        return
    if head := HEAD.match(text):
        yield from check_head(head[1])
    elif HEADLESS.match(text):
        yield (
            "",
            "the head of the page has no first or no last line ---, of three dashes: add it",
        )
    if not HEAD.sub("", text).strip():
        yield "", "the page is empty: write it, or remove it"
    for line in text.split("\n"):
        if len(line) > LINE and len(MARKUP.sub("", line)) > LINE:
            yield (
                line[:40],
                f"a line is longer than {LINE:,} characters: split it",
            )
    for paragraph in text.split("\n\n"):
        if paragraph.count("[") - paragraph.count("]") > BRACKETS:
            yield (
                paragraph[:40],
                f"more than {BRACKETS} [ stand here without a ]: close them, or write \\[",
            )


def check_head(head: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the YAML at the head of a page."""
    if escaped := ESCAPED.search(head):
        yield (
            escaped[0],
            "YAML takes a backslash between \" for an escape: write the text between '",
        )
        return
    try:
        content = yaml.load(head, LOADER)  # with aliases, and dates
        json.dumps(content, default=str, skipkeys=True)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = (
            head.split("\n")[min(mark.line, head.count("\n"))] if mark else ""
        )
        problem = getattr(error, "problem", error)
        yield (
            line.strip(),
            f"the head of the page is no YAML ({problem}): put what holds : or {{{{ in quotes, "
            "and close what is open",
        )
        return
    if not isinstance(content, dict | None):
        yield (
            "",
            "the head of the page is no YAML (no names with values): write name: value",
        )


def find_line(
    source: str, fragments: list[str], occurrence: int = 1, pair: str = ""
) -> int:
    """Return the line of the n-th place of the first of some fragments that a text holds.

    `pair` describes an opening, as a group, and an ending, one of which stands alone there.
    """
    fragment = "".join(fragments[:1])
    texts = _blank_code(source)[occurrence > 1 and 2 :]
    if fragment == "\ufffd" or not fragment.isprintable():  # also in code
        texts = (source,) * 4
    at = _find_unpaired(texts[1], pair) if pair else -1
    for part, text in product(fragments, texts):
        at = _find_fragment(text, part, occurrence) if at < 0 else at
    if at < 0 and (included := INCLUDE.search(source)):
        at = included.end() - len(included[0].lstrip())
    return source[: max(at, 0)].count("\n") + 1


@lru_cache(maxsize=100)
def _blank_code(source: str) -> tuple[str, str, str, str]:
    """Return a text with blanks in place of code and formulas, of code alone, and as it is.

    What is indented may be code or not, so it is left out at first.
    """

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    prose = CODE.sub(blank, source)
    outer = INDENTED.sub(blank, prose)
    return FORMULA.sub(blank, outer), outer, prose, source


def _find_fragment(source: str, fragment: str, occurrence: int) -> int:
    """Return where a fragment stands in a text: at the head of a line if possible, else -1.

    Escapes, and the marks of quotations, make no difference.
    """
    words = r"[\s>]+".join(
        re.sub(r"(\W)", r"\\\\*\\\1", word) for word in fragment.split()
    )
    for pattern in (rf"^[\s>*-]*({words})", f"({words})") if fragment else ():
        if found := [
            match.start(1) for match in re.finditer(pattern, source, re.M)
        ]:
            return found[min(occurrence, len(found)) - 1]
    return -1


def _find_unpaired(source: str, pair: str) -> int:
    """Return where an opening, the group of `pair`, or an ending stands alone, else -1."""
    opened: list[int] = []
    for match in re.finditer(pair, source, re.M | re.I):
        if match[1]:
            opened.append(match.start(1))
        elif not opened:
            return match.start()
        else:
            opened.pop()
    return opened[0] if opened else -1
