"""What if a column never changes, or is nearly all zeros?

A constant column has no spread to divide by. Sparse columns need not be made dense: of {{ inputs }} inputs with
{{ share | percent }} of the entries on, {{ stored.sparse | integer }} numbers are stored, and descent with the mean
kept beside them takes the same path as on the {{ stored.dense | integer }} centered ones.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import StandardScaler

from lib.numerics import Draws, draws

SEED = 0
EXAMPLES, INPUTS, SHARE, STEP, STEPS = 300, 40, 0.05, 0.5, 25
TEXT = "Cannot center sparse matrices: pass `with_mean=False` instead. See docstring for motivation and alternatives."


@dataclass(frozen=True)
class Result:
    guarded: float
    "What scikit-learn makes of a constant column."
    inputs: int
    "Sparse inputs."
    share: float
    "Share of entries that are not zero."
    stored: dict[str, int]
    "Numbers that are stored: sparse, and with the means subtracted."
    apart: float
    "Largest difference of the weights after some steps, on centered inputs and on sparse ones with the mean beside."
    steps: int
    "Those steps."


def draw_sparse() -> tuple[csr_array, np.ndarray]:
    """On-off inputs, nearly all off, and targets."""
    rng = np.random.default_rng(SEED)
    x = (rng.random((EXAMPLES, INPUTS)) < SHARE).astype(float)
    return csr_array(x), x @ rng.normal(size=INPUTS) + rng.normal(size=EXAMPLES)


def descend_beside(x: csr_array, y: np.ndarray, steps: int) -> np.ndarray:
    """Weights after descent as if inputs were centered: (x − m)·w = x·w − m·w, and x stays sparse."""
    mean, w = np.asarray(x.mean(axis=0)), np.zeros(x.shape[1])
    for _ in range(steps):
        error = x @ w - mean @ w - y
        w = w - STEP * (x.T @ error - mean * error.sum()) / x.shape[0]
    return w


def descend_dense(x: np.ndarray, y: np.ndarray, steps: int) -> np.ndarray:
    """Weights after descent on inputs from which the mean has been subtracted."""
    x, w = x - x.mean(axis=0), np.zeros(x.shape[1])
    for _ in range(steps):
        w = w - STEP * x.T @ (x @ w - y) / len(x)
    return w


def compute() -> Result:
    x, y = draw_sparse()
    gap = descend_beside(x, y, STEPS) - descend_dense(x.toarray(), y, STEPS)
    return Result(
        guarded=float(abs(StandardScaler().fit_transform(np.ones((10, 1)))).max()),
        inputs=INPUTS,
        share=SHARE,
        stored={"sparse": int(x.nnz), "dense": EXAMPLES * INPUTS},
        apart=float(abs(gap).max()),
        steps=STEPS,
    )


def claim_a_constant_column(result: Result) -> None:
    """A constant minus its mean over its standard deviation is zero over zero, not a number; scikit-learn’s
    `StandardScaler` divides by 1 instead and makes it {{ guarded | integer }}."""
    column = np.full((8, 1), 3.0)
    with np.errstate(invalid="ignore"):
        assert np.all(np.isnan((column - column.mean()) / column.std()))
    scaler = StandardScaler().fit(column)
    assert scaler.scale_[0] == 1 and np.all(scaler.transform(column) == result.guarded) and result.guarded == 0


def claim_sparse_inputs_can_stay_sparse(result: Result) -> None:
    """Of {{ inputs }} inputs with {{ share | percent }} of the entries on, {{ stored.sparse | integer }} numbers have
    to be stored, and {{ stored.dense | integer }} once they are centered. With the mean kept beside them instead,
    {{ steps }} steps lead to the same weights, to rounding."""
    x, y = draw_sparse()
    assert np.count_nonzero(x.toarray()) == result.stored["sparse"] and x.toarray().size == result.stored["dense"]
    try:
        StandardScaler().fit(x)
    except ValueError as error:
        assert str(error) == TEXT
    else:
        raise AssertionError("scikit-learn centers sparse matrices")
    assert result.apart < 1e-12 and (result.inputs, result.share, result.steps) == (INPUTS, 0.05, STEPS)
    w = np.linalg.lstsq(np.column_stack([x.toarray(), np.ones(len(y))]), y)[0][:-1]
    np.testing.assert_allclose(descend_beside(x, y, 4000), w, atol=1e-6)  # at the optimum with a free bias


def equation_beside() -> Draws:
    r"""\sum_{k=1}^{N} \delta_k\,(x_k - m) = \sum_{k=1}^{N} \delta_k\,x_k - m \sum_{k=1}^{N} \delta_k"""
    for rng in draws(5):
        x, delta = rng.normal(1, 1, size=(7, 3)), rng.normal(size=7)
        rows = {"x_k": lambda k, x=x: x[k - 1], r"\delta_k": lambda k, d=delta: d[k - 1]}
        yield {**rows, "m": x.mean(axis=0), "N": 7}


if __name__ == "__main__":
    print(compute())
