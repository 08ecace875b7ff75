"""Terms: the first time that a page uses a term of the glossary, it links there and says what the term means."""

import re
from html import escape
from pathlib import Path

from mkdocs.utils import get_relative_url

ENTRY = re.compile(r"^(?P<term>[^\s:#>|].*)\n+: +(?P<meaning>.+)$", re.M)
MARKUP = re.compile(r"(<[^>]+>)")
QUIET = "a|h[1-6]|code|pre|math|svg|summary|button|abbr|blockquote|strong|figcaption|th|label|evidence-explorer"
SILENT = re.compile(rf"<(/?)({QUIET})\b")


def on_pre_build(config):
    text = Path(config.docs_dir, "glossary.md").read_text("utf-8")
    found = {entry["term"]: _plain(entry["meaning"]) for entry in ENTRY.finditer(text)}
    config.extra["terms"] = {term.lower(): meaning for term, meaning in found.items()}
    longest = sorted(found, key=len, reverse=True)  # a term inside a longer one stays as it is
    config.extra["term"] = re.compile(rf"\b({'|'.join(map(re.escape, longest))})s?\b", re.I)


def on_page_content(html, page, config, files):
    terms, where = config.extra["terms"], page.file.src_uri
    if where == "glossary.md":
        return re.sub(r"<dt>(.+?)</dt>", lambda found: f'<dt id="{_anchor(found[1])}">{found[1]}</dt>', html)
    if where in ("index.md", "bibliography.md") or where.startswith("evidence/"):
        return html
    glossary = get_relative_url(files.get_file_from_path("glossary.md").url, page.url)
    left, depth, parts = dict(terms), 0, MARKUP.split(html)

    def linked(found):
        """The term as a link, the first time that it stands on this page."""
        if not (meaning := left.pop(found[1].lower(), "")):
            return found[0]
        address = f"{glossary}#{_anchor(found[1])}"
        return f'<a class="term" href="{address}" title="{escape(meaning)}">{found[0]}</a>'

    for i, part in enumerate(parts):
        if part.startswith("<"):
            if found := SILENT.match(part):
                depth += -1 if found[1] else 1
        elif not depth and part.strip():
            parts[i] = config.extra["term"].sub(linked, part)
    return "".join(parts)


def _anchor(term):
    return re.sub(r"\W+", "-", term.lower()).strip("-")


def _plain(markdown):
    """The first sentence without its markup: a tooltip is plain text."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*_`]", r"\1", markdown)
    return re.split(r"(?<=\.) ", text)[0]
