"""The picture that README opens with: the flagship's figure, once for a light page and once for a dark one.

`make picture` writes both; they are committed, since README is shown where nothing is built.
"""

import re
import sys
from pathlib import Path

from zigzag_site.evidence_access import latest_file

SNIPPET, FIGURE = "zigzag", "figure_paths.svg"  # what README shows
STYLE = re.compile(r"<style>.*?</style>", re.S)
WORDS = re.compile(r"<title>.*?</title>|<desc>.*?</desc>", re.S)  # README's alternative text says it


def paint(svg: str, dark: bool) -> str:
    """Return a figure by style.py with the colors of one palette in place of variables."""
    style = STYLE.search(svg)
    pairs = re.findall(r"--(\w+):var\(--zz-\w+,(#\w+)\)", style[0] if style else "")
    half = len(pairs) // 2
    colors = dict(pairs[half:] if dark else pairs[:half])
    drawing = re.sub(r"var\(--(\w+)\)", lambda role: colors[role[1]], WORDS.sub("", STYLE.sub("", svg)))
    return re.sub(r"<view [^>]*/>", "", drawing).replace("<svg ", '<svg stroke-linejoin="round" ', 1)


def paint_all(root: Path) -> dict[str, str]:
    """Return file name to picture, for the current figure."""
    svg = latest_file(root, SNIPPET, FIGURE).decode()
    return {f"{SNIPPET}-{name}.svg": paint(svg, name == "dark") for name in ("light", "dark")}


if __name__ == "__main__":
    for name, picture in paint_all(Path()).items():
        (Path(sys.argv[1]) / name).write_text(picture, "utf-8")
