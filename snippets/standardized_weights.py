"""Does centering the weights keep deep layers centered?

In part: ReLU layers with standardized weights keep the off-center ratio at {{ standardized.relu[19] | digits(2) }},
where plain weights let it grow to {{ plain.relu[19] | digits(2) }}.

    ratio  ρ = ‖μ‖²/tr Σ of a layer's activations over the inputs
    gain   1 over the standard deviation of an activation, so that pre-activations keep variance 1
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
LAYERS, WIDTH, EXAMPLES, NETS = 20, 192, 300, 7
KEYS = ("relu", "sigmoid")


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the random networks."
    width: int
    "Units in each."
    plain: dict[str, tuple[float, ...]]
    "Off-center ratio of layers 1, 2, …, median over networks; variance 1/n, for ReLU 2/n."
    standardized: dict[str, tuple[float, ...]]
    "The same where each unit's weights sum to zero and have the length of the gain."
    nets: int
    "How many networks."


def standardize(W: np.ndarray) -> np.ndarray:
    """Weights of each unit (a column) minus their mean, over their length."""
    W = W - W.mean(axis=0)
    return W / np.linalg.norm(W, axis=0)


def layer_ratios(rng: np.random.Generator, key: str, standardized: bool) -> list[float]:
    """Off-center ratios of the layers of one random network, for standard normal inputs."""
    function, (_, variance) = FUNCTIONS[key], moments(FUNCTIONS[key])
    a, ratios = rng.normal(size=(EXAMPLES, WIDTH)), []
    for layer in range(LAYERS):
        W = rng.normal(size=(WIDTH, WIDTH))
        if standardized:
            W = standardize(W) / (np.sqrt(variance) if layer else 1)
        else:
            W *= np.sqrt((2 if key == "relu" else 1) / WIDTH)
        a = function(a @ W)
        ratios.append(estimate_off_center_ratio(a))
    return ratios


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    plain, standardized = (
        {key: tuple(np.median([layer_ratios(rng, key, which) for _ in range(NETS)], axis=0)) for key in KEYS}
        for which in (False, True)
    )
    return Result(
        layers=LAYERS,
        width=WIDTH,
        plain=plain,
        standardized=standardized,
        nets=NETS,
    )


def claim_depth_stops_adding(result: Result) -> None:
    """With ReLU the ratio grows from {{ plain.relu[0] | digits(2) }} in layer 1 to {{ plain.relu[19] | digits(1) }} in
    layer {{ layers }}; with standardized weights it is {{ standardized.relu[0] | digits(2) }} and
    {{ standardized.relu[19] | digits(2) }}. With sigmoids {{ plain.sigmoid[2] | digits(2) }} in layer 3 become
    {{ standardized.sigmoid[2] | digits(2) }}, and in layer {{ layers }} it is
    {{ standardized.sigmoid[19] | digits(2) }}."""
    for key in KEYS:
        mean, variance = moments(FUNCTIONS[key])
        steady = mean**2 / variance  # pre-activations of mean 0 and variance 1 in every layer
        assert abs(np.log(result.standardized[key][-1] / steady)) < 0.25, key
    angle = np.pi / 2
    for found in result.plain["relu"][:10]:  # He’s weights, infinite width
        cosine = (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi
        assert abs(np.log(found / (cosine / (1 - cosine)))) < 0.5
        angle = np.arccos(cosine)
    assert result.plain["sigmoid"][2] > 1000
    assert 0.46 < result.plain["relu"][0] < 0.48 and 4.5 < result.plain["relu"][19] < 15
    assert 0.45 < result.standardized["relu"][0] < 0.48 and 0.38 < result.standardized["relu"][19] < 0.43
    assert 1800 < result.plain["sigmoid"][2] < 2200 and 5.6 < result.standardized["sigmoid"][2] < 5.9
    assert 5.4 < result.standardized["sigmoid"][19] < 6.2


def figure_depth(result: Result) -> Figure:
    """Off-center ratio against layer on a logarithmic axis. ReLU with plain weights climbs from
    {{ plain.relu[0] | digits(2) }} to {{ plain.relu[19] | digits(2) }}, with standardized weights it stays near
    {{ standardized.relu[19] | digits(2) }}; sigmoids with plain weights leave the picture in layer 3, with standardized
    ones they settle near {{ standardized.sigmoid[19] | digits(2) }}."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    layers = np.arange(1, LAYERS + 1)
    names = {"relu": "ReLU", "sigmoid": "sigmoid"}
    for key, (at, dy) in {"relu": (13, 12), "sigmoid": (2, 0)}.items():
        axes.plot(layers, result.plain[key], color=SECOND, label=f"{names[key]}, plain")
        place = (at, result.plain[key][at - 1]) if key == "relu" else (2.4, 250)
        label_point(axes, f"{names[key]}, plain", place, SECOND, dx=0 if key == "relu" else 6, dy=dy)
        axes.plot(layers, result.standardized[key], color=FIRST, label=f"{names[key]}, standardized")
        place = (9, result.standardized[key][8])
        label_point(axes, f"{names[key]}, standardized", place, FIRST, dx=0, dy=-12)
    axes.set(yscale="log", xlim=(0.5, LAYERS + 0.5), ylim=(0.2, 1000))
    frame_axes(axes, (1, 5, 10, 15, 20), {1: "1", 10: "10", 100: "100", 1000: "1,000"}, "layer", "ratio")
    return figure


if __name__ == "__main__":
    show_figures(figure_depth, of=compute())
