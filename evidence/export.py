"""Export: a page as plain Markdown with everything filled in, to read without the site."""

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
    replacements: Mapping[str, str],
    site: Site,
    address: Callable[[str, str], str],
    describe: Callable[[str], str] = str,
) -> str:
    """Return the Markdown of a page with values, blocks and references filled in.

    `replacements` maps blocks and values as the author wrote them to plain Markdown.
    `address(target, page)` returns the full address of what a page links to, `describe(formula)`
    the text of a formula.
    """
    code: list[str] = []

    def keep(match: re.Match[str]) -> str:
        code.append(match[0])
        return f"\0{len(code) - 1}\0"

    def fill_block(match: re.Match[str]) -> str:
        indent, kind, name = match.groups()
        if not kind:
            return ""
        content = replacements.get(
            write_head(kind, name), f"**{name or kind.capitalize()}**\n"
        )
        return re.sub("(?m)^", indent, CODE.sub(keep, content)) + "\n\n"

    def fill_value(match: re.Match[str]) -> str:
        # It may continue on the next line of a quotation, or stand in a table
        expression = re.sub(r"\n[\s>]+", " ", match[1]).replace("\\|", "|")
        return replacements.get(" ".join(expression.split()), match[0])

    def fill_formula(match: re.Match[str]) -> str:
        return describe(
            VALUE.sub(lambda match: to_latex(fill_value(match)), match[0])
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
        lambda match: f"]({complete(match[1] or match[2])}{match[3]})", text
    )
    text = TARGET.sub(lambda match: f"{match[1]}{complete(match[2])}", text)
    text = re.sub("\0(\\d+)\0", lambda match: code[int(match[1])], text)
    return unmask_braces(text).strip() + "\n"
