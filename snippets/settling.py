"""Why does the gradient settle above zero, and what is flat first and falls later?

A line is fitted to {{ points }} standardized points. With batches of {{ batch }} the gradient over all points settles
at {{ settled.batches[0] | digits(2) }}, with weight decay at {{ settled.decay[0] | digits(2) }}, at the largest stable
step at {{ settled.limit[0] | digits(2) }}, and with raw inputs it seems to settle at {{ settled.flat[0] | digits(2) }}.
Halving the step tells them apart.

    z      standardized input; θ, slope and intercept by z, zero at the start
    η      step size
    λ      weight decay: λ‖θ‖²/2 is added to the loss
    w      either of two factors of the model f = w·w·x, whose start at zero is a saddle
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.numerics import draws

SEED = 0
POINTS, NOISE, BEST = 100, 5.0, np.array([9.0, 73.0])
MEAN, STD = 170.0, 10.0  # of the raw input
STEP, DECAY, BATCH, STEPS = 0.1, 0.1, 10, 6000
START, SADDLE_STEP, NEARER = 1e-3, 0.1, 1000
CRAWLED = 1000  # steps of a run that is flat


@dataclass(frozen=True)
class Result:
    points: int
    "Points."
    batch: int
    "Points in a batch, drawn anew for each step."
    step: float
    "Step size, where none is said; 2/λmax is the largest stable one."
    decay: float
    "Weight decay."
    steps: int
    "Steps of a run; root mean squares are over the second half."
    settled: dict[str, tuple[float, float]]
    "Length of the gradient over all points, at a step size and at half of it, by cause."
    followed: dict[str, tuple[float, float]]
    "Length of the gradient that is followed: that of a batch, and that of loss and penalty together."
    start: float
    "Two equal factors at the start."
    saddle_step: float
    "Step size there."
    wait: tuple[int, int]
    "Steps until the loss of w·w·x has halved, from that start and from one that is `nearer` times smaller."
    nearer: int
    "How many times."
    crawled: int
    "Steps after which a flat run is looked at."


def draw_points() -> tuple[np.ndarray, np.ndarray]:
    """Return standardized inputs with a column of ones, shape (POINTS, 2), and targets whose best line is `BEST`."""
    normal = np.random.default_rng(SEED).normal(size=(POINTS, 2))
    basis = np.linalg.qr(np.column_stack([np.ones(POINTS), normal]))[0] * np.sqrt(POINTS)
    X = np.column_stack([basis[:, 1], np.ones(POINTS)])
    return X, X @ BEST + NOISE * basis[:, 2]


def measure_settled_run(step: float, decay: float = 0.0, batch: int = 0) -> tuple[float, float]:
    """Return root mean squares, over the second half of a run, of the lengths of the gradient of the loss over all
    points and of the gradient that is followed."""
    (X, y), theta, rng, lengths = draw_points(), np.zeros(2), np.random.default_rng([SEED, 1]), []
    for _ in range(STEPS):
        rows = rng.integers(POINTS, size=batch) if batch else slice(None)
        followed = X[rows].T @ (X[rows] @ theta - y[rows]) / (batch or POINTS) + decay * theta
        lengths.append([np.linalg.norm(theta - BEST), np.linalg.norm(followed)])  # the curvature is one everywhere
        theta = theta - step * followed
    return tuple(np.sqrt(np.mean(np.square(lengths[STEPS // 2 :]), axis=0)))


def gradient_after_crawl(part: float, steps: int = CRAWLED) -> float:
    """Return the length of the gradient on raw inputs, after steps of a part of 1/λmax."""
    H = np.array([[STD**2 + MEAN**2, MEAN], [MEAN, 1.0]])
    error = np.array([-BEST[0] / STD, BEST[0] / STD * MEAN - BEST[1]])
    for _ in range(steps):
        error = error - part / np.linalg.norm(H, 2) * H @ error
    return float(np.linalg.norm(H @ error))


def count_saddle_steps(start: float) -> int:
    """Return the steps until the loss of w·w·x against x, E[x²] = 1, is half of its first."""
    w = start
    for step in range(10**4):
        if (1 - w * w) ** 2 <= 0.5:
            return step
        w += SADDLE_STEP * w * (1 - w * w)
    raise RuntimeError("the saddle is not left")


def compute() -> Result:
    batches, decays = (
        [measure_settled_run(part * STEP, *how) for part in (1, 0.5)] for how in ((0.0, BATCH), (DECAY,))
    )
    return Result(
        points=POINTS,
        batch=BATCH,
        step=STEP,
        decay=DECAY,
        steps=STEPS,
        settled={
            "batches": (batches[0][0], batches[1][0]),
            "decay": (decays[0][0], decays[1][0]),
            "limit": (measure_settled_run(2.0)[0], measure_settled_run(1.0)[0]),
            "flat": (gradient_after_crawl(1.0), gradient_after_crawl(0.5)),
        },
        followed={"batches": (batches[0][1], batches[1][1]), "decay": (decays[0][1], decays[1][1])},
        start=START,
        saddle_step=SADDLE_STEP,
        wait=(count_saddle_steps(START), count_saddle_steps(START / NEARER)),
        nearer=NEARER,
        crawled=CRAWLED,
    )


def claim_half_a_step_tells(result: Result) -> None:
    """At half the step the gradient over all points settles at {{ settled.batches[1] | digits(2) }} instead of
    {{ settled.batches[0] | digits(2) }} with batches, at the same {{ settled.decay[1] | digits(2) }} with weight decay,
    and at zero where the step was the largest stable one."""
    for step, settled, followed in zip((STEP, STEP / 2), result.settled["batches"], result.followed["batches"]):
        variance = step * NOISE**2 / BATCH / (2 - step)  # of either error: c = (1 − η)²c + η²σ²/B
        assert abs(settled / np.sqrt(2 * variance) - 1) < 0.15
        assert abs(followed / np.sqrt(2 * variance + 2 * NOISE**2 / BATCH) - 1) < 0.1
    np.testing.assert_allclose(result.settled["decay"], DECAY / (1 + DECAY) * np.linalg.norm(BEST), rtol=1e-9)
    assert max(result.followed["decay"]) < 1e-9
    assert abs(result.settled["limit"][0] - np.linalg.norm(BEST)) < 1e-9 and result.settled["limit"][1] < 1e-9


def claim_flat_only_seems_to_settle(result: Result) -> None:
    """On raw inputs the gradient after {{ crawled | integer }} steps is {{ settled.flat[0] | digits(3) }} and at half
    the step {{ settled.flat[1] | digits(3) }}: it has not settled, it falls too slowly to be seen."""
    low = np.linalg.svd(np.array([[MEAN, 1.0], [STD, 0.0]]), compute_uv=False)[1] ** 2
    intercept = BEST[1] - BEST[0] / STD * MEAN
    assert all(abs(length / (low * abs(intercept)) - 1) < 1e-3 for length in result.settled["flat"])


def claim_waiting_at_a_saddle(result: Result) -> None:
    """From two factors of {{ start | digits(1) }} the loss of $w_2 w_1 x$ halves after {{ wait[0] }} steps of
    {{ saddle_step | digits(1) }}; from a start {{ nearer | integer }} times smaller after {{ wait[1] }}, about twice as
    many."""
    assert abs(result.wait[1] - result.wait[0] - np.log(result.nearer) / np.log1p(SADDLE_STEP)) <= 1
    flow = np.log((1 - START**2) / START**2 * (1 - 0.5**0.5) / 0.5**0.5) / 2 / SADDLE_STEP  # of u' = 2u(1 − u), u = w²
    assert abs(result.wait[0] / flow - 1) < 0.1


def equation_floor() -> Iterator[dict]:
    r"""c = \frac{\eta\,v}{\lambda\,(2 - \eta\lambda)}"""
    for rng in draws(12):
        step, curvature, v = rng.uniform(0.1, 0.9), rng.uniform(0.2, 1.5), rng.uniform(0.5, 2)
        powers = (1 - step * curvature) ** np.arange(4000)  # what is left of the noise of each step before
        yield {"c": v * step**2 * powers @ powers, r"\eta": step, r"\lambda": curvature, "v": v}
