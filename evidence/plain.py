"""Plain: a page as Markdown with everything filled in, for those who read without the site."""

import re

from evidence.book import FENCE
from evidence.links import target_of
from evidence.pages import FORMULA
from evidence.values import PATTERN, latex

BLOCK = re.compile(r"^/{3,} *(?P<kind>[\w-]+)(?: *\| *(?P<name>\S.*?))? *\n(?P<body>.*?)^/{3,} *$\n?", re.M | re.S)
LINK = re.compile(r"\]\((?!\w+:)([\w./-]+?)\.md(#[\w-]+)?\)")
REFERENCE = re.compile(r"\[@([\w.:-]+)\]")
TAG = re.compile(r"<[^>]+>")


def plain(book, text, base):
    """The Markdown of the page that `book` has open, with values, captions, claims and references in it.

    Links and pictures get whole addresses, which begin with `base`.
    """
    kept = []

    def keep(found):  # code stays as it is
        kept.append(found[0])
        return f"\0{len(kept) - 1}\0"

    text = FENCE.sub(keep, re.sub(r"\A---\n.*?^---\n", "", text, flags=re.M | re.S))
    text = BLOCK.sub(lambda found: FENCE.sub(keep, _block(book, base, **found.groupdict())), text)
    text = _sentences(book, text, base)
    return re.sub("\0(\\d+)\0", lambda found: kept[int(found[1])], text).strip() + "\n"


def _sentences(book, text, base):
    text = re.sub(FORMULA, lambda found: PATTERN.sub(lambda value: latex(_value(book, value)), found[0]), text)
    text = PATTERN.sub(lambda found: _value(book, found), text)
    text = REFERENCE.sub(lambda found: _reference(book, found[1], base) or found[0], text)
    return LINK.sub(lambda found: f"]({base}{_path(book, found[1])}{found[2] or ''})", text)


def _value(book, found):
    try:
        return book.value(found[1])[0]
    except ValueError:  # it stands in code or in a comment, where the page shows it as it is
        return found[0]


def _path(book, name):
    """The address of a page that the open one names as its file: `../layer` on a lab's page, `bias`."""
    return re.sub(r"(^|/)index$", r"\1", target_of(book.page, name)).rstrip("/") + "/"


def _reference(book, key, base):
    if key in book.homes:
        return f"({book.number(key)[1]})"
    page, file = book.bibliography or ("", "")
    if not page or key not in book.references(file):
        return None
    return f"[{book.references(file)[key][0]}]({base}{page.removesuffix('.md')}/#{key})"


def _block(book, base, kind, name, body):
    """A block as Markdown; one that quotes a snippet is looked up, any other keeps its body."""
    body = BLOCK.sub(lambda found: _block(book, base, **found.groupdict()), body).replace("\n===\n", "\n").strip()
    if kind == "bibliography":
        return "\n".join(f"- {TAG.sub('', html)}" for _, html in book.references(name).values()) + "\n"
    if kind == "source":
        return f"```python\n{book.results[name]['source']}```\n"
    if kind == "ledger":
        claims = [(n, entry["text"]) for n, result in book.results.items() for entry in result["claim"].values()]
        return "\n".join(f"- {book.plain(text, snippet)} ({snippet}.py)" for snippet, text in claims) + "\n"
    snippet, _, part = (name or "").partition(".")
    entry = book.results.get(snippet, {}).get(kind, {}).get(part)
    if entry is None:
        return "\n\n".join(filter(None, (f"**{name or kind.capitalize()}**", body))) + "\n"
    if kind == "code":
        first, last = entry
        lines = book.results[snippet]["source"].splitlines()[first - 1 : last]
        return "\n".join(["```python", *lines, "```", ""])
    if kind == "equation":
        return f"$${entry['text']}$$ ({book.number(name)[1]})\n"
    if kind == "claim":
        return f"*Checked:* {book.qualified(' '.join(entry['text'].split()), snippet)}\n"
    picture = f"![{book.plain(entry['text'], snippet)}]({base}evidence/{snippet}/{kind}_{part}.svg)"
    return f"{picture}\n\n{body}\n"
