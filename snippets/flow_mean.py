"""What does the mean of the data do to flow matching, and to a diffusion network whose input is preconditioned?

On the straight path from noise to data nothing of the data is left at the start, so a sampler that starts from noise
arrives at the right mean: images of mean {{ image.mean | decimals(2) }} come out with {{ flow | decimals(2) }}. A
preconditioning that reckons with a standard deviation alone gives its network inputs of mean square
{{ square | digits(2) }} instead of 1 where the noise is small.

    m, σ   mean and standard deviation of one number of the data
    x      the noisy number; t from 0, noise, to 1, data
    ς      standard deviation of the noise that is added
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
IMAGE = {"mean": 0.5, "std": 0.25}
PARTS = 2000


@dataclass(frozen=True)
class Result:
    image: dict[str, float]
    "Mean and standard deviation of the brightness of images from 0 to 1."
    flow: float
    "Mean of the samples of an ideal flow from noise of mean 0."
    spread: float
    "Their standard deviation over that of the images."
    square: float
    "Mean square of c·x without noise, c one over the standard deviation of the data: one plus ρ."
    last: float
    "What the network has to put out on average where noise is all there is: the mean over the standard deviation."


def velocity(x: np.ndarray, t: float, mean: float, std: float) -> np.ndarray:
    """Mean of data minus noise, given (1 − t)·noise + t·data = x, for normal data."""
    variance = t**2 * std**2 + (1 - t) ** 2
    return mean + (t * std**2 - (1 - t)) / variance * (x - t * mean)


def compute() -> Result:
    mean, std = IMAGE["mean"], IMAGE["std"]
    x = np.array([-1.0, 0.0, 1.0])  # noise: its mean, and one standard deviation to either side
    for k in range(PARTS):
        x = x + velocity(x, (k + 0.5) / PARTS, mean, std) / PARTS
    return Result(
        image=IMAGE,
        flow=float(x[1]),
        spread=float((x[2] - x[0]) / 2 / std),
        square=(mean**2 + std**2) / std**2,
        last=mean / std,
    )


def claim_a_flow_arrives_at_the_mean(result: Result) -> None:
    """Images from 0 to 1, brightness {{ image.mean | decimals(2) }} ± {{ image.std | decimals(2) }}: an ideal flow from
    noise of mean 0 ends at {{ flow | decimals(2) }}, with {{ spread | percent }} of their spread."""
    mean, std = result.image["mean"], result.image["std"]
    rng = np.random.default_rng(SEED)  # the same velocity by regression on pairs, at three times
    noise, data = rng.normal(size=400_000), rng.normal(mean, std, 400_000)
    for t in (0.2, 0.5, 0.8):
        slope, level = np.polyfit((1 - t) * noise + t * data, data - noise, 1)
        assert abs(slope + level - velocity(np.float64(1.0), t, mean, std)) < 0.02
    assert abs(result.flow - mean) < 2e-3 and abs(result.spread - 1) < 4e-3 and std == IMAGE["std"] == 0.25


def claim_a_standard_deviation_is_not_enough(result: Result) -> None:
    """Divide the same images by their standard deviation, without centering them. Then the network's input has the mean
    square {{ square | digits(2) }} where there is no noise, and its output the mean {{ last | digits(2) }} where noise
    is all there is; centered, these are 1 and 0."""
    x = np.random.default_rng(SEED).normal(result.image["mean"], result.image["std"], 100_000) / result.image["std"]
    assert abs(np.mean(x**2) / result.square - 1) < 0.02 and abs(x.mean() / result.last - 1) < 0.02


def equation_velocity() -> Draws:
    r"""u(x, t) = m + \frac{t\,\sigma^2 - (1 - t)}{t^2\sigma^2 + (1 - t)^2}\,(x - t\,m)"""
    for rng in draws(8):
        m, std, t, x = rng.normal(), rng.uniform(0.3, 2), rng.uniform(0.05, 0.95), rng.normal()
        pair = np.array([[1.0, 0.0], [0.0, std**2]])  # covariance of noise and data; conditioning of a normal pair
        path, target = np.array([1 - t, t]), np.array([-1.0, 1.0])
        u = m + target @ pair @ path / (path @ pair @ path) * (x - t * m)
        yield {"u(x, t)": u, "m": m, r"\sigma": std, "t": t, "x": x}


def equation_input() -> Draws:
    r"""\mathbb{E}[c^2 x^2] = 1 + \frac{m^2}{\sigma^2 + \varsigma^2}, \qquad
    c = \frac{1}{\sqrt{\sigma^2 + \varsigma^2}}"""
    for rng in draws(8):
        m, std, noise = rng.normal(), rng.uniform(0.3, 2), rng.uniform(0.1, 3)
        points = np.array([m + a * std + b * noise for a in (-1, 1) for b in (-1, 1)])  # independent, two values each
        c = 1 / np.hypot(std, noise)
        yield {
            r"\mathbb{E}[c^2 x^2]": np.mean((c * points) ** 2),
            "c": c,
            "m": m,
            r"\sigma": std,
            r"\varsigma": noise,
        }


if __name__ == "__main__":
    print(compute())
