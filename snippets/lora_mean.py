"""What does a mean of the inputs do to LoRA's A and B?

It reaches B as one number a row of A, so that with rank {{ ranks[3] }} B's problem has a condition number of
{{ kappa.raw[3] | digits(2) }} where the whole layer's is {{ kappa_whole | integer }}; and A's first gradient points
along the mean.

    ΔW   (α/r)BA, added to frozen weights; A has r rows, uniform of variance 1/(3n), B starts at 0
    G    gradient by the whole matrix of q neurons, G = EH for linear ones with errors E of the weights
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.adapters import ALPHA, CASES, INPUTS, RANKS, RATIO, draw_adapter, draw_rows, means, pull_back
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, MUTED, SECOND, Frames, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import condition_number, hessian

SEED = 0
DRAWS = 12
SMALL = {"inputs": 64, "neurons": 16, "rank": 8, "starts": 5}  # what is trained
GOAL, LIMIT = 0.01, 300
STEPS = {  # grids, factors of √2, of which each start takes its best
    "raw": tuple(2.0 ** (k / 2) for k in range(-16, -9)),
    "centered": tuple(2.0 ** (k / 2) for k in range(-11, -3)),
}


@dataclass(frozen=True)
class Result:
    ranks: tuple[int, ...]
    "Ranks r that are tried."
    kappa: dict[str, tuple[float, ...]]
    "Condition number of B's problem for each rank, median of the draws, inputs with a mean and centered."
    kappa_whole: float
    "Condition number of the whole layer's problem, inputs with a mean."
    along: dict[str, float]
    "Share of A's first squared gradient that lies along (1, …, 1), with the rank of the training."
    steps: dict[str, tuple[int, int, int]]
    "Least, median and most steps until `goal` of the error of weights is left, of an adapter and of the whole matrix."
    small: dict[str, int]
    "Inputs, neurons, rank and starts of that training."
    goal: float
    "Share of the error that is left at the end of it."


def measure(seed: tuple[int, int], case: str, rank: int) -> float:
    """Condition number of B's problem for one draw of A."""
    A = draw_rows(np.random.default_rng(seed), rank)
    pushed = A @ means(case)
    return float(np.linalg.cond(A @ A.T + np.outer(pushed, pushed)))


def share_along_mean(seed: tuple[int, int], case: str) -> float:
    """Share along (1, …, 1) of A's squared gradient behind the first step of descent on B."""
    A, G, _ = draw_adapter(np.random.default_rng(seed), means(case), SMALL["rank"])
    pull = (G @ A.T).T @ G  # but for a factor
    return float((pull.sum(axis=1) ** 2).sum() / INPUTS / (pull**2).sum())


def draw_targets(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Changes of rank two that are to be learned, and A, one a start: (starts, neurons, n) and (starts, rank, n)."""
    starts, n, q = SMALL["starts"], SMALL["inputs"], SMALL["neurons"]
    rng = np.random.default_rng(seed)
    targets = rng.normal(size=(starts, q, 2)) @ rng.normal(size=(starts, 2, n)) / np.sqrt(2 * n)
    return targets, np.array([draw_rows(rng, SMALL["rank"], n) for _ in range(starts)])


def train(case: str, seed: int) -> list[int]:
    """Steps of descent on A and B, with α/r, until `GOAL` of the error is left, each start's best of `STEPS`."""
    targets, rows = draw_targets(seed)
    mu, scale, steps = means(case, SMALL["inputs"]), ALPHA / SMALL["rank"], np.array(STEPS[case])[:, None, None, None]
    A = np.repeat(rows[None], len(steps), axis=0)
    B = np.zeros((*A.shape[:2], SMALL["neurons"], SMALL["rank"]))
    arrived = np.full(A.shape[:2], LIMIT)
    with np.errstate(over="ignore", invalid="ignore"):  # of steps that diverge
        for count in range(LIMIT):
            E = scale * B @ A - targets
            left = np.linalg.norm(E, axis=(2, 3)) / np.linalg.norm(targets, axis=(1, 2))
            arrived[left <= GOAL] = np.minimum(arrived[left <= GOAL], count)
            G = pull_back(E, mu)
            A, B = A - steps * scale * B.swapaxes(2, 3) @ G, B - steps * scale * G @ A.swapaxes(2, 3)
    return sorted(int(count) for count in arrived.min(axis=0))


def train_whole(case: str, seed: int) -> list[int]:
    """The same for all weights at once, with the best constant step; errors along the mean and across it shrink."""
    targets, _ = draw_targets(seed)
    n, high = SMALL["inputs"], 1 + means(case, SMALL["inputs"]).sum() ** 2 / SMALL["inputs"]
    factors = np.array([1 - 2 / (1 + high) * high, 1 - 2 / (1 + high)])
    along = (targets.sum(axis=2) ** 2).sum(axis=1) / n
    parts = np.stack([along, (targets**2).sum(axis=(1, 2)) - along], axis=1)
    left = np.sqrt(parts @ factors[:, None] ** (2 * np.arange(LIMIT)) / parts.sum(axis=1, keepdims=True))
    return sorted(int(count) for count in np.argmax(left <= GOAL, axis=1))


def compute() -> Result:
    kappa = {
        case: tuple(float(np.median([measure((SEED, i), case, r) for i in range(DRAWS)])) for r in RANKS)
        for case in CASES
    }
    counts = {case: train(case, SEED) for case in CASES} | {f"whole_{case}": train_whole(case, SEED) for case in CASES}
    return Result(
        ranks=RANKS,
        kappa=kappa,
        kappa_whole=1 + INPUTS * RATIO,
        along={case: float(np.mean([share_along_mean((SEED, i), case) for i in range(DRAWS)])) for case in CASES},
        steps={case: tuple(row[:: len(row) // 2]) for case, row in counts.items()},
        small=SMALL,
        goal=GOAL,
    )


def claim_b_has_few_inputs(result: Result) -> None:
    """The condition number of B's problem is {{ kappa.raw[3] | digits(2) }} with rank {{ ranks[3] }} and a mean,
    {{ kappa.centered[3] | digits(2) }} without one; with rank {{ ranks[6] }} it is {{ kappa.raw[6] | digits(2) }} and
    {{ kappa.centered[6] | digits(2) }}; the whole layer's is {{ kappa_whole | integer }} and 1."""
    for case in CASES:
        mu = means(case)
        for place in (3, 6):  # by the singular values of A beside Aμ
            rows = [draw_rows(np.random.default_rng((SEED, i)), RANKS[place]) for i in range(DRAWS)]
            values = [np.linalg.svd(np.column_stack([A, A @ mu]), compute_uv=False) for A in rows]
            kappa = np.median([(value[0] / value[-1]) ** 2 for value in values])
            np.testing.assert_allclose(result.kappa[case][place], kappa, rtol=1e-6)
    assert abs(result.kappa_whole - np.linalg.cond(hessian(means("raw")))) < 1e-6
    assert result.kappa["raw"][3] < result.kappa_whole / 8 and result.kappa["centered"][3] < 2


def claim_a_first_learns_the_mean(result: Result) -> None:
    """Of A's first squared gradient, rank {{ small.rank }} and linear neurons, {{ along.raw | percent(2) }} lies along
    the mean of the inputs; if they are centered {{ along.centered | percent(1) }} lies along that direction."""
    kappa = 1 + INPUTS * RATIO
    power = kappa**4 / (kappa**4 + (INPUTS - 1))  # GᵀG ≈ H², applied to rows that point anywhere
    assert abs(result.along["raw"] - power) < 5e-4 and abs(result.along["centered"] - 1 / INPUTS) < 3e-3


def claim_the_mean_costs_an_adapter_less(result: Result) -> None:
    """Of {{ small.starts }} starts, {{ small.inputs }} inputs, {{ small.neurons }} neurons, {{ goal | percent(0) }} of
    the weights' error left: an adapter of rank {{ small.rank }} takes {{ steps.raw[1] | digits(1) }} steps of descent
    with the mean and {{ steps.centered[1] | digits(1) }} without, the whole matrix {{ steps.whole_raw[1] }} and
    {{ steps.whole_centered[1] }}."""
    kappa = 1 + SMALL["inputs"] * RATIO
    closed = np.log(1 / GOAL) / np.log((kappa + 1) / (kappa - 1))  # from a start that has both parts
    assert all(abs(count - closed) < 2 for count in result.steps["whole_raw"])
    assert result.steps["whole_centered"] == (1, 1, 1)
    assert 80 < result.steps["raw"][1] < 150 and 8 < result.steps["centered"][1] < 18
    assert result.steps["raw"][1] > 5 * result.steps["centered"][1]


def equation_kappa() -> Draws:
    r"""\kappa = 1 + \frac{\lVert A\mu \rVert^2}{s^2}"""
    for rng in draws(4):
        mu, s = rng.normal(size=7), rng.uniform(0.3, 2)
        A = np.linalg.qr(rng.normal(size=(7, 3)))[0].T
        yield {r"\kappa": condition_number(A @ hessian(mu, s**2) @ A.T), "A": A, r"\mu": mu, "s": s}


def draw_curves(result: Result) -> Figure:
    """Both condition numbers over the rank."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for case, role, name, dx, dy in (("raw", SECOND, "with a mean", -8, 12), ("centered", FIRST, "centered", 4, -10)):
        axes.plot(RANKS, result.kappa[case], color=role, label=name)
        label_point(axes, name, (RANKS[5], result.kappa[case][5]), role, dx=dx, dy=dy)
    axes.axhline(result.kappa_whole, color=MUTED, linewidth=1)
    label_point(axes, "the whole layer", (1, result.kappa_whole), MUTED, dx=0, dy=9)
    axes.set(xscale="log", yscale="log", xlim=(0.9, 150), ylim=(0.9, 1000))
    frame_axes(axes, RANKS, {1: "1", 10: "10", 100: "100"}, "rank r", "condition number for B")
    return figure


def explore_rank(result: Result, start: int = 3) -> Frames:
    """Condition number of B's problem against the rank, on logarithmic axes, with a mean and centered. With rank
    {{ ranks[3] }} it is {{ kappa.raw[3] | digits(2) }} and {{ kappa.centered[3] | digits(2) }}; both grow."""
    figure = draw_curves(result)
    (axes,) = figure.axes
    (mark,) = axes.plot([1, 1], [1, 900], color=INK, linewidth=1)
    mark.set_gid("mark")
    for i, rank in enumerate(RANKS):
        mark.set_xdata([rank, rank])
        readouts = {
            "rank": f"rank {rank}",
            "with a mean": f"{result.kappa['raw'][i]:.3g}",
            "centered": f"{result.kappa['centered'][i]:.3g}",
        }
        parameters = f"{rank} numbers are what each neuron of the adapter reads."
        yield figure, readouts, parameters if rank > 1 else "One number is what each neuron of the adapter reads."


if __name__ == "__main__":
    show_figures(draw_curves, of=compute())
