"""Bibliography: the entries of a BibTeX file as labels and formatted references."""

import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from evidence.cache import Cache
from evidence.diagnostics import describe_invisible
from evidence.keys import describe_version, digest, digest_machinery
from evidence.mathematics import Formulas
from evidence.source import find_line
from evidence.syntax import FORMULA

# Fields of BibTeX, to those that BibLaTeX has instead
BIBLATEX = {"year": "date", "journal": "journaltitle"}
# Commands whose text is shown without them, and escapes
STYLE = (
    r"\\(?:(?:url|path|emph|text\w+|enquote|mbox|em|it|bf|tt|sc)\b\s*(?=\{|\w)"
    r"|(?=\$|(?:La)?TeX\b))"
)
YEAR = r"\d{4}|.*"


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
            # Messages end with a key, or quote the text
            found: Any = re.search(r"line (\d+)|'(.+)'$|(\S*)$", str(error))
            line = found[1] or find_line(text, [found[2] or found[3]])
            raise ValueError(
                f"{shown}:{line}: it cannot be read: {error}: mend the entry"
            ) from None

    how = digest_machinery("evidence.bibliography"), describe_version("pybtex")
    files = cache.get_or_create(
        "references", digest(f"{how}{text}".encode()), format_entries
    )
    return Bibliography(
        text,
        {
            key: Reference(*parts)
            for key, parts in json.loads(files["references.json"]).items()
        },
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
    formulas, shown = Formulas(), []

    def hide(match: re.Match[str]) -> str:
        shown.append(
            formulas.convert(match[1] or match[2] or match[3], display=False)
        )
        return f"{{\ue000{len(shown) - 1}\ue000}}"

    for key, entry in parse_string(text, "bibtex").entries.items():
        fields = entry.fields
        for name, value in [*fields.items()]:
            if name.lower() not in ("url", "doi"):
                fields[name] = re.sub(STYLE, "", FORMULA.sub(hide, value))
        for name, other in BIBLATEX.items():
            if other in fields:
                fields.setdefault(name, fields[other])
        if "doi" in fields:
            fields["doi"] = fields["doi"].split("doi.org/")[-1]
        if not hasattr(style, f"get_{entry.type}_template"):
            entry.type = "misc"  # of BibLaTeX, as online
        persons = (
            entry.persons.get("author") or entry.persons.get("editor") or ()
        )
        names = [
            " ".join(map(str, person.rich_prelast_names + last))
            for person in persons
            if (last := person.rich_last_names)
        ]
        if not names:
            raise ValueError(f"no author and no editor in {key}")
        label = (
            f"{names[0]} et al."
            if len(names) > 2 or names[-1] == "others"
            else " & ".join(names)
        )
        html = style.format_entry("", entry).text.render(Backend())
        html = re.sub(
            "\ue000(\\d+)\ue000", lambda found: shown[int(found[1])], html
        )
        # And commands that pybtex does not know
        if wrong := re.search(r'href="(?!https?://)([^"]*)|\\[a-zA-Z]+', html):
            raise ValueError(
                f"{wrong[1] or wrong[0]} is no address with https://, and no command that is read, "
                f"in {key}"
            )
        references[key] = Reference(
            f"{label} ({re.findall(YEAR, fields.get('year') or 'no date')[0]})",
            html,
        )
    return {
        "references.json": json.dumps(references, ensure_ascii=False).encode()
    }
