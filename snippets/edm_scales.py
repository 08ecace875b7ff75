"""What do EDM’s coefficients assume about the mean of the data?

That it is zero. c_in, c_skip and c_out make the input and the target of the network have the mean square 1 at every
noise level if the data have mean zero and the standard deviation that the formulas are given. Data of mean
{{ data.mean | digits(1) }} and standard deviation {{ data.std | digits(1) }} with {{ given | digits(1) }} given make
{{ raw.low.input | digits(3) }} of the one where there is no noise, and of the other where there is nothing else.

    σ   standard deviation of the noise; d standard deviation that the formulas are given; m, s the data’s
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
GIVEN, IMAGES = 0.5, {"mean": 0.7, "std": 0.2}
LEVELS = {"low": 0.002, "middle": 0.5, "high": 80.0}  # EDM’s least and largest noise, and where it equals d
LEFT = 0.068  # of the data behind the last step of the variance-preserving schedule of the other sections


@dataclass(frozen=True)
class Result:
    given: float
    "Standard deviation that the formulas are given, `sigma_data`."
    data: dict[str, float]
    "Mean and standard deviation of the data."
    levels: dict[str, float]
    "Noise levels."
    raw: dict[str, dict[str, float]]
    "Mean squares of the network’s input and target, and the input’s mean, by noise level; data as they are."
    mapped: dict[str, dict[str, float]]
    "The same for the data mapped from 0 … 1 to −1 … 1."
    standard: dict[str, dict[str, float]]
    "The same for the data minus their mean, over their standard deviation, times the given one."
    start: dict[str, float]
    "Mean of the data beside the noise where a sampler starts: at the largest level, and after a schedule that keeps"
    " the variance."


def coefficients(noise: float, given: float) -> tuple[float, float, float]:
    """c_in, c_skip and c_out."""
    total = noise**2 + given**2
    return 1 / np.sqrt(total), given**2 / total, noise * given / np.sqrt(total)


def describe(noise: float, mean: float, std: float) -> dict[str, float]:
    """Mean squares of input and target, and the input’s mean, for data of this mean and standard deviation."""
    c_in, c_skip, c_out = coefficients(noise, GIVEN)
    square = mean**2 + std**2
    return {
        "input": c_in**2 * (square + noise**2),
        "target": ((1 - c_skip) ** 2 * square + c_skip**2 * noise**2) / c_out**2,
        "mean": c_in * mean,
    }


def compute() -> Result:
    mean, std = IMAGES["mean"], IMAGES["std"]
    cases = {"raw": (mean, std), "mapped": (2 * mean - 1, 2 * std), "standard": (0.0, GIVEN)}
    tables = {case: {name: describe(noise, *of) for name, noise in LEVELS.items()} for case, of in cases.items()}
    return Result(
        given=GIVEN,
        data=IMAGES,
        levels=LEVELS,
        start={"edm": mean / LEVELS["high"], "preserving": LEFT * mean},
        **tables,
    )


def claim_a_mean_spoils_both_ends(result: Result) -> None:
    """Data of mean {{ data.mean | digits(1) }} and standard deviation {{ data.std | digits(1) }}, the formulas given
    {{ given | digits(1) }}: mean square of the input {{ raw.low.input | digits(3) }} at the least noise and
    {{ raw.high.input | digits(3) }} at the largest, of the target {{ raw.low.target | digits(3) }} and
    {{ raw.high.target | digits(3) }}. Mapped to [−1, 1] the larger of these is {{ mapped.low.input | digits(3) }}, with
    a mean of {{ mapped.low.mean | digits(2) }} in the input; standardized and multiplied by {{ given | digits(1) }},
    all are {{ standard.low.input | integer }}, and the mean is {{ standard.low.mean | integer }}."""
    rng = np.random.default_rng(SEED)
    mean, std = result.data["mean"], result.data["std"]
    y = rng.normal(mean, std, 400_000)
    cases = {"raw": y, "mapped": 2 * y - 1, "standard": (y - mean) / std * result.given}
    for case, x in cases.items():
        for name, noise in result.levels.items():
            noisy = x + noise * rng.normal(size=x.size)
            root = np.sqrt(noise**2 + result.given**2)
            skip = (result.given / root) ** 2  # what the network adds is the rest, over c_out
            target = (x - skip * noisy) / (noise * result.given / root)
            found = getattr(result, case)[name]
            assert abs(np.mean((noisy / root) ** 2) - found["input"]) < 0.012
            assert abs(np.mean(target**2) - found["target"]) < 0.012
            assert abs(np.mean(noisy) / root - found["mean"]) < 0.01
    assert abs(result.mapped["high"]["target"] - result.mapped["low"]["input"]) < 1e-3
    assert (GIVEN, IMAGES) == (result.given, result.data) and result.given == 0.5


def claim_large_noise_hides_the_mean(result: Result) -> None:
    """A sampler that starts from noise of standard deviation {{ levels.high | integer }} leaves out a mean of
    {{ start.edm | decimals(4) }} of that, where a schedule that keeps the variance leaves out
    {{ start.preserving | decimals(3) }} of its noise."""
    assert result.levels["high"] == 80 and abs(result.start["edm"] - result.data["mean"] / 80) < 1e-12
    assert abs(result.start["preserving"] / result.data["mean"] - LEFT) < 1e-12


def equation_coefficients() -> Draws:
    r"""c_{\text{in}} = \frac{1}{\sqrt{\sigma^2 + d^2}}, \qquad c_{\text{skip}} = \frac{d^2}{\sigma^2 + d^2},
    \qquad c_{\text{out}} = \frac{\sigma d}{\sqrt{\sigma^2 + d^2}}"""
    for rng in draws(6):
        noise, d = rng.uniform(0.1, 3), rng.uniform(0.1, 3)
        covariance = np.array([[d**2, d**2], [d**2, d**2 + noise**2]])  # of the data, and of data and noise
        skip = covariance[0, 1] / covariance[1, 1]  # the least square error that a multiple of the second leaves
        rest = np.array([1.0, -skip])
        yield {
            r"c_{\text{in}}": covariance[1, 1] ** -0.5,
            r"c_{\text{skip}}": skip,
            r"c_{\text{out}}": np.sqrt(rest @ covariance @ rest),
            r"\sigma": noise,
            "d": d,
        }


def equation_squares() -> Draws:
    r"""q_{\text{in}} = \frac{\sigma^2 + m^2 + s^2}{\sigma^2 + d^2}, \qquad
    q_{\text{out}} = \frac{\sigma^2 (m^2 + s^2) + d^4}{d^2 (\sigma^2 + d^2)}"""
    for rng in draws(6):
        m, s, d, noise = rng.uniform(0.1, 2, 4)
        y, n = (a.ravel() for a in np.meshgrid([m - s, m + s], [-noise, noise]))  # data and noise of two values each
        c_in, c_skip, c_out = coefficients(noise, d)
        yield {
            r"q_{\text{in}}": np.mean((c_in * (y + n)) ** 2),
            r"q_{\text{out}}": np.mean(((y - c_skip * (y + n)) / c_out) ** 2),
            r"\sigma": noise,
            "m": m,
            "s": s,
            "d": d,
        }


if __name__ == "__main__":
    print(compute())
