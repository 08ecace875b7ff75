"""What is left of the condition number in SOAP’s axes if gradients are mostly noise?

Its root. Near the optimum the gradients of single examples, errors of the labels times inputs, have the second moment
H itself, not H². A division by its root leaves √κ: {{ left.noise | digits(3) }} of {{ kappa | integer }}, with a cosine
of {{ cosine.noise | decimals(2) }} with the way to the optimum, where a memory of many errors of the weights without
noise leaves {{ left.errors | integer }}.

    H   Hessian of linear neurons, s²I + μμᵀ; L second moment of their gradients
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, cosine, draws
from lib.quadratics import hessian

SEED = 0
INPUTS, EXAMPLES = 100, 200_000
MEANS = {"one": 1.0, "page": 2.4}


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs, uncorrelated, of variance 1."
    means: dict[str, float]
    "Mean of each of them: of the example, and of the page’s."
    kappa: float
    "Condition number without a bias, of the example."
    left: dict[str, float]
    "What is left of it in SOAP’s axes: gradients from noise, from independent weight errors; and in the given axes."
    cosine: dict[str, float]
    "Cosine of SOAP’s step with the way to the optimum, random errors: gradients from noise, from weight errors."
    far: dict[str, float]
    "The condition number of the page’s example, what noise leaves of it, and the cosine."


def work_with(H: np.ndarray, L: np.ndarray) -> float:
    """Condition number of descent whose gradients are divided by the root of their mean square along L’s axes."""
    U = np.linalg.eigh(L)[1]
    root = np.sqrt(np.diag(U.T @ L @ U))
    values = np.linalg.eigvalsh(U.T @ H @ U / np.sqrt(np.outer(root, root)))
    return float(values[-1] / values[0])


def step_cosine(H: np.ndarray, L: np.ndarray) -> float:
    """Cosine of that step with a random error of the weights, root mean square."""
    values, U = np.linalg.eigh(L)
    M = (U / np.sqrt(values)) @ U.T @ H
    return float(np.trace(M) / np.sqrt(len(H)) / np.linalg.norm(M))


def compute() -> Result:
    H, far = (hessian(np.full(INPUTS, mean)) for mean in MEANS.values())
    diagonal = np.diag(H)
    return Result(
        inputs=INPUTS,
        means=MEANS,
        kappa=float(np.linalg.cond(H)),
        left={
            "noise": work_with(H, H),
            "errors": work_with(H, H @ H),
            "given": float(np.linalg.cond(H / np.sqrt(np.outer(diagonal, diagonal)))),
        },
        cosine={"noise": step_cosine(H, H), "errors": step_cosine(H, H @ H)},
        far={"kappa": float(np.linalg.cond(far)), "left": work_with(far, far), "cosine": step_cosine(far, far)},
    )


def claim_noise_leaves_a_root(result: Result) -> None:
    """{{ inputs }} inputs of mean 1, κ = {{ kappa | integer }}: gradients that are errors of the labels times inputs
    leave {{ left.noise | digits(3) }} of it in SOAP’s axes, and {{ left.given | integer }} in the given ones; its step
    has a cosine of {{ cosine.noise | decimals(2) }} with the way to the optimum. Gradients of independent weight errors
    without noise leave {{ left.errors | integer }}, with a cosine of {{ cosine.errors | integer }}. For means of
    {{ means.page | digits(2) }} noise leaves {{ far.left | integer }} of {{ far.kappa | integer }}, and the cosine
    {{ far.cosine | decimals(2) }}."""
    rng = np.random.default_rng(SEED)
    x = MEANS["one"] + rng.normal(size=(EXAMPLES, INPUTS))
    gradients = rng.normal(size=(EXAMPLES, 1)) * x  # at the optimum: the label’s error, times the input
    axis = np.ones(INPUTS) / np.sqrt(INPUTS)  # along the mean, and the mean over all directions across
    along = float(np.mean((gradients @ axis) ** 2))
    across = float((np.mean(np.sum(gradients**2, axis=1)) - along) / (INPUTS - 1))
    share = np.array([result.kappa / np.sqrt(along), 1 / np.sqrt(across)])
    assert abs(share[0] / share[1] / result.left["noise"] - 1) < 0.02 and result.kappa - 101 < 1e-9
    E = rng.normal(size=(INPUTS, 4000))
    for found, mean in ((result.cosine["noise"], 1.0), (result.far["cosine"], MEANS["page"])):
        kappa = 1 + INPUTS * mean**2
        step = E + (np.sqrt(kappa) - 1) * np.outer(axis, axis @ E)  # H^½ E
        assert abs(cosine(step, E) - found) < 0.02
    assert abs(result.far["left"] ** 2 / result.far["kappa"] - 1) < 1e-9
    assert abs(result.far["kappa"] - (1 + INPUTS * MEANS["page"] ** 2)) < 1e-9
    assert abs(result.left["errors"] - 1) < 1e-6 and abs(result.cosine["errors"] - 1) < 1e-6
    assert abs(result.left["given"] - result.kappa) < 1e-6


def equation_moment() -> Draws:
    r"""\mathbb{E}[g g^\top] = H E\,H + \tfrac{v}{B} H, \qquad E = \mathbb{E}[e e^\top]"""
    for rng in draws(4):
        x = np.vstack([x := rng.normal(size=(3, 3)), -x]) + rng.normal(size=3)
        H, v, B = x.T @ x / len(x), rng.uniform(0.5, 2), 1
        errors = np.vstack([e := rng.normal(size=(3, 3)), -e])
        labels = np.sqrt(v) * np.array([-1.0, 1.0])
        total = np.zeros((3, 3))  # one label’s noise at a time beside the full-batch gradient
        for e in errors:
            for inputs in x:
                for noise in labels:
                    g = H @ e + noise * inputs
                    total += np.outer(g, g) / (len(errors) * len(x) * len(labels))
        yield {
            r"\mathbb{E}[g g^\top]": total,
            "H": H,
            "E": errors.T @ errors / len(errors),
            "v": v,
            "B": B,
            r"\mathbb{E}[e e^\top]": errors.T @ errors / len(errors),
        }


if __name__ == "__main__":
    print(compute())
