"""Which numbers differ between two folders of results: `python changed.py OLD NEW` prints a table, or nothing."""

import json
import math
import sys
from pathlib import Path

from evidence.cache import Cache


def leaves(value, name):
    """Dotted names and what stands there."""
    if isinstance(value, (dict, list)):
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{name}.{part}" if isinstance(value, dict) else f"{name}[{part}]")
    else:
        yield name, value


def numbers(folder):
    """Dotted names of all values and readouts of the results that were stored last, and what stands there."""
    found = {}
    cache = Cache(Path(folder, "cache"))
    for name in sorted(path.name for path in Path(folder, "cache").iterdir() if path.is_dir()):
        files = cache.get(name, cache.latest(name)) or {}
        if "result.json" in files:
            result = json.loads(files["result.json"])
            shown = {field: entry["value"] for field, entry in result.get("values", {}).items()}
            explorers = (name for name in files if name.startswith("explore_") and name.endswith(".json"))
            shown |= {name.removesuffix(".json"): json.loads(files[name])["texts"] for name in explorers}
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
