"""Why are the latents of a diffusion model shifted and scaled?

So that they have mean 0 and variance 1, for which the schedule of the noise is made. Latents that were left at a
standard deviation of {{ std[0] | digits(2) }} would be as large as the noise at step {{ equal.raw }} of
{{ steps | integer }}, instead of {{ equal.scaled }}.

    ᾱ_t   squared share of the image that is left after t steps; the noise has the variance 1 − ᾱ_t
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

STEPS, FIRST_BETA, LAST_BETA = 1000, 0.00085, 0.012  # Stable Diffusion's, linear in the root
SCALES = (0.18215, 0.13025, 0.3611)  # of Stable Diffusion 1.5, SDXL and FLUX
SHIFT = 0.1159  # FLUX's


@dataclass(frozen=True)
class Result:
    steps: int
    "Steps of the schedule."
    scales: tuple[float, ...]
    "Factors of three models, by which latents are multiplied."
    std: tuple[float, ...]
    "Standard deviations of latents that they make one."
    shift: float
    "Mean that the third model subtracts before."
    shift_in_stds: float
    "The same in standard deviations."
    left: float
    "Share of a scaled latent that is left after the last step."
    left_raw: float
    "Standard deviation that is left there of latents of the first model that were not scaled."
    equal: dict[str, int]
    "Step at which noise and image are as large, latents of the first model scaled and raw."


def shares() -> np.ndarray:
    """√ᾱ after each step."""
    betas = np.linspace(FIRST_BETA**0.5, LAST_BETA**0.5, STEPS) ** 2
    return np.sqrt(np.cumprod(1 - betas))


def compute() -> Result:
    left, std = shares(), 1 / np.array(SCALES)
    equal = [int(np.argmax(size * left <= np.sqrt(1 - left**2))) + 1 for size in (1.0, std[0])]
    return Result(
        steps=STEPS,
        scales=SCALES,
        std=tuple(std),
        shift=SHIFT,
        shift_in_stds=SHIFT * SCALES[2],
        left=float(left[-1]),
        left_raw=float(std[0] * left[-1]),
        equal=dict(zip(("scaled", "raw"), equal)),
    )


def claim_raw_latents_drown_late(result: Result) -> None:
    """Scaled latents are as large as the noise at step {{ equal.scaled }} of {{ steps | integer }}, latents with a
    standard deviation of {{ std[0] | digits(3) }} at step {{ equal.raw }}. After the last step {{ left | decimals(3) }}
    and {{ left_raw | decimals(2) }} standard deviations of noise are left of them."""
    logs = np.log1p(-(np.linspace(FIRST_BETA**0.5, LAST_BETA**0.5, STEPS) ** 2))
    for key, size in (("scaled", 1.0), ("raw", result.std[0])):
        share = 1 / (1 + size**2)  # ᾱ where size²ᾱ = 1 − ᾱ
        assert result.equal[key] == int(np.sum(np.cumsum(logs) > np.log(share))) + 1
    np.testing.assert_allclose(result.left, np.exp(logs.sum() / 2), rtol=1e-9)
    np.testing.assert_allclose(result.left_raw, result.left / SCALES[0], rtol=1e-9)
    np.testing.assert_allclose(result.std[0] * SCALES[0], 1, rtol=1e-12)


def equation_equal() -> Draws:
    r"""\bar\alpha = \frac{1}{1 + \sigma^2}"""
    for rng in draws(4):
        sigma = rng.uniform(0.2, 6)
        low, high = 0.0, 1.0
        for _ in range(60):  # where image and noise are as large
            middle = (low + high) / 2
            low, high = (middle, high) if sigma**2 * middle < 1 - middle else (low, middle)
        yield {r"\bar\alpha": low, r"\sigma": sigma}
