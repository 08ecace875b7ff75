"""Does a larger step size cure gradients that are small?

Yes: a neuron whose gradients are all small needs {{ steps_small }} steps with a step size to match, as many as before,
and zig-zags as before.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import best_step, descend


@dataclass(frozen=True)
class Result:
    steps: int
    "Steps of gradient descent for a neuron with two inputs that have a mean, to a millionth of the error."
    steps_small: int
    "The same where all gradients reach the neuron much smaller, and its step size makes up for it."


def find_steps(strength: float) -> int:
    """Steps at the best constant step size for f = strength · (w·x), until the error is a millionth."""
    H = strength**2 * (np.eye(2) + 2.0**2)
    return len(descend(H, best_step(H), np.array([-0.28, 0.96]), 1e-6)) - 1


def compute() -> Result:
    return Result(
        steps=find_steps(1.0),
        steps_small=find_steps(1e-6),
    )


def claim_a_step_size_cures_it(result: Result) -> None:
    """A neuron with two inputs that have a mean needs {{ steps }} steps to a millionth of its error at the best step
    size. Where what is behind it makes its output a millionth as large, it needs {{ steps_small }}, again at the best
    step size."""
    assert result.steps == result.steps_small == int(np.ceil(np.log(1e-6) / np.log(4 / 5)))  # κ is nine
    kappa = [np.linalg.cond(k**2 * (np.eye(2) + 4.0)) for k in (1.0, 1e-3)]
    assert abs(kappa[0] / kappa[1] - 1) < 1e-9


def equation_distance() -> Draws:
    r"""\frac{\partial L}{\partial w} = k x\,\delta, \qquad \frac{\partial^2 L}{\partial w^2} = k^2 x^2, \qquad
    w - w^\star = \frac{\delta}{k x}"""
    for rng in draws(10):
        k, x, w, y = rng.uniform(0.01, 0.5), rng.uniform(0.5, 2), rng.normal(), rng.normal()
        slope = [(0.5 * (k * (v + 1e-20j) * x - y) ** 2).imag / 1e-20 for v in (w, w + 1)]
        yield {
            r"\frac{\partial L}{\partial w}": slope[0],
            r"\frac{\partial^2 L}{\partial w^2}": slope[1] - slope[0],
            "k": k,
            "x": x,
            r"\delta": k * w * x - y,
            "w": w,
            r"w^\star": np.polynomial.Polynomial([-y, k * x]).roots()[0],
        }


if __name__ == "__main__":
    print(compute())
