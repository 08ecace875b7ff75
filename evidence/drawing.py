"""Drawings: a figure as SVG, PNG and the CSV of what it shows; a sweep as one SVG and its frames."""

import csv
import json
from io import StringIO

import matplotlib
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure


def save(figure, stem, alt):
    """Write `stem`.svg, .png and .csv; returns the panels' sizes in pixels and the data's rows."""
    if not isinstance(figure, Figure) or not figure.axes:
        raise TypeError(f"it returned {type(figure).__name__}: return a matplotlib Figure with axes")
    title, _, rest = alt.partition(". ")
    stem.with_suffix(".svg").write_text(_svg(figure, title, rest), "utf-8")
    figure.savefig(stem.with_suffix(".png"), dpi=144, metadata={"Software": None})
    rows = [("panel", "series", "x", "y"), *_data(figure)]
    with stem.with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    panels = getattr(figure, "panels", 1)
    width, height = (round(72 * inches) for inches in figure.get_size_inches())
    plot = [round(72 / figure.dpi * side) for side in figure.axes[0].get_window_extent().size]
    return {"width": width // panels, "height": height, "panels": panels, "plot": plot}


def sweep(frames, start, stem, alt):
    """Write the drawing of frame `start` and `stem`.json, the paths and readouts of all frames.

    `frames` yields (the same figure, {readout: text}); artists with a gid move, the first readout is the slider's.
    """
    moving, paths, texts, made = {}, {}, [], None
    for index, (figure, readouts) in enumerate(frames):
        if index == 0:
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # the axes stay where they are
            moving = {artist.get_gid(): artist for artist in figure.findobj(lambda a: a.get_gid() and hasattr(a, "get_path"))}
        for gid, artist in moving.items():
            paths.setdefault(gid, []).append(figure.path(artist))
        texts.append(readouts)
        if index == start:
            made = save(figure, stem, alt)
    if made is None:
        raise ValueError(f"it yields {len(texts)} frames: start={start} is not one of them")
    frames = {"paths": paths, "texts": {name: [readouts[name] for readouts in texts] for name in texts[0]}}
    stem.with_suffix(".json").write_text(json.dumps(frames, ensure_ascii=False, separators=(",", ":")), "utf-8")
    return made | {"start": start, "frames": len(texts), "texts": texts[start]}


def _svg(figure, title, description):
    if hasattr(figure, "svg"):  # a figure of the project's own style
        return figure.svg(title, description)
    out = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "evidence"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    return out.getvalue()


def _data(figure):
    """Every line and every cloud of points as rows: panel, series, x, y."""
    for panel, axes in enumerate(figure.axes, 1):
        clouds = [c for c in axes.collections if isinstance(c, PathCollection)]
        for number, artist in enumerate([*axes.lines, *clouds], 1):
            label = artist.get_label()
            points = artist.get_offsets() if artist in clouds else artist.get_xydata()
            yield from ((panel, number if label.startswith("_") else label, x, y) for x, y in points.tolist())
