r"""Which factor does a SIREN need for a clip of sound?

On seconds from 0 to {{ seconds | integer }} a factor of {{ usual | integer }} gives the fastest first unit
{{ fastest | decimals(1) }} hertz. On [−1, 1] a tone of {{ tone | integer }} hertz asks for {{ factor | integer }}.

    ω₀   factor of the first layer
    D    duration of the clip; x runs over [−1, 1] meanwhile
    h    hertz of the fastest unit
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SECONDS, SAMPLES, USUAL, AUTHORS, TONE = 10.0, 44_100, 30.0, 3000.0, 1000.0


@dataclass(frozen=True)
class Result:
    seconds: float
    "Duration of the clip."
    samples: int
    "Samples a second."
    usual: float
    "The usual factor, for images."
    authors: float
    "The factor that the authors' notebook uses for sound, on [−1, 1]."
    fastest: float
    "Hertz of the fastest unit of a first layer with the usual factor on seconds."
    fastest_unit: float
    "The same on [−1, 1]."
    fastest_authors: float
    "The same with the authors' factor."
    tone: float
    "Hertz of a tone."
    factor: float
    "Factor at which the fastest unit has that frequency, on [−1, 1]."
    most: float
    "Factor at which it turns half a period from sample to sample."


def unit_frequency(factor: float, per_second: float) -> float:
    """Hertz of a unit whose weight is 1 and whose input moves by so much a second."""
    return factor * per_second / (2 * np.pi)


def compute() -> Result:
    rate = 2 / SECONDS
    return Result(
        seconds=SECONDS,
        samples=SAMPLES,
        usual=USUAL,
        authors=AUTHORS,
        fastest=unit_frequency(USUAL, 1.0),
        fastest_unit=unit_frequency(USUAL, rate),
        fastest_authors=unit_frequency(AUTHORS, rate),
        tone=TONE,
        factor=2 * np.pi * TONE / rate,
        most=np.pi * SAMPLES / rate,
    )


def count_periods(factor: float, low: float, high: float) -> float:
    """Periods of the sine of factor times x between two ends, by its sign changes."""
    x = np.linspace(low, high, 2_000_001)
    return float(np.sum(np.diff(np.sign(np.sin(factor * x + 0.1))) != 0)) / 2


def claim_sound_asks_for_a_large_factor(result: Result) -> None:
    """For {{ seconds | integer }} seconds a factor of {{ usual | integer }} makes the fastest first unit
    {{ fastest | decimals(1) }} hertz if the input is in seconds, and {{ fastest_unit | decimals(2) }} on [−1, 1]; the
    authors’ {{ authors | integer }} makes it {{ fastest_authors | integer }}. A tone of {{ tone | integer }} hertz asks
    for {{ factor | integer }}, and from {{ most | integer }} on neighboring samples are more than half a period
    apart."""
    assert abs(count_periods(result.usual, 0, result.seconds) / 10 - result.fastest) < 0.06
    assert abs(count_periods(100 * result.usual, -1, 1) / 1000 / result.fastest_unit - 1) < 2e-3
    assert abs(count_periods(result.authors, -1, 1) / 10 / result.fastest_authors - 1) < 0.002
    assert abs(count_periods(result.factor, -1, 1) / (result.tone * result.seconds) - 1) < 1e-3
    assert abs(result.factor / (np.pi * result.tone * result.seconds) - 1) < 1e-9  # the equation
    x = np.linspace(-1, 1, int(result.seconds) * result.samples + 1)
    assert abs(result.most * (x[1] - x[0]) / np.pi - 1) < 1e-9


def equation_factor() -> Draws:
    r"""\omega_0 = \pi\, h\, D"""
    for rng in draws(3):
        D, omega = rng.uniform(0.5, 4), rng.uniform(100, 900)
        x = np.linspace(-1, 1, 9)  # the phase of the fastest unit, turned into hertz
        phase = omega * x
        yield {r"\omega_0": omega, "h": (phase[-1] - phase[0]) / (2 * np.pi * D), "D": D}
