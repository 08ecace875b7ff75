"""Letters: what the tables of a site, and the lines under an equation, say that its letters mean."""

import re
from typing import Any

from evidence.problems import unknown

LINE = re.compile(r"^[ ]*(\S.*?): +(.*?)(?:, *([-\d.e]+)\.\.([-\d.e]+))?$", re.M)
ROW = re.compile(r"^\| *\$([^$]+)\$ *\|(?:([^|]*\]\([^|]*)\|)? *([^|]+?) *\|$", re.M)
PAGE = re.compile(r"\(([\w/]+\.md)\)")
Ranges = dict[str, list[Any]]
Names = dict[tuple[str, str], str]


def read_letters(text: str) -> Names:
    """Return what the tables of a page say of letters: (letter, page, or nothing) to a name.

    A row is `| $letter$ | meaning |` or `| $letter$ | [page](page.md), … | meaning there |`.
    """
    names = {}
    for letter, pages, meaning in ROW.findall(text):
        plain = re.sub(r"\$([^$\\]*)\$|\*", r"\1", meaning)
        phrase = re.split(r"[:;,(]| where | so ", plain)[0].strip()
        name = "" if "$" in phrase else re.sub(r"^(the|an?) ", "", phrase)
        for page in PAGE.findall(pages) or [""]:
            names[letter.split(" =")[0], page] = name
    return names


def describe_letters(ranges: Ranges, names: Names, page: str, text: str) -> Ranges:
    r"""Return what the page holds of each letter: its name, first value, range and so on.

    A line of `text` such as `\kappa: condition number, 1..1000` names a letter of this equation, and
    may give its range; else the tables of the site say what it means on this page, or everywhere.
    """
    described = {letter: ["", *values] for letter, values in ranges.items()}
    for letter, values in described.items():
        stem = letter if "(" in letter else letter.split("_")[0]
        keys = ((letter, page), (letter, ""), (stem, page), (stem, ""))
        values[0] = next((names[key] for key in keys if key in names), "")
    for letter, name, low, high in LINE.findall(text):
        if letter not in described:
            raise ValueError(unknown("letter of this equation", letter, described))
        described[letter][0] = name
        if high:
            described[letter][2:4] = float(low), float(high)
    return described
