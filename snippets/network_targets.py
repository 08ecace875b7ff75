"""What does scikit-learn's network do with targets that are not standardized?

On standardized features and targets of {{ mean | integer }} ± {{ std | integer }} it explains
{{ score.raw[0] | decimals(2) }} of their variance when it is warned about after {{ limit }} epochs, less than nothing;
on standardized targets, in as many epochs, {{ score.standardized[0] | decimals(2) }}.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.neural_network import MLPRegressor

from lib.normalization import standardize
from lib.tumors import fit_quietly

STATES = (0, 1, 2)
LARGE = 1000.0
WARNING = "Stochastic Optimizer: Maximum iterations (200) reached and the optimization hasn't converged yet."


@dataclass(frozen=True)
class Result:
    examples: int
    "Patients, all used for fitting."
    limit: int
    "Epochs that scikit-learn allows by default."
    mean: float
    "Mean target."
    std: float
    "Standard deviation of the targets."
    large: float
    "Factor on the targets in the third case."
    score: dict[str, tuple[float, ...]]
    "Share of the variance explained, by start: targets as they are, `large` times them, standardized."
    average: dict[str, float]
    "Mean prediction of the first start over the mean target, as they are and `large` times them."


@cache
def load_patients() -> tuple[np.ndarray, np.ndarray]:
    """Standardized measurements of the diabetes data, and the targets."""
    x, y = load_diabetes(return_X_y=True, scaled=False)
    return standardize(x), y


def transform_targets(name: str) -> tuple[float, float]:
    """Factor and shift that make of the targets what the network is given."""
    y = load_patients()[1]
    return {"raw": (1.0, 0.0), "large": (LARGE, 0.0), "standardized": (1 / y.std(), -y.mean() / y.std())}[name]


@cache
def fit_network(name: str, state: int) -> tuple[MLPRegressor, str]:
    """The default network, fitted; and its warning."""
    (x, y), (scale, shift) = load_patients(), transform_targets(name)
    model = MLPRegressor(random_state=state)
    return model, fit_quietly(model, x, scale * y + shift)


def predict(name: str, state: int) -> np.ndarray:
    """Predictions in the unit of the targets."""
    scale, shift = transform_targets(name)
    return (fit_network(name, state)[0].predict(load_patients()[0]) - shift) / scale


def compute() -> Result:
    x, y = load_patients()
    runs = {name: [predict(name, state) for state in STATES] for name in ("raw", "large", "standardized")}
    return Result(
        examples=len(x),
        limit=MLPRegressor().max_iter,
        mean=float(y.mean()),
        std=float(y.std()),
        large=LARGE,
        score={name: tuple(float(1 - np.mean((f - y) ** 2) / y.var()) for f in part) for name, part in runs.items()},
        average={name: float(runs[name][0].mean() / y.mean()) for name in ("raw", "large")},
    )


def claim_standardize_targets(result: Result) -> None:
    """`MLPRegressor()` on targets of {{ mean | integer }} ± {{ std | integer }}, {{ limit }} epochs from three starts:
    it explains {{ score.raw | decimals(2) | list }} of the variance. Of targets {{ large | integer }} times as large it
    explains {{ score.large | decimals(1) | list }}, and of standardized ones
    {{ score.standardized | decimals(2) | list }}. Its mean prediction is {{ average.raw | percent }} of the mean target
    in the first case and {{ average.large | percent(1) }} in the second."""
    x, y = load_patients()
    assert abs(np.sum(y) / len(y) - result.mean) < 1e-9 and abs(np.mean(y**2) - result.mean**2 - result.std**2) < 1e-6
    for name, scores in result.score.items():
        scale, shift = {"raw": (1, 0), "large": (1000, 0), "standardized": (1 / y.std(), -y.mean() / y.std())}[name]
        for state, score in zip(STATES, scores):
            model, text = fit_network(name, state)
            assert text == WARNING and model.n_iter_ == result.limit == 200
            a = np.maximum(x @ model.coefs_[0] + model.intercepts_[0], 0)  # the layers by hand
            f = ((a @ model.coefs_[1] + model.intercepts_[1])[:, 0] - shift) / scale
            assert abs(1 - np.sum((f - y) ** 2) / np.sum((y - y.mean()) ** 2) - score) < 1e-9
            if state == 0 and name in result.average:
                assert abs(f.mean() / y.mean() - result.average[name]) < 1e-9
    assert max(result.score["raw"]) < 0 and max(result.score["large"]) < -3 and min(result.score["standardized"]) > 0.6
    assert result.large == 1000 and len(x) == result.examples


if __name__ == "__main__":
    print(compute())
