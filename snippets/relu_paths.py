"""A single zero wipes out the product: why does ReLU learn anything?

Because a gradient takes all paths: of {{ depth }} layers with {{ widths[7] }} units each, all half off, some path is
open with probability {{ through.n16 | digits(4) }}.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws
from lib.plots import INK, frame_axes, new_figure, show_figures

SEED = 0
DEPTH, WIDTHS = 20, (1, 2, 3, 4, 6, 8, 12, 16)


@dataclass(frozen=True)
class Result:
    depth: int
    "Layers of the net in the question about zero factors."
    chain: float
    "Probability that a chain of so many units lets anything through, one in ..."
    through: dict[str, float]
    "Probability that a net of that depth lets the gradient of one example through, by its width."
    paths: float
    "Paths through such a net that are open on average, at the largest of `widths`."
    widths: tuple[int, ...]
    "Widths of the net in that question."


def compute() -> Result:
    return Result(
        depth=DEPTH,
        chain=2.0**DEPTH,
        through={f"n{n}": (1 - 2.0**-n) ** DEPTH for n in WIDTHS},
        paths=(WIDTHS[-1] / 2) ** DEPTH,
        widths=WIDTHS,
    )


def claim_zeros_cut_paths(result: Result) -> None:
    """In a net of {{ depth }} layers a chain of single units is open once in {{ chain | integer }} times; with
    {{ widths[3] | words }} units in each layer the gradient of an example gets through with probability
    {{ through.n4 | digits(2) }}, with {{ widths[7] }} with {{ through.n16 | digits(4) }}."""
    rng, nets, width, depth = np.random.default_rng(SEED), 6000, 3, 6
    a, back = rng.normal(size=(nets, 1, width)), np.broadcast_to(np.eye(width), (nets, width, width))
    for _ in range(depth):  # the Jacobians of random nets, multiplied out
        weights = rng.normal(size=(nets, width, width))
        z = a @ weights
        back, a = back @ weights * (z > 0), np.maximum(z, 0)
    assert abs(np.mean(np.any(back != 0, axis=(1, 2))) - (1 - 2.0**-width) ** depth) < 0.032
    assert result.through["n1"] == 1 / result.chain and result.through["n16"] > 0.999 > 0.5 > result.through["n4"]
    for units in (4, 16):
        assert abs(result.through[f"n{units}"] - (1 - 2.0**-units) ** result.depth) < 1e-6


def equation_through() -> Draws:
    r"""P = (1 - 2^{-n})^L, \qquad M = \left(\frac{n}{2}\right)^L"""
    for n, depth in ((1, 3), (1, 5), (2, 2), (2, 3), (2, 5), (3, 2), (3, 3), (3, 4), (4, 2), (4, 3), (5, 2)):
        masks = np.array(list(product((0, 1), repeat=n * depth))).reshape(-1, depth, n)  # every choice of open units
        paths = np.ones(len(masks))
        for at in range(depth):
            paths = paths * masks[:, at].sum(axis=1)  # each path goes on to each open unit
        yield {"P": np.mean(paths > 0), "M": np.mean(paths), "n": n, "L": depth}


def figure_through(result: Result) -> Figure:
    """Probability that the gradient of one example passes {{ depth }} layers of ReLU, against their width. It is
    practically zero for one and two units, {{ through.n4 | digits(2) }} for {{ widths[3] | words }},
    {{ through.n8 | digits(2) }} for {{ widths[5] | words }}, and {{ through.n16 | digits(4) }} for {{ widths[7] }}."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(WIDTHS, list(result.through.values()), "o-", color=INK, markersize=5, label="gets through")
    frame_axes(axes, [1, 2, 4, 8, 16], [0, 0.5, 1], "units in each layer", "probability that a gradient gets through")
    return figure


if __name__ == "__main__":
    show_figures(figure_through, of=compute())
