"""How long does Adam take to reach targets of a distant mean?

A lone bias moves by about a step size a step: {{ bias | integer }} steps of {{ step | decimals(3) }} to come within
{{ near | integer }} of a mean target of {{ mean | integer }}. In a network the output weights move as well, and push
the same way: with {{ units[0] }} tanh units it takes {{ net[0].median | integer }} steps, with {{ units[1] }}
{{ net[1].median | integer }}.

    f  output v·a + d of hidden units a = tanh(x W + b); the bias d starts at 0, and is the first entry of its row
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.optimizers import adam

SEED = 0
EXAMPLES, STARTS = 24, 5
MEAN, STEP, NEAR = 200.0, 0.001, 2.0
UNITS = (16, 64)
LIMIT = 300_000  # steps


@dataclass(frozen=True)
class Result:
    mean: float
    "Mean of the targets, whose standard deviation is 1."
    step: float
    "Adam's step size."
    near: float
    "How near to it the mean output has to come, in standard deviations of the targets."
    bias: int
    "Steps of Adam until a bias alone, from 0, is so near."
    units: tuple[int, ...]
    "Hidden tanh units of two networks with one input."
    starts: int
    "Random starts of each."
    net: tuple[dict[str, int], ...]
    "Steps until the mean output of the network is so near: median, least and most over the starts."
    shares: tuple[float, ...]
    "Share of the mean output that is then due to the output's bias, median."


def make_data() -> tuple[np.ndarray, np.ndarray]:
    """Inputs (EXAMPLES,) between −2 and 2, and targets MEAN + a sine of variance 1."""
    x = np.linspace(-2, 2, EXAMPLES)
    y = np.sin(2 * x)
    return x, MEAN + y / y.std()


def forward(parameters: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Activations (…, EXAMPLES, units) and outputs (…, EXAMPLES) from rows W, b, v, d, shape (…, 4, units)."""
    W, b, v, d = np.moveaxis(parameters, -2, 0)
    a = np.tanh(x[:, None] * W[..., None, :] + b[..., None, :])
    return a, (a @ v[..., None])[..., 0] + d[..., :1]


def net_gradient(parameters: np.ndarray) -> np.ndarray:
    """Gradient of half the mean squared error, in the shape of the parameters."""
    x, y = make_data()
    a, f = forward(parameters, x)
    delta = (f - y) / EXAMPLES
    dz = delta[..., None] * parameters[..., 2, None, :] * (1 - a**2)
    by_d = delta.sum(axis=-1, keepdims=True) * (np.arange(parameters.shape[-1]) == 0)
    return np.stack([x @ dz, dz.sum(axis=-2), (delta[..., None, :] @ a)[..., 0, :], by_d], axis=-2)


def init_nets(units: int) -> np.ndarray:
    """Random starts: W of variance 1, v of variance 1/units, zero biases."""
    parameters = np.zeros((STARTS, 4, units))
    for i in range(STARTS):
        rng = np.random.default_rng(STARTS * SEED + i)
        parameters[i, 0], parameters[i, 2] = rng.normal(size=units), rng.normal(size=units) / np.sqrt(units)
    return parameters


def count_net_steps(gradient: Callable, start: np.ndarray, mean_output: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Steps of Adam until each run's mean output is near, shape (starts,), and the parameters when the last arrives."""
    found = np.full(len(start), -1)
    for count, parameters in enumerate(adam(gradient, start, STEP)):
        found = np.where((found < 0) & (abs(mean_output(parameters) - MEAN) <= NEAR), count, found)
        if np.all(found >= 0) or count == LIMIT:
            return found, parameters


def count_bias_steps() -> int:
    """Steps of Adam, in plain numbers, until a bias that starts at 0 is near the mean."""
    bias = mean = square = 0.0
    for t in range(1, LIMIT):
        slope = bias - MEAN
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        bias -= STEP * (mean / (1 - 0.9**t)) / (square / (1 - 0.999**t)) ** 0.5
        if abs(bias - MEAN) <= NEAR:
            return t
    raise RuntimeError("it did not arrive")


def compute() -> Result:
    x, _ = make_data()
    nets, shares = [], []
    for units in UNITS:
        counts, parameters = count_net_steps(net_gradient, init_nets(units), lambda p: forward(p, x)[1].mean(axis=-1))
        nets.append({"median": int(np.median(counts)), "least": int(min(counts)), "most": int(max(counts))})
        shares.append(float(np.median(parameters[:, 3, 0] / forward(parameters, x)[1].mean(axis=-1))))
    return Result(
        mean=MEAN,
        step=STEP,
        near=NEAR,
        bias=count_bias_steps(),
        units=UNITS,
        starts=STARTS,
        net=tuple(nets),
        shares=tuple(shares),
    )


def claim_a_lone_bias_needs_a_step_a_step_size(result: Result) -> None:
    """At a step size of {{ step | decimals(3) }} Adam needs {{ bias | digits(3) }} steps to bring a bias from 0 to
    within {{ near | integer }} of a mean target of {{ mean | integer }}: about the distance over the step size."""
    assert 1 < result.bias * STEP / (MEAN - NEAR) < 1.03
    # second route: at distance g the root of the mean square of the gradients of about 1/(1 − β₂) steps before is
    # √(g² + 2gh + 2h²), h = η/(1 − β₂), so that a step is shorter than η by g over that root
    g, h = np.geomspace(NEAR, MEAN, 100_001), STEP / (1 - 0.999)
    slowness = np.sqrt(g**2 + 2 * g * h + 2 * h**2) / g / STEP
    assert abs(np.sum((slowness[1:] + slowness[:-1]) / 2 * np.diff(g)) / result.bias - 1) < 0.005


def claim_a_network_gets_there_sooner(result: Result) -> None:
    """In a network the other output weights push the same way. With {{ units[0] }} tanh units the mean output is
    within {{ near | integer }} of {{ mean | integer }} after {{ net[0].median | digits(3) }} steps of
    {{ step | decimals(3) }}, with {{ units[1] }} after {{ net[1].median | digits(3) }} (medians of {{ starts | words }}
    starts, targets of standard deviation 1)."""
    for units, row in zip(UNITS, result.net):
        assert row["least"] <= row["median"] <= row["most"] < 1.5 * row["least"]
        # every output weight and the bias move by about a step size a step, and saturated units are near ±1
        assert 1 < row["median"] * STEP * (units + 1) / (MEAN - NEAR) < 2
    parameters = init_nets(UNITS[0])[0]
    x, y = make_data()
    nudges = 1e-20j * np.eye(4 * UNITS[0]).reshape(-1, 4, UNITS[0])
    by_step = [np.mean((forward(parameters + nudge, x)[1] - y) ** 2).imag / 2e-20 for nudge in nudges]
    np.testing.assert_allclose(net_gradient(parameters).ravel(), by_step, atol=1e-9)
    assert max(result.shares) < 0.2
    assert 13_800 < result.net[0]["median"] < 14_100 and 4150 < result.net[1]["median"] < 4300


if __name__ == "__main__":
    print(compute())
