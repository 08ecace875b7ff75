"""Survivors: what mutation testing found that no check notices: the counts of its last run, and the reviewed list."""

import json
from html import escape
from itertools import groupby
from pathlib import Path

import yaml

POINTER = "Whether such a check would notice a mistake is [a page of its own](../survivors.md).\n\n/// ledger"
TEXT = """On {date}, {tried:,} changed scripts were tried, at most {most} made of each file.
In {equal:,} of them no result changed by more than a part in 10¹².
Of the others {share} were caught; the survivors are {survive}, of which {unseen} change no number that a page quotes.
Of {misprints:,} misprints in {equations} equations, a token each, {printed} were caught.
"""


def on_page_markdown(markdown, page, config, files):
    if page.file.src_uri == "evidence/index.md":
        return markdown.replace("/// ledger", POINTER)
    if page.file.src_uri != "survivors.md":
        return markdown
    docs = Path(config.docs_dir)
    counts = json.loads((docs / "mutants.json").read_text("utf-8"))
    survivors = yaml.safe_load((docs / "survivors.yml").read_text("utf-8"))
    return markdown.replace("<!-- counts -->", _counted(counts)).replace("<!-- list -->", _listed(survivors))


def _counted(counts):
    """All files in words, and each in a row."""
    rows = {name: [sum(n for said, n in found.items() if said.startswith(kind)) for kind in ("equal", "caught", "surv")]
            for name, found in counts["files"].items()}  # fmt: skip
    equal, caught, survive = map(sum, zip(*rows.values()))
    unseen = sum(found.get("survives in what is drawn", 0) for found in counts["files"].values())
    printed = _share(counts["misprints"] - counts["passing"], counts["passing"])
    found = {"tried": equal + caught + survive, "share": _share(caught, survive), "printed": printed}
    text = TEXT.format(**counts, **found, equal=equal, survive=survive, unseen=unseen)
    table = ["| file | no change | caught | survive | share caught |", "| --- | --: | --: | --: | --: |"]
    table += [f"| `{name}.py` | {a} | {b} | {c} | {_share(b, c)} |" for name, (a, b, c) in rows.items()]
    return "\n".join([text, *table])


def _share(caught, survive):
    return f"{100 * caught / max(1, caught + survive):.1f}%"


def _listed(survivors):
    """A section for each file, in it the lines, what they may become, and why nothing notices."""
    parts = []
    for file, entries in groupby(sorted(survivors, key=lambda one: one["in"]), lambda one: one["in"].split(".")[0]):
        parts.append(f"### `{file}.py`\n")
        for entry in entries:
            others = "".join(f"<li><code>{escape(other)}</code></li>" for other in entry["becomes"])
            parts.append(f"<p><code>{escape(entry['line'])}</code></p><ul>{others}</ul>\n\n{entry['why']}\n")
    return "\n".join(parts)
