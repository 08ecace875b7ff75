"""Measure how tight each claim is: for each value that it quotes, the smallest change that it notices.

A claim's docstring quotes values, `{{ steps[2] }}`; each is replaced in a copy of the result by one that is off by some
units of its last printed digit, in either direction, and the claim is run again. `make whole` fails if a claim holds
with a value that is off by ten units. `make tightness` writes to docs/tightness.json, for the ledger, the smallest
change at which each claim fails both ways, of 0.1, 1, 3 or 10 units; with NAME=snippet it measures that snippet alone.
Constants of the set-up, as the number of examples, need not be noticed: tests/tightness.yml lists those that
compute() does not show to be constants.
"""

import ast
import copy
import dataclasses
import importlib
import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}  # before numpy is imported

import numpy as np
import yaml
from jinja2 import Environment, nodes

from evidence.project import Project
from zigzag_site.tightness import FILE, read_tightness

ROOT = Path(__file__).parent.parent
EXEMPTIONS = ROOT / "tests/tightness.yml"
RECORD = ROOT / "docs" / FILE
QUOTE = re.compile(r"\{\{((?:(?!\{\{).)+?)\}\}", re.S)
LADDER = (10.0, 3.0, 1.0, 0.1)  # units of the last printed digit
ENOUGH = LADDER[0]


class Quote(NamedTuple):
    """A number of a result that a claim quotes: the steps to it, as printed, and the unit of its last printed digit."""

    path: tuple[str | int, ...]
    value: float
    unit: float

    def __str__(self) -> str:
        first, *rest = self.path
        return f"{first}" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


class Exemption(NamedTuple):
    """A value or field that one claim, or all claims of a snippet, quote without asserting it, and the reason."""

    claim: str
    value: str
    reason: str

    def covers(self, claim: str, quote: Quote) -> bool:
        """Return whether a quote belongs to this claim or snippet, and is this value or a part of it."""
        return bool(re.match(re.escape(self.claim) + r"(?:\.|$)", claim)) and bool(
            re.match(re.escape(self.value) + r"(?:[.\[]|$)", str(quote))
        )


def last_digit(value: float, name: str, arguments: list[int]) -> float:
    """Return the unit of the last digit that a filter prints of a value."""
    count = arguments[0] if arguments else {"digits": 3, "scientific": 2}.get(name, 0)
    if name in ("digits", "scientific"):
        exponent = int(f"{value:.{count - 1}e}".split("e")[1])
        return 10.0 ** (exponent - count + 1)
    return 10.0 ** -(count + 2 * (name == "percent"))


def select(node: nodes.Node, result: Any) -> list[tuple[tuple[str | int, ...], Any]]:
    """Return (path, value) for everything that an expression without filters names."""
    if isinstance(node, nodes.Name):
        return [((node.name,), getattr(result, node.name))]
    pairs = []
    for path, value in select(node.node, result):
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
            bounds = (part and part.as_const() for part in (node.arg.start, node.arg.stop, node.arg.step))
            numbers = range(len(value))[slice(*bounds)]
            pairs += [((*path, number), value[number]) for number in numbers]
        else:
            part = node.attr if isinstance(node, nodes.Getattr) else node.arg.as_const()
            part = part + len(value) if isinstance(part, int) and part < 0 else part
            pairs.append(((*path, part), value[part]))
    return pairs


def flatten(path: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield (path, number) for all numbers in a value."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from flatten((*path, key), part)
    elif isinstance(value, (list, tuple, np.ndarray)):
        for number, part in enumerate(value):
            yield from flatten((*path, number), part)
    elif isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        yield path, value


def find_quotes(docstring: str, result: Any) -> list[Quote]:
    """Find the numbers of a result that a docstring quotes, each once, where it is printed with most digits."""
    quotes: dict[tuple, Quote] = {}
    for expression in QUOTE.findall(docstring):
        node, filters = Environment().parse("{{" + expression + "}}").body[0].nodes[0], []
        while isinstance(node, nodes.Filter):
            filters.append((node.name, [argument.as_const() for argument in node.args]))
            node = node.node
        name, arguments = next((one for one in filters if one[0] != "list"), ("integer", []))
        for path, value in [leaf for pair in select(node, result) for leaf in flatten(*pair)]:
            quote = Quote(path, value, last_digit(value, name, arguments))
            if path not in quotes or quote.unit < quotes[path].unit:
                quotes[path] = quote
    return list(quotes.values())


def change(part: Any, path: tuple[str | int, ...], value: float) -> Any:
    """Copy a result, or a part of it, with another number at a path."""
    if not path:
        return value
    first, *rest = path
    if dataclasses.is_dataclass(part):
        return dataclasses.replace(part, **{first: change(getattr(part, first), tuple(rest), value)})
    if isinstance(part, tuple):
        parts = [change(one, tuple(rest), value) if number == first else one for number, one in enumerate(part)]
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    other = copy.copy(part)
    if isinstance(part, np.ndarray) and not rest and isinstance(value, float):
        other = other.astype(float)
    other[first] = change(part[first], tuple(rest), value)
    return other


def is_noticed(claim: Callable[[Any], None], result: Any, quote: Quote, units: float) -> bool:
    """Return whether a claim fails both for a value that is so many units too large and for one too small."""
    step = units * quote.unit
    whole = isinstance(quote.value, (int, np.integer))
    for change_by in (step, -step):
        value = quote.value + (round(change_by) if whole else change_by)
        try:
            claim(change(result, quote.path, int(value) if whole else float(value)))
            return False
        except Exception:
            continue
    return True


def find_set_up(source: str) -> set[str]:
    """Find the fields to which compute() assigns constants of the snippet, or what follows from them alone."""
    tree, fields = ast.parse(source), set()
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "compute"]
    for call in [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)]:
        if ast.unparse(call.func) != "Result":
            continue
        for keyword in call.keywords:
            if isinstance(keyword.value, ast.Dict) and not keyword.arg:  # **{"name": CONSTANT}
                pairs = zip(keyword.value.keys, keyword.value.values)
                fields |= {key.value for key, value in pairs if isinstance(key, ast.Constant) and _is_constant(value)}
            elif keyword.arg and _is_constant(keyword.value):
                fields.add(keyword.arg)
    return fields


def _is_constant(node: ast.expr) -> bool:
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return all(name.isupper() or name in ("tuple", "len", "float", "int", "range", "np", "math") for name in names)


def measure_quote(claim: Callable[[Any], None], result: Any, quote: Quote) -> float:
    """Return the smallest change of a value that a claim notices, in units of its last printed digit; inf above ten."""
    units = float("inf")
    for smaller in LADDER:
        if isinstance(quote.value, (int, np.integer)) and smaller * quote.unit < 1:
            break
        if not is_noticed(claim, result, quote, smaller):
            break
        units = smaller
    return units


def compute_quotes(name: str) -> Iterator[tuple[Callable[[Any], None], Any, Quote]]:
    """Yield (claim, result, quote) for every number that a claim of a snippet quotes and that compute() computes."""
    module = importlib.import_module(name)
    result, set_up = module.compute(), find_set_up(Path(module.__file__ or "").read_text("utf-8"))
    for claim in [part for key, part in vars(module).items() if key.startswith("claim_")]:
        for quote in find_quotes(claim.__doc__ or "", result):
            if quote.path[0] not in set_up:
                yield claim, result, quote


def find_loose(name: str, record: Mapping[str, float]) -> Iterator[tuple[str, Quote, float]]:
    """Yield (claim, quote, units) where a claim holds with a value off by ten units, or by the units of the record."""
    for claim, result, quote in compute_quotes(name):
        units = min(ENOUGH, record.get(claim.__name__.removeprefix("claim_"), ENOUGH))
        if not is_noticed(claim, result, quote, units):
            yield f"{name}.{claim.__name__}", quote, units


def describe_problems(name: str, exemptions: list[Exemption], record: Mapping[str, float]) -> list[str]:
    """Describe the loose claims of a snippet that are not exempt, and its exemptions without use."""
    loose, used_exemptions, problems = list(find_loose(name, record)), set(), []
    for claim, quote, units in loose:
        covering = {exemption for exemption in exemptions if exemption.covers(claim, quote)}
        used_exemptions |= covering
        if not covering:
            problems.append(
                f"{claim} holds with {quote} = {quote.value:.6g} off by {units * quote.unit:g}: tighten its assertion,"
                f" print fewer digits, or say in {EXEMPTIONS.name} why it is no result"
                + f"; if it was tighter once, measure it again: make tightness NAME={name}"
                * (units < ENOUGH)
            )
    own = [exemption for exemption in exemptions if exemption.claim.split(".")[0] == name]
    problems += [
        f"{EXEMPTIONS.name}: {one.claim}: {one.value} is not loose: take it out"
        for one in own
        if one not in used_exemptions
    ]
    return problems


def read_exemptions(path: Path = EXEMPTIONS) -> list[Exemption]:
    """Read the list of exemptions, one for each value of an entry."""
    entries = yaml.safe_load(path.read_text("utf-8")) or ()
    return [Exemption(entry["claim"], value, entry["reason"]) for entry in entries for value in entry["values"]]


def summarize_snippet(name: str, exemptions: list[Exemption]) -> dict[str, float]:
    """Map each claim to the smallest change that it notices of every computed value that is not exempt."""
    claims: dict[str, float] = {}
    for claim, result, quote in compute_quotes(name):
        if not any(exemption.covers(f"{name}.{claim.__name__}", quote) for exemption in exemptions):
            key = claim.__name__.removeprefix("claim_")
            claims[key] = max(claims.get(key, 0), measure_quote(claim, result, quote))
    return claims


def main() -> None:
    sys.path[:0] = [str(ROOT / "snippets")]
    warnings.simplefilter("error")
    names, exemptions = Project(ROOT).names("snippet"), read_exemptions()
    record = {name: claims for name, claims in read_tightness(RECORD.parent).items() if name in names}
    for name in sys.argv[1:] or names:
        record[name] = summarize_snippet(name, exemptions)
        print(name, record[name], flush=True)
        text = json.dumps({"date": f"{date.today()}", "claims": record}, indent=1, sort_keys=True)
        RECORD.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
