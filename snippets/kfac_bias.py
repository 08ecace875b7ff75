"""What does the constant 1 among K-FAC's inputs do, and what does damping leave of the mean?

It centers: the inverse of the second moment of the inputs and a 1 subtracts the mean from the gradient of the weights,
and lets the bias take back what their step does to the mean output. With a damping of {{ example.damping | digits(1) }}
the share {{ example.share | digits(2) }} of the squared mean stays, and {{ example.inputs }} inputs of mean
{{ example.mean | decimals(1) }} keep a condition number of {{ example.damped | digits(2) }}.

    A   second moment of a layer's inputs, with a 1 for the bias
    G   gradient of a layer's weights, a row a neuron; g of its biases
    d   damping, added to the diagonal of A
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import hessian, hessian_with_bias, kappa_with_bias

INPUTS, MEAN, DAMPING = 100, 2.4, 0.01


@dataclass(frozen=True)
class Result:
    example: dict[str, float]
    "Inputs of variance 1, their mean, the damping; condition number with a bias before, and of damped steps; the same"
    " with the mean subtracted; the share of the squared mean that stays."
    apart: float
    "Condition number of undamped steps if weights and bias have a block each."


def precondition(A: np.ndarray, H: np.ndarray, damping: float) -> float:
    """Condition number that is left when a step on H is multiplied by the inverse of A + damping."""
    values = np.linalg.eigvals(np.linalg.solve(A + damping * np.eye(len(A)), H)).real
    return float(values.max() / values.min())


def compute() -> Result:
    H = hessian_with_bias(np.full(INPUTS, MEAN))
    centered = hessian_with_bias(np.zeros(INPUTS))
    blocks = H.copy()
    blocks[:-1, -1] = blocks[-1, :-1] = 0
    return Result(
        example={
            "inputs": INPUTS,
            "mean": MEAN,
            "damping": DAMPING,
            "raw": float(kappa_with_bias(MEAN, 1.0, INPUTS)),
            "damped": precondition(H, H, DAMPING),
            "centered": precondition(centered, centered, DAMPING),
            "share": DAMPING / (1 + DAMPING),
        },
        apart=precondition(blocks, H, 0.0),
    )


def claim_damping_lets_the_mean_in(result: Result) -> None:
    """{{ example.inputs }} inputs of variance 1 and mean {{ example.mean | decimals(1) }}, and a bias: the
    condition number is {{ example.raw | integer }}. Undamped K-FAC steps see 1. With a damping of
    {{ example.damping | decimals(2) }} they see {{ example.damped | decimals(2) }}, and
    {{ example.centered | decimals(2) }} if the mean is subtracted first. Weights and bias in a block each leave
    {{ apart | integer }}."""
    part = result.example
    large = (part["raw"]) ** 0.5  # the two eigenvalues multiply to the variance, 1
    damped = (1 / large + part["damping"]) / (1 / large) / (1 + part["damping"] / large)
    assert abs(damped - part["damped"]) < 0.005 and abs(part["centered"] - 1) < 0.005
    length = part["inputs"] * part["mean"] ** 2  # blocks apart: 1 on the diagonal, and beside it the squeezed mean
    squeezed = (length / (1 + length)) ** 0.5
    assert abs((1 + squeezed) / (1 - squeezed) - result.apart) < 0.5
    assert abs(large + 1 / large - (2 + length)) < 1e-6
    H = hessian_with_bias(np.full(INPUTS, MEAN))
    assert abs(precondition(H, H, 0.0) - 1) < 1e-6


def equation_inverse() -> Draws:
    r"""\begin{pmatrix} \Sigma + \mu\mu^\top & \mu \\ \mu^\top & 1 \end{pmatrix}^{-1} =
    \begin{pmatrix} \Sigma^{-1} & -\Sigma^{-1}\mu \\ -\mu^\top\Sigma^{-1} & 1 + \mu^\top\Sigma^{-1}\mu \end{pmatrix}
    """
    for rng in draws(10):
        x = rng.normal(1, 1, size=(12, 3))
        deviations = x - x.mean(axis=0)
        yield {r"\Sigma": deviations.T @ deviations / 12, r"\mu": x.mean(axis=0)}


def equation_step() -> Draws:
    r"""\begin{pmatrix} G & g \end{pmatrix} A^{-1} =
    \begin{pmatrix} D & g - D\mu \end{pmatrix}, \qquad D = (G - g\,\mu^\top)\,\Sigma^{-1}
    """
    for rng in draws(10):
        x, delta = rng.normal(1, 1, size=(12, 3)), rng.normal(size=(12, 2))
        ones = np.hstack([x, np.ones((12, 1))])
        G, g = delta.T @ x / 12, delta.mean(axis=0)[:, None]
        step = np.linalg.solve(ones.T @ ones / 12, (delta.T @ ones / 12).T).T
        yield {
            "G": G,
            "g": g,
            "A": ones.T @ ones / 12,
            "D": step[:, :3],
            r"\mu": x.mean(axis=0)[:, None],
            r"\Sigma": np.cov(x.T, bias=True),
        }


def equation_damped() -> Draws:
    r"""S = \Sigma + d I + \frac{d}{1 + d}\,\mu\mu^\top, \qquad
    D_d = \left(G - \frac{1}{1 + d}\,g\mu^\top\right) S^{-1}"""
    for rng in draws(10):
        d, mu, variances = rng.uniform(0.01, 2), rng.normal(1, 1, size=(3, 1)), rng.uniform(0.5, 2, 3)
        A = hessian_with_bias(mu[:, 0], variances) + d * np.eye(4)
        G, g = rng.normal(size=(2, 3)), rng.normal(size=(2, 1))
        inverse = np.linalg.inv(A)
        yield {
            "S": np.linalg.inv(inverse[:3, :3]),
            r"\Sigma": hessian(np.zeros(3), variances),
            "I": np.eye(3),
            "d": d,
            r"\mu": mu,
            "D_d": (np.hstack([G, g]) @ inverse)[:, :3],
            "G": G,
            "g": g,
        }


def equation_left() -> Draws:
    r"""\kappa_d = \frac{\lambda_{\min} + d}{\lambda_{\min}}\,\frac{\lambda_{\max}}{\lambda_{\max} + d}"""
    for rng in draws(10):
        n, mean, d = int(rng.integers(2, 6)), rng.uniform(0.5, 3), rng.uniform(0.001, 1)
        H = hessian_with_bias(np.full(n, mean))
        values = np.linalg.eigvalsh(H)
        yield {
            r"\kappa_d": precondition(H, H, d),
            r"\lambda_{\min}": values[0],
            r"\lambda_{\max}": values[-1],
            "d": d,
        }


if __name__ == "__main__":
    print(compute())
