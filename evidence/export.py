"""Export: a page as Markdown with everything filled in, for those who read without the site."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from evidence.syntax import (
    BLOCK,
    CODE,
    DISPLAY,
    DOLLAR,
    HEAD,
    LETTERS,
    LIMITS,
    OPTIONS,
    REFERENCE,
    VALUE,
    write_head,
)
from evidence.usage import Site, find_reference
from evidence.values import to_latex, unmask_braces

FORMULA = re.compile(f"{DISPLAY}|{DOLLAR}")
LINK = re.compile(
    r"\]\((?!<?(?:\w+:|#|/(?![^\s?#]*\.md\b)))(?:<([^<>\n]+)>|((?:[^()\s]|\([^()\s]*\))+))"
    r"""((?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*)\)"""
)
TARGET = re.compile(
    r"^([ \t]*\[[^\]@^]+\]:[ \t]*(?:\n[ \t]*)?)<?(?!\w+:|#|/(?![^\s?#]*\.md\b))([^\s>]+)>?",
    re.M,
)


def export_markdown(
    text: str,
    page: str,
    filled: Mapping[str, str],
    site: Site,
    address: Callable[[str, str], str],
    describe: Callable[[str], str] = str,
) -> str:
    """Return the Markdown of a page, with values, captions, claims and references in it.

    `filled` maps what its author wrote to plain Markdown, as rendering found it. `address(target,
    page)` returns the whole address of what a page names, `describe(formula)` what a formula is in
    the Markdown.
    """
    code: list[str] = []

    def keep(match: re.Match[str]) -> str:
        code.append(match[0])
        return f"\0{len(code) - 1}\0"

    def fill_block(match: re.Match[str]) -> str:
        indent, kind, name = match.groups()
        if not kind:
            return ""
        content = filled.get(
            write_head(kind, name), f"**{name or kind.capitalize()}**\n"
        )
        return re.sub("(?m)^", indent, CODE.sub(keep, content)) + "\n\n"

    def fill_value(match: re.Match[str]) -> str:
        # Over the end of a line of a quotation, or in a table
        expression = re.sub(r"\n[\s>]+", " ", match[1]).replace("\\|", "|")
        return filled.get(" ".join(expression.split()), match[0])

    def fill_formula(match: re.Match[str]) -> str:
        return describe(
            VALUE.sub(lambda found: to_latex(fill_value(found)), match[0])
        )

    def fill_reference(match: re.Match[str]) -> str:
        try:
            label, target, anchor = find_reference(match[1], page, site)
        except ValueError:
            return match[0]
        return (
            label
            if label[0] == "("
            else f"[{label}]({address(target, '')}#{anchor})"
        )

    def complete(link: str) -> str:
        target, rest = re.findall(r"([^?#]*)(.*)", unquote(link))[0]
        return f"{address(target, page)}{rest}"

    text = CODE.sub(keep, HEAD.sub("", text))
    text = LETTERS.sub(r"\1\2\3", OPTIONS.sub(r"\1\2", text))
    text = LIMITS.sub("", BLOCK.sub(fill_block, text))
    text = VALUE.sub(fill_value, FORMULA.sub(fill_formula, text))
    text = REFERENCE.sub(fill_reference, text)
    text = LINK.sub(
        lambda found: f"]({complete(found[1] or found[2])}{found[3]})", text
    )
    text = TARGET.sub(lambda found: f"{found[1]}{complete(found[2])}", text)
    text = re.sub("\0(\\d+)\0", lambda found: code[int(found[1])], text)
    return unmask_braces(text).strip() + "\n"
