"""How much of a natural step is the bias's correction, and how near does centering bring the plain gradient to it?

Of each step of the weight the bias takes back {{ back.raw | digits(2) }} times as much with the unit as it is, and
{{ back.centered | digits(1) }} times with its mean subtracted. The cosine of the plain and the natural step goes from
{{ cosine.raw | digits(2) }} to {{ cosine.centered | digits(2) }}, and to {{ cosine.both | digits(2) }} if the unit is
divided by its standard deviation, too; division alone leaves {{ cosine.scaled | digits(1) }}.

    a       the neuron's one input, a sigmoid unit with z from N(0, 1)
    theta   (w, b) of the logistic neuron, its probability of label 1 is p = σ(wa + b)
    target  a neuron of the same kind, by whose probability q labels are drawn
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.numerics import cosine, find_root

SEED = 0
WEIGHT, TARGETS = 3.0, 400  # of the neuron; targets with other weights and biases
CHANCE, SURE = 0.5, 0.02  # of a label, and what the model says that it is
NODES, MASS = np.polynomial.hermite_e.hermegauss(60)
UNIT, MASS = sigmoid(NODES), MASS / MASS.sum()
MEAN = float(MASS @ UNIT)
STD = float(np.sqrt(MASS @ (UNIT - MEAN) ** 2))
VIEWS = {"raw": (0.0, 1.0), "centered": (MEAN, 1.0), "scaled": (0.0, STD), "both": (MEAN, STD)}  # minus this, over that


@dataclass(frozen=True)
class Result:
    weight: float
    "Weight of the neuron whose one input is a sigmoid unit; its bias is 0."
    targets: int
    "Random targets."
    back: dict[str, float]
    "What the bias takes back of a step of the weight, times that step: raw, centered."
    cosine: dict[str, float]
    "Cosine of the plain and the natural step, median over the targets: raw, centered, scaled, or both."
    kappa: dict[str, float]
    "Condition number of the Fisher matrix, likewise."
    crossing: float
    "Weight beyond which the tie, as a cosine, is the larger with the mean subtracted."
    chance: float
    "Probability of a label."
    sure: float
    "What the model says that it is."
    fisher: float
    "Mean square of the error with labels that the model draws."
    empirical: float
    "The same with the labels of the data."


def fisher_matrix(weight: float, view: str) -> np.ndarray:
    """E[δ²(a, 1)(a, 1)ᵀ] of a neuron with a bias of 0 that reads the unit, in a view of it."""
    center, scale = VIEWS[view]
    p = sigmoid(weight * UNIT)
    inputs = np.array([(UNIT - center) / scale, np.ones(len(UNIT))])
    return (inputs * (MASS * p * (1 - p))) @ inputs.T


def plain_gradient(target: np.ndarray, view: str) -> np.ndarray:
    """E[(p − q)(a, 1)] of the same neuron, where q is the target's probability."""
    center, scale = VIEWS[view]
    error = sigmoid(WEIGHT * UNIT) - sigmoid(target[0] * UNIT + target[1])
    return np.array([MASS @ (error * (UNIT - center) / scale), MASS @ error])


def tie(weight: float, view: str) -> float:
    """E[δ²a], as a cosine."""
    F = fisher_matrix(weight, view)
    return float(F[0, 1] / np.sqrt(F[0, 0] * F[1, 1]))


def compute() -> Result:
    targets = np.random.default_rng(SEED).normal([WEIGHT, 0], 1, size=(TARGETS, 2))
    matrices = {view: fisher_matrix(WEIGHT, view) for view in VIEWS}
    cosines = {
        view: [cosine(g, np.linalg.solve(F, g)) for g in (plain_gradient(target, view) for target in targets)]
        for view, F in matrices.items()
    }
    return Result(
        weight=WEIGHT,
        targets=TARGETS,
        back={view: float(F[0, 1] / F[1, 1]) for view, F in matrices.items() if view in ("raw", "centered")},
        cosine={view: float(np.median(found)) for view, found in cosines.items()},
        kappa={view: float(np.linalg.cond(F)) for view, F in matrices.items()},
        crossing=find_root(lambda weight: tie(weight, "raw") + tie(weight, "centered"), 1, 20),
        chance=CHANCE,
        sure=SURE,
        fisher=SURE * (1 - SURE),
        empirical=CHANCE * (1 - SURE) ** 2 + (1 - CHANCE) * SURE**2,
    )


def claim_the_bias_takes_back(result: Result) -> None:
    """With a weight of {{ weight | digits(1) }} the bias takes back {{ back.raw | digits(2) }} of each step of the
    weight; with the mean subtracted it is {{ back.centered | digits(1) }}."""
    z, mass = np.polynomial.hermite_e.hermegauss(120)
    a, mass = sigmoid(z), mass / mass.sum()
    for view, center in (("raw", 0.0), ("centered", mass @ a)):
        square = mass / (2 + 2 * np.cosh(WEIGHT * a))  # p(1 − p) in another form
        assert abs(square @ (a - center) / square.sum() - result.back[view]) < 1e-6
        # no change of the mean output
        shift = find_root(lambda b, c=center, mass=square: float(mass @ (a - c - b)), -1, 1)
        assert abs(shift - result.back[view]) < 1e-6


def claim_mean_and_scale_together(result: Result) -> None:
    """For {{ targets }} random targets the median cosine of plain and natural step is {{ cosine.raw | digits(2) }} with
    the unit as it is, {{ cosine.centered | digits(2) }} centered, {{ cosine.scaled | digits(2) }} divided by its
    standard deviation, and {{ cosine.both | digits(2) }} with both; the condition number of the Fisher matrix is
    {{ kappa.raw | digits(2) }}, {{ kappa.centered | digits(2) }}, {{ kappa.scaled | digits(2) }} and
    {{ kappa.both | digits(2) }}."""
    z, mass = np.polynomial.hermite_e.hermegauss(120)
    a, mass = sigmoid(z), mass / mass.sum()
    mean = mass @ a
    std = np.sqrt(mass @ a**2 - mean**2)
    targets = np.random.default_rng(SEED).normal([WEIGHT, 0], 1, size=(TARGETS, 2))
    q = sigmoid(np.outer(targets[:, 0], a) + targets[:, 1:])
    for view, (center, scale) in {
        "raw": (0, 1),
        "centered": (mean, 1),
        "scaled": (0, std),
        "both": (mean, std),
    }.items():
        inputs = np.array([(a - center) / scale, np.ones(len(a))])
        theta = np.array([WEIGHT * scale, WEIGHT * center])  # the same function in this view
        nudged = sigmoid((theta + 1e-20j * np.eye(2)) @ inputs)  # score and loss by complex steps
        scores = np.log(nudged).imag / 1e-20, np.log(1 - nudged).imag / 1e-20
        p = sigmoid(theta @ inputs)
        F = sum((score * mass * share) @ score.T for score, share in zip(scores, (p, 1 - p)))
        g = -(q * mass) @ scores[0].T - ((1 - q) * mass) @ scores[1].T
        natural = np.linalg.lstsq(F, g.T, rcond=None)[0].T
        lengths = np.linalg.norm(g, axis=1) * np.linalg.norm(natural, axis=1)
        assert abs(np.median(np.sum(g * natural, axis=1) / lengths) / result.cosine[view] - 1) < 1e-6
        low, high = np.linalg.eigvalsh(F)
        assert abs(high / low / result.kappa[view] - 1) < 1e-6


def claim_a_confident_neuron_is_tied_again(result: Result) -> None:
    """For weights above {{ crossing | digits(2) }} the tie, as a cosine, is the larger with the mean subtracted."""
    z, mass = np.polynomial.hermite_e.hermegauss(120)
    a = sigmoid(z)
    for weight, sign in ((result.crossing - 1e-3, 1), (result.crossing + 1e-3, -1), (1.0, 1), (20.0, -1)):
        square = mass / (2 + 2 * np.cosh(weight * a))
        ties = []
        for x in (a, a - mass @ a / mass.sum()):
            ties.append(abs(square @ x) / np.sqrt(square.sum() * (square @ x**2)))
        assert np.sign(ties[0] - ties[1]) == sign


def claim_labels_of_the_data(result: Result) -> None:
    """Where the labels are 1 with probability {{ chance | digits(1) }} and the model says {{ sure | digits(1) }}, the
    mean square of the error is {{ fisher | digits(2) }} with labels that the model draws and
    {{ empirical | digits(2) }} with those of the data."""
    labels = np.arange(100) < 100 * result.sure  # the model's
    assert abs(np.mean((result.sure - labels) ** 2) - result.fisher) < 1e-9
    labels = np.arange(100) < 100 * result.chance
    assert abs(np.mean((result.sure - labels) ** 2) - result.empirical) < 1e-9


if __name__ == "__main__":
    print(compute())
