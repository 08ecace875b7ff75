r"""How much of the slowness of speech features is their mean, and whose mean should be subtracted?

{{ bands }} log-mel bands with mean {{ mean | integer }} and standard deviation {{ std | integer }} have the condition
number {{ raw[0] | integer }} if bands are uncorrelated; with a correlation of {{ correlations[1] | decimals(1) }}
between any two it is {{ raw[1] | integer }}, and centering leaves {{ centered[1] | integer }} of it, the loudness.

    n   bands
    r   mean over standard deviation of a band
    c   correlation between any two bands
    φ   correlation between consecutive frames
    T   frames of an utterance
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import condition_number, hessian

BANDS, MEAN, STD = 80, -8.0, 4.0
CORRELATIONS = (0.0, 0.5)
FRAMES, MEMORY = (100, 1000), 0.95  # one and ten seconds at the usual hundred frames a second
GAIN = 2.0


@dataclass(frozen=True)
class Result:
    bands: int
    "Log-mel bands."
    mean: float
    "Mean of each band, natural logarithms."
    std: float
    "Standard deviation of each."
    correlations: tuple[float, ...]
    "Correlations between any two bands."
    raw: tuple[float, ...]
    "Condition numbers without a bias, features as they are."
    centered: tuple[float, ...]
    "The same with each band's mean subtracted."
    memory: float
    "Correlation between consecutive frames."
    frames: tuple[int, ...]
    "Frames of a short and of a long utterance."
    error: tuple[float, ...]
    "Standard deviation of an utterance's own mean, in standard deviations of the band."
    gain: float
    "Factor by which another microphone multiplies the sound's amplitude."
    shift: float
    "What that adds to each log-mel band of the power."
    curve: np.ndarray
    "Correlation, and both condition numbers, shape (3, points)."


def covariance(n: int, c: float) -> np.ndarray:
    """Covariance of bands with variance 1 and one correlation between any two, shape (n, n)."""
    return (1 - c) * np.eye(n) + c * np.ones((n, n))


def kappa(n: int, r: float, c: float) -> float:
    """Condition number without a bias, from the eigenvalues."""
    return condition_number(hessian(np.full(n, r), covariance(n, c)))


def mean_error(T: int, phi: float) -> float:
    """Standard deviation of the mean of T frames, in standard deviations of one."""
    lags = np.arange(1, T)
    return float(np.sqrt((T + 2 * np.sum((T - lags) * phi**lags)) / T**2))


def compute() -> Result:
    r, grid = MEAN / STD, np.linspace(0, 0.9, 46)
    return Result(
        bands=BANDS,
        mean=MEAN,
        std=STD,
        correlations=CORRELATIONS,
        raw=tuple(kappa(BANDS, r, c) for c in CORRELATIONS),
        centered=tuple(kappa(BANDS, 0, c) for c in CORRELATIONS),
        memory=MEMORY,
        frames=FRAMES,
        error=tuple(mean_error(T, MEMORY) for T in FRAMES),
        gain=GAIN,
        shift=float(np.log(GAIN**2)),
        curve=np.array([grid, [kappa(BANDS, r, c) for c in grid], [kappa(BANDS, 0, c) for c in grid]]),
    )


def claim_loudness_stays(result: Result) -> None:
    """Uncorrelated bands have the condition number {{ raw[0] | integer }} raw and {{ centered[0] | integer }} centered.
    With a correlation of {{ correlations[1] | decimals(1) }} between any two it is {{ raw[1] | integer }} raw and still
    {{ centered[1] | integer }} centered (no bias)."""
    r = result.mean / result.std
    for c, raw, centered in zip(result.correlations, result.raw, result.centered):
        assert abs(1 + BANDS * (c + r**2) / (1 - c) - raw) < 1e-6 * raw
        assert abs(1 + BANDS * c / (1 - c) - centered) < 1e-6 * centered
    assert (result.bands, r) == (80, -2)


def claim_an_utterance_has_few_frames(result: Result) -> None:
    """If consecutive frames correlate at {{ memory | decimals(2) }}, the mean of {{ frames[0] }} frames misses the
    speaker’s by {{ error[0] | decimals(2) }} standard deviations of a band, and that of {{ frames[1] | integer }} by
    {{ error[1] | decimals(2) }}."""
    for T, error in zip(result.frames, result.error):
        lags = abs(np.subtract.outer(np.arange(T), np.arange(T)))
        assert abs(np.sqrt(np.mean(result.memory**lags)) - error) < 1e-9


def claim_a_gain_is_a_shift(result: Result) -> None:
    """A microphone that makes the amplitude {{ gain | words }} times as large adds {{ shift | decimals(2) }} to every
    log-mel band of every frame, and an utterance minus its own mean is the same as before."""
    rng = np.random.default_rng(0)
    wave = rng.normal(size=(50, 256))
    power = abs(np.fft.rfft(wave)) ** 2
    mel = rng.uniform(size=(129, 12))
    before, after = np.log(power @ mel), np.log(abs(np.fft.rfft(result.gain * wave)) ** 2 @ mel)
    np.testing.assert_allclose(after - before, result.shift, atol=1e-9)
    np.testing.assert_allclose(after - after.mean(axis=0), before - before.mean(axis=0), atol=1e-9)


def equation_kappa() -> Draws:
    r"""\kappa_0 = 1 + \frac{n\,(c + r^2)}{1 - c}"""
    for rng in draws(4):
        n, c, r = int(rng.integers(3, 30)), rng.uniform(0, 0.9), rng.uniform(-3, 3)
        H = covariance(n, c) + r**2
        eigenvalues = np.linalg.eigvalsh(H)
        yield {r"\kappa_0": eigenvalues[-1] / eigenvalues[0], "n": n, "c": c, "r": r}


def equation_effective() -> Draws:
    r"""\operatorname{Var}[\bar{x}] \approx \frac{s^2}{T}\,\frac{1 + \varphi}{1 - \varphi}"""
    for rng in draws(3):
        T, phi, s = 4000, rng.uniform(0.3, 0.9), rng.uniform(0.5, 4)
        variance = s**2 * mean_error(T, phi) ** 2
        names = {r"\operatorname{Var}[\bar{x}]": variance, "s": s, "T": T, r"\varphi": phi}
        yield {**names, r"\approx": 0.01}


def figure_correlation(result: Result) -> Figure:
    """Condition number, logarithmic, against the correlation between bands: raw features from {{ raw[0] | integer }}
    up, centered ones from 1 up; with correlation the two come closer."""
    figure = new_figure(360, 0.7)
    (axes,) = figure.axes
    axes.plot(result.curve[0], result.curve[1], color=SECOND)
    axes.plot(result.curve[0], result.curve[2], color=FIRST)
    label_point(axes, "as they are", (0.2, result.curve[1][10]), SECOND, dx=0, dy=8)
    label_point(axes, "centered", (0.2, result.curve[2][10]), FIRST, dx=12, dy=-14)
    axes.set(yscale="log", xlim=(0, 0.92), ylim=(0.8, 8000))
    frame_axes(
        axes, [0, 0.3, 0.6, 0.9], {1: "1", 10: "10", 100: "100", 1000: "1,000"}, "correlation", "condition number"
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_correlation, of=compute())
