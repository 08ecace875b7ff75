"""Why does SGDRegressor explode on floor areas, and why does LinearSVC fail to converge after a shift?

At its default first step the error of an average flat is multiplied by {{ factor | integer }}; the default schedule
makes the step small enough after {{ updates | scientific(1) }} updates. LinearSVC on features to which {{ shift }} was
added is right in {{ accuracy.primal | percent(0) }} of the cases instead of {{ accuracy.centered | percent(0) }}: it
penalizes the intercept.

    η   step size
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import SGDRegressor
from sklearn.svm import SVC, LinearSVC

from lib.numerics import Draws, draws
from lib.tumors import fit_quietly

SEED = 0
MEANS, STDS, FLATS = (150.0, 3.0), (50.0, 1.0), 500
SHIFT, POINTS, FEATURES = 100, 400, 5
MESSAGE = "Liblinear failed to converge, increase the number of iterations."


@dataclass(frozen=True)
class Result:
    flats: int
    "Flats."
    means: tuple[float, float]
    "Mean floor area, square meters, and mean number of rooms."
    stds: tuple[float, float]
    "Their standard deviations."
    squared: float
    "Squared length of an average flat, a bias input of 1 included."
    step: float
    "SGDRegressor's default first step."
    factor: float
    "What such a step makes of that flat's own error."
    stable: float
    "Largest step at which that error does not grow."
    updates: float
    "Updates after which the default schedule has reached it."
    largest: float
    "Largest coefficient after a fit with defaults."
    score: dict[str, float]
    "Explained variance: raw features with a step that is small enough, and standardized ones with the default."
    shift: int
    "What is added to every feature of the classification."
    points: int
    "Examples of it."
    accuracy: dict[str, float]
    "Share of right classes of LinearSVC: centered; shifted, dual and primal; shifted with a large intercept_scaling."
    free: float
    "Share of right classes with a free intercept, shifted or not."
    iterations: dict[str, int]
    "Iterations of the same."


def draw_flats() -> tuple[np.ndarray, np.ndarray]:
    """Area and rooms (flats, 2), and rents."""
    rng = np.random.default_rng(SEED)
    x = np.array(MEANS) + np.array(STDS) * rng.normal(size=(FLATS, 2))
    return x, x @ [2, 20] + 10 * rng.normal(size=FLATS)


def draw_classes() -> tuple[np.ndarray, np.ndarray]:
    """Standard normal features (points, features), and classes by a noisy line through their middle."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=(POINTS, FEATURES))
    return x, (x.sum(axis=1) + rng.normal(size=POINTS) > 0).astype(int)


def standardize(x: np.ndarray) -> np.ndarray:
    """Columns of mean 0 and variance 1."""
    return (x - x.mean(axis=0)) / x.std(axis=0)


def compute() -> Result:
    x, y = draw_flats()
    squared = float(np.sum(np.square(MEANS)) + 1)
    step, power = SGDRegressor().eta0, SGDRegressor().power_t
    wild = SGDRegressor(random_state=0)
    fit_quietly(wild, x, y)
    small, tame = SGDRegressor(eta0=1 / squared, random_state=0), SGDRegressor(random_state=0)
    fit_quietly(small, x, y)
    fit_quietly(tame, standardize(x), y)
    z, classes = draw_classes()
    cases = {
        "centered": (LinearSVC(random_state=0), z),
        "shifted": (LinearSVC(random_state=0, dual=True), z + SHIFT),
        "primal": (LinearSVC(random_state=0, dual=False), z + SHIFT),
        "scaled": (LinearSVC(random_state=0, dual=False, intercept_scaling=1000, max_iter=10_000), z + SHIFT),
    }
    for model, features in cases.values():
        fit_quietly(model, features, classes)
    return Result(
        flats=FLATS,
        means=MEANS,
        stds=STDS,
        squared=squared,
        step=step,
        factor=1 - step * squared,
        stable=2 / squared,
        updates=float((step * squared / 2) ** (1 / power)),
        largest=float(abs(wild.coef_).max()),
        score={"small": small.score(x, y), "standardized": tame.score(standardize(x), y)},
        shift=SHIFT,
        points=POINTS,
        accuracy={key: float(model.score(features, classes)) for key, (model, features) in cases.items()},
        free=float(SVC(kernel="linear").fit(z, classes).score(z, classes)),
        iterations={key: int(model.n_iter_) for key, (model, _) in cases.items()},
    )


def claim_the_schedule_never_gets_there(result: Result) -> None:
    """An average flat has the squared length {{ squared | integer }}; a step of {{ step | digits(1) }} multiplies its
    own error by {{ factor | integer }}. Steps below {{ stable | scientific(1) }} do not let it grow. The default
    schedule, which falls with a root of the updates, gets there after {{ updates | scientific(1) }} of them;
    the largest coefficient is {{ largest | scientific(1) }} after a fit."""
    w, x, error = np.zeros(3), np.append(MEANS, 1.0), np.zeros(2)
    for i in range(2):
        error[i] = x @ w - 1
        w -= result.step * error[i] * x
    assert abs(error[1] / error[0] / result.factor - 1) < 1e-9 and abs(result.squared - x @ x) < 1e-9
    assert abs(abs(1 - result.stable * result.squared) - 1) < 1e-9
    assert abs(result.step * result.updates**-0.25 / result.stable - 1) < 1e-9
    wild = SGDRegressor(random_state=0).fit(*draw_flats())
    assert abs(max(abs(wild.coef_)) / result.largest - 1) < 1e-9 and result.largest > 1e9


def claim_a_small_step_is_half_a_cure(result: Result) -> None:
    """With a first step of one over that squared length the fit explains {{ score.small | percent(1) }} of the
    variance, standardized and with the default step {{ score.standardized | percent(1) }}."""
    x, y = draw_flats()
    A = np.column_stack([x, np.ones(FLATS)])
    best = 1 - np.var(y - A @ np.linalg.lstsq(A, y)[0]) / np.var(y)
    assert abs(result.score["standardized"] - best) < 0.002 and result.score["small"] < best - 0.003
    model = SGDRegressor(eta0=1 / result.squared, random_state=0).fit(x, y)
    f = x @ model.coef_ + model.intercept_
    assert abs(1 - np.mean((f - y) ** 2) / np.var(y) - result.score["small"]) < 1e-9


def claim_a_shift_changes_liblinears_answer(result: Result) -> None:
    """LinearSVC on {{ points }} examples is right in {{ accuracy.centered | percent(1) }} of the cases. With
    {{ shift }} added to every feature the dual solver warns after {{ iterations.shifted | integer }} iterations, at
    {{ accuracy.shifted | percent(1) }}; with `dual=False` it converges in {{ iterations.primal }}, at
    {{ accuracy.primal | percent(1) }}, the optimum of another problem. With a large `intercept_scaling`
    besides it is right in {{ accuracy.scaled | percent(1) }}; a free intercept has {{ free | percent(1) }}, shifted or
    not."""
    z, classes = draw_classes()
    options = {"centered": {}, "shifted": {"dual": True}, "primal": {"dual": False}}
    options["scaled"] = {"dual": False, "intercept_scaling": 1000, "max_iter": 10_000}
    for key, option in options.items():
        model, x = LinearSVC(random_state=0, **option), z + (key != "centered") * SHIFT
        message = fit_quietly(model, x, classes)
        assert message == (MESSAGE if key == "shifted" else "") and model.n_iter_ == result.iterations[key]
        right = (x @ model.coef_[0] + model.intercept_ > 0) == classes
        assert abs(np.mean(right) - result.accuracy[key]) < 1e-9
    for shift in (0, SHIFT):
        assert abs(SVC(kernel="linear").fit(z + shift, classes).score(z + shift, classes) - result.free) < 1e-9
    assert result.accuracy["primal"] < 0.75 and abs(result.accuracy["scaled"] - result.free) < 0.02


def equation_updates() -> Draws:
    r"""t = \left(\tfrac{1}{2}\,\eta\,\lVert x \rVert^2\right)^4"""
    for rng in draws(3):
        x, eta = rng.normal(size=3) * 5, rng.uniform(0.2, 0.5)
        low, high = 0.0, 60.0  # logarithm of the update at which the step has become the largest stable one
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if eta * np.exp(-middle / 4) > 2 / (x @ x) else (low, middle)
        yield {"t": np.exp(low), r"\eta": eta, "x": x}
