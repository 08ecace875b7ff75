"""Source: what is wrong with the text of a page before Markdown reads it."""

import re
from collections.abc import Iterator

import yaml

from evidence.diagnostics import INVISIBLE, describe_invisible
from evidence.syntax import HEAD

HEADLESS = re.compile(r"\A(?:[\w-]+:.*\n(?:[ \t]+.*\n)*){1,40}---[ \t]*$", re.M)
MARKUP = re.compile(r"<[^<>]*>|\]\([^()\s]*\)")
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
    head = HEAD.match(text)
    if head:
        yield from check_head(head[1])
    elif HEADLESS.match(text):
        yield "", "the head of the page has no first line ---: add it"
    if not (text[head.end() :] if head else text).strip():
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
    try:
        content = yaml.safe_load(head)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = (
            head.split("\n")[min(mark.line, head.count("\n"))] if mark else ""
        )
        problem = getattr(error, "problem", error)
        yield (
            line.strip(),
            f"the head of the page is no YAML ({problem}): put what holds a colon in quotes, "
            "and close what is open",
        )
        return
    if not isinstance(content, dict | None):
        yield (
            "",
            "the head of the page is no YAML (no names with values): write name: value",
        )
