"""Why does a tanh network not learn a function of time from 0 to 1000?

Its units bend near zero: at PyTorch's initial weights {{ alive | percent(1) }} of all pairs of unit and time have a
derivative of at least a tenth of the largest. After {{ steps }} steps of Adam {{ left.raw[1] | percent(0) }} of the
variance is left; with time mapped to [−1, 1] {{ left.mapped[1] | scientific(1) }}.

    t   time, equally spaced in [0, 1000]; the target is a sine of two periods
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, complex_step, draws
from lib.optimizers import adam_direction

SEED = 0
UNITS, TIMES, LATEST, STARTS, STEPS, STEP = 32, 100, 1000.0, 11, 1500, 0.01


@dataclass(frozen=True)
class Result:
    units: int
    "Hidden units."
    times: int
    "Equally spaced times that it learns from."
    latest: float
    "Latest time."
    starts: int
    "Starts."
    steps: int
    "Steps of Adam."
    step: float
    "Its step size."
    alive: float
    "Share of pairs of unit and time whose derivative is at least a tenth, raw time."
    alive_mapped: float
    "The same with time mapped to [−1, 1]."
    bend: float
    "Median of the times at which a unit bends, those that bend at a negative time left out."
    left: dict[str, tuple[float, float, float]]
    "Least, median and most of the targets' variance that is left at the end, raw time and mapped."


def draw_net(rng: np.random.Generator) -> list[np.ndarray]:
    """Weights and biases of 1-32-1 units as PyTorch draws them: uniform in ±1/√inputs."""
    wide = 1 / np.sqrt(UNITS)
    sizes = ((1.0, (STARTS, 1, UNITS)), (1.0, (STARTS, 1, UNITS)), (wide, (STARTS, UNITS, 1)), (wide, (STARTS, 1, 1)))
    return [rng.uniform(-edge, edge, size=shape) for edge, shape in sizes]


def train(t: np.ndarray, y: np.ndarray, net: list[np.ndarray]) -> np.ndarray:
    """Share of the targets' variance that is left after Adam, full batch, squared error, one a start."""
    means, squares = [0.0] * 4, [0.0] * 4
    for count in range(1, STEPS + 1):
        w, b, v, c = net
        a = np.tanh(t * w + b)
        error = a @ v + c - y
        back = error @ v.swapaxes(1, 2) * (1 - a**2)
        gradients = [t.T @ back, back.sum(1, keepdims=True), a.swapaxes(1, 2) @ error, error.sum(1, keepdims=True)]
        parts = [adam_direction(g / len(t), m, s, count) for g, m, s in zip(gradients, means, squares)]
        steps, means, squares = ([part[i] for part in parts] for i in range(3))
        net = [part - STEP * step for part, step in zip(net, steps)]
    return np.mean(error**2, axis=(1, 2)) / y.var()


def compute() -> Result:
    t = np.linspace(0, LATEST, TIMES)[:, None]
    y, mapped = np.sin(4 * np.pi * t / LATEST), 2 * t / LATEST - 1
    net = draw_net(np.random.default_rng(SEED))
    left = {key: np.sort(train(x, y, net)) for key, x in (("raw", t), ("mapped", mapped))}
    w, b = (part.ravel() for part in draw_net(np.random.default_rng(SEED))[:2])
    every, even = (np.arange(2000)[:, None] + 0.5) / 2000, (np.arange(4000) + 0.5) / 4000  # b is drawn, w takes turns
    other = np.random.default_rng(SEED).uniform(-1, 1, size=even.size)
    alive = [float(np.mean(1 - np.tanh(x * even + other) ** 2 > 0.1)) for x in (LATEST * every, 2 * every - 1)]
    bends = -b / w
    return Result(
        units=UNITS,
        times=TIMES,
        latest=LATEST,
        starts=STARTS,
        steps=STEPS,
        step=STEP,
        alive=alive[0],
        alive_mapped=alive[1],
        bend=float(np.median(bends[bends > 0])),
        left={key: tuple(float(v) for v in values[:: STARTS // 2]) for key, values in left.items()},
    )


def claim_hardly_any_unit_is_alive(result: Result) -> None:
    """Units with PyTorch's initial weights, times from 0 to {{ latest | integer }}: {{ alive | percent(1) }} of all
    pairs of unit and time have a derivative above a tenth; with time mapped to [−1, 1]
    {{ alive_mapped | percent(0) }}."""
    edge = np.arctanh(np.sqrt(0.9))  # |wt + b| is below it with a probability of edge/t, once t is beyond edge + 1
    early = np.linspace(0, edge + 1, 301)
    w, b = np.random.default_rng(SEED + 1).uniform(-1, 1, size=(2, 20_000, 1))
    share = (edge + 1) * np.mean(np.abs(w * early + b) < edge) + edge * np.log(LATEST / (edge + 1))
    assert abs(result.alive / (share / LATEST) - 1) < 0.05 and 0.012 < result.alive < 0.0145
    assert 0.95 < result.alive_mapped <= 1


def claim_it_does_not_learn(result: Result) -> None:
    """After {{ steps | integer }} steps of Adam with step size {{ step | digits(1) }} ({{ units }} units, {{ times }}
    times, full batch) none of {{ starts | words }} starts has less left than a share of {{ left.raw[0] | decimals(1) }}
    of the variance of a sine of two periods with raw time. With time mapped to [−1, 1] it is
    {{ left.mapped[1] | percent(2) }} (median)."""
    assert 0.66 < result.left["raw"][0] < 0.74
    assert 0.0001 < result.left["mapped"][1] < 0.0008
    assert result.left["raw"][0] > 50 * result.left["mapped"][2]


def equation_chain() -> Draws:
    r"""\tau = \frac{2t}{T} - 1, \qquad \frac{\partial u}{\partial t} = \frac{2}{T}\,\frac{\partial u}{\partial \tau}"""
    for rng in draws(4):
        t, T, w, b = rng.uniform(0, 900), 1000.0, rng.normal(), rng.normal()
        yield {
            r"\tau": 2 * t / T - 1,
            "t": t,
            "T": T,
            r"\frac{\partial u}{\partial t}": complex_step(
                lambda t, w=w, b=b, T=T: np.tanh(w * (2 * t / T - 1) + b), t
            ),
            r"\frac{\partial u}{\partial \tau}": complex_step(lambda z, w=w, b=b: np.tanh(w * z + b), 2 * t / T - 1),
        }
