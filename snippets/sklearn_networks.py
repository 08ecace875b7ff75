r"""Why does scikit-learn's network of sigmoids predict one number for all rows, and stop without a warning?

Three layers of {{ units }} logistic units let {{ gradient | digits(3) }} of a gradient through each, by scikit-learn's
start; the last hidden layer's units differ by {{ spread[2] | digits(2) }} from row to row, so the loss stands at the
variance of the targets, and a rule that looks at a few epochs ends {{ stopped }} of {{ starts }} runs there.

    v   variance of the initial weights
    n   units of a layer, and inputs of the next
"""

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from sklearn.neural_network import MLPRegressor

from lib.activation_functions import sigmoid
from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

ROWS, INPUTS, UNITS, LAYERS, STATES = 100, 20, 100, 3, 4
EARLY = 25  # epochs within which a run must have ended to count as stopped at the plateau
LONG = 250  # epochs of the run that may not stop


@dataclass(frozen=True)
class Result:
    rows: int
    "Examples."
    inputs: int
    "Standardized inputs."
    units: int
    "Units of each hidden layer."
    starts: int
    "Random starts."
    patience: int
    "Epochs without an improvement by `tol` after which a run ends, scikit-learn's default."
    scaled: float
    "Variance of the initial weights times the number of inputs of a unit, between hidden layers."
    gradient: float
    "Factor by which a layer multiplies a gradient, at the sigmoid's greatest slope."
    through: float
    "The same for all hidden layers together."
    spread: tuple[float, ...]
    "Standard deviation of a unit over the rows at the start, mean over units, one number a layer; first run."
    means: tuple[float, ...]
    "Mean output of each layer there."
    ratio: tuple[float, ...]
    "Squared mean over variance of what each layer puts out."
    stopped: int
    "Runs that ended early, and silent."
    epochs: int
    "Epochs of the shortest."
    predicted: float
    "Largest spread of their predictions, in standard deviations of the targets."
    explained: tuple[float, ...]
    "Share of the variance that each run explains."
    tanh: float
    "Lesser share of two starts with tanh, otherwise the same."
    patient: float
    "Share of the first run that ended early, when the rule for stopping is switched off."
    limit: int
    "Epochs that it was given."
    curves: tuple[np.ndarray, np.ndarray]
    "Loss after each epoch of one early run: as it is, and with patience."


def load_rows() -> tuple[np.ndarray, np.ndarray]:
    """Standard normal inputs (rows, inputs) and targets, linear in them, mean 0 and variance 1."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(ROWS, INPUTS))
    y = x @ rng.normal(size=INPUTS)
    return x, (y - y.mean()) / y.std()


@cache
def fit(state: int, activation: str = "logistic", **options: float) -> tuple[MLPRegressor, bool]:
    """A network with scikit-learn's defaults but for the layers; and whether it warned."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = MLPRegressor(hidden_layer_sizes=(UNITS,) * LAYERS, activation=activation, random_state=state, **options)
        model.fit(*load_rows())
    return model, bool(caught)


def draw_start(state: int) -> MLPRegressor:
    """The network before its first step: one step of size zero."""
    return fit(state, max_iter=1, learning_rate_init=1e-300)[0]


def follow(model: MLPRegressor, x: np.ndarray) -> list[np.ndarray]:
    """What each hidden layer puts out, by a product for each layer."""
    layers = []
    for W, b in zip(model.coefs_[:-1], model.intercepts_[:-1]):
        x = sigmoid(x @ W + b)
        layers.append(x)
    return layers


def compute() -> Result:
    x, y = load_rows()
    runs = [fit(state) for state in range(STATES)]
    early = [state for state, (model, warned) in enumerate(runs) if model.n_iter_ < EARLY and not warned]
    first = min(early, key=lambda state: runs[state][0].n_iter_)
    start = draw_start(first)
    layers = follow(start, x)
    scaled = UNITS * float(np.mean([np.var(W) for W in start.coefs_[1:-1]]))
    limit = {"max_iter": LONG, "n_iter_no_change": LONG}
    patient = fit(first, **limit)[0]
    return Result(
        rows=ROWS,
        inputs=INPUTS,
        units=UNITS,
        starts=STATES,
        patience=MLPRegressor().n_iter_no_change,
        scaled=scaled,
        gradient=np.sqrt(scaled) / 4,
        through=(np.sqrt(scaled) / 4) ** LAYERS,
        spread=tuple(float(a.std(axis=0).mean()) for a in layers),
        means=tuple(float(a.mean()) for a in layers),
        ratio=tuple(float(np.sum(a.mean(axis=0) ** 2) / np.sum(a.var(axis=0))) for a in layers),
        stopped=len(early),
        epochs=runs[first][0].n_iter_,
        predicted=max(float(np.std(runs[state][0].predict(x))) for state in early),
        explained=tuple(float(model.score(x, y)) for model, _ in runs),
        tanh=min(float(fit(state, "tanh")[0].score(x, y)) for state in range(2)),
        patient=float(patient.score(x, y)),
        limit=limit["max_iter"],
        curves=(np.array(runs[first][0].loss_curve_), np.array(patient.loss_curve_)),
    )


def claim_it_stops_at_the_mean(result: Result) -> None:
    """Of {{ starts | words }} starts {{ stopped | words }} end without a warning, the first after {{ epochs }} epochs;
    their predictions differ from row to row by {{ predicted | digits(1) }} standard deviations of the targets at most.
    With tanh the worse of two starts explains {{ tanh | percent(1) }} of the variance."""
    x, y = load_rows()
    early = 0
    for state, share in enumerate(result.explained):
        model, warned = fit(state)
        f = follow(model, x)[-1] @ model.coefs_[-1][:, 0] + model.intercepts_[-1]
        assert abs(1 - np.mean((f - y) ** 2) / np.var(y) - share) < 1e-9
        if model.n_iter_ < EARLY:
            early += 1
            assert not warned and model.n_iter_ >= result.epochs and np.std(f) <= result.predicted * (1 + 1e-9)
            assert np.std(f) > result.predicted / 3 and abs(share) < 0.02
    assert early == result.stopped and len(result.curves[0]) == result.epochs > result.patience
    assert 0.99 < result.tanh < 1


def claim_patience_is_enough(result: Result) -> None:
    """The first of them, with the rule switched off, explains {{ patient | percent(0) }} after {{ limit }} epochs."""
    assert len(result.curves[1]) == result.limit
    final = result.curves[1][-1] * 2  # half the mean squared error, and the variance is 1
    assert abs(1 - final - result.patient) < 0.02 and 0.9 < result.patient < 1


def claim_units_sit_in_the_middle(result: Result) -> None:
    """At the start the units of the three hidden layers have means of {{ means[0] | decimals(2) }},
    {{ means[1] | decimals(2) }} and {{ means[2] | decimals(2) }}, and from row to row they differ by
    {{ spread[0] | digits(2) }}, {{ spread[1] | digits(2) }} and {{ spread[2] | digits(2) }}. So the off-center ratio
    is {{ ratio[0] | digits(2) }}, {{ ratio[1] | digits(2) }} and {{ ratio[2] | scientific(1) }}."""
    rng = np.random.default_rng(5)  # other weights, as the library draws them; the slope is ¼ within a per cent
    a, bound = rng.normal(size=(4000, INPUTS)), np.sqrt(2 / (INPUTS + UNITS))
    spreads = []
    for n in (INPUTS, UNITS, UNITS):
        W, b = rng.uniform(-bound, bound, (n, UNITS)), rng.uniform(-bound, bound, UNITS)
        a, bound = 1 / (1 + np.exp(-(a @ W + b))), np.sqrt(2 / (UNITS + UNITS))
        spreads.append(np.std(a, axis=0).mean())
    np.testing.assert_allclose(result.spread, spreads, rtol=0.12)
    for mean, spread, ratio in zip(result.means, result.spread, result.ratio):
        assert abs(mean - 0.5) < 0.05 and abs(ratio * spread**2 / mean**2 - 1) < 0.1


def claim_a_layer_keeps_a_seventh(result: Result) -> None:
    """Between hidden layers n times v is {{ scaled | decimals(2) }}, so a gradient keeps {{ gradient | decimals(2) }}
    of its length in a layer, and {{ through | decimals(4) }} in the three of them."""
    bound = np.sqrt(2 / (UNITS + UNITS))  # uniform, so the variance is a third of its square
    assert abs(result.scaled - UNITS * bound**2 / 3) < 0.01 and abs(result.gradient - np.sqrt(1 / 3) / 4) < 0.003
    assert abs(result.through - (np.sqrt(1 / 3) / 4) ** 3) < 2e-4


def equation_gradient() -> Draws:
    r"""\gamma \approx \tfrac{1}{4}\sqrt{n v}"""
    for rng in draws(3):
        n, v = 1500, rng.uniform(0.2, 2) / 1500
        W, delta = rng.normal(size=(n, n)) * np.sqrt(v), rng.normal(size=n)
        shrink = np.linalg.norm(W.T @ delta / 4) / np.linalg.norm(delta)
        yield {r"\gamma": shrink, "n": n, "v": v, r"\approx": 0.15}


def figure_curves(result: Result) -> Figure:
    """Loss against epochs of one start: flat at half the variance, where the rule ends it after {{ epochs }} epochs;
    with patience it stays flat for a while and then falls."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    short, long = result.curves
    axes.plot(np.arange(1, len(long) + 1), long, color=FIRST)
    axes.plot(np.arange(1, len(short) + 1), short, color=SECOND, linewidth=3)
    axes.axhline(0.5, color=MUTED, linewidth=0.8, label="variance")
    label_point(axes, "ends here, silent", (len(short), short[-1]), SECOND, dx=8, dy=10)
    label_point(axes, "with patience", (150, long[149]), FIRST, dx=0, dy=10)
    axes.set(xlim=(0, LONG), ylim=(0, 0.75))
    frame_axes(axes, [0, 100, 200], [0, 0.25, 0.5], "epochs", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_curves, of=compute())
