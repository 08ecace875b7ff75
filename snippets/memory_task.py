"""Does an LSTM learn sooner with a tanh candidate than with a sigmoid one?

Here it does: a marked number, positive or negative, has to be put out {{ delay }} or more steps later, and that takes
{{ steps.tanh.median | integer }} steps of Adam with tanh, {{ steps.sigmoid.median | integer }} with the sigmoid and
{{ steps.shifted.median | integer }} with the sigmoid shifted down by one half.

    x, h, c     value and mark of one step; state; cell. The output is a linear function of the last state
    i, f, o, g  input, forget and output gate, and candidate; forget bias 1 at the start
    candidate   A σ(kz) − m: tanh is 2σ(2z) − 1
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.optimizers import adam_direction

SEED = 0
LENGTH, UNITS, BATCH = 12, 8, 32
STARTS, RATES, LIMIT = 7, (0.03, 0.1), 230
LEVEL, WINDOW = 0.1, 10  # of what no memory at all leaves; steps averaged over
CANDIDATES = {"tanh": (2.0, 2.0, 1.0), "sigmoid": (1.0, 1.0, 0.0), "shifted": (1.0, 1.0, 0.5)}
Parameters = dict[str, np.ndarray]


@dataclass(frozen=True)
class Result:
    length: int
    "Steps of a sequence; the mark is in its first half."
    delay: int
    "Steps from the last place of the mark to the end."
    units: int
    "Units of the LSTM."
    batch: int
    "New sequences in every step of Adam."
    starts: int
    "Random starts, the same for all candidates."
    rates: tuple[float, ...]
    "Step sizes of Adam; counted is the better one for each candidate."
    level: float
    "Share of the loss without memory at which steps are counted."
    steps: dict[str, dict]
    "Steps to that level, by candidate: median, least, most."


def draw_sequences(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Values and marks, shape (BATCH, LENGTH, 2), and the marked values."""
    values, marks = rng.normal(size=(BATCH, LENGTH)), np.zeros((BATCH, LENGTH))
    rows, places = np.arange(BATCH), rng.integers(LENGTH // 2, size=BATCH)
    marks[rows, places] = 1
    return np.stack([values, marks], axis=-1), values[rows, places]


def init_parameters(rng: np.random.Generator, runs: int) -> Parameters:
    """Weights of variance one over the inputs, forget biases of 1; STARTS of them, repeated to `runs`."""
    b = np.zeros((STARTS, 4 * UNITS))
    b[:, UNITS : 2 * UNITS] = 1
    start = {
        "W": rng.normal(size=(STARTS, UNITS + 2, 4 * UNITS)) / np.sqrt(UNITS + 2),
        "b": b,
        "out": rng.normal(size=(STARTS, UNITS)) / np.sqrt(UNITS),
        "offset": np.zeros(STARTS),
    }
    return {name: np.tile(part, (runs // STARTS,) + (1,) * (part.ndim - 1)) for name, part in start.items()}


def loss_and_gradients(
    p: Parameters, x: np.ndarray, y: np.ndarray, candidate: np.ndarray
) -> tuple[np.ndarray, Parameters]:
    """Half the mean squared error of each run, and its gradients by back-propagation through time."""
    tall, wide, low = candidate[:, :, None, None]
    h = c = np.zeros((len(p["W"]), len(x), UNITS), dtype=p["W"].dtype)
    steps = []
    for t in range(x.shape[1]):
        u = np.concatenate([h, np.broadcast_to(x[:, t], (len(h), *x[:, t].shape))], axis=-1)
        i, f, o, z = np.split(u @ p["W"] + p["b"][:, None], 4, axis=-1)
        i, f, o, s = sigmoid(i), sigmoid(f), sigmoid(o), sigmoid(wide * z)
        steps.append((u, i, f, o, tall * s - low, tall * wide * s * (1 - s), c))
        c = f * c + i * (tall * s - low)
        steps[-1] += (np.tanh(c),)
        h = o * steps[-1][-1]
    error = (h @ p["out"][:, :, None])[..., 0] + p["offset"][:, None] - y
    d = error / len(x)
    gradients = {"W": 0.0, "b": 0.0, "out": np.einsum("rb,rbn->rn", d, h), "offset": d.sum(axis=1)}
    dh, dc = d[..., None] * p["out"][:, None], 0.0
    for u, i, f, o, g, slope, before, squashed in reversed(steps):
        dc = dc + dh * o * (1 - squashed**2)
        parts = (dc * g * i * (1 - i), dc * before * f * (1 - f), dh * squashed * o * (1 - o), dc * i * slope)
        dz = np.concatenate(parts, axis=-1)
        gradients["W"] += u.swapaxes(1, 2) @ dz
        gradients["b"] += dz.sum(axis=1)
        dh, dc = (dz @ p["W"].swapaxes(1, 2))[..., :UNITS], dc * f
    return np.mean(error**2, axis=1) / 2, gradients


def train() -> np.ndarray:
    """Loss of every step, shape (LIMIT, candidates, rates, starts); all runs see the same sequences."""
    rng, shape = np.random.default_rng(SEED), (len(CANDIDATES), len(RATES), STARTS)
    candidate = np.repeat(np.array(list(CANDIDATES.values())).T, len(RATES) * STARTS, axis=1)
    rate = np.broadcast_to(np.array(RATES)[:, None], shape).ravel()
    p = init_parameters(rng, rate.size)
    means, squares, losses = dict.fromkeys(p, 0.0), dict.fromkeys(p, 0.0), []
    for step in range(1, LIMIT + 1):
        loss, gradients = loss_and_gradients(p, *draw_sequences(rng), candidate)
        losses.append(loss)
        for name, part in p.items():
            direction, means[name], squares[name] = adam_direction(gradients[name], means[name], squares[name], step)
            p[name] = part - rate.reshape(-1, *[1] * (part.ndim - 1)) * direction
    return np.reshape(losses, (LIMIT, *shape))


def count_steps(losses: np.ndarray) -> np.ndarray:
    """Steps until the mean of WINDOW losses is at most LEVEL of the loss without memory, ½; LIMIT if it never is."""
    sums = np.cumsum(np.concatenate([np.zeros((1, *losses.shape[1:])), losses]), axis=0)
    arrived = (sums[WINDOW:] - sums[:-WINDOW]) / WINDOW <= LEVEL / 2
    return np.where(arrived.any(axis=0), arrived.argmax(axis=0) + WINDOW, LIMIT)


def compute() -> Result:
    counts = count_steps(train())
    best = {name: min(rows, key=np.median) for name, rows in zip(CANDIDATES, counts)}
    return Result(
        length=LENGTH,
        delay=LENGTH - LENGTH // 2,
        units=UNITS,
        batch=BATCH,
        starts=STARTS,
        rates=RATES,
        level=LEVEL,
        steps={
            name: {"median": float(np.median(row)), "least": int(row.min()), "most": int(row.max())}
            for name, row in best.items()
        },
    )


def claim_a_tanh_candidate_learns_sooner(result: Result) -> None:
    """An LSTM of {{ units }} units has to put out a marked number, drawn from N(0, 1), at least {{ delay }} steps after
    the mark. Counted are steps of Adam, at the better of two rates, until {{ level | percent(0) }} of the loss is
    left. With a tanh candidate the slowest of {{ starts | words }} starts takes fewer than the fastest with a sigmoid,
    and the median is less than half as large; a sigmoid minus one half takes about as many as tanh."""
    rng = np.random.default_rng(SEED)
    candidate = np.repeat(np.array(list(CANDIDATES.values())).T, STARTS, axis=1)
    p = init_parameters(rng, candidate.shape[1])
    (x, y), nudge = draw_sequences(rng), 1e-30
    _, gradients = loss_and_gradients(p, x, y, candidate)
    for name, place in (("W", (2, 5)), ("W", (UNITS, 30)), ("b", (UNITS + 1,)), ("out", (3,)), ("offset", ())):
        moved = {key: part.astype(complex) for key, part in p.items()}
        moved[name][(slice(None), *place)] += nudge * 1j
        slope = loss_and_gradients(moved, x, y, candidate)[0].imag / nudge
        assert np.allclose(slope, gradients[name][(slice(None), *place)], rtol=1e-7, atol=1e-12)
    assert result.steps["tanh"]["most"] < result.steps["sigmoid"]["least"]
    tanh, plain, shifted = (result.steps[name]["median"] for name in CANDIDATES)
    assert plain > 2 * tanh and abs(np.log(shifted / tanh)) < 0.2
    assert 31 < result.steps["tanh"]["median"] < 87 and 32 < result.steps["tanh"]["least"] < 72
    assert 24 < result.steps["tanh"]["most"] < 140 and 11 < result.steps["shifted"]["median"] < 120
    assert 22 < result.steps["shifted"]["least"] < 78 and 32 < result.steps["sigmoid"]["median"] < 310
    assert 21 < result.steps["sigmoid"]["least"] < 310 and 124 < result.steps["sigmoid"]["most"] < 314


def claim_a_sigmoid_candidate_only_adds(result: Result) -> None:
    """With a sigmoid candidate a cell that starts at zero is never negative: it is lowered by forgetting alone. With
    tanh it takes both signs."""
    rng = np.random.default_rng(SEED)
    for name, signs in (("sigmoid", {1.0}), ("tanh", {-1.0, 1.0})):
        tall, wide, low = CANDIDATES[name]
        c, seen = np.zeros(1000), set()
        for _ in range(LENGTH):
            i, f, z = sigmoid(rng.normal(size=1000)), sigmoid(rng.normal(size=1000)), rng.normal(size=1000)
            c = f * c + i * (tall * sigmoid(wide * z) - low)
            seen |= set(np.sign(c))
        assert seen == signs


if __name__ == "__main__":
    print(compute().steps)
