"""Figures: drawings as SVG, PNG and CSV; an explorer as one SVG and the paths of its frames."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path as Outline

from evidence.diagnostics import describe_invisible

NUMBER = re.compile(r"[−-]?[\d,.]+%?")
LARGE = 500_000  # characters of an SVG, from which on all artists are drawn as pixels
DENSE = 5000  # points or cells of one artist, from which on it is drawn as pixels
FRAMES, BYTES = 14, 48_000  # a slider of fewer frames jumps; more bytes load too slowly
LETTERS = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}
Row = tuple[object, ...]


def save_figure(
    figure: object, stem: str, text: str, picture: bool
) -> tuple[dict, dict[str, bytes]]:
    """Return the properties and the files of a drawing: `stem`.svg, and .csv and .png if any.

    `text` is its text alternative. Raises TypeError where `figure` is no matplotlib Figure with
    axes, ValueError where its text holds an invisible character.
    """
    if not isinstance(figure, Figure) or not figure.axes:
        kind = f"{type(figure).__module__}.{type(figure).__qualname__}".removeprefix("builtins.")
        raise TypeError(f"it returned {kind}: return a matplotlib Figure with axes")
    drawing = _draw_svg(figure, *text.split(". ", 1))
    if message := describe_invisible(drawing):
        raise ValueError(f"its drawing {message}")
    files = {f"{stem}.svg": drawing.encode()}
    rows = list(_list_data(figure))
    if rows:
        names = ("panel", "series", "x", "y", "value")
        files[f"{stem}.csv"] = _format_csv([names[: max(map(len, rows))], *rows])
    if picture:
        figure.set_layout_engine("none")  # laid out for the SVG, which takes half of the time
        out = BytesIO()
        options: dict[str, Any] = {"pil_kwargs": {"compress_level": 1}}
        figure.savefig(out, format="png", dpi=144, metadata={"Software": None}, **options)
        files[f"{stem}.png"] = out.getvalue()
    width, height = (round(72 * inches) for inches in figure.get_size_inches())
    panels = getattr(figure, "panels", 1)
    formats = sorted(name.rsplit(".", 1)[1] for name in files if not name.endswith(".svg"))
    return {
        "width": width // panels,
        "height": height,
        "panels": panels,
        "formats": formats,
    }, files


def save_explorer(
    frames: Iterable[Any], start: int, stem: str, text: str, picture: bool
) -> tuple[dict, dict[str, bytes]]:
    """Return the properties and the files of an explorer: those of a figure, and `stem`.json.

    `frames` yields (the same figure, {readout: text}, sentence). Artists whose gid is a plain name
    move; the first readout is the parameter's: a slider where all its texts are numbers, else a
    list to choose from. The frame `start` is drawn; the data of all frames go into the CSV.
    Raises TypeError or ValueError where a frame is none, or where nothing moves.
    """
    paths: dict[str, list[str]] = {}
    texts: list[dict[str, str]] = []
    rows: list[Row] = []
    saved = None
    for index, frame in enumerate(frames):
        figure, readouts, sentence = _check_frame(frame)
        if index == 0:
            figure.set_dpi(72)  # that of an SVG
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # the axes stay where they are
        for artist in figure.findobj(lambda artist: (artist.get_gid() or "").isidentifier()):
            paths.setdefault(artist.get_gid(), []).append(_trace_artist(figure, artist))
        texts.append(readouts | {"": sentence})
        parameter = next(iter(readouts.values()))
        rows += [(parameter, *row) for row in _list_data(figure)]
        if index == start:
            saved = save_figure(figure, stem, text, picture)
    if not saved:
        raise ValueError(
            f"it yields {len(texts)} frames, and start={start} is not one of them: count from 0"
        )
    properties, files = saved
    parameter = next(iter(texts[0]))
    columns = {name: [readouts[name] for readouts in texts] for name in texts[0]}
    is_slider = all(NUMBER.fullmatch(value) for value in columns[parameter])
    moves = json.dumps(
        {"paths": paths, "texts": columns}, ensure_ascii=False, separators=(",", ":")
    )
    files[f"{stem}.json"] = moves.encode()
    _check_explorer(paths, len(texts), is_slider, len(files[f"{stem}.json"]))
    if rows:
        files[f"{stem}.csv"] = _format_csv([(parameter, "panel", "series", "x", "y"), *rows])
    return properties | {
        "start": start,
        "frames": len(texts),
        "readouts": texts[start],
        "choices": [] if is_slider else columns[parameter],
    }, files


def _check_frame(frame: object) -> tuple[Any, dict[str, str], str]:
    if not isinstance(frame, tuple) or len(frame) != 3:
        raise TypeError(
            "a frame is not three things: yield the figure, its readouts and a sentence"
        )
    figure, readouts, sentence = frame
    if message := describe_invisible("".join([*readouts, *readouts.values(), sentence])):
        raise ValueError(f"a readout {message}")
    return figure, readouts, sentence


def _check_explorer(paths: dict[str, list[str]], frames: int, is_slider: bool, size: int) -> None:
    if not any(len(set(path)) > 1 for path in paths.values()):
        raise ValueError("nothing moves: give each artist that changes a gid, a plain name")
    if is_slider and frames < FRAMES:
        raise ValueError(
            f"it yields {frames} frames, so the slider jumps: yield at least {FRAMES}, "
            "or give the first readout words, which become a list"
        )
    if size > BYTES:
        raise ValueError(
            f"its frames take {size:,} bytes, more than {BYTES:,}: yield fewer frames, "
            "or draw curves of fewer points"
        )


def _trace_artist(figure: Figure, artist: Any) -> str:
    """Return the path of a line or patch as it stands in the SVG: what an explorer swaps."""
    height = 72 * figure.get_figheight()
    outline = artist.get_transform().transform_path(artist.get_path())
    parts = []
    for points, code in outline.iter_segments(simplify=False):
        numbers = [height - number if i % 2 else number for i, number in enumerate(points)]
        closes = code == Outline.CLOSEPOLY
        parts.append("Z" if closes else LETTERS[code] + " ".join(map(_shorten_number, numbers)))
    return "".join(parts)


def _shorten_number(value: float) -> str:
    return f"{round(value, 1) + 0:.1f}".rstrip("0").rstrip(".")


def _draw_svg(figure: Figure, title: str, description: str = "") -> str:
    if draw := getattr(figure, "svg", None):  # of the project's own style
        return draw(title, description)
    artists = [
        artist
        for axes in figure.axes
        for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.images)
    ]
    for artist in artists:
        if _count_points(artist) > DENSE:
            artist.set_rasterized(True)
    drawing = _save_svg(figure, title)
    if len(drawing) > LARGE:
        for artist in artists:
            artist.set_rasterized(True)
        drawing = _save_svg(figure, title)
    return drawing


def _save_svg(figure: Figure, title: str) -> str:
    out = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "evidence"}):
        metadata = {"Date": None, "Creator": None, "Title": title}
        figure.savefig(out, format="svg", dpi=144, metadata=metadata)
    return out.getvalue()


def _count_points(artist: Any) -> int:
    if isinstance(artist, Line2D):
        return len(artist.get_xdata(orig=False))
    if not isinstance(artist, Collection):
        return 0
    array = artist.get_array()
    vertices = sum(len(path.vertices) for path in artist.get_paths())
    offsets = np.asarray(artist.get_offsets())
    return max(len(offsets), 0 if array is None else array.size, vertices)


def _format_csv(rows: Iterable[Row]) -> bytes:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _list_data(figure: Figure) -> Iterator[Row]:
    """Yield lines, clouds of points and bars as rows: panel, series, x, y."""
    for panel, axes in enumerate(figure.axes, 1):
        if axes.name == "3d":
            continue
        series = [
            (str(line.get_label()), np.asarray(line.get_xydata()).tolist()) for line in axes.lines
        ]
        for cloud in axes.collections:
            offsets = np.asarray(cloud.get_offsets()).tolist()
            if len(offsets) > 1:
                series.append((str(cloud.get_label()), offsets))
        for bars in axes.containers:
            series.append((str(bars.get_label()), _list_bars(bars)))
        for image in axes.images:
            array = np.asarray(image.get_array())
            if array.ndim == 2 and array.size <= DENSE:
                cells = np.ndenumerate(array.tolist())
                yield from ((panel, "image", x, y, value) for (y, x), value in cells)
        for number, (label, points) in enumerate(series, 1):
            name = str(number) if label.startswith("_") else label
            yield from ((panel, name, _format_date(axes, x), y) for x, y in points)


def _list_bars(bars: Any) -> list[list[float]]:
    """Return the middle and the length of each bar; of a histogram, edges and heights."""
    patches = list(getattr(bars, "patches", []))
    if getattr(bars, "orientation", "") == "horizontal":
        return [[bar.get_width(), bar.get_y() + bar.get_height() / 2] for bar in patches]
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in patches]
    touch = all(np.isclose(left[1], right[0]) for left, right in pairwise(edges))
    if touch and len(patches) > 1:
        rows = [[left, bar.get_height()] for (left, _), bar in zip(edges, patches)]
        return [*rows, [edges[-1][1], 0.0]]
    return [[(left + right) / 2, bar.get_height()] for (left, right), bar in zip(edges, patches)]


def _format_date(axes: Axes, x: float) -> object:
    if "Date" in type(axes.xaxis.get_converter()).__name__:
        return num2date(x).replace(tzinfo=None).isoformat()
    return x
