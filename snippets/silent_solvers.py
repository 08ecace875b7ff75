"""A solver reports nothing: has it converged?

Not necessarily: on raw measurements liblinear warns of nothing, and finds the intercept
{{ intercepts.liblinear | digits(2) }} where that of the optimum is {{ intercepts.exact | digits(3) }}.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression, SGDClassifier

from lib.tumors import find_optimum, fit_classifier, load_tumors

SOLVERS = ("lbfgs", "newton-cholesky", "newton-cg", "liblinear", "sag", "saga")


@dataclass(frozen=True)
class Result:
    intercepts: dict[str, float]
    "Intercept of each solver at its defaults, raw measurements; under exact that of the optimum."
    warned: np.ndarray
    "For each of `SOLVERS` on raw measurements, the text of its warning, or nothing."


def compute() -> Result:
    x, y = load_tumors(False)
    best = find_optimum(False)
    fits = {solver: fit_classifier(LogisticRegression(solver=solver, random_state=0), x, y) for solver in SOLVERS}
    return Result(
        intercepts={"exact": best[-1]} | {solver.replace("-", "_"): v[-1] for solver, (v, _) in fits.items()},
        warned=np.array([text for _, text in fits.values()]),
    )


def claim_silence_is_no_proof(result: Result) -> None:
    """Two solvers end without a warning and far from the optimum’s intercept of {{ intercepts.exact | digits(3) }}:
    liblinear at {{ intercepts.liblinear | digits(2) }}, newton-cg at {{ intercepts.newton_cg | digits(3) }}."""
    warned = dict(zip(SOLVERS, result.warned))
    for solver, key in (("liblinear", "liblinear"), ("newton-cg", "newton_cg")):
        assert not warned[solver] and result.intercepts[key] < 0.95 * result.intercepts["exact"]
        model = LogisticRegression(solver=solver, random_state=0).fit(*load_tumors(False))
        assert abs(model.intercept_[0] / result.intercepts[key] - 1) < 1e-3
    assert abs(result.intercepts["newton_cholesky"] / result.intercepts["exact"] - 1) < 1e-6
    assert "(status=1):\nSTOP: TOTAL NO. OF ITERATIONS REACHED LIMIT" in warned["lbfgs"]
    assert warned["sag"] == warned["saga"] == "The max_iter was reached which means the coef_ did not converge"
    sgd = fit_classifier(SGDClassifier(loss="log_loss", max_iter=5, random_state=0), *load_tumors(False))[1]
    assert sgd.startswith("Maximum number of iteration reached before convergence. Consider increasing max_iter")


if __name__ == "__main__":
    print(compute())
