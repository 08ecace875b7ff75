"""Bibliography: the entries of a BibTeX file as labels and formatted references."""

import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from evidence.cache import Cache
from evidence.diagnostics import describe_invisible
from evidence.keys import describe_version, digest, digest_machinery

FORMAT = digest_machinery("evidence.bibliography") + describe_version("pybtex")


class Reference(NamedTuple):
    """A work that pages cite."""

    label: str
    "Author and year: Goh (2017)."
    html: str
    "The whole reference."


class Bibliography(NamedTuple):
    """A BibTeX file, as it was read."""

    text: str
    references: dict[str, Reference]
    "By key, in the order of the file."


def read_bibliography(docs: Path, file: str, cache: Cache) -> Bibliography:
    """Return the text and the entries of a BibTeX file below the pages’ folder.

    Formatting takes longer than all else, so `cache` keeps it. Raises ValueError where there is
    no such file, or where it cannot be read.
    """
    shown = f"{docs.name}/{file}"
    path = Path(os.path.realpath(docs / file))
    if not path.is_relative_to(docs.resolve()) or not path.is_file():
        raise ValueError(
            f"there is no {shown}: write its path as it stands under {docs.name}"
        )
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(
            f"{shown} is not UTF-8: save the file as UTF-8"
        ) from None
    if message := describe_invisible(text):
        raise ValueError(f"{shown} {message}")

    def format_entries() -> dict[str, bytes]:
        try:
            return format_references(text)
        except Exception as error:
            # Pybtex has no common base for what it raises
            raise ValueError(
                f"{shown} cannot be read: {error}: mend the entry"
            ) from None

    files = cache.get_or_create(
        "references", digest(f"{FORMAT}{text}".encode()), format_entries
    )
    entries = json.loads(files["references.json"])
    return Bibliography(
        text, {key: Reference(*parts) for key, parts in entries.items()}
    )


def format_references(text: str) -> dict[str, bytes]:
    """Return the entries of a BibTeX text as JSON: key to label and HTML.

    Raises ValueError for an entry without an author or with an unsafe address, and what pybtex
    raises for a syntax error.
    """
    from pybtex.backends.html import Backend
    from pybtex.database import parse_string
    from pybtex.style.formatting.unsrt import Style

    references, style = {}, Style()
    for key, entry in parse_string(text, "bibtex").entries.items():
        persons = (
            entry.persons.get("author") or entry.persons.get("editor") or ()
        )
        names = [
            " ".join(map(str, person.rich_prelast_names + last))
            for person in persons
            if (last := person.rich_last_names)
        ]
        if not names:
            raise ValueError(f"{key} has no author and no editor")
        several = len(names) > 2 or names[-1] == "others"
        label = f"{names[0]} et al." if several else " & ".join(names)
        html = style.format_entry("", entry).text.render(Backend())
        if wrong := re.search('href="(?!https?://)([^"]*)', html):
            raise ValueError(
                f"the address {wrong[1]} of {key} does not begin with https://"
            )
        references[key] = Reference(
            f"{label} ({entry.fields.get('year', 'no date')})", html
        )
    return {
        "references.json": json.dumps(references, ensure_ascii=False).encode()
    }
