"""Which numbers differ between two stores of results: `python changed.py OLD NEW` prints a table, or nothing."""

import json
import math
import sys
from pathlib import Path


def leaves(value, name):
    """Dotted names and what stands there."""
    if isinstance(value, (dict, list)):
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{name}.{part}" if isinstance(value, dict) else f"{name}[{part}]")
    else:
        yield name, value


def numbers(store):
    found = {}
    for latest in sorted(Path(store).glob("*/latest")):
        folder = latest.parent / latest.read_text()
        result = json.loads((folder / "result.json").read_text("utf-8"))
        shown = {field: entry["value"] for field, entry in result.get("values", {}).items()}
        shown |= {path.stem: json.loads(path.read_text("utf-8"))["texts"] for path in folder.glob("explore_*.json")}
        found |= leaves(shown, result["name"])
    return found


def same(a, b):
    """Rounding is no change: no reader sees the seventh digit, or what is no more than an error of rounding."""
    real = all(isinstance(x, (int, float)) for x in (a, b))
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) or (a != a and b != b) if real else a == b


old, new = map(numbers, sys.argv[1:3])
rows = [(name, old.get(name, "–"), new.get(name, "–")) for name in sorted(old | new)]
if rows := [f"| `{name}` | {a} | {b} |" for name, a, b in rows if not same(a, b)]:
    more = [f"\n… and {len(rows) - 200} more."] if len(rows) > 200 else []
    print("| number | pinned | newest |", "| --- | --- | --- |", *rows[:200], *more, sep="\n")
