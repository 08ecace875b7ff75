"""Letters: what tables of a site, and lines under an equation, say that its letters mean."""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from evidence.diagnostics import describe_unknown
from evidence.usage import PageContext

LINE = re.compile(
    r"^[ ]*(\S.*?): +(.*?)(?:, *([-\d.e]+)\.\.([-\d.e]+))?$", re.M
)
ROW = re.compile(
    r"^\| *\$([^$]+)\$ *\|(?:([^|]*\]\([^|]*)\|)? *([^|]+?) *\|$", re.M
)
PAGE = re.compile(r"\(([\w/]+\.md)\)")
MATH = re.compile("</?math[^>]*>")
Ranges = dict[str, list[Any]]
Names = dict[tuple[str, str], str]


def build_live_equation(
    live: Any, text: str, context: PageContext, options: Mapping[str, Any]
) -> Element:
    """Return the element with which readers try an equation; `text` names its letters.

    Raises ValueError where the equation has no letter of a name.
    """
    if "letters" not in context.site.extra:
        context.site.extra["letters"] = read_letters(
            context.site.read_pages().values()
        )
    names = context.site.extra["letters"]
    letters = describe_letters(live["letters"], names, context.page, text)
    rows = [
        [
            letter,
            MATH.sub("", context.formulas.convert(letter, display=False)),
            *values,
        ]
        for letter, values in letters.items()
    ]
    data = {"letters": rows, "chains": live["chains"], "near": live["near"]}
    attributes = {
        "data": json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    }
    if options["open"]:
        attributes |= {"open": "", "style": f"--letters: {len(letters)}"}
    if options["group"]:
        attributes["group"] = options["group"]
    element = Element("live-equation", attributes)
    SubElement(
        element, "button", {"type": "button", "hidden": ""}
    ).text = AtomicString("try it")
    return element


def read_letters(texts: Iterable[str]) -> Names:
    """Return what the tables of pages say of letters: (letter, page, or nothing) to a name.

    A row is `| $letter$ | meaning |` or `| $letter$ | [page](page.md), … | meaning there |`.
    """
    names = {}
    for letter, pages, meaning in (
        row for text in texts for row in ROW.findall(text)
    ):
        plain = re.sub(r"\$([^$\\]*)\$|\*", r"\1", meaning)
        phrase = re.split(r"[:;,(]| where | so ", plain)[0].strip()
        name = "" if "$" in phrase else re.sub(r"^(the|an?) ", "", phrase)
        for page in PAGE.findall(pages) or [""]:
            names[letter.split(" =")[0], page] = name
    return names


def describe_letters(
    ranges: Ranges, names: Names, page: str, text: str
) -> Ranges:
    r"""Return what the page holds of each letter: its name, first value, range and so on.

    A line of `text` such as `\kappa: condition number, 1..1000` names a letter of this equation,
    and may give its range; else the tables of the site say what it means on this page, or
    everywhere.
    """
    descriptions = {letter: ["", *values] for letter, values in ranges.items()}
    for letter, values in descriptions.items():
        stem = letter if "(" in letter else letter.split("_")[0]
        keys = product((letter, stem), (page, ""))
        values[0] = next((names[key] for key in keys if key in names), "")
    if odd := LINE.sub("", text).strip():
        raise ValueError(
            f"‘{odd:.40}’ names no letter: write LETTER: name, 1..9"
        )
    for letter, name, low, high in LINE.findall(text):
        if letter not in descriptions:
            raise ValueError(
                describe_unknown(
                    "letter of this equation", letter, descriptions
                )
            )
        descriptions[letter][0] = name
        if high:
            descriptions[letter][2:4] = sorted((float(low), float(high)))
    return descriptions
