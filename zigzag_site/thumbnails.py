"""Thumbnails: one plot of a figure without words and axes, in a few hundred bytes, for light and for dark."""

import re
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
ElementTree.register_namespace("", SVG.strip("{}"))
DROPPED = re.compile(r"text_|matplotlib\.axis_|[xy]tick_|spine|legend_")  # ids of what a small picture does without
NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
ROLE = re.compile(r"var\(--(\w+)\)")
# The thick lines that style.py asks for below 230 pixels, as in a whole figure that is shown so small.
WIDTHS = ((re.compile("line2d"), ("path", "use"), "4.5"), (re.compile("patch|contours"), ("path",), "2"))


def make_thumbnail(svg: str, plot: int = 1) -> str:
    """Return one plot, counted from 1, of a figure by style.py as a separate SVG."""
    root = ElementTree.fromstring(svg)
    box = root.find(f"{SVG}view[@id='plot-{plot}']")
    axes = next((part for part in root.iter(f"{SVG}g") if part.get("id") == f"axes_{plot}"), None)
    if box is None or axes is None:
        raise ValueError(f"this figure has no plot {plot}")
    elements = {part.get("id"): part for part in root.iter() if part.get("id")}
    _prune(axes)
    _thicken(axes)
    body = ElementTree.tostring(axes, encoding="unicode") + _definitions(axes, elements)
    body = NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), body)
    references = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', body))
    names = {name for pair in references for name in pair}
    body = re.sub(r' id="([^"]*)"', lambda name: name[0] if name[1] in names else "", body)
    body = re.sub(r' xmlns="[^"]*"| ?clip-path="url\(#\)"', "", body)
    style = "".join(_palette(svg, sorted(set(ROLE.findall(body)))))
    view = box.get("viewBox")
    width, height = view.split()[2:]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="{view}">'
        f"<style>{style}</style>{body}</svg>\n"
    )


def _prune(part: ElementTree.Element) -> None:
    for child in list(part):
        if DROPPED.match(child.get("id", "")):
            part.remove(child)
        else:
            _prune(child)


def _thicken(axes: ElementTree.Element) -> None:
    for group in axes.iter(f"{SVG}g"):
        for name, tags, width in WIDTHS:
            if name.match(group.get("id", "")):
                for part in group.iter():
                    style = part.get("style", "")
                    if part.tag.removeprefix(SVG) in tags and "stroke:" in style:
                        style = re.sub(r";? ?stroke-width: [\d.]+", "", style)
                        part.set("style", f"{style}; stroke-width: {width}")


def _definitions(axes: ElementTree.Element, elements: dict[str, ElementTree.Element]) -> str:
    """Return the definitions outside of the plot that it refers to: markers, clipping paths."""
    here = {part.get("id") for part in axes.iter()}
    text = ElementTree.tostring(axes, encoding="unicode")
    references = sorted(set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)))
    names = [name for pair in references for name in pair if name and name not in here and name in elements]
    return "<defs>" + "".join(ElementTree.tostring(elements[name], encoding="unicode") for name in names) + "</defs>"


def _palette(svg: str, roles: list[str]) -> list[str]:
    """Return rules with the colors of these roles, for the light and the dark palette."""
    pairs = {role: re.findall(rf"--{role}:var\(--zz-{role},(#\w+)\)", svg) for role in roles}
    paper, dark = ("".join(f"--{role}:{pair[i]};" for role, pair in pairs.items()) for i in (0, 1))
    return [f"svg{{{paper}stroke-linejoin:round}}", f"@media(prefers-color-scheme:dark){{svg{{{dark}}}}}"]
