"""What does a learning-rate range test find: the rate at which the loss explodes, beside the largest stable step?

Rates rise by a constant factor from step to step. In a bowl of {{ inputs }} inputs of mean {{ mean | decimals(1) }} the
loss exceeds its first value at {{ over.raw | digits(2) }} times the largest stable step, since the error along the
steepest direction has to grow again from what earlier, smaller rates left of it.

    η   rate; λ   curvature
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, MUTED, SECOND, decades, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian_with_bias

SEED = 0
INPUTS, MEAN, STD = 100, 0.5, 0.3
DIVISOR = 10.0
LOW, HIGH, STEPS = 1e-5, 100.0, 116


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs, uncorrelated."
    mean: float
    "Mean of each."
    std: float
    "Standard deviation of each."
    low: float
    "First rate."
    high: float
    "Last rate."
    count: int
    "Steps of the test."
    factor: float
    "Factor from one rate to the next."
    limit: dict[str, float]
    "Largest stable step; raw and centered inputs."
    exploded: dict[str, float]
    "Rate at which the loss exceeds its first value."
    least: dict[str, float]
    "Rate at which the loss is least."
    divisor: float
    "What the rate of the least loss is divided by, by custom."
    over: dict[str, float]
    "That at which it exceeds its first value, over the largest stable step."
    curves: dict[str, tuple[np.ndarray, np.ndarray]]
    "Rates and losses over the first."


def test_rates(curvatures: np.ndarray, errors: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Losses before each step of descent whose rate rises from step to step."""
    losses = []
    for rate in rates:
        losses.append(float(curvatures @ errors**2 / 2))
        errors = errors - rate * curvatures * errors
    return np.array(losses)


def compute() -> Result:
    rates = np.geomspace(LOW, HIGH, STEPS)
    limit, exploded, least, curves = {}, {}, {}, {}
    for name, mean in (("raw", MEAN), ("centered", 0.0)):
        values, vectors = np.linalg.eigh(hessian_with_bias(np.full(INPUTS, mean), STD**2))
        errors = np.append(np.random.default_rng(SEED).normal(size=INPUTS), 1.0)
        losses = test_rates(values, vectors.T @ errors, rates)
        limit[name] = float(2 / values[-1])
        exploded[name] = float(rates[np.argmax(losses > losses[0])])
        least[name] = float(rates[np.argmin(losses)])
        curves[name] = (rates, losses / losses[0])
    return Result(
        inputs=INPUTS,
        mean=MEAN,
        std=STD,
        low=LOW,
        high=HIGH,
        count=STEPS,
        factor=float(rates[1] / rates[0]),
        limit=limit,
        exploded=exploded,
        least=least,
        divisor=DIVISOR,
        over={name: exploded[name] / limit[name] for name in limit},
        curves=curves,
    )


def claim_the_test_overshoots(result: Result) -> None:
    """{{ inputs }} inputs of mean {{ mean | decimals(1) }} and standard deviation {{ std | decimals(1) }}, a bias,
    {{ count }} rates from {{ low | scientific(1) }} to {{ high | integer }}: the largest stable step is
    {{ limit.raw | digits(2) }}; the loss is least at {{ least.raw | digits(2) }}, and exceeds its first value at
    {{ exploded.raw | digits(2) }}. Centered, these are {{ limit.centered | digits(2) }},
    {{ least.centered | digits(2) }} and {{ exploded.centered | digits(2) }}."""
    assert (result.inputs, result.mean, result.std) == (INPUTS, 0.5, 0.3)
    assert (result.low, result.high, result.count) == (1e-5, 100, 116)
    for name, mean in (("raw", result.mean), ("centered", 0.0)):
        H = np.full((INPUTS + 1, INPUTS + 1), mean**2) + 0.09 * np.eye(INPUTS + 1)  # by hand, bias last
        H[-1], H[:, -1], H[-1, -1] = mean, mean, 1.0
        e = np.append(np.random.default_rng(SEED).normal(size=INPUTS), 1.0)
        losses, rate, rates = [], result.low, []
        for _ in range(result.count):
            losses.append(e @ H @ e / 2)
            rates.append(rate)
            e = e - rate * (H @ e)
            rate *= (result.high / result.low) ** (1 / (result.count - 1))
        assert abs(rates[int(np.argmax(np.array(losses) > losses[0]))] / result.exploded[name] - 1) < 1e-9
        assert abs(rates[int(np.argmin(losses))] / result.least[name] - 1) < 1e-9
        assert abs(2 / np.linalg.norm(H, 2) / result.limit[name] - 1) < 1e-9
        assert result.exploded[name] > 1.15 * result.limit[name]
        assert 0.3 * result.limit[name] < result.least[name] / result.divisor < result.limit[name]
    assert abs(result.factor ** (result.count - 1) / 1e7 - 1) < 1e-9 and result.over["raw"] > 1.5


def equation_left() -> Draws:
    r"""e_t = e_0 \prod_{k=1}^{t} (1 - \eta_k\,\lambda)"""
    for rng in draws(6):
        curvature, t = rng.uniform(0.5, 5), int(rng.integers(3, 9))
        rates, start = np.geomspace(0.01, 1, t), rng.normal()
        end = np.sqrt(2 * test_rates(np.array([curvature]), np.array([start]), np.append(rates, 0.0))[-1] / curvature)
        sign = np.prod(np.sign(1 - rates * curvature))
        letters = {"e_t": sign * np.sign(start) * end, "e_0": start, r"\eta_k": lambda k, r=rates: r[k - 1]}
        yield {**letters, "t": t, r"\lambda": curvature}


def figure_test(result: Result) -> Figure:
    """Loss over the first one against the rate, both logarithmic. On raw inputs it falls a little and shoots up beyond
    the largest stable step; on centered inputs it falls farther and shoots up at a rate many times as large."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for name, role, height in (("raw", SECOND, 0.1), ("centered", FIRST, 2.0)):
        rates, losses = result.curves[name]
        shown = losses < 30
        axes.axvline(result.limit[name], color=MUTED, linewidth=0.8)
        axes.plot(rates[shown], losses[shown], color=role)
        label_point(axes, f"{name} inputs", (5e-3, height), role, dx=0, ha="center")
    axes.set(xscale="log", yscale="log", xlim=(1e-5, 120), ylim=(1e-3, 30))
    frame_axes(axes, decades(-4, -2, 0, 2), decades(-3, -2, -1, 0, 1), "rate", "loss")
    return figure


if __name__ == "__main__":
    show_figures(figure_test, of=compute())
