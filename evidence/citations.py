"""Citations: a BibTeX file as labels and references, read by pybtex once for each state of the file."""

import hashlib
import json

from evidence.problems import unknown


def references(project, file):
    """{key: [label, reference as HTML]} of a BibTeX file under `docs`, in the file's order."""
    source = (project.root / project.docs / file).read_bytes()
    kept = project.root / project.store / f"references-{hashlib.sha256(source).hexdigest()[:20]}.json"
    if not kept.exists():
        made = json.dumps(_formatted(source.decode()), ensure_ascii=False)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(made, "utf-8")
    return json.loads(kept.read_text("utf-8"))


def reference(project, file, key):
    """The entry called `key`; ValueError with the nearest one where there is none."""
    entries = references(project, file)
    if key not in entries:
        raise ValueError(unknown("reference", key, list(entries)))
    return entries[key]


def _formatted(source):
    from pybtex.backends.html import Backend
    from pybtex.database import parse_string
    from pybtex.style.formatting.unsrt import Style

    made = {}
    for key, entry in parse_string(source, "bibtex").entries.items():
        names = [str(person.rich_last_names[0]) for person in entry.persons["author"]]
        who = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
        made[key] = [f"{who} ({entry.fields['year']})", Style().format_entry("", entry).text.render(Backend())]
    return made
