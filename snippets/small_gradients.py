"""Does a small gradient mean that a minimum is near?

No. A gradient is curvature times distance: with x = {{ flat.input | digits(1) }} it is {{ flat.input | digits(1) }} at
a distance of {{ flat.distance | integer }}, and at a saddle it is 0. What tells the distance is the gradient divided by
the curvature.

    bowl   {{ inputs }} inputs of mean 1 and variance 1, a linear neuron without a bias
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, complex_step, derivative, draws

INPUTS = 100
SADDLE_STEP, SADDLE_GOAL = 0.1, 0.5
SADDLES = (1e-2, 1e-4, 1e-6)  # how small two equal weights start near a saddle


@dataclass(frozen=True)
class Result:
    flat: dict
    "One weight with a small input: x, gradient at w = 0, distance to the minimum."
    steep: dict
    "One weight with a large input, near its minimum: the same."
    inputs: int
    "Inputs of the bowl."
    near: float
    "Bowl: distance along the mean at which the gradient is as large as at distance 1 across it."
    first_step: dict
    "Bowl, a step of 1/λmax from a start of which 1/n lies along the mean: factors for gradient and distance."
    saddle_steps: tuple[int, ...]
    "Steps from w₁ = w₂ = ε until f = w₂w₁ passes ½, for each ε of `saddle_starts`."
    saddle_starts: tuple[float, ...]
    "How small these weights are."
    saddle_rate: float
    "The step size of those."


def one_weight(x: float, w: float, y: float = 1.0) -> dict:
    """Gradient of ½(wx − y)² at w, and the distance to the minimum y/x."""
    return {"input": x, "gradient": (w * x - y) * x, "distance": abs(y / x - w)}


def saddle_gradient(w: np.ndarray, x: float = 1.0, y: float = 1.0) -> np.ndarray:
    """Gradient of ½(w₂w₁x − y)² by both weights."""
    return (w[0] * w[1] * x - y) * x * w[::-1]


def count_saddle_steps(start: float) -> int:
    """Steps until the output of two weights that start equal, with x = y = 1, passes `SADDLE_GOAL`."""
    weights, steps = np.full(2, start), 0
    while np.prod(weights) < SADDLE_GOAL:
        weights, steps = weights - SADDLE_STEP * saddle_gradient(weights), steps + 1
    return steps


def compute() -> Result:
    steep, flat = 1 + INPUTS, 1.0  # curvature along the mean and across it
    share = 1 / INPUTS  # of the squared error that lies along the mean
    return Result(
        flat=one_weight(0.01, 0.0),
        steep=one_weight(10.0, 0.2),
        inputs=INPUTS,
        near=flat / steep,
        first_step={
            "gradient": np.sqrt(share * steep**2 + (1 - share) * flat**2) / (np.sqrt(1 - share) * (1 - flat / steep)),
            "distance": 1 - np.sqrt(1 - share) * (1 - flat / steep),
        },
        saddle_steps=tuple(map(count_saddle_steps, SADDLES)),
        saddle_starts=SADDLES,
        saddle_rate=SADDLE_STEP,
    )


def claim_small_and_far(result: Result) -> None:
    """With $x = {{ flat.input | digits(1) }}$, $y = 1$ and $w = 0$ the gradient is {{ flat.gradient | digits(1) }},
    and the minimum is {{ flat.distance | integer }} away; with $x = {{ steep.input | integer }}$ and a weight only
    {{ steep.distance | digits(1) }} from its minimum the gradient is {{ steep.gradient | integer }}."""
    for row, w in ((result.flat, 0.0), (result.steep, 0.2)):
        slope = derivative(lambda w, x: 0.5 * (w * x - 1) ** 2, w, row["input"])
        best = np.linalg.lstsq([[row["input"]]], [1.0], rcond=None)[0][0]
        assert abs(slope - row["gradient"]) < 1e-12 and abs(abs(best - w) - row["distance"]) < 1e-9
    assert abs(result.steep["gradient"]) > 100 * abs(result.flat["gradient"])


def claim_near_and_steep(result: Result) -> None:
    """With {{ inputs }} inputs of mean 1 and variance 1, a weight vector {{ near | digits(2) }} from the optimum
    along the mean has as large a gradient as one at distance 1 across it."""
    H = np.eye(INPUTS) + np.ones((INPUTS, INPUTS))
    along, across = np.ones(INPUTS) / np.sqrt(INPUTS), np.eye(INPUTS)[0] - np.eye(INPUTS)[1]
    sizes = [np.linalg.norm(H @ e) for e in (result.near * along, across / np.sqrt(2))]
    assert abs(sizes[0] / sizes[1] - 1) < 1e-12 and result.near < 0.01


def claim_gradient_falls_first(result: Result) -> None:
    r"""There, from a typical start, one step of size $1/\lambda_{\max}$ makes the gradient
    {{ first_step.gradient | digits(3) }} times smaller, and the distance shorter by
    {{ first_step.distance | percent(1) }}."""
    H = np.eye(INPUTS) + np.ones((INPUTS, INPUTS))
    along, across = np.ones(INPUTS) / np.sqrt(INPUTS), np.eye(INPUTS)[0] - np.eye(INPUTS)[1]
    e = np.sqrt(1 / INPUTS) * along + np.sqrt((1 - 1 / INPUTS) / 2) * across
    after = e - H @ e / np.linalg.norm(H, 2)
    assert abs(np.linalg.norm(H @ e) / np.linalg.norm(H @ after) / result.first_step["gradient"] - 1) < 1e-9
    assert abs(1 - np.linalg.norm(after) - result.first_step["distance"]) < 1e-9
    assert result.first_step["gradient"] > 5 and result.first_step["distance"] < 0.02


def claim_saddle(result: Result) -> None:
    r"""From zero descent never moves. From two equal weights of {{ saddle_starts | scientific(1) | list }} it gets
    away, and the output is half-way after {{ saddle_steps | integer | list }} steps of size
    {{ saddle_rate | digits(1) }}."""
    assert not saddle_gradient(np.zeros(2)).any()
    more = np.diff(result.saddle_steps)  # near zero each step multiplies the weights by 1 + its size
    assert np.all(abs(more - np.log(100) / np.log1p(result.saddle_rate)) <= 1.5)


def half_square(w: np.ndarray, root: np.ndarray) -> float:
    """½ wᵀHw with H = root rootᵀ."""
    return 0.5 * ((w @ root) ** 2).sum()


def claim_units(result: Result) -> None:
    r"""Measure the weight in other units, $w = cu$, and its gradient is $c$ times as large, its distance to the
    minimum $c$ times smaller; $\tfrac{1}{2}\,\nabla L^\top H^{-1} \nabla L$ stays what it is."""
    for rng in draws(5):
        w, c, root = rng.normal(size=3), rng.uniform(2, 9), rng.normal(size=(3, 3))

        here, there = (complex_step(half_square, w / scale, scale * root) for scale in (1.0, c))
        np.testing.assert_allclose(there, c * here)
        curvatures = [scale**2 * root @ root.T for scale in (1.0, c)]
        decrements = [g @ np.linalg.solve(H, g) / 2 for g, H in zip((here, there), curvatures)]
        np.testing.assert_allclose(decrements, w @ root @ root.T @ w / 2, rtol=1e-6)


def draw_bowls() -> Draws:
    """Random bowls, with the error drawn along the steepest direction, along the flattest, and anywhere."""
    for rng in draws(9):
        root = rng.normal(size=(4, 5))
        H, best = root @ root.T, rng.normal(size=4)
        low, vectors = np.linalg.eigh(H)
        e = (vectors[:, 0], 0.01 * vectors[:, -1], rng.normal(size=4))[rng.integers(3)]
        w = best + e
        yield {
            r"\nabla L": complex_step(lambda w, best, root: half_square(w - best, root), w, best, root),
            "H": H,
            "w": w,
            r"w^\star": best,
            "e": e,
            r"\lambda_{\min}": low[0],
            r"\lambda_{\max}": low[-1],
            r"L_{\min}": 1e-3,
            "L": 1e-3 + ((root.T @ e) ** 2).sum() / 2,
        }


def equation_one_weight() -> Draws:
    r"""w^\star = \frac{y}{x}, \qquad \frac{\partial L}{\partial w} = x^2\,(w - w^\star)"""
    for rng in draws(9):
        x, y, w = rng.normal(size=3)
        yield {
            r"w^\star": np.linalg.lstsq([[x]], [y], rcond=None)[0][0],
            r"\frac{\partial L}{\partial w}": derivative(lambda w, x, y: 0.5 * (w * x - y) ** 2, w, x, y),
            **{"x": x, "y": y, "w": w},
        }


def equation_bounds() -> Draws:
    r"""\lambda_{\min}\,\lVert e\rVert \le \lVert\nabla L\rVert \le \lambda_{\max}\,\lVert e\rVert"""
    yield from draw_bowls()


def equation_newton() -> Draws:
    r"""w^\star = w - H^{-1} \nabla L, \qquad L - L_{\min} = \tfrac{1}{2}\,\nabla L^\top H^{-1} \nabla L"""
    yield from draw_bowls()


def equation_saddle() -> Draws:
    r"""\nabla L = \begin{pmatrix} 0 \\ 0 \end{pmatrix}, \qquad H = \begin{pmatrix} 0 & -xy \\ -xy & 0 \end{pmatrix}"""
    for rng in draws(9):
        x, y = rng.normal(size=2)
        H = complex_step(saddle_gradient, np.zeros(2), x, y)
        yield {r"\nabla L": saddle_gradient(np.zeros(2)), "H": H, "x": x, "y": y}


if __name__ == "__main__":
    print(compute())
