"""Why does a Gaussian process end at the bounds of its kernel, or predict a constant?

Targets of {{ mean | scientific(1) }} ± 1 and a process of mean zero: all three numbers of the kernel end at their
bounds, with a warning each. Targets minus their mean, and none does. With inputs in seconds instead of years no two
examples resemble each other, the gradient by the length is exactly zero, and it stays where it started.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

from lib.tumors import fit_quietly

SEED = 0
FROM, TO, FAR, YEAR, NOISE = 1990, 2024, 1e6, 365.25 * 86_400, 0.1


@dataclass(frozen=True)
class Result:
    years: tuple[int, int]
    "First and last year."
    mean: float
    "What is added to the targets."
    length: dict[str, float]
    "Length of the fitted kernel, in the unit of the inputs: targets minus their mean, targets with it, and inputs in"
    " seconds."
    at_bounds: dict[str, int]
    "How many of the kernel's three numbers end at a bound, with a warning."
    bound: float
    "Largest value that scikit-learn allows each."
    resemblance: float
    "Largest kernel value of two different years in seconds, at the length at which the search starts."
    explained: dict[str, float]
    "Share of the variance of the targets that the mean prediction explains at the examples."


def make_points() -> tuple[np.ndarray, np.ndarray]:
    """Years from the middle on, and a smooth curve over them with noise."""
    t = np.arange(FROM, TO + 1.0) - (FROM + TO) / 2
    return t, np.sin(t / 5) + NOISE * np.random.default_rng(SEED).normal(size=len(t))


def fit_process(t: np.ndarray, y: np.ndarray, normalize: bool) -> tuple[GaussianProcessRegressor, str]:
    """A process with a constant, a length and noise, all fitted; and its warnings."""
    kernel = ConstantKernel(1.0) * RBF(1.0) + WhiteKernel(NOISE)
    model = GaussianProcessRegressor(kernel, normalize_y=normalize)
    return model, fit_quietly(model, t[:, None], y)


def compute() -> Result:
    t, y = make_points()
    runs = {
        "centered": fit_process(t, FAR + y, True),
        "far": fit_process(t, FAR + y, False),
        "seconds": fit_process(t * YEAR, FAR + y, True),
    }
    bounds = np.log(1e5)
    return Result(
        years=(FROM, TO),
        mean=FAR,
        length={name: float(model.kernel_.k1.k2.length_scale) for name, (model, _) in runs.items()},
        at_bounds={
            name: int(np.sum(abs(abs(model.kernel_.theta) - bounds) < 1e-6)) for name, (model, _) in runs.items()
        },
        bound=float(RBF().length_scale_bounds[1]),
        resemblance=float(np.exp(-(YEAR**2) / 2)),
        explained={
            name: float(model.score(t[:, None] * (YEAR if name == "seconds" else 1), FAR + y))
            for name, (model, _) in runs.items()
        },
    )


def log_likelihood(t: np.ndarray, y: np.ndarray, theta: np.ndarray) -> float:
    """Logarithm of the density of the targets under a process of mean zero, up to a constant."""
    scale, length, noise = np.exp(theta)
    K = scale * np.exp(-((t[:, None] - t) ** 2) / (2 * length**2)) + noise * np.eye(len(t))
    return float(-y @ np.linalg.solve(K, y) / 2 - np.linalg.slogdet(K)[1] / 2)


def claim_targets_with_a_mean_end_at_bounds(result: Result) -> None:
    """Targets of {{ mean | scientific(1) }} ± 1 over the years 1990 to 2024:
    {{ at_bounds.far | words }} numbers of the kernel end at a bound, the length at {{ length.far | scientific(1) }}
    years. With `normalize_y=True` none does, the length is
    {{ length.centered | digits(2) }} years, and {{ explained.centered | percent }} of the variance are explained."""
    t, y = make_points()
    assert (t[0], t[-1]) == (-17, 17) and result.years == (1990, 2024) and result.mean == FAR
    model, text = fit_process(t, result.mean + y, False)
    assert "close to the specified upper bound 100000.0" in text and result.bound == 1e5
    assert np.sum(np.isclose(np.exp(model.kernel_.theta), result.bound)) == result.at_bounds["far"] == 3
    model, text = fit_process(t, result.mean + y, True)
    assert not text and result.at_bounds["centered"] == 0
    ready, theta = (y - y.mean()) / y.std(), model.kernel_.theta
    best = log_likelihood(t, ready, theta)
    for shift in np.vstack([np.eye(3), -np.eye(3)]) * 0.05:
        assert log_likelihood(t, ready, theta + shift) < best
    scale, length, noise = np.exp(theta)
    assert abs(length / result.length["centered"] - 1) < 1e-9 and abs(result.length["far"] / 1e5 - 1) < 1e-6
    K = scale * np.exp(-((t[:, None] - t) ** 2) / (2 * length**2))
    left = ready - K @ np.linalg.solve(K + noise * np.eye(len(t)), ready)
    assert abs(1 - left @ left / (ready @ ready) - result.explained["centered"]) < 1e-4


def claim_inputs_in_seconds_stay_strangers(result: Result) -> None:
    """With the years in seconds the kernel of two different ones is {{ resemblance | integer }} in double precision, so
    the length stays at its start, {{ length.seconds | integer }} second. At the examples
    {{ explained.seconds | percent }} of the variance is explained, and between them the prediction is the mean."""
    t, y = make_points()
    model, _ = fit_process(t * YEAR, result.mean + y, True)
    gradient = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)[1]
    assert gradient[1] == 0 and result.length["seconds"] == 1 and result.resemblance == 0
    noise, scale = np.exp(model.kernel_.theta[[2, 0]])  # each example is shrunk toward the mean by itself
    assert abs(1 - (noise / (scale + noise)) ** 2 - result.explained["seconds"]) < 1e-9
    between = (t[:-1] + 0.5) * YEAR
    np.testing.assert_allclose(model.predict(between[:, None]), result.mean + y.mean(), rtol=1e-12)


if __name__ == "__main__":
    print(compute())
