"""Results: the schema of what a run of a snippet or lab offers to pages."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

JSON: TypeAlias = (
    bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None
)

RESULT = "result.json"
KINDS = {  # name of the block, to the attribute of SnippetResult
    "figure": "figures",
    "claim": "claims",
    "equation": "equations",
    "explore": "explorers",
}


@dataclass(frozen=True)
class Value:
    """A field of the dataclass that `compute()` returns."""

    value: JSON
    "Numbers, strings, lists and dicts of them; None for an array too large to quote."
    description: str
    "What it is, and its unit: the string under the field."
    line: int
    "Where `compute()` sets it."
    is_read: bool
    "Whether the snippet's own claims or figures read it; then no page needs to quote it."


@dataclass(frozen=True)
class Claim:
    """A sentence with an assertion under it."""

    text: str
    "Markdown, with `{{ field }}` for values of the same snippet."
    line: int
    "Where its function stands."


@dataclass(frozen=True)
class Equation:
    """LaTeX that was evaluated as printed, or asserted separately."""

    text: str
    "The LaTeX, without delimiters."
    line: int
    "Where its function stands."
    draws: int
    "Number of sets of values for which it held; 0 if it was asserted separately."
    live: JSON = None
    "What a browser needs to evaluate it, if all letters are numbers."


@dataclass(frozen=True)
class Figure:
    """A drawing, saved as `figure_NAME.svg`, and as .csv and .png according to `formats`."""

    text: str
    "Text alternative; its first sentence is the title."
    line: int
    "Where its function stands."
    width: int
    "Width of one panel, in pixels."
    height: int
    "Height, in pixels."
    panels: int
    "Number of panels side by side, with the addresses `#panel-1`, `#panel-2` …"
    formats: list[str]
    "Suffixes of the other files: csv, png."


@dataclass(frozen=True)
class Explorer(Figure):
    """A figure that follows a parameter, saved as `explore_NAME.svg` and .json."""

    start: int
    "Index of the frame that the page shows at first."
    frames: int
    "Number of frames."
    steps: int
    "Values of the second parameter for each of the first; 1 if there is none."
    readouts: dict[str, str]
    "Name to text in the frame `start`: the parameter first, the sentence under ''."
    choices: list[str]
    "Values of the parameter, if they are not numbers."


@dataclass(frozen=True)
class SnippetResult:
    """Everything that a run of a snippet offers to pages."""

    name: str
    "Name of the snippet: that of its file, without suffix."
    title: str
    "Docstring of the module, with `{{ field }}` for values."
    source: str
    "Text of the file."
    inputs: dict[str, JSON]
    "What the run depended on: file, library or limit, to its digest, version or number."
    date: str
    "Date of the run, as YYYY-MM-DD."
    values: dict[str, Value]
    claims: dict[str, Claim]
    equations: dict[str, Equation]
    figures: dict[str, Figure]
    explorers: dict[str, Explorer]
    definitions: dict[str, tuple[int, int]]
    "Name of each function and class, to its first and last line in `source`."
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    "Name of each drawing or data file, to its content."

    def offers(self, kind: str) -> dict[str, Any]:
        """Return the offers of a kind (figure, claim, equation or explore) by name."""
        return getattr(self, KINDS[kind])

    @cached_property
    def quotable(self) -> dict[str, JSON]:
        """The values by name, as pages quote them."""
        return {name: value.value for name, value in self.values.items()}


@dataclass(frozen=True)
class LabResult:
    """An executed notebook, as the Markdown of a page."""

    name: str
    page: str
    "Markdown, with code, output and pictures."
    inputs: dict[str, JSON]
    date: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


Result: TypeAlias = SnippetResult | LabResult


def dump_result(result: Result) -> bytes:
    """Return the JSON of a result, without its files."""
    content = asdict(result)
    del content["files"]
    return json.dumps(content, ensure_ascii=False).encode()


def load_result(files: Mapping[str, bytes]) -> Result:
    """Return the result stored in `files`, name to content, as `result.json`."""
    content = json.loads(files[RESULT])
    others = {name: data for name, data in files.items() if name != RESULT}
    if "page" in content:
        return LabResult(**content, files=others)
    kinds = Value, Figure, Claim, Equation, Explorer
    for attribute, kind in zip(("values", *KINDS.values()), kinds):
        content[attribute] = {
            name: kind(**entry) for name, entry in content[attribute].items()
        }
    content["definitions"] = {
        name: tuple(at) for name, at in content["definitions"].items()
    }
    return SnippetResult(**content, files=others)
