"""The one style of all figures: roles instead of colors, one SVG for light mode and for dark mode.

A snippet says what a mark is (INK, FIRST, HIGHLIGHT), never its color. A role's value is its color in light mode, so a
figure in a window looks right; in the SVG it becomes a CSS variable that has a value for dark mode, too, and any color
that is no role is refused. One unit is one CSS pixel: 360 wide is a phone's column.

Importing this module sets matplotlib's defaults and registers a font: matplotlib reads them whenever a snippet adds an
artist to a figure, which is after any function of this module has returned.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from html import escape
from importlib import util
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.text import Annotation, Text

Frames = Iterator[tuple[Figure, dict[str, str], str]]  # what an explorer yields: figure, readouts, sentence
Point = Sequence[float] | np.ndarray  # x and y
Ticks = Collection[float] | dict[float, str]  # values, or the label of each

PALETTE = {  # role: in light mode, in dark mode; theme/assets/zigzag.css holds the same values as --zz-<role>
    "ink": ("#1d1c1a", "#e9e5dc"),  # axes, the one line that needs no other role
    "muted": ("#5c5953", "#a8a399"),  # tick labels, notes, reference lines
    "grid": ("#d9d4ca", "#45423c"),  # contours, hairlines
    "plate": ("#fdfcf9", "#181715"),  # the page itself
    "first": ("#1a5fa4", "#7db7ee"),  # centered, cured, without a bias
    "second": ("#b3440d", "#f0975a"),  # off-center: what zig-zags
    "third": ("#541a5c", "#8f76e0"),  # a third series, if there must be one
    "highlight": ("#f3e5b5", "#4a4021"),  # a wash behind what the caption speaks of
}
INK, MUTED, GRID, PLATE, FIRST, SECOND, THIRD, HIGHLIGHT = (light for light, dark in PALETTE.values())

FONT = "DejaVu Sans"  # what matplotlib brings, for those who run a snippet with nothing else installed
if spec := util.find_spec("font_source_sans_pro"):
    FONT = "Source Sans Pro"
    for face in ("Regular", "Semibold"):
        font_manager.fontManager.addfont(Path(spec.origin).parent / f"files/SourceSansPro-{face}.ttf")

matplotlib.rcParams.update(
    {
        "font.family": FONT, "font.size": 13, "mathtext.fontset": "custom", "mathtext.fallback": "stix",
        "mathtext.it": "STIXGeneral:italic", "mathtext.rm": FONT, "mathtext.cal": "STIXGeneral:italic",
        "svg.fonttype": "path", "svg.hashsalt": "zigzag", "path.simplify_threshold": 0.2,
        "figure.dpi": 72, "figure.facecolor": PLATE, "figure.constrained_layout.use": True,
        "figure.constrained_layout.h_pad": 5 / 72, "figure.constrained_layout.w_pad": 5 / 72,
        "axes.facecolor": PLATE, "axes.edgecolor": MUTED, "axes.labelcolor": MUTED, "axes.titlecolor": INK,
        "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8, "axes.titlelocation": "left",
        "axes.titlesize": 13, "axes.labelsize": 13, "axes.labelpad": 5, "axes.titlepad": 9,
        "axes.prop_cycle": matplotlib.cycler(color=[FIRST, SECOND, THIRD]),
        **{f"{axis}tick.{key}": value for axis in "xy" for key, value in
           {"color": MUTED, "labelsize": 12, "major.size": 4, "major.width": 0.8}.items()},
        "text.color": INK, "lines.linewidth": 1.7, "lines.markersize": 5, "lines.solid_capstyle": "round",
        "lines.solid_joinstyle": "round", "patch.linewidth": 0.8, "patch.edgecolor": GRID,
    }
)  # fmt: skip


class Panels(Figure):
    """A figure of `panels` axes in a row, which a phone shows one below the other."""

    panels = 1

    def svg(self, title: str, description: str) -> str:
        """One SVG for both color schemes, for reading aloud, and for every width; equal figures give equal
        bytes."""
        out = StringIO()
        self.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        body = out.getvalue().split("</defs>", 1)[1].rsplit("</svg>", 1)[0]  # the first defs is matplotlib's own style
        for role, (light, _) in PALETTE.items():
            body = body.replace(light, f"var(--{role})")
        if foreign := set(re.findall(r"(?:fill|stroke|color): (#[0-9a-f]{6})", body)):
            raise ValueError(f"{', '.join(sorted(foreign))} is no role: use one of {', '.join(PALETTE)}")
        width, height = 72 * self.get_figwidth(), 72 * self.get_figheight()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}" role="img"><title>{escape(title)}</title>'
            f"<desc>{escape(description)}</desc><style>{_scheme()}</style>{self._views()}{_shortened(body)}</svg>\n"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """What a notebook shows: the drawing, and its label for those who cannot see it."""
        return {"image/svg+xml": self.svg(self.get_label(), ""), "text/plain": self.get_label()}

    def _views(self) -> str:
        """Named views of the one file: each panel for a phone, each plot without its axis names for a
        thumbnail."""
        width, height = 72 * self.get_figwidth() / self.panels, 72 * self.get_figheight()
        boxes = [(f"panel-{i + 1}", i * width, 0, width, height) for i in range(self.panels)]
        for i, axes in enumerate(self.axes, 1):
            plot = axes.get_window_extent()
            boxes.append((f"plot-{i}", plot.x0, height - plot.y1, plot.width, plot.height))
        return "".join(f'<view id="{name}" viewBox="{" ".join(_short(v, 1) for v in box)}"/>' for name, *box in boxes)


def new_figure(width: float = 360, ratio: float = 0.75, panels: int = 1) -> Panels:
    """A figure of `panels` axes in a row, each `width` pixels wide and `ratio` times as high."""
    figure = Panels(figsize=(panels * width / 72, width * ratio / 72))
    for part in figure.subfigures(1, panels, squeeze=False, wspace=0)[0]:
        part.subplots()
    figure.panels = panels
    return figure


def frame_axes(axes: Axes, x: Ticks = (), y: Ticks = (), xname: str = "", yname: str = "") -> None:
    """Set ticks where values mean something (a list, or {value: label}), end each axis at its last one, name both.

    The name of the vertical axis lies flat above it.
    """
    panel = axes.get_figure(root=True).axes.index(axes) + 1
    for axis, spine, values in ((axes.xaxis, "bottom", x), (axes.yaxis, "left", y)):
        labels = values.values() if isinstance(values, dict) else [f"{v:,.10g}".replace("-", "−") for v in values]
        axis.set_ticks(list(values), labels)
        axis.set_ticks([], minor=True)
        axes.spines[spine].set(visible=len(values) > 0, gid=f"spine-{panel}-{spine}")
        if len(values):
            axes.spines[spine].set_bounds(min(values), max(values))
    axes.set_xlabel(xname, loc="right")
    axes.set_title(yname, color=MUTED)


def decades(*exponents: int) -> dict[float, str]:
    """Ticks of a logarithmic axis, as `frame_axes` takes them: powers of ten, 10⁰ written 1."""
    return {10.0**k: f"$\\mathdefault{{10^{{{k}}}}}$" if k else "1" for k in exponents}


def label_point(
    axes: Axes, text: str, at: Point, role: str = INK, dx: float = 6, dy: float = 0, **how: Any
) -> Annotation:
    """Write `text` in its mark's color, `dx`, `dy` pixels from the point `at`: a direct label instead of a legend."""
    how = {"va": "center", "ha": "left" if dx >= 0 else "right", "color": role, "annotation_clip": False, **how}
    return axes.annotate(text, at, (dx, dy), textcoords="offset points", **how)


def label_panel(axes: Axes, text: str, role: str = INK, x: float = 0.97, y: float = 0.97, **how: Any) -> Text:
    """Write `text` at the place `x`, `y` of the axes, measured from 0 to 1: by default their upper right corner."""
    how = {"ha": "right", "va": "top", "color": role, "fontweight": "semibold", **how}
    return axes.text(x, y, text, transform=axes.transAxes, **how)


def mark_start(axes: Axes, point: Point, role: str, **how: Any) -> None:
    """A dot where a path begins."""
    axes.plot(*point, "o", color=role, **{"markersize": 6, "label": "start", **how})


def mark_optimum(axes: Axes, point: Point = (0, 0), **how: Any) -> None:
    """A cross at the optimum."""
    how = {"markersize": 9, "markeredgewidth": 1.2, "label": "optimum", **how}
    axes.plot(*point, "+", color=INK, **how)


def ellipses(H: np.ndarray, point: np.ndarray, levels: int = 4) -> Outline:
    """Contours of eᵀHe in the plane of two errors: through `point` and, inward, at a quarter of the loss each."""
    values, vectors = np.linalg.eigh(H)
    shape = vectors @ np.diag(np.sqrt(point @ H @ point / values)) @ vectors.T
    circle = Outline.arc(0, 360, n=4)
    return Outline.make_compound_path(*(Outline(circle.vertices @ shape / 2**k, circle.codes) for k in range(levels)))


def draw_contours(axes: Axes, outline: Outline, **how: Any) -> PathPatch:
    """Add the contours that `ellipses` returns."""
    return axes.add_patch(PathPatch(outline, **{"facecolor": "none", "edgecolor": GRID, "linewidth": 1, **how}))


def draw_plane(axes: Axes, H: np.ndarray, path: np.ndarray, role: str, **how: Any) -> tuple[PathPatch, Line2D]:
    """Draw the plane of two weights seen from the optimum: contours, path, start and goal; return the former two."""
    contours = draw_contours(axes, ellipses(H, path[0]))
    (line,) = axes.plot(*path.T, color=role, linewidth=1.5, **how)
    mark_start(axes, path[0], role)
    mark_optimum(axes)
    axes.set(xlim=(-1.1, 0.75), ylim=(-0.65, 1.2), aspect="equal")
    frame_axes(axes, [-1, 0], [0, 1], "error in weight 1", "error in weight 2")
    return contours, line


def dots(points: Sequence[Point] | np.ndarray) -> Outline:
    """One path for many dots, which an explorer can move: a line of no length at each point, drawn with a round end."""
    ends = np.repeat(points, 2, axis=0) + np.tile([[0, 0], [1e-3, 0]], (len(points), 1))
    return Outline(ends, [Outline.MOVETO, Outline.LINETO] * len(points))


def draw_dots(axes: Axes, points: Sequence[Point] | np.ndarray, role: str, size: float = 5, **how: Any) -> PathPatch:
    """Add dots as one patch; `set_path(dots(points))` moves them."""
    how = {"edgecolor": role, "linewidth": size, "capstyle": "round", "snap": False, **how}
    return axes.add_patch(PathPatch(dots(points), **how))


def show_figures(*figures: Callable, of: Any) -> None:
    """Open the figures of the result `of` in windows: what a snippet does that is run by itself."""
    from matplotlib import pyplot

    for draw in figures:
        pyplot.figure(draw(of)).set_dpi(144)
    if pyplot.get_backend().lower() == "agg":  # no screen: leave them where they can be found
        for number, draw in zip(pyplot.get_fignums(), figures):
            pyplot.figure(number).savefig(f"{draw.__name__}.png")
            print(f"no screen, so {draw.__name__}.png is in this folder")
    pyplot.show()


def _scheme() -> str:
    """The palette as CSS: the page's variables where the drawing is part of a page, else light or dark."""
    light, dark = ("".join(f"--{role}:var(--zz-{role},{pair[i]});" for role, pair in PALETTE.items()) for i in (0, 1))
    return (
        f"svg{{{light}stroke-linejoin:round}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}"
        "@media(max-width:230px){[id^=text_],[id*=tick_],[id^=spine]{display:none}"  # a thumbnail: no words, no axes
        "[id^=line2d] :is(path,use),#path path{stroke-width:4.5!important}"
        "[id^=patch] path,#contours path{stroke-width:2!important}}"
    )


def _shortened(body: str) -> str:
    """matplotlib's drawing in fewer characters: glyphs to 1/400 em, places to 1/100 pixel, no comments, no
    spaces."""
    glyph = re.compile(r'd="([^"]+)" transform="scale\(0.015625\)"')
    place = re.compile(r'(translate\(|[ "]x="|[ "]y=")([-\d. ]+)')
    body = re.sub(r"<!--.*?-->", "", body).replace("xlink:href", "href").replace("<defs/>", "")
    body = glyph.sub(lambda m: f'd="{_path(m[1], 0, 16)}" transform="scale(.25)"', body)
    body = re.sub(r'(?<= d=")[^"]*\d\.\d[^"]*', lambda m: _path(m[0], 2), body)
    body = place.sub(lambda m: m[1] + " ".join(_short(float(n), 2) for n in m[2].split()), body)
    return re.sub(r">\s+<", "><", re.sub(r"\s*\n\s*", " ", body)).replace("<defs></defs>", "").strip()


def _short(value: float, digits: int) -> str:
    """A number in as few characters as `digits` decimals need."""
    return f"{round(value, digits) + 0:.{digits}f}".rstrip("0").rstrip(".") if digits else str(round(value))


def _path(data: str, digits: int, unit: float = 1) -> str:
    numbers = re.sub(r"-?[\d.]+", lambda n: _short(float(n[0]) / unit, digits), data)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", numbers).replace("\n", " ").replace(" -", "-")
