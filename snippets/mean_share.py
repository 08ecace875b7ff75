"""Is it the mean of the activations that makes Adam’s best rate fall like one over the width, or is it μP’s story?

The exponent does not tell: behind a random ReLU layer one sign step changes what the next layer says in proportion to
the width to the power of {{ power.raw | decimals(2) }}, with activations centered to that of
{{ power.centered | decimals(2) }}. The share of the change that goes through the mean does:
{{ share.raw | percent }} and {{ share.centered | percent }}.

    D   step of a matrix; a activations of an example, ā their mean over examples
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws, draws

SEED = 0
WIDTHS, INPUTS, EXAMPLES, NEURONS, NETS = (256, 512, 1024, 2048), 32, 256, 40, 3


@dataclass(frozen=True)
class Result:
    widths: tuple[int, ...]
    "Widths of the hidden layer."
    inputs: int
    "Inputs of it, standard normal."
    examples: int
    "Examples, half of them in the batch."
    nets: int
    "Random layers; numbers are medians over them."
    power: dict[str, float]
    "Power of the width with which one sign step changes the next pre-activations, of examples outside of the batch."
    share: dict[str, float]
    "Share of the change’s mean square that the mean of the activations makes, at the largest width."
    factor: float
    "Change with the mean over that without, at the largest width."


def change(width: int, centered: bool, seed: int) -> tuple[float, float]:
    """Root mean square change by one sign step, on other examples than the batch, and the mean’s share of it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(EXAMPLES, INPUTS))
    a = np.maximum(x @ rng.normal(size=(INPUTS, width)) / np.sqrt(INPUTS), 0)
    a = a - a.mean(axis=0) * centered
    batch, others = a[: EXAMPLES // 2], a[EXAMPLES // 2 :]
    delta = rng.normal(size=(len(batch), NEURONS))  # what comes back, of mean zero
    D = np.sign(batch.T @ delta)
    moves, shared = others @ D, others.mean(axis=0) @ D
    return float(np.sqrt(np.mean(moves**2))), float(np.mean(shared**2) / np.mean(moves**2))


def compute() -> Result:
    sizes, shares = {}, {}
    for name, centered in (("raw", False), ("centered", True)):
        runs = np.array([[change(w, centered, NETS * SEED + net) for w in WIDTHS] for net in range(NETS)])
        sizes[name], shares[name] = np.median(runs[:, :, 0], axis=0), float(np.median(runs[:, -1, 1]))
    logs = np.log(WIDTHS)
    return Result(
        widths=WIDTHS,
        inputs=INPUTS,
        examples=EXAMPLES,
        nets=NETS,
        power={name: float(np.polyfit(logs, np.log(size), 1)[0]) for name, size in sizes.items()},
        share=shares,
        factor=float(sizes["raw"][-1] / sizes["centered"][-1]),
    )


def claim_the_exponent_does_not_tell(result: Result) -> None:
    """Widths {{ widths | integer | list }}: a sign step of the next matrix changes what it says about other examples in
    proportion to the width to the power of {{ power.raw | decimals(1) }}, with centered activations of
    {{ power.centered | decimals(1) }}. Of the mean square of the change the mean makes {{ share.raw | percent }} and
    {{ share.centered | percent }}, and the change is {{ factor | digits(2) }} times as large with it."""
    sizes, shares = {}, {}
    for name, centered in (("raw", False), ("centered", True)):
        for width in (WIDTHS[0], WIDTHS[-1]):
            found = []
            for net in range(NETS):
                rng = np.random.default_rng(NETS * SEED + net)
                x = rng.normal(size=(EXAMPLES, INPUTS))
                z = np.einsum("ni,ij->nj", x, rng.normal(size=(INPUTS, width))) / np.sqrt(INPUTS)
                a = z * (z > 0)
                a = a - np.mean(a, axis=0) if centered else a
                half = EXAMPLES // 2
                g = np.einsum("bi,bq->iq", a[:half], rng.normal(size=(half, NEURONS)))
                moves = a[half:] @ ((g > 0) * 2.0 - 1.0)
                found.append((np.sqrt(np.mean(moves**2)), 1 - np.mean(moves.var(axis=0)) / np.mean(moves**2)))
            sizes[name, width], shares[name, width] = np.median(found, axis=0)
        slope = np.log(sizes[name, WIDTHS[-1]] / sizes[name, WIDTHS[0]]) / np.log(WIDTHS[-1] / WIDTHS[0])
        assert abs(slope - result.power[name]) < 0.06 and 0.85 < slope < 1.1
        assert abs(shares[name, WIDTHS[-1]] - result.share[name]) < 1e-9
    assert abs(sizes["raw", WIDTHS[-1]] / sizes["centered", WIDTHS[-1]] / result.factor - 1) < 1e-9
    assert tuple(result.widths) == WIDTHS


def equation_parts() -> Draws:
    r"""\mathbb{E}[\lVert D^\top a\rVert^2] = \lVert D^\top\bar{a}\rVert^2
    + \mathbb{E}[\lVert D^\top(a - \bar{a})\rVert^2]"""
    for rng in draws(4):
        a, D = rng.normal(1, 1, (6, 4)), np.sign(rng.normal(size=(4, 3)))
        moves = a @ D
        yield {
            r"\mathbb{E}[\lVert D^\top a\rVert^2]": np.mean(np.sum(moves**2, axis=1)),
            "D": D,
            r"\bar{a}": a.mean(axis=0),
            r"\mathbb{E}[\lVert D^\top(a - \bar{a})\rVert^2]": moves.var(axis=0).sum(),
        }


if __name__ == "__main__":
    print(compute())
