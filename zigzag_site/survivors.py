"""Survivors: what mutation testing found that no check notices: the counts of its last run, and the reviewed list."""

import json
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml
from mkdocs.exceptions import PluginError

TEXT = """On {date}, {tried:,} changed scripts were tried, at most {most} made of each file.
In {equal:,} of them no result changed by more than a part in 10¹².
Of the others {share} were caught; the survivors are {survive}, of which {unseen} change no number that a page quotes.
Of {misprints:,} misprints in {equations} equations, a token each, {printed} were caught.
"""


def count_mutants(file: Path) -> str:
    """Return the counts of all files in words, and a table with a row for each file."""
    counts = json.loads(file.read_text("utf-8"))
    rows = {
        name: [sum(n for key, n in outcomes.items() if key.startswith(kind)) for kind in ("equal", "caught", "surv")]
        for name, outcomes in counts["files"].items()
    }
    equal, caught, survive = map(sum, zip(*rows.values(), strict=True))
    unseen = sum(outcomes.get("survives in what is drawn", 0) for outcomes in counts["files"].values())
    share = _share(counts["misprints"] - counts["passing"], counts["passing"])
    outcomes = {"tried": equal + caught + survive, "share": _share(caught, survive), "printed": share}
    text = TEXT.format(**counts, **outcomes, equal=equal, survive=survive, unseen=unseen)
    table = ["| file | no change | caught | survive | share caught |", "| --- | --: | --: | --: | --: |"]
    table += [f"| `{name}.py` | {a} | {b} | {c} | {_share(b, c)} |" for name, (a, b, c) in rows.items()]
    return "\n".join([text, *table, ""])


def list_survivors(file: Path) -> str:
    """Return a section for each script: its surviving mutants, and why nothing notices them."""
    parts = []
    for script, entries in groupby(sorted(_read(file), key=_script), _script):
        parts.append(f"### `{script}.py`\n")
        for entry in entries:
            others = "".join(f"<li><code>{escape(other)}</code></li>" for other in entry["becomes"])
            parts.append(f"<p><code>{escape(entry['line'])}</code></p><ul>{others}</ul>\n\n{entry['why']}\n")
    return "\n".join(parts)


def _read(file: Path) -> list[dict[str, Any]]:
    """Return the entries of a list of survivors. Raises PluginError, with the line, if it is invalid."""
    place = f"{file.parent.name}/{file.name}"
    try:
        entries = yaml.safe_load(file.read_text("utf-8")) or []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PluginError(f"{place}:{line}: this is no YAML: {error.problem}: write it as other entries") from None
    for entry in entries:
        if lacking := {"in", "line", "becomes", "why"} - set(entry):
            raise PluginError(f"{place}:1: the entry of {entry.get('in')} lacks {', '.join(sorted(lacking))}: add it")
    return entries


def _script(entry: dict[str, Any]) -> str:
    return entry["in"].split(".")[0]


def _share(caught: int, survive: int) -> str:
    return f"{100 * caught / max(1, caught + survive):.1f}%"
