"""Which power of the width should the learning rate of each layer have, so that one step changes its outputs equally?

A net of two hidden layers of n units is given one step, one layer at a time; measured is how the change of that layer's
pre-activations, over all examples, goes with the width. A step along the signs of the gradient, as Adam's first,
changes the hidden layer by n to the power {{ powers.signs[1] | decimals(2) }} at one rate for all widths; a plain step
by {{ powers.plain[1] | decimals(2) }}.

    n   units of each hidden layer; the inputs stay the same
    output weights of standard deviation 1/√n (standard), or 1/n (as μP has it)
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
WIDTHS, INPUTS, OUTPUTS, EXAMPLES, NETS = (64, 128, 256, 512), 16, 16, 24, 12


@dataclass(frozen=True)
class Result:
    widths: tuple[int, ...]
    "Units of each hidden layer."
    nets: int
    "Random nets for each width."
    powers: dict[str, tuple[float, ...]]
    "Power of the width with which a step changes the pre-activations of the first, the hidden and the output layer, at"
    " one rate: plain and sign steps at standard output weights, plain and sign steps at smaller ones."


def change_layers(rng: np.random.Generator, n: int, scale: float, signs: bool) -> list[float]:
    """Root mean square change of each layer's pre-activations by a step of rate 1 of that layer alone."""
    data = np.random.default_rng(SEED)  # the same examples for all widths
    x, y = data.normal(size=(EXAMPLES, INPUTS)), data.normal(size=(EXAMPLES, OUTPUTS))
    W = rng.normal(0, (2 / INPUTS) ** 0.5, (INPUTS, n))
    U = rng.normal(0, (2 / n) ** 0.5, (n, n))
    V = rng.normal(0, scale, (n, OUTPUTS))
    first, second = x @ W, np.maximum(x @ W, 0) @ U
    inputs = [x, np.maximum(first, 0), np.maximum(second, 0)]
    delta = [(inputs[2] @ V - y) / EXAMPLES]
    delta.insert(0, delta[0] @ V.T * (second > 0))
    delta.insert(0, delta[0] @ U.T * (first > 0))
    steps = [a.T @ d for a, d in zip(inputs, delta)]
    moves = [a @ (np.sign(step) if signs else step) for a, step in zip(inputs, steps)]
    return [float(np.sqrt(np.mean(move**2))) for move in moves]


def fit_powers(rng: np.random.Generator, exponent: float, signs: bool) -> tuple[float, ...]:
    """Slope of the logarithm of the change against that of the width, for each layer; V has the scale n^-exponent."""
    changes = [
        np.mean([np.log(change_layers(rng, n, n**-exponent, signs)) for _ in range(NETS)], axis=0) for n in WIDTHS
    ]
    return tuple(float(slope) for slope in np.polyfit(np.log(WIDTHS), np.array(changes), 1)[0])


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    cases = {"plain": (0.5, False), "signs": (0.5, True), "plain_small": (1.0, False), "signs_small": (1.0, True)}
    return Result(widths=WIDTHS, nets=NETS, powers={name: fit_powers(rng, *case) for name, case in cases.items()})


DERIVED = {"plain": (-0.5, 0.5, 1), "signs": (0, 1, 1), "plain_small": (-1, 0, 1), "signs_small": (0, 1, 1)}


def claim_measured_powers(result: Result) -> None:
    """Steps of one rate change the first, the hidden and the output layer like powers of the width. The exponents
    are {{ powers.plain[0] | decimals(1) }}, {{ powers.plain[1] | decimals(1) }} and
    {{ powers.plain[2] | decimals(1) }} for plain steps; {{ powers.plain_small[0] | decimals(1) }},
    {{ powers.plain_small[1] | decimals(1) }} and {{ powers.plain_small[2] | decimals(1) }} for plain steps with
    output weights of size 1/n; {{ powers.signs[0] | decimals(1) }}, {{ powers.signs[1] | decimals(1) }} and
    {{ powers.signs[2] | decimals(1) }} for sign steps, with either size."""
    for name, powers in DERIVED.items():
        np.testing.assert_allclose(result.powers[name], powers, atol=0.15)


def equation_hidden() -> Draws:
    r"""\Delta z' = -\frac{\eta}{B} \sum_{k=1}^{B} (a_k^\top a')\,\delta_k"""
    for rng in draws(10):
        B, a, delta, eta = 5, rng.normal(1, 1, size=(5, 7)), rng.normal(size=(5, 3)), rng.uniform(0.1, 1)
        other = rng.normal(1, 1, size=7)
        step = -eta * sum(np.outer(d, row) for d, row in zip(delta, a)) / B
        yield {
            r"\Delta z'": step @ other,
            r"\eta": eta,
            "B": B,
            "a_k": lambda k, a=a: a[int(k) - 1],
            "a'": other,
            r"\delta_k": lambda k, delta=delta: delta[int(k) - 1],
        }


if __name__ == "__main__":
    print(compute())
