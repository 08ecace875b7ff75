"""Drawings: a figure as SVG, PNG and the CSV of what it shows; a sweep as one SVG and its frames."""

import csv
import json
import re
from io import StringIO

import matplotlib
from matplotlib.figure import Figure

from evidence.problems import unseen

NUMBER = re.compile(r"[−-]?[\d,.]+")


def save(figure, stem, alt, picture):
    """Write `stem`.svg, .csv and, if a `picture` is wanted, .png.

    Returns the size of a panel in pixels, and how many there are.
    """
    if not isinstance(figure, Figure) or not figure.axes:
        raise TypeError(f"it returned {type(figure).__name__}: return a matplotlib Figure with axes")
    drawn = _svg(figure, *alt.split(". ", 1))
    if what := unseen(drawn):
        raise ValueError(f"its drawing {what}")
    stem.with_suffix(".svg").write_text(drawn, "utf-8")
    if picture:
        figure.set_layout_engine("none")  # found for the SVG, and finding it is half of a drawing's time
        how = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 1}}
        figure.savefig(stem.with_suffix(".png"), dpi=144, **how)
    _write(stem, [("panel", "series", "x", "y"), *_data(figure)])
    width, height = (round(72 * inches) for inches in figure.get_size_inches())
    panels = getattr(figure, "panels", 1)
    return {"width": width // panels, "height": height, "panels": panels}


def sweep(frames, start, stem, alt, picture):
    """Write the drawing of frame `start`, `stem`.json with the paths and readouts of all frames, and all their data.

    `frames` yields (the same figure, {readout: text}, sentence); artists whose gid is an identifier move, the first
    readout is the parameter's: a slider where all its texts are numbers, else a list to choose from.
    """
    paths, texts, rows, made = {}, [], [], None
    for index, frame in enumerate(frames):
        if not isinstance(frame, tuple) or len(frame) != 3:
            raise TypeError("a frame is not three things: yield the figure, its readouts and a sentence")
        figure, readouts, sentence = frame
        if what := unseen("".join([*readouts, *readouts.values(), sentence])):
            raise ValueError(f"a readout {what}")
        if index == 0:
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # the axes stay where they are
        for artist in figure.findobj(lambda artist: (artist.get_gid() or "").isidentifier()):
            paths.setdefault(artist.get_gid(), []).append(figure.path(artist))
        texts.append(readouts | {"": sentence})
        at = next(iter(readouts.values()))
        rows += [(at, *row) for row in _data(figure)]
        made = save(figure, stem, alt, picture) if index == start else made
    if not made:
        raise ValueError(f"it yields {len(texts)} frames, and start={start} is not one of them: count from 0")
    parameter = next(iter(texts[0]))
    _write(stem, [(parameter, "panel", "series", "x", "y"), *rows])
    moves = {"paths": paths, "texts": {name: [readouts[name] for readouts in texts] for name in texts[0]}}
    stem.with_suffix(".json").write_text(json.dumps(moves, ensure_ascii=False, separators=(",", ":")), "utf-8")
    values = moves["texts"][parameter]
    choices = [] if all(NUMBER.fullmatch(text) for text in values) else values
    return made | {"start": start, "frames": len(texts), "texts": texts[start], "choices": choices}


def _svg(figure, title, description=""):
    if hasattr(figure, "svg"):  # a figure of the project's own style
        return figure.svg(title, description)
    out = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "evidence"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    return out.getvalue()


def _write(stem, rows):
    with stem.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _data(figure):
    """Every line and every cloud of points as rows: panel, series, x, y."""
    for panel, axes in enumerate(figure.axes, 1):
        clouds = [(cloud, cloud.get_offsets()) for cloud in axes.collections if len(cloud.get_offsets()) > 1]
        for number, (artist, points) in enumerate([*((line, line.get_xydata()) for line in axes.lines), *clouds], 1):
            name = str(number) if artist.get_label().startswith("_") else artist.get_label()
            yield from ((panel, name, x, y) for x, y in points.tolist())
