"""Which runs of scikit-learn warn that they did not converge, and are those the bad ones?

A network on {{ features }} raw measurements of tumors stops early and silent in two of its starts, at a log loss of
{{ loss.raw[0] | digits(2) }} and {{ loss.raw[2] | digits(2) }}; on standardized ones it is warned about at
{{ loss.standardized[0] | digits(2) }}. Lasso centers by itself, unless one adds the ones to the features.

    tol   least improvement of the loss that counts; a network stops after `patience` epochs in a row without one
    α     strength of lasso's penalty, beside half the mean squared error
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from sklearn.linear_model import Lasso
from sklearn.neural_network import MLPClassifier

from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.tumors import fit_quietly, load_tumors

STATES = (0, 1, 2)  # random_state of each start
LONG = 500  # epochs of the run that is not allowed to stop
TAIL = 30  # epochs over which its swings are measured
PENALTY = 0.01
TEXTS = {
    "network": "Stochastic Optimizer: Maximum iterations (200) reached and the optimization hasn't converged yet.",
    "lasso": "Objective did not converge. You might want to increase the number of iterations, check the scale of the "
    "features or consider increasing ",
}


@dataclass(frozen=True)
class Result:
    examples: int
    "Tumors, all used for fitting."
    features: int
    "Measurements of each."
    starts: int
    "Random starts of the network."
    limit: int
    "Epochs that scikit-learn allows a network by default."
    patience: int
    "Epochs in a row without an improvement by `tol` after which it stops, scikit-learn's default."
    epochs: dict[str, tuple[int, ...]]
    "Epochs of each start until it ends, raw and standardized measurements."
    warned: dict[str, tuple[bool, ...]]
    "Whether it warned."
    loss: dict[str, tuple[float, ...]]
    "Log loss on all examples after the last epoch."
    accuracy: dict[str, tuple[float, ...]]
    "Share of right classes."
    long: int
    "Epochs of the first raw start when its rule for stopping is switched off."
    continued: float
    "Its log loss then."
    swing: float
    "Raw, first start: root mean square change of the loss from epoch to epoch, over its last epochs."
    fall: float
    "What the loss falls on from there, an epoch on average."
    penalty: float
    "α of the lasso."
    cycles: dict[str, int]
    "Lasso: cycles until it ends; scaled, standardized, scaled with a column of ones, standardized with one."
    gap: dict[str, float]
    "Scaled with a column of ones: duality gap at the end, and the tolerance for it."
    cap: int
    "Cycles that lasso allows by default."
    curves: dict[str, np.ndarray]
    "Loss after each epoch, first start: raw, standardized."


def load_data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Measurements (569, 30), raw, scaled or standardized, and classes 0 or 1."""
    return load_tumors(name == "standardized", name != "raw")


@cache
def fit_network(name: str, state: int, **limits: int) -> tuple[MLPClassifier, str]:
    """A fitted network and its warning."""
    model = MLPClassifier(random_state=state, **limits)
    return model, fit_quietly(model, *load_data(name))


def fit_lasso(name: str, ones: bool) -> tuple[Lasso, str]:
    """Lasso on the classes as numbers, with a free intercept or with a column of ones instead; and its warning."""
    x, y = load_data(name)
    model = Lasso(alpha=PENALTY, fit_intercept=not ones)
    return model, fit_quietly(model, np.column_stack([x, np.ones(len(x))]) if ones else x, y.astype(float))


def log_loss(model: MLPClassifier, name: str) -> float:
    """Log loss of a network on all examples."""
    x, y = load_data(name)
    return float(-np.mean(np.log(model.predict_proba(x)[np.arange(len(y)), y])))


def compute() -> Result:
    sets = ("raw", "standardized")
    runs = {name: [fit_network(name, state) for state in STATES] for name in sets}
    stopped, _ = runs["raw"][0]
    longer, _ = fit_network("raw", STATES[0], max_iter=LONG, n_iter_no_change=LONG)
    lassos = {
        "scaled": fit_lasso("scaled", False),
        "standardized": fit_lasso("standardized", False),
        "ones": fit_lasso("scaled", True),
        "both": fit_lasso("standardized", True),
    }
    x, y = load_data("raw")
    return Result(
        examples=len(x),
        features=x.shape[1],
        starts=len(STATES),
        limit=MLPClassifier().max_iter,
        patience=MLPClassifier().n_iter_no_change,
        epochs={name: tuple(model.n_iter_ for model, _ in runs[name]) for name in sets},
        warned={name: tuple(text == TEXTS["network"] for _, text in runs[name]) for name in sets},
        loss={name: tuple(log_loss(model, name) for model, _ in runs[name]) for name in sets},
        accuracy={name: tuple(model.score(*load_data(name)) for model, _ in runs[name]) for name in sets},
        long=LONG,
        continued=log_loss(longer, "raw"),
        swing=float(np.sqrt(np.mean(np.diff(stopped.loss_curve_[-TAIL:]) ** 2))),
        fall=(log_loss(stopped, "raw") - log_loss(longer, "raw")) / (LONG - stopped.n_iter_),
        penalty=PENALTY,
        cycles={name: int(model.n_iter_) for name, (model, _) in lassos.items()},
        gap={"end": float(lassos["ones"][0].dual_gap_) * len(x), "tolerance": 1e-4 * float(y @ y)},
        cap=Lasso().max_iter,
        curves={name: np.array(runs[name][0][0].loss_curve_) for name in sets},
    )


def claim_the_warning_marks_the_better_run(result: Result) -> None:
    """Of {{ starts | words }} starts on raw measurements two end without a warning, after {{ epochs.raw[0] }} and
    {{ epochs.raw[2] }} epochs, at log losses of {{ loss.raw[0] | digits(2) }} and {{ loss.raw[2] | digits(2) }}, with
    {{ accuracy.raw[0] | percent(1) }} and {{ accuracy.raw[2] | percent(1) }} of the classes right. On standardized
    ones all are warned about at epoch {{ limit }}; the worst of them has a loss of
    {{ loss.standardized[1] | digits(2) }} and {{ accuracy.standardized[1] | percent(1) }}."""
    assert result.warned == {"raw": (False, True, False), "standardized": (True, True, True)}
    for name in result.loss:
        x, y = load_data(name)
        for i, state in enumerate(STATES):
            model, a = fit_network(name, state)[0], x  # the layers by hand
            for W, b in zip(model.coefs_[:-1], model.intercepts_[:-1]):
                a = np.maximum(a @ W + b, 0)
            f = (a @ model.coefs_[-1] + model.intercepts_[-1])[:, 0]
            assert abs(np.mean(np.logaddexp(0, f) - y * f) / result.loss[name][i] - 1) < 1e-6
            assert abs(np.mean((f > 0) == y) - result.accuracy[name][i]) < 1e-9
            assert len(model.loss_curve_) == result.epochs[name][i] <= result.limit == 200
    assert max(result.loss["standardized"]) == result.loss["standardized"][1] < min(result.loss["raw"]) / 4
    assert min(result.accuracy["standardized"]) == result.accuracy["standardized"][1] > max(result.accuracy["raw"])


def claim_it_had_not_arrived(result: Result) -> None:
    """The first raw start, not allowed to stop, has a log loss of {{ continued | digits(2) }} after {{ long }} epochs.
    That is a fall of {{ fall | scientific(1) }} an epoch on average, while from epoch to epoch the loss
    jumped by {{ swing | scientific(1) }} when the run was stopped."""
    model = fit_network("raw", STATES[0], max_iter=LONG, n_iter_no_change=LONG)[0]
    x, y = load_data("raw")
    p = model.predict_proba(x)[:, 1]
    assert abs(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))) / result.continued - 1) < 1e-6
    end = result.epochs["raw"][0]
    curve = np.array(model.loss_curve_)
    np.testing.assert_allclose(curve[:end], fit_network("raw", STATES[0])[0].loss_curve_)  # the same run, longer
    a, b = curve[end - TAIL : end - 1], curve[end - TAIL + 1 : end]
    assert abs((a @ a + b @ b - 2 * a @ b) / (TAIL - 1) / result.swing**2 - 1) < 1e-6
    assert abs(result.continued + (LONG - end) * result.fall - result.loss["raw"][0]) < 1e-9
    assert (
        curve[end - result.patience : end].min() > curve[: end - result.patience].min() - 1e-4 and result.patience == 10
    )
    assert result.continued < 0.7 * result.loss["raw"][0] and result.swing > 10 * result.fall


def count_cycles(x: np.ndarray, y: np.ndarray, cap: int) -> tuple[int, float]:
    """Cycles of coordinate descent for lasso without an intercept, by scikit-learn's rules, and the duality gap."""
    N, w, left, squares, cycle = len(x), np.zeros(x.shape[1]), y.copy(), np.sum(x**2, axis=0), 0
    while True:
        cycle += 1
        before = w.copy()
        for j in range(len(w)):
            pull = x[:, j] @ left + squares[j] * w[j]
            new = np.sign(pull) * max(abs(pull) - PENALTY * N, 0) / squares[j]
            left += x[:, j] * (w[j] - new)
            w[j] = new
        share = min(1, PENALTY * N / np.max(abs(x.T @ left)))  # makes `left` feasible for the dual problem
        dual = share * (left @ y) - (share * left) @ (share * left) / 2
        gap = left @ left / 2 + PENALTY * N * np.sum(abs(w)) - dual
        if cycle == cap or (np.max(abs(w - before)) < 1e-4 * np.max(abs(w)) and gap < 1e-4 * (y @ y)):
            return cycle, float(gap)


def claim_lasso_centers_by_itself(result: Result) -> None:
    """With its own intercept lasso on features that are only scaled ends after {{ cycles.scaled }} cycles, with the
    coefficients of standardized ones. With a column of ones instead it has not converged after
    {{ cap | integer }}: its duality gap is {{ gap.end | digits(2) }}, against a tolerance of
    {{ gap.tolerance | digits(1) }}. The same column beside standardized features takes {{ cycles.both }}."""
    models = {name: fit_lasso(name, False)[0] for name in ("scaled", "standardized")}
    np.testing.assert_allclose(models["scaled"].coef_, models["standardized"].coef_, atol=1e-9)
    (scaled, y), (standardized, _) = load_data("scaled"), load_data("standardized")
    ones = np.ones((len(y), 1))
    cases = {
        "scaled": (standardized, y - y.mean()),
        "standardized": (standardized, y - y.mean()),
        "ones": (np.hstack([scaled, ones]), y.astype(float)),
        "both": (np.hstack([standardized, ones]), y.astype(float)),
    }
    for name, case in cases.items():
        cycles, gap = count_cycles(*case, result.cap if name == "ones" else 200)
        assert abs(cycles - result.cycles[name]) < 5 and (name != "ones" or abs(gap / result.gap["end"] - 1) < 0.01)
    text = fit_lasso("scaled", True)[1]
    assert text.startswith(TEXTS["lasso"]) and result.cycles["ones"] == result.cap == 1000
    assert f"tolerance: {result.gap['tolerance']:.3e}" in text and not fit_lasso("scaled", False)[1]


def figure_losses(result: Result) -> Figure:
    """Loss against epochs, logarithmic loss. On raw measurements it swings and stops early at
    {{ loss.raw[0] | digits(2) }} without a warning; on standardized ones it falls smoothly and is warned about at
    epoch {{ limit }}, far below."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for name, role, note in (("raw", SECOND, "raw: no warning"), ("standardized", FIRST, "standardized: warning")):
        curve = result.curves[name]
        axes.plot(np.arange(1, len(curve) + 1), curve, color=role, label=name)
        axes.plot(len(curve), curve[-1], "o", color=role, label="end")
        label_point(axes, note, (len(curve), curve[-1]), role, dx=-4, dy=26, ha="right" if name != "raw" else "center")
    axes.axvline(result.limit, color=MUTED, linewidth=0.8, label="limit")
    axes.set(yscale="log", xlim=(0, 205), ylim=(0.012, 20))
    frame_axes(axes, [0, 50, 100, 150, 200], {0.1: "0.1", 1: "1", 10: "10"}, "epochs", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_losses, of=compute())
