"""Integrity: no page shows a delimiter, a value or a tag that its author left open."""

import re
from html import escape

from evidence.diagnostics import describe_unknown
from evidence.syntax import BLOCK, VALUE
from evidence.usage import PageContext

VERBATIM = "pre|code|math|script|style|textarea|template"
TOKEN = re.compile(
    rf"<!--.*?-->|<({VERBATIM})\b[^>]*>.*?</\1>"
    r"""|<(?P<close>/?)(?P<tag>[a-zA-Z][\w:-]*)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)>""",
    re.S,
)
VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr".split()
)
OPTIONAL = frozenset(
    "p li dt dd tr td th thead tbody tfoot option colgroup body html".split()
)
COMMANDS = (
    "frac|sqrt|sum|prod|int|partial|nabla|alpha|beta|gamma|delta|epsilon|lambda|mu|sigma|theta|"
    "mathbb|mathbf|mathcal|mathrm|text|operatorname|left|right|cdot|cdots|ldots|dots|infty|top|"
    "leq?|geq?|neq|approx|in|times|hat|bar|vec|lVert|rVert|begin|end|tfrac|dfrac|bm|quad|big"
)
LEFTOVERS = {
    r"\{\{|\}\}": "has no partner: close it, or write it as code",
    r"\$\$": "has no partner: close the formula, or write \\$",
    rf"\$[^$]*?\\(?:{COMMANDS})(?![a-zA-Z])|\$[a-zA-Z](?=[_^])": (
        "opens a formula that does not end: close it with $, or write \\$"
    ),
    rf"\\(?:{COMMANDS})(?![a-zA-Z])": (
        "is LaTeX outside of a formula: put it between $ and $, or write it as code"
    ),
    r"(?m)^[ \t]*(?:`{3,}|~{3,}).*": "has no end: close the code, indented alike",
}


def check_html(html: str, context: PageContext, blocks: list[str]) -> str:
    """Return HTML in which values in raw HTML are filled; report what was left open.

    `blocks` are the names of the blocks that there are.
    """
    parts: list[str] = []
    stack: list[str] = []
    at = 0
    for match in TOKEN.finditer(html):
        parts.append(_check_text(html[at : match.start()], context, blocks))
        token, at = match[0], match.end()
        if match[1] in ("script", "style") or match["tag"]:
            token = _fill_values(token, context)
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
            context.report(match[0], f"‘{match[0]}’ closes nothing: remove it")
        return
    while (opened := stack.pop()) != tag:
        _report_open(opened, context)


def _report_open(tag: str, context: PageContext) -> None:
    if tag not in OPTIONAL:
        context.report(f"<{tag}", f"‘<{tag}>’ is not closed: write </{tag}>")


def _check_text(text: str, context: PageContext, blocks: list[str]) -> str:
    text = _fill_values(text, context)
    for match in BLOCK.finditer(text):
        _report_block(match, context, blocks)
    if not any(mark in text for mark in "{}$\\`~"):
        return text
    for pattern, message in LEFTOVERS.items():
        if match := re.search(pattern, text):
            line = match[0].strip().split("\n")[0]
            shown = line if len(line) <= 40 else f"{line[:40]}…"
            before = text[: match.start()].split("\n")[-1]
            after = text[match.start() :].split("\n")[0]
            place = (
                before[-20:] + after[:20]
            ).strip()  # long enough to find it in the source
            context.report(place or match[0], f"‘{shown}’ {message}")
            break
    return text


def _report_block(
    match: re.Match[str], context: PageContext, blocks: list[str]
) -> None:
    line, name = match[0].strip(), match[2]
    context.open_blocks += 1 if name else -1
    if not name:
        if context.open_blocks < 0 and line == "///":
            context.report(line, f"‘{line}’ closes no block: remove it")
    elif name not in blocks:
        context.report(line, describe_unknown("block", name, blocks))
    elif not match[3]:
        context.report(line, f"‘{line}’ names nothing: write /// {name} | NAME")
    else:
        context.report(
            line, f"‘{line}’ takes no such name or options: correct them"
        )


def _fill_values(text: str, context: PageContext) -> str:
    def show_value(match: re.Match[str]) -> str:
        try:
            return escape(context.quote_value(match[1])[0])
        except ValueError as error:
            context.report(match[0], str(error))
            return "…"

    return VALUE.sub(show_value, text)
