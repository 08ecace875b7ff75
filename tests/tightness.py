"""Measure how tight each claim is: for each value that it quotes, the smallest change that it notices.

A claim's docstring quotes values, `{{ steps[2] }}`; each is replaced in a copy of the result by one that is off by some
units of its last printed digit, in either direction, and the claim is asked again. `make whole` fails where a claim
holds with a value that is off by ten units, and `python tests/tightness.py NAME…` prints the smallest change at which
each claim fails both ways, of 0.1, 1, 3, 10, 30, 100, … units. What nothing computes, as the number of examples, need
not be noticed: tests/tightness.yml names what compute() does not show to be a constant.
"""

import ast
import copy
import dataclasses
import importlib
import os
import re
import sys
import time
import warnings
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ |= {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}  # before numpy is imported

import numpy as np
import yaml
from jinja2 import Environment, nodes

ROOT = Path(__file__).parent.parent
EXEMPTIONS = ROOT / "tests/tightness.yml"
QUOTE = re.compile(r"\{\{((?:(?!\{\{).)+?)\}\}", re.S)
LADDER = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 1e3, 1e4, 1e5)  # units of the last printed digit
ENOUGH = 10.0


class Quote(NamedTuple):
    """A number of a result that a claim quotes: the steps to it, as printed, and the unit of its last printed digit."""

    path: tuple[str | int, ...]
    value: float
    unit: float

    def __str__(self) -> str:
        first, *rest = self.path
        return f"{first}" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


class Tightness(NamedTuple):
    """The smallest change of a quoted value that a claim notices, in units of its last printed digit; inf for none.

    A value of the set-up is a constant of the snippet, as the number of examples: nothing computes it.
    """

    snippet: str
    claim: str
    quote: Quote
    units: float
    set_up: bool


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
        if ast.unparse(call.func) == "Result":
            fields |= {word.arg for word in call.keywords if word.arg and _is_constant(word.value)}
    return fields


def _is_constant(node: ast.expr) -> bool:
    names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    return all(name.isupper() or name in ("tuple", "len", "float", "int", "range", "np", "math") for name in names)


def measure_claim(
    snippet: str, claim: Callable[[Any], None], result: Any, set_up: Container[str] = ()
) -> Iterator[Tightness]:
    """Measure how tight a claim is about each value that it quotes."""
    for quote in find_quotes(claim.__doc__ or "", result):
        whole = isinstance(quote.value, (int, np.integer))
        ladder = (units for units in LADDER if not whole or units * quote.unit >= 1)
        steps = (units for units in ladder if is_noticed(claim, result, quote, units))
        yield Tightness(snippet, claim.__name__, quote, next(steps, float("inf")), quote.path[0] in set_up)


def compute(name: str) -> tuple[Any, list[Callable[[Any], None]], set[str]]:
    """Run a snippet, and return its result, its claims, and the fields that are its set-up."""
    module = importlib.import_module(name)
    claims = [part for key, part in vars(module).items() if key.startswith("claim_")]
    return module.compute(), claims, find_set_up(Path(module.__file__ or "").read_text("utf-8"))


def measure_snippet(name: str) -> Iterator[Tightness]:
    """Measure how tight the claims of a snippet are."""
    result, claims, set_up = compute(name)
    for claim in claims:
        yield from measure_claim(name, claim, result, set_up)


def find_loose(name: str) -> Iterator[tuple[str, Quote]]:
    """Yield (claim, quote) where a claim of a snippet holds with a computed value that is off by ten units."""
    result, claims, set_up = compute(name)
    for claim in claims:
        for quote in find_quotes(claim.__doc__ or "", result):
            if quote.path[0] not in set_up and not is_noticed(claim, result, quote, ENOUGH):
                yield f"{name}.{claim.__name__}", quote


def describe_problems(name: str, exemptions: list[Exemption]) -> list[str]:
    """Describe the loose claims of a snippet that are not exempt, and its exemptions without use."""
    loose, used_exemptions, problems = list(find_loose(name)), set(), []
    for claim, quote in loose:
        covering = {exemption for exemption in exemptions if exemption.covers(claim, quote)}
        used_exemptions |= covering
        if not covering:
            problems.append(
                f"{claim} holds with {quote} = {quote.value:.6g} off by {ENOUGH * quote.unit:g}: tighten its assertion,"
                f" print fewer digits, or say in {EXEMPTIONS.name} why it is no result"
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


def main() -> None:
    sys.path[:0] = [str(ROOT / "snippets")]
    warnings.simplefilter("error")
    for name in sys.argv[1:] or sorted(path.stem for path in (ROOT / "snippets").glob("*.py")):
        text = (ROOT / "snippets" / f"{name}.py").read_text("utf-8")
        if "\ndef compute(" in text:
            start = time.process_time()
            for _, claim, quote, units, set_up in measure_snippet(name):
                change = f"{units:g}{' (set-up)' if set_up and units > ENOUGH else ''}"
                print(f"{name}.{claim}: {quote} = {quote.value:.6g}, unit {quote.unit:.0e}: {change}", flush=True)
            print(f"# {name}: {time.process_time() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
