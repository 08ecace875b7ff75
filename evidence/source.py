"""Source: check the text of a page before Markdown reads it, and find lines in it."""

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
# In C if available, as in MkDocs
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
INDENTED = re.compile(
    r"(?<=\n\n)(?:(?: {4}|\t).*\n)+(?=\n|\Z)"
)  # code, or in a list
# Limits that keep Markdown from taking minutes: characters of a line, unclosed [
LINE, BRACKETS = (5000, 100)


def check_source(text: str) -> Iterator[tuple[str, str]]:
    """Yield (fragment of the text, message) for each reason why a page cannot be read."""
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
    """Yield (fragment, message) if the YAML at the head of a page is invalid."""
    if match := ESCAPED.search(head):
        yield (
            match[0],
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
    elif content and not content.get("title", 1):
        yield "title:", "the title in the head of the page is empty: write one"


def find_line(
    source: str, fragments: list[str], occurrence: int = 1, pair: str = ""
) -> int:
    """Return the line of the n-th occurrence of the first fragment that the text contains.

    `pair` matches an opening, as a group, or an ending; if one has no partner, its line counts.
    """
    fragment = "".join(fragments[:1])
    texts = _blank_code(source)[occurrence > 1 and 2 :]
    # It may stand in code, too
    if fragment == "\ufffd" or not fragment.isprintable():
        texts = (source,) * 4
    at = _find_unpaired(texts[1], pair) if pair else -1
    for part, text in product(fragments, texts):
        at = _find_fragment(text, part, occurrence) if at < 0 else at
    if at < 0 and (include := INCLUDE.search(source)):
        at = include.end() - len(include[0].lstrip())
    return source[: max(at, 0)].count("\n") + 1


@lru_cache(maxsize=100)
def _blank_code(source: str) -> tuple[str, str, str, str]:
    """Return a text without code and formulas, without code, without fenced code, and as it is.

    Blanks take their place, so that positions stay. Indented lines may be code or not.
    """

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    prose = CODE.sub(blank, source)
    outer = INDENTED.sub(blank, prose)
    return FORMULA.sub(blank, outer), outer, prose, source


def _find_fragment(source: str, fragment: str, occurrence: int) -> int:
    """Return the position of a fragment in a text, preferably at the start of a line, else -1.

    Escapes and the marks of quotations are ignored.
    """
    words = r"[\s>]+".join(
        re.sub(r"(\W)", r"\\\\*\\\1", word) for word in fragment.split()
    )
    for pattern in (rf"^[\s>*-]*({words})", f"({words})") if fragment else ():
        if starts := [
            match.start(1) for match in re.finditer(pattern, source, re.M)
        ]:
            return starts[min(occurrence, len(starts)) - 1]
    return -1


def _find_unpaired(source: str, pair: str) -> int:
    """Return the position of an opening, the group of `pair`, or ending without partner, or -1."""
    stack: list[int] = []
    for match in re.finditer(pair, source, re.M | re.I):
        if match[1]:
            stack.append(match.start(1))
        elif not stack:
            return match.start()
        else:
            stack.pop()
    return stack[0] if stack else -1
