"""Figures: drawings as SVG, PNG and CSV; explorers as one SVG and the paths of all frames."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO, StringIO
from itertools import pairwise
from typing import Any

import matplotlib
import numpy as np
from matplotlib.collections import Collection
from matplotlib.dates import num2date
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from evidence import results
from evidence.diagnostics import describe_invisible

NUMBER = re.compile(r"[−-]?[\d,.]+%?")
# Characters of an SVG; in a larger one all artists are rasterized
LARGE = 500_000
DENSE = 5000  # points or cells; an artist with more is rasterized
# A slider with fewer frames jumps; more bytes load too slowly
FRAMES, BYTES = 14, 48_000
LETTERS = dict(enumerate("MLQC", 1))  # by the codes of matplotlib's paths
Row = tuple[object, ...]


def save_figure(
    figure: object, line: int, stem: str, text: str, picture: bool
) -> tuple[results.Figure, dict[str, bytes]]:
    """Return the record of a drawing, and its files: `stem`.svg, and .csv and .png if any.

    `line` is the line of its function, `text` its text alternative. Raises TypeError if `figure`
    is not a matplotlib Figure with axes, ValueError if its text holds an invisible character.
    """
    if not isinstance(figure, Figure) or not figure.axes:
        kind = f"{type(figure).__module__}.{type(figure).__qualname__}".removeprefix(
            "builtins."
        )
        raise TypeError(
            f"it returned {kind}: return a matplotlib Figure with axes"
        )
    drawing = _draw_svg(figure, *text.split(". ", 1))
    if message := describe_invisible(drawing):
        raise ValueError(f"its drawing {message}")
    files = {}
    if rows := list(_list_data(figure)):
        files["csv"] = _format_csv(
            ["panel series x y value".split()[: max(map(len, rows))], *rows]
        )
    if picture:
        # The layout computed for the SVG serves here too, and takes half of the time
        figure.set_layout_engine("none")
        out = BytesIO()
        options: dict[str, Any] = {"pil_kwargs": {"compress_level": 1}}
        figure.savefig(
            out, format="png", dpi=144, metadata={"Software": None}, **options
        )
        files["png"] = out.getvalue()
    width, height = (round(72 * inches) for inches in figure.get_size_inches())
    panels = getattr(figure, "panels", 1)
    about = results.Figure(
        text, line, width // panels, height, panels, list(files)
    )
    files["svg"] = drawing.encode()
    return about, {f"{stem}.{suffix}": data for suffix, data in files.items()}


def save_explorer(
    frames: Iterable[Any],
    line: int,
    stem: str,
    text: str,
    picture: bool,
    start: int,
) -> tuple[results.Explorer, dict[str, bytes]]:
    """Return the record of an explorer, and its files: those of a figure, and `stem`.json.

    `frames` yields (the same figure, {readout: text}, sentence). Artists whose gid is an identifier
    move. The first readout is that of the parameter: a slider if all its texts are numbers, else a
    list of choices. If its values repeat, the second readout is that of a second parameter, which
    takes the same values for each value of the first. The SVG shows the frame `start`, the CSV has
    the data of all frames.
    Raises TypeError or ValueError if a frame has another form, or if nothing moves.
    """
    paths: dict[str, list[str]] = {}
    texts: list[dict[str, str]] = []
    rows: list[Row] = []
    drawing = None
    for index, frame in enumerate(frames):
        try:
            figure, readouts, sentence = frame
            words = "".join([*readouts, *readouts.values(), sentence])
        except (AttributeError, TypeError, ValueError):
            raise TypeError(
                "a frame is not three things: yield the figure, {readout: text} and a sentence"
            ) from None
        if message := describe_invisible(words):
            raise ValueError(f"a readout {message}")
        if index == 0:
            figure.set_dpi(72)  # that of an SVG
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # the axes stay where they are
        for artist in figure.findobj(
            lambda artist: (artist.get_gid() or "").isidentifier()
        ):
            paths.setdefault(artist.get_gid(), []).append(
                _trace_artist(figure, artist)
            )
        texts.append({**readouts, "": sentence})
        rows += [
            (next(iter(readouts.values())), *row) for row in _list_data(figure)
        ]
        if index == start:
            drawing = save_figure(figure, line, stem, text, picture)
    count = len(texts)
    if not drawing:
        raise ValueError(
            f"it yields {count} frames, and start={start} is not one of them: count from 0"
        )
    about, files = drawing
    columns = {
        name: [readouts[name] for readouts in texts] for name in texts[0]
    }
    parameter, second = [*columns, ""][:2]
    values = columns[parameter]
    choices, inner = map(list, map(dict.fromkeys, (values, columns[second])))
    steps = count // len(choices)
    if values != [value for value in choices for _ in range(steps)] or (
        steps > 1 and columns[second] != inner * len(choices)
    ):
        raise ValueError(
            f"its frames repeat a value of ‘{parameter}’: yield each once, or for each the same "
            "values of a second parameter, which is the second readout"
        )
    if all(map(NUMBER.fullmatch, choices)):
        choices = []
    data = json.dumps(
        {
            "paths": {
                gid: _number_repeats(part) for gid, part in paths.items()
            },
            "texts": columns,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    if not any(len(set(path)) > 1 for path in paths.values()):
        raise ValueError(
            "nothing moves: give each artist that changes a gid, a plain name"
        )
    if not choices and count < FRAMES:
        raise ValueError(
            f"it yields {count} frames, so the slider jumps: yield at least {FRAMES}, "
            "or give the first readout words, which become a list"
        )
    if len(data) > BYTES:
        raise ValueError(
            f"its frames take {len(data):,} bytes, more than {BYTES:,}: yield fewer frames, "
            "or draw curves of fewer points"
        )
    files[f"{stem}.json"] = data
    if rows:
        files[f"{stem}.csv"] = _format_csv(
            [(parameter, "panel", "series", "x", "y"), *rows]
        )
    return results.Explorer(
        **vars(about),
        start=start,
        frames=count,
        steps=steps,
        readouts=texts[start],
        choices=choices,
    ), files


def _number_repeats(paths: list[str]) -> list[str | int]:
    """Return paths, with the index of the first one in place of each that is the same."""
    first: dict[str, int] = {}
    return [
        path if first.setdefault(path, i) == i else first[path]
        for i, path in enumerate(paths)
    ]


def _trace_artist(figure: Figure, artist: Any) -> str:
    """Return the path of a line or patch in the SVG’s coordinates, which an explorer swaps."""
    height = 72 * figure.get_figheight()
    outline = artist.get_transform().transform_path(artist.get_path())
    parts = []
    for points, code in outline.iter_segments(simplify=False):
        numbers = [
            height - number if i % 2 else number
            for i, number in enumerate(points)
        ]
        parts.append(
            LETTERS[code] + " ".join(map(_shorten_number, numbers))
            if code in LETTERS
            else "Z"
        )
    return "".join(parts)


def _shorten_number(value: float) -> str:
    return f"{round(value, 1) + 0:.6g}"


def _draw_svg(figure: Figure, title: str, description: str = "") -> str:
    """Return a drawing as SVG. Raises ValueError if it is too large for a page."""
    if draw := getattr(figure, "svg", None):  # a Figure that draws its own SVG
        return draw(title, description)
    dense: list[Any] = [
        artist
        for axes in figure.axes
        for artist in axes.get_children()
        if _count_points(artist) > DENSE
    ]
    for artists, dpi in ((dense, 144), (figure.axes, 144), (figure.axes, 72)):
        for artist in artists:
            # Points in 3-D cannot be rasterized alone
            with suppress(UserWarning):
                artist.set_rasterized(True)
        out = StringIO()
        with matplotlib.rc_context({"svg.hashsalt": "evidence"}):
            figure.savefig(
                out,
                format="svg",
                dpi=dpi,
                metadata={"Date": None, "Creator": None, "Title": title},
            )
        if len(drawing := out.getvalue()) <= LARGE:
            return drawing
    raise ValueError(
        f"its SVG takes {len(drawing) // 1000} kB: draw less, or a smaller figure"
    )


def _count_points(artist: Any) -> int:
    if isinstance(artist, Line2D):
        return len(artist.get_xdata(orig=False))
    if not isinstance(artist, Collection):
        return 0
    vertices = sum(len(path.vertices) for path in artist.get_paths())
    offsets, values = np.asarray(artist.get_offsets()), artist.get_array()
    return max(vertices, len(offsets), np.size(values))


def _format_csv(rows: Iterable[Any]) -> bytes:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def _list_data(figure: Figure) -> Iterator[Row]:
    """Yield the data of lines, scatter plots, bars and images as rows: panel, series, x, y."""
    for panel, axes in enumerate(figure.axes, 1):
        if axes.name == "3d":
            continue
        has_dates = "Date" in type(axes.xaxis.get_converter()).__name__
        for image in axes.images:
            array = np.asarray(image.get_array())
            if array.ndim == 2 and array.size <= DENSE:
                yield from (
                    (panel, "image", x, y, value)
                    for (y, x), value in np.ndenumerate(array.tolist())
                )
        series: list[tuple[Any, Any]] = [
            (line, line.get_xydata()) for line in axes.lines
        ]
        series += [
            (cloud, offsets)
            for cloud in axes.collections
            if len(offsets := np.asarray(cloud.get_offsets())) > 1
        ]
        series += [(bars, _list_bars(bars)) for bars in axes.containers]
        for number, (artist, points) in enumerate(series, 1):
            label = str(artist.get_label())
            name = str(number) if label.startswith("_") else label
            for x, y in np.asarray(points).tolist():
                yield (
                    panel,
                    name,
                    num2date(x).replace(tzinfo=None).isoformat()
                    if has_dates
                    else x,
                    y,
                )


def _list_bars(bars: Any) -> list[Any]:
    """Return the center and the length of each bar; for a histogram, edges and heights."""
    boxes = [patch.get_bbox() for patch in getattr(bars, "patches", ())]
    if getattr(bars, "orientation", "") == "horizontal":
        return [(box.width, box.y0 + box.height / 2) for box in boxes]
    if boxes[1:] and all(
        np.isclose(box.x1, after.x0) for box, after in pairwise(boxes)
    ):
        return [*((box.x0, box.height) for box in boxes), (boxes[-1].x1, 0.0)]
    return [((box.x0 + box.x1) / 2, box.height) for box in boxes]
