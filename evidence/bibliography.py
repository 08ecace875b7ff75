"""Bibliography: the entries of a BibTeX file as labels and formatted references."""

import json
import os
import re
from pathlib import Path
from string import ascii_lowercase
from typing import Any, NamedTuple

from evidence.cache import Cache
from evidence.diagnostics import describe_invisible
from evidence.keys import describe_version, digest, digest_machinery
from evidence.mathematics import Formulas
from evidence.source import find_line
from evidence.syntax import FORMULA

# Fields of BibTeX, to their names in BibLaTeX
BIBLATEX = {"year": "date", "journal": "journaltitle"}
# Commands whose text is shown without them, and escapes
STYLE = (
    r"\\(?:(?:url|path|emph|text\w+|enquote|mbox|em|it|bf|tt|sc)\b\s*(?=\{|\w)"
    r"|(?=\$|(?:La)?TeX\b))"
)
YEAR = r"\d{4}[a-z]?|.*"


class Reference(NamedTuple):
    """A work that pages cite."""

    label: str
    "Author and year: Goh (2017)."
    html: str
    "The whole reference."


class Bibliography(NamedTuple):
    """The content of a BibTeX file."""

    text: str
    references: dict[str, Reference]
    "By key, in the order of the file."


def read_bibliography(docs: Path, file: str, cache: Cache) -> Bibliography:
    """Return the text and the entries of a BibTeX file in the pages’ folder.

    Formatted entries are cached, since formatting is slow. Raises ValueError if there is no such
    file, or if it cannot be read.
    """
    place = f"{docs.name}/{file}"
    path = Path(os.path.realpath(docs / file))
    if not path.is_relative_to(docs.resolve()) or not path.is_file():
        raise ValueError(
            f"there is no {place}: write its path as it stands under {docs.name}"
        )
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(
            f"{place} is not UTF-8: save the file as UTF-8"
        ) from None
    if message := describe_invisible(text):
        raise ValueError(f"{place} {message}")

    def format_entries() -> dict[str, bytes]:
        try:
            return format_references(text)
        except Exception as error:
            # Pybtex has no common base class for its errors
            # Its messages end with a key, or quote the text
            match: Any = re.search(r"line (\d+)|'(.+)'$|(\S*)$", str(error))
            line = match[1] or find_line(text, [match[2] or match[3]])
            raise ValueError(
                f"{place}:{line}: it cannot be read: {error}: mend the entry"
            ) from None

    how = digest_machinery("evidence.bibliography"), describe_version("pybtex")
    files = cache.get_or_create(
        "references", digest(f"{how}{text}".encode()), format_entries
    )
    references = json.loads(files["references.json"])
    if not references:
        raise ValueError(
            f"{place} holds no entry: write one, or name another file"
        )
    return Bibliography(
        text, {key: Reference(*parts) for key, parts in references.items()}
    )


def format_references(text: str) -> dict[str, bytes]:
    """Return the entries of a BibTeX text as a JSON file: key to label and HTML.

    Raises ValueError for an entry without author and editor or with an unsafe address, and
    pybtex’s own errors for invalid syntax.
    """
    from pybtex.backends.html import Backend
    from pybtex.database import parse_string
    from pybtex.style.formatting.unsrt import Style

    references, style, alike = {}, Style(), {}
    formulas, mathml = Formulas(), []

    def hide(match: re.Match[str]) -> str:
        mathml.append(
            formulas.convert(match[1] or match[2] or match[3], display=False)
        )
        return f"{{\ue000{len(mathml) - 1}\ue000}}"

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
            "\ue000(\\d+)\ue000", lambda match: mathml[int(match[1])], html
        )
        # And commands that pybtex does not know
        if problem := re.search(
            r'href="(?!https?://)([^"]*)|\\[a-zA-Z]+', html
        ):
            raise ValueError(
                f"{problem[1] or problem[0]} is no address with https://, and no command "
                f"that is read, in {key}"
            )
        label += f" ({re.findall(YEAR, fields.get('year') or 'no date')[0]})"
        references[key] = Reference(label, html)
        alike.setdefault(label, []).append(key)
    for label, keys in alike.items():
        for key, letter in zip(keys, ascii_lowercase if keys[1:] else ""):
            name = f"{label[:-1]}{letter})"
            references[key] = Reference(name, f"{references[key][1]} [{name}]")
    return {
        "references.json": json.dumps(references, ensure_ascii=False).encode()
    }
