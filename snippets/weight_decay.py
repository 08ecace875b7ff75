"""Does weight decay help a flat direction, and what does it cost to decay the bias, too?

It adds α to each curvature that it decays. An age of {{ mean | integer }} ± {{ std | integer }} years with a bias has
κ = {{ kappa.none | digits(2) }}, and α = {{ alpha | digits(1) }} makes it {{ kappa.all | digits(2) }} if the bias is
decayed, too, and {{ kappa.free | digits(2) }} if it is free. A decayed bias leaves errors with a mean of −αb.

    α    weight decay: ½α‖w‖² is added to half the mean squared error
    b    bias at the optimum
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws
from lib.quadratics import condition_number, hessian_with_bias

MEAN, STD = 40.0, 12.0  # age in years
ALPHA = 0.1
LINE = 1.0, 10.0  # target: change by one standard deviation of age, and mean


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the input."
    std: float
    "Its standard deviation."
    alpha: float
    "Weight decay, α."
    target: float
    "Mean of the targets; they rise by 1 for each standard deviation of the input."
    flattest: float
    "Smallest curvature without decay."
    kappa: dict[str, float]
    "Condition number: no decay, weight and bias decayed, bias free."
    bias: float
    "Decayed bias at the optimum."
    off: dict[str, float]
    "Mean of the errors at the optimum, bias decayed: as the input is, and centered."
    slope: dict[str, float]
    "Change per standard deviation of the input at the optimum: bias decayed, bias free."


def solve(H: np.ndarray, decay: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """Optimum of ½wᵀHw − pull·w + ½Σ decay w²."""
    return np.linalg.solve(H + np.diag(decay), pull)


def moments(mean: float) -> tuple[np.ndarray, np.ndarray]:
    """H of input and bias, and E[yx], for the target LINE and an input of this mean."""
    return hessian_with_bias(np.array([mean]), STD**2), np.array([LINE[0] * STD + LINE[1] * mean, LINE[1]])


def compute() -> Result:
    H, pull = moments(MEAN)
    both, free = np.full(2, ALPHA), np.array([ALPHA, 0.0])
    decayed, kept = solve(H, both, pull), solve(H, free, pull)
    centered, centered_pull = moments(0.0)
    return Result(
        mean=MEAN,
        std=STD,
        alpha=ALPHA,
        target=LINE[1],
        flattest=float(np.linalg.eigvalsh(H)[0]),
        kappa={
            "none": condition_number(H),
            "all": condition_number(H + np.diag(both)),
            "free": condition_number(H + np.diag(free)),
        },
        bias=decayed[1],
        off={"raw": decayed @ [MEAN, 1] - LINE[1], "centered": solve(centered, both, centered_pull)[1] - LINE[1]},
        slope={"all": decayed[0] * STD, "free": kept[0] * STD},
    )


def equation_decayed() -> Draws:
    r"""\kappa_\alpha = \frac{\lambda_{\max} + \alpha}{\lambda_{\min} + \alpha}, \qquad
    \mathbb{E}[f - y] = -\alpha\, b"""
    for rng in draws(8):
        x, y, alpha = rng.normal(rng.normal(), 1, (60, 3)), rng.normal(2, 1, 60), rng.uniform(0.01, 1)
        X = np.column_stack([x, np.ones(60)])
        padded = np.vstack([X / np.sqrt(60), np.sqrt(alpha) * np.eye(4)])  # decay as four more examples
        w = np.linalg.lstsq(padded, np.append(y / np.sqrt(60), np.zeros(4)))[0]
        values = np.linalg.svd(X, compute_uv=False) ** 2 / 60
        yield {
            r"\kappa_\alpha": np.linalg.cond(padded) ** 2,
            r"\lambda_{\max}": values[0],
            r"\lambda_{\min}": values[-1],
            r"\alpha": alpha,
            r"\mathbb{E}[f - y]": np.mean(X @ w - y),
            "b": w[-1],
        }


def equation_solution() -> Draws:
    r"""w = \frac{c + \frac{\alpha}{1 + \alpha}\,m\,\bar{y}}{s^2 + \alpha + \frac{\alpha}{1 + \alpha}\,m^2}, \qquad
    b = \frac{\bar{y} - m\,w}{1 + \alpha}"""
    for rng in draws(8):
        x, alpha = rng.normal(rng.normal(0, 3), 1, 40), rng.uniform(0.01, 1)
        y = 0.5 * x + rng.normal(2, 1, 40)
        padded = np.vstack([np.column_stack([x, np.ones(40)]) / np.sqrt(40), np.sqrt(alpha) * np.eye(2)])
        w, b = np.linalg.lstsq(padded, np.append(y / np.sqrt(40), [0, 0]))[0]
        yield {
            "w": w,
            "b": b,
            "c": np.cov(x, y, bias=True)[0, 1],
            r"\alpha": alpha,
            "m": x.mean(),
            r"\bar{y}": y.mean(),
            "s": x.std(),
        }


def claim_decay_helps_what_it_decays(result: Result) -> None:
    """With an age of {{ mean | integer }} ± {{ std | integer }} years and a bias κ is {{ kappa.none | digits(2) }}. A
    decay of {{ alpha | digits(1) }} on both makes it {{ kappa.all | digits(2) }}, and with a free bias
    {{ kappa.free | digits(2) }}. For targets of mean {{ target | integer }} that rise by 1 for each standard deviation
    of age, the decayed bias ends at {{ bias | digits(2) }}: predictions are off by {{ off.raw | digits(1) }} on
    average, and the rise becomes {{ slope.all | digits(3) }}; with a free bias it is {{ slope.free | digits(4) }}. With
    the age centered a decayed bias puts predictions off by {{ off.centered | digits(2) }}."""
    z = np.array([-1.0, 1.0])
    X, y = np.column_stack([MEAN + STD * z, np.ones(2)]), result.target + z
    assert (result.mean, result.std, result.target) == (MEAN, STD, LINE[1])
    for name, decay in (("none", [0, 0]), ("all", [result.alpha] * 2), ("free", [result.alpha, 0])):
        padded = np.vstack([X / np.sqrt(2), np.diag(np.sqrt(decay))])
        assert abs(np.linalg.cond(padded) ** 2 / result.kappa[name] - 1) < 1e-6
        w, b = np.linalg.lstsq(padded, np.append(y / np.sqrt(2), [0, 0]))[0]
        if name == "all":
            assert abs(b / result.bias - 1) < 1e-6 and abs(np.mean(X @ [w, b] - y) / result.off["raw"] - 1) < 1e-6
        if name != "none":
            assert abs(w * STD / result.slope[name] - 1) < 1e-6
    assert abs(result.off["centered"] + ALPHA / (1 + ALPHA) * LINE[1]) < 1e-9  # the bias is alone with its decay
    assert result.kappa["free"] > 0.99 * result.kappa["none"] > 2 * result.kappa["all"]


if __name__ == "__main__":
    print(compute())
