"""Integrity: find delimiters, values and tags that an author left open on a page."""

import re
from collections.abc import Callable
from html import escape, unescape

from evidence.diagnostics import describe_unknown
from evidence.mathematics import describe_formula
from evidence.syntax import BLOCK, FORMULA, VALUE
from evidence.usage import PageContext
from evidence.values import unmask_braces

VERBATIM = "pre|code|math|script|style|textarea|template"
TOKEN = re.compile(
    rf"<!--.*?-->|<({VERBATIM})(?![\w-])[^>]*>.*?</\1>"
    r'|<(?P<other>span|div) class="arithmatex">'
    r'(?:\s*<(?P<inner>span|div) class="MathJax_Preview">.*?</(?P=inner)>)?.*?</(?P=other)>'
    r"""|<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>""",
    re.S,
)
# Attributes that are read aloud, where no element can stand
SPOKEN = re.compile(r'(\b(?:alt|title|label)=")([^"]*)')
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()
)
OPTIONAL = frozenset(
    "p li dt dd tr td th thead tbody tfoot option colgroup body html".split()
)
# Of LaTeX, not a part of a path
COMMAND = r"(?<![a-zA-Z:.\\])\\(?P<command>[a-zA-Z]{2,})(?P<brace>\{?)"
# What must not be left in a text, and what is wrong with it
LEFTOVERS: list[tuple[str, str]] = re.findall(
    r"(\S.*)\n {4}(.+)",
    r"""
(?s)[^\s$]+://\S+|FORMULA
    stands in HTML, where Markdown reads no formula: write <div markdown="1">, or \$
\$\$
    has no partner: close the formula, or write \$
\$[^$]*?COMMAND|\$ ?[a-zA-Z](?=[_^])|\$[a-zA-Z] *(?:[=+]|&[lg]t;)[^$\n]*(?=\n|\Z)
    opens a formula that does not end: close it with $ right behind its last sign, or write \$
(?<!\d )(?<!\w)\$ [^$\n]*(?:[=+]|&[lg]t;)[^$\n]* \$
    has spaces inside of its $: leave them out, or write \$
(?<!\d )(?<!\w)\$ (?=[^$\n]*[a-zA-Z^_\ue005])(?:(?![a-z]{2})[^$\n])+(?<![,;/–-]) \$
    has spaces inside of its $: leave them out, or write \$
COMMAND|\\[\[\]()]
    is LaTeX outside of a formula: put it between $ and $, or write it as code
\{\{|\}\}
    has no partner: close it, or write it as code
(?<![{$\\_^\w])\{ *(?P<snippet>\w+)\.\w[^{}\n]*\}
    has single braces: write {{ and }}, or write it as code
\{%.*?%\}
    belongs to a template language: remove it, or write it as code
\[(?:-?@\w|[^\]\n]* -?@[a-zA-Z]+\d{4})[^\]\n]*\]
    cites no work: write [@KEY], each work by itself, or write it as code
(?m)^[ \t]*(?:`{3,}|~{3,}).*
    has no end: close the code, indented alike
""".replace("FORMULA", FORMULA.pattern).replace("COMMAND", COMMAND),
)


def check_html(html: str, context: PageContext, blocks: list[str]) -> str:
    """Return HTML with values filled in raw HTML; report what was left open.

    `blocks` are the names of all known blocks.
    """
    parts: list[str] = []
    stack: list[str] = []
    at = 0
    for match in TOKEN.finditer(html):
        parts.append(_check_text(html[at : match.start()], context, blocks))
        token, at = match[0], match.end()
        if match[1] in ("script", "style", "math") or match["tag"]:
            token = _fill_values(token, context)
        if match["tag"] and ("$" in token or "\\" in token):
            token = SPOKEN.sub(
                lambda match: (
                    match[1] + escape(fill_plain(unescape(match[2]), context))
                ),
                token,
            )
        if match["tag"]:
            _check_tag(match, stack, context)
        parts.append(token)
    parts.append(_check_text(html[at:], context, blocks))
    for tag in stack:
        _report_open(tag, context)
    return "".join(parts)


def _check_tag(
    match: re.Match[str], stack: list[str], context: PageContext
) -> None:
    tag = match["tag"].lower()
    if tag in VOID or match["attributes"].endswith("/"):
        return
    if not match["close"]:
        stack.append(tag)
        return
    if tag not in stack:
        if tag not in OPTIONAL:
            context.report(
                match[0],
                f"‘{match[0]}’ closes nothing: remove it",
                pair=rf"(<{tag}\b)|</{tag}>",
            )
        return
    while (inner := stack.pop()) != tag:
        _report_open(inner, context)


def _report_open(tag: str, context: PageContext) -> None:
    if tag not in OPTIONAL:
        context.report(
            f"<{tag}",
            f"‘<{tag}>’ is not closed: write </{tag}>",
            pair=rf"(<{tag}\b)|</{tag}>",
        )


def _check_text(text: str, context: PageContext, blocks: list[str]) -> str:
    text = _fill_values(text, context)
    for match in BLOCK.finditer(text):
        _report_block(match, context, blocks)
    if not any(mark in text for mark in "{}$\\`~@"):
        return text
    for pattern, message in LEFTOVERS:
        for match in re.finditer(pattern, text):
            command = match.groupdict().get("command")
            if "://" in match[0] or (
                command
                and not match["brace"]
                and not context.formulas.is_command(command)
            ):
                continue
            if snippet := match.groupdict().get("snippet"):
                context.site.load(snippet)
                if snippet not in context.site.results:
                    continue
            fragment = unmask_braces(unescape(match[0]))
            line = fragment.strip().split("\n")[0]
            context.report(
                unmask_braces(unescape(_find_source(text, match))),
                f"‘{line:.40}’ {message}",
                instead=fragment,
            )
            return text
    return text


def describe_formulas(text: str, context: PageContext) -> str:
    """Return a text with its formulas as plain text; report what cannot be read."""

    def describe(match: re.Match[str]) -> str:
        try:
            return describe_formula(
                context.formulas.convert(
                    match[1] or match[2] or match[3], False
                )
            )
        except ValueError as error:
            context.report(match[0], str(error))
            return "…"

    return FORMULA.sub(describe, text)


def fill_plain(text: str, context: PageContext) -> str:
    """Return a text with values and formulas as plain text; report what was left open."""
    text = _fill_values(text, context, unmask_braces)
    return _check_text(describe_formulas(text, context), context, [])


def _find_source(text: str, match: re.Match[str]) -> str:
    """Return a match with its surroundings, long enough to find it in the source."""
    line = text[match.start() :].split("\n")[0]
    return (
        text[: match.start()].split("\n")[-1][-20:] + line[:20]
    ).strip() or match[0]


def _report_block(
    match: re.Match[str], context: PageContext, blocks: list[str]
) -> None:
    line, name = match[0].strip(), match[2]
    context.open_blocks += 1 if name else -1
    if not name:
        if context.open_blocks < 0 and line == "///":
            context.report(
                line,
                f"‘{line}’ closes no block: remove it",
                pair=r"^[ \t>]*(/{3,}[ \t]*\w)|^[ \t>]*/{3,}[ \t]*$",
            )
        return
    message = f"‘{line}’ takes no such name or options: correct them"
    if name not in blocks:
        message = describe_unknown("block", name, blocks)
    elif not match[3]:
        message = f"‘{line}’ names nothing: write /// {name} | NAME"
    context.report(line, message)


def _fill_values(
    text: str, context: PageContext, write: Callable[[str], str] = escape
) -> str:
    def show_value(match: re.Match[str]) -> str:
        try:
            return write(context.quote_value(match[1])[0])
        except ValueError as error:
            context.report(match[0], str(error))
            return "…"

    return VALUE.sub(show_value, text)
