"""Citations: a BibTeX file as labels and references, read by pybtex once for each state of the file."""

import hashlib
import json
import os
import re
from pathlib import Path

from evidence.problems import unseen
from evidence.shelf import Shelf


def references(project, file):
    """{key: [label, reference as HTML]} of a BibTeX file under `docs`, in the file's order.

    Raises ValueError where there is no such file, or where pybtex cannot read it.
    """
    docs = project.root / project.docs
    path = Path(os.path.realpath(docs / file))
    if not path.is_relative_to(docs) or not os.path.isfile(path):
        raise ValueError(f"there is no {project.docs}/{file}: write its path as it stands under {project.docs}")
    try:
        source = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{project.docs}/{file} is not UTF-8: save the file as UTF-8") from None
    if what := unseen(source):
        raise ValueError(f"{project.docs}/{file} {what}")
    name = f"{hashlib.sha256(source.encode()).hexdigest()[:20]}.json"
    try:
        return json.loads(Shelf(project.folder(".kept/references")).keep(name, lambda: _formatted(source)))
    except Exception as error:  # pybtex has no common base for what it raises
        raise ValueError(f"{project.docs}/{file} cannot be read: {error!r}: mend the entry") from None


def _formatted(source):
    from pybtex.backends.html import Backend
    from pybtex.database import parse_string
    from pybtex.style.formatting.unsrt import Style

    made = {}
    for key, entry in parse_string(source, "bibtex").entries.items():
        names = [str(person.rich_last_names[0]) for person in entry.persons["author"]]
        label = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
        year = entry.fields.get("year", "no date")
        made[key] = f"{label} ({year})", Style().format_entry("", entry).text.render(Backend())
        if odd := re.search('href="(?!https?://)([^"]*)', made[key][1]):
            raise ValueError(f"the address {odd[1]} of {key} does not begin with https://")
    return json.dumps(made, ensure_ascii=False).encode()
