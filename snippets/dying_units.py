"""Which methods kill ReLU units, and do dead ones come back?

Every method kills when its step is too large, and on raw pixels much sooner: after {{ steps }} steps at the larger of
two step sizes descent has {{ dead.descent.raw[1] | percent(0) }} of the units dead on raw and
{{ dead.descent.centered[1] | percent(0) }} on centered pixels, Adam {{ dead.adam.raw[1] | percent(0) }} and
{{ dead.adam.centered[1] | percent(0) }}. Some come back, since the layers below them move.

    dead  off for all examples; looked at every {{ every }} steps
    back  dead at one look and not at the next
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from lib.activation_functions import relu
from lib.network import Layer, adam_step, forward, init_layers, loss_gradients, sgd_step
from lib.training import SIZES, every_third_digit

SEED = 0
HIDDEN = (*SIZES[:2], SIZES[1], SIZES[2])  # two hidden layers
STEPS, EVERY, BATCH, STARTS = 48, 6, 50, 8
RATES = {"descent": (0.3, 1.0), "momentum": (0.03, 0.2), "adam": (0.01, 0.1)}
BETA = 0.9


@dataclass(frozen=True)
class Result:
    steps: int
    "Steps, each on a random batch."
    every: int
    "Steps from one look to the next."
    batch: int
    "Examples in a batch."
    units: int
    "Hidden units in each of two layers."
    starts: int
    "Random starts, He’s weights; shares are means over them."
    rates: dict[str, tuple[float, ...]]
    "Two step sizes of each method."
    dead: dict[str, dict]
    "Share of hidden units dead at the end, by method and pixels, for each step size."
    back: dict[str, dict]
    "Share of the units found dead at a look that were not at the next."


def take_step(
    method: str, layers: list[Layer], gradients: list[Layer], rate: float, state: tuple | None
) -> tuple[list[Layer], tuple | None]:
    """Layers after one step of a method, and what it remembers."""
    if method == "adam":
        return adam_step(layers, gradients, rate, state)
    if method == "momentum" and state is not None:
        gradients = [(BETA * v + dw, BETA * u + db) for (v, u), (dw, db) in zip(state, gradients)]
    return sgd_step(layers, gradients, rate), tuple(gradients)


def find_dead(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    """Which hidden units are off for all examples."""
    return np.concatenate([z.max(axis=0) <= 0 for z in forward(layers, x, relu)[0][:-1]])


def train(x: np.ndarray, y: np.ndarray, method: str, rate: float, start: int) -> list[np.ndarray]:
    """Which hidden units are dead at each look."""
    rng, state, looks = np.random.default_rng([SEED, start]), None, []
    layers = init_layers(HIDDEN, rng, np.sqrt(2))
    for step in range(1, STEPS + 1):
        batch = rng.integers(len(x), size=BATCH)
        layers, state = take_step(method, layers, loss_gradients(layers, x[batch], y[batch], "relu"), rate, state)
        if step % EVERY == 0:
            looks.append(find_dead(layers, x))
    return looks


def compute() -> Result:
    x, y = every_third_digit()
    dead, back = {name: {} for name in RATES}, {name: {} for name in RATES}
    for method, (pixels, data) in product(RATES, {"raw": x, "centered": x - x.mean(axis=0)}.items()):
        runs = [[train(data, y, method, rate, start) for start in range(STARTS)] for rate in RATES[method]]
        looks = np.array(runs)  # (rates, starts, looks, units)
        dead[method][pixels] = tuple(looks[:, :, -1].mean(axis=(1, 2)))
        gone, before = (looks[:, :, :-1] & ~looks[:, :, 1:]).sum(axis=(1, 2, 3)), looks[:, :, :-1].sum(axis=(1, 2, 3))
        back[method][pixels] = tuple(gone / np.maximum(before, 1))
    return Result(
        steps=STEPS,
        every=EVERY,
        batch=BATCH,
        units=HIDDEN[1],
        starts=STARTS,
        rates=RATES,
        dead=dead,
        back=back,
    )


def claim_steps_and_means_kill(result: Result) -> None:
    """The larger step kills more with every method on raw pixels, and centering saves most of the units: at the larger
    step of descent {{ dead.descent.raw[1] | percent(0) }} are dead on raw pixels and
    {{ dead.descent.centered[1] | percent(0) }} on centered ones, with momentum {{ dead.momentum.raw[1] | percent(0) }}
    and {{ dead.momentum.centered[1] | percent(0) }}, with Adam {{ dead.adam.raw[1] | percent(0) }} and
    {{ dead.adam.centered[1] | percent(0) }}."""
    for row in result.dead.values():
        assert row["raw"][1] > 1.2 * row["raw"][0] and row["centered"][1] < row["raw"][1] / 2
    x, y = every_third_digit()
    layers = init_layers(HIDDEN, np.random.default_rng(SEED), np.sqrt(2))
    layers[0] = (layers[0][0], layers[0][1] - 1e3 * (np.arange(HIDDEN[1]) < 5))  # kill five units by their biases
    killed = find_dead(layers, x)[:5]
    assert killed.all() and not any(dw[:, :5].any() for dw, _ in loss_gradients(layers, x, y, "relu")[:1])
    large = {(name, pixels): row[pixels][1] for name, row in result.dead.items() for pixels in row}
    assert 0.36 < large["descent", "raw"] < 0.53 and 0 <= large["descent", "centered"] < 0.02
    assert 0.11 < large["momentum", "raw"] < 0.21 and 0.001 < large["momentum", "centered"] < 0.04
    assert 0.64 < large["adam", "raw"] < 0.785 and 0.13 < large["adam", "centered"] < 0.22


def claim_units_of_the_second_layer_come_back(result: Result) -> None:
    """Dead units come back: at the larger step of descent on raw pixels {{ back.descent.raw[1] | percent(0) }} of those
    found dead were alive {{ every }} steps later, of Adam’s {{ back.adam.raw[1] | percent(0) }}."""
    x, y = every_third_digit()
    looks = np.array(train(x, y, "descent", RATES["descent"][1], 0))
    first, second = np.split(looks, 2, axis=1)
    woken = [(part[:-1] & ~part[1:]).sum() for part in (first, second)]
    assert woken[0] == 0 < woken[1]  # only layers whose inputs move; those of the first are pixels
    assert 0.13 < result.back["descent"]["raw"][1] < 0.3 and 0.003 < result.back["adam"]["raw"][1] < 0.07


if __name__ == "__main__":
    print(compute())
