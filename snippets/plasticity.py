"""Why does a net that has learned many tasks learn the next one worse, and are dead units the cause?

A small ReLU net learns new random labels of the same digits, task after task, with Adam. On raw pixels its loss after
task {{ tasks }} is {{ last.raw | decimals(1) }}, beside {{ first.raw | decimals(1) }} after the first, and
{{ dead.raw[1] | percent(0) }} of its units are dead. Centered pixels put it off; layer norm with weight decay, and
starting dead units anew, keep it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lib.data import digits, one_hot
from lib.network import softmax

SEED = 0
EXAMPLES, UNITS, TASKS, STEPS, STARTS = 200, 48, 16, 40, 2
RATE, DECAY = 0.003, 1.0
SIZES = (64, UNITS, UNITS, 10)
KINDS = ("raw", "centered", "norm", "reset", "fresh")


@dataclass(frozen=True)
class Result:
    examples: int
    "Images, the same in all tasks."
    units: int
    "Units of each of two hidden layers."
    tasks: int
    "Tasks, each with new random labels."
    steps: int
    "Steps of Adam for each, all images in every step."
    rate: float
    "Step size of Adam."
    starts: int
    "Runs; numbers are means."
    first: dict[str, float]
    "Loss at the end of the first task, by kind of net."
    last: dict[str, float]
    "Loss at the end of the last task."
    dead: dict[str, tuple[float, float]]
    "Share of hidden units that are off for all images, after the first and after the last task."
    length: dict[str, tuple[float, float]]
    "Length of all weights, after the first and after the last task."


def draw_weights(rng: np.random.Generator) -> list[np.ndarray]:
    """He’s weights of three layers, then their biases of zero."""
    weights = [rng.normal(size=(a, b)) * np.sqrt(2 / a) for a, b in pairwise(SIZES)]
    return weights + [np.zeros(b) for b in SIZES[1:]]


def find_gradients(P: list[np.ndarray], x: np.ndarray, y: np.ndarray, norm: bool) -> tuple[float, list, list]:
    """Cross-entropy, gradients by all of P, activations of the hidden layers; `norm`: layer norm before ReLU."""
    reads, signs, norms = [x], [], []
    for W, b in zip(P[:2], P[3:]):
        z = reads[-1] @ W + b
        if norm:
            s = z.std(axis=1, keepdims=True) + 1e-5
            z = (z - z.mean(axis=1, keepdims=True)) / s
            norms.append((z, s))
        signs.append(z > 0)
        reads.append(np.maximum(z, 0))
    p = softmax(reads[-1] @ P[2] + P[5])
    delta, gradients = (p - y) / len(x), [np.zeros(0)] * 6
    for layer in (2, 1, 0):
        gradients[layer], gradients[3 + layer] = reads[layer].T @ delta, delta.sum(axis=0)
        if layer:
            delta = delta @ P[layer].T * signs[layer - 1]
        if layer and norm:
            z, s = norms[layer - 1]
            delta = delta - delta.mean(axis=1, keepdims=True) - z * (delta * z).mean(axis=1, keepdims=True)
            delta = delta / s
    return float(-np.mean(np.log(p[y > 0] + 1e-30))), gradients, reads[1:]


def learn(kind: str, seed: int, look: Callable = lambda *state: None) -> tuple:
    """Loss, share of dead units and length of the weights after each task; `look` sees weights, images and labels."""
    rng = np.random.default_rng(seed)
    images = digits()[0][:EXAMPLES]
    x = (images - images.mean(axis=0) * (kind in ("centered", "norm"))) / images.std()
    P, rows = draw_weights(rng), []
    m, v, t = [0 * p for p in P], [0 * p for p in P], 0
    for _ in range(TASKS):
        y = one_hot(rng.integers(0, 10, EXAMPLES))
        if kind == "fresh":
            P, m, v, t = draw_weights(rng), [0 * p for p in P], [0 * p for p in P], 0
        for _ in range(STEPS):
            gradients = find_gradients(P, x, y, kind == "norm")[1]
            t += 1
            for i, g in enumerate(gradients):
                m[i], v[i] = 0.9 * m[i] + 0.1 * g, 0.999 * v[i] + 0.001 * g**2
                P[i] = P[i] - RATE * m[i] / (1 - 0.9**t) / (np.sqrt(v[i] / (1 - 0.999**t)) + 1e-8)
                P[i] = P[i] * (1 - RATE * DECAY * (kind == "norm" and i < 3))
        loss, _, hidden = find_gradients(P, x, y, kind == "norm")
        off = [a.max(axis=0) <= 0 for a in hidden]
        look(P, x, y, off)
        rows.append((loss, float(np.mean(off)), float(np.sqrt(sum((w**2).sum() for w in P[:3])))))
        for layer, dead in enumerate(off if kind == "reset" else []):  # new weights in, none out
            P[layer][:, dead] = rng.normal(size=(len(P[layer]), dead.sum())) * np.sqrt(2 / len(P[layer]))
            for part in (m[layer], v[layer]):
                part[:, dead] = 0
            for part in (P[3 + layer], m[3 + layer], v[3 + layer], P[layer + 1], m[layer + 1], v[layer + 1]):
                part[dead] = 0
    return tuple(np.array(rows).T)


def compute() -> Result:
    found = {k: np.mean([learn(k, STARTS * SEED + start) for start in range(STARTS)], axis=0) for k in KINDS}
    return Result(
        examples=EXAMPLES,
        units=UNITS,
        tasks=TASKS,
        steps=STEPS,
        rate=RATE,
        starts=STARTS,
        first={kind: float(rows[0, 0]) for kind, rows in found.items()},
        last={kind: float(rows[0, -1]) for kind, rows in found.items()},
        dead={kind: (float(rows[1, 0]), float(rows[1, -1])) for kind, rows in found.items()},
        length={kind: (float(rows[2, 0]), float(rows[2, -1])) for kind, rows in found.items()},
    )


def claim_the_next_task_is_learned_worse(result: Result) -> None:
    """Loss after {{ steps }} steps on task 1 and on task {{ tasks }}: raw pixels {{ first.raw | decimals(1) }} and
    {{ last.raw | decimals(1) }}, a new net for each task {{ first.fresh | decimals(1) }} and
    {{ last.fresh | decimals(1) }}; centered pixels {{ first.centered | decimals(1) }} and
    {{ last.centered | decimals(1) }}; centered, with layer norm and weight decay, {{ first.norm | decimals(1) }} and
    {{ last.norm | decimals(1) }}; raw, with dead units started anew after each task, {{ first.reset | decimals(1) }}
    and {{ last.reset | decimals(1) }}."""
    constant = np.log(10)  # what a constant prediction has
    first, last = result.first, result.last
    assert first["raw"] + 0.2 < last["raw"] < constant + 0.1 and first["centered"] + 0.4 < last["centered"] < constant
    assert 1.3 < first["raw"] == first["reset"] < 2.05 and abs(last["fresh"] - first["fresh"]) < 0.4
    assert abs(first["fresh"] - first["raw"]) < 0.5 and abs(last["fresh"] - first["raw"]) < 0.5
    assert last["reset"] < first["reset"] and abs(last["reset"] - first["centered"]) < 0.6
    assert abs(last["norm"] - first["norm"]) < 0.4 and abs(first["norm"] - first["centered"]) < 0.4
    assert 0.7 < first["centered"] < 1.5 and last["norm"] < last["centered"] - 0.3


def claim_units_die_task_by_task(result: Result) -> None:
    """Of the {{ units }} units of each layer {{ dead.raw[0] | percent(0) }} are dead on raw pixels after the first task
    and {{ dead.raw[1] | percent(0) }} after the last; centered {{ dead.centered[0] | percent(0) }} and
    {{ dead.centered[1] | percent(0) }}, with layer norm and decay {{ dead.norm[1] | percent(0) }}. The weights have
    grown to {{ length.centered[1] | integer }} from {{ length.centered[0] | integer }} on centered pixels, and shrunk
    to {{ length.norm[1] | integer }} with decay."""
    for kind in ("raw", "centered", "norm"):
        silent, lengths = [], []

        def look(P: list, x: np.ndarray, y: np.ndarray, off: list, kind=kind, silent=silent, lengths=lengths) -> None:
            a, found = x, []
            for W, b in zip(P[:2], P[3:]):
                z = np.einsum("ni,ij->nj", a, W) + b
                a = np.maximum(z - z.mean(axis=1, keepdims=True) * (kind == "norm"), 0)  # dividing changes no sign
                a = a / (z.std(axis=1, keepdims=True) if kind == "norm" else 1)
                found.append(np.mean(a.sum(axis=0) == 0))
            silent.append(np.mean(found))
            lengths.append(np.linalg.norm(np.concatenate([w.ravel() for w in P[:3]])))

        for start in range(result.starts):
            learn(kind, result.starts * SEED + start, look)
        for place, index in ((0, 0), (1, -1)):
            counts = np.reshape(silent, (result.starts, -1))[:, index]
            assert abs(np.mean(counts) - result.dead[kind][place]) < 1e-9
            sizes = np.reshape(lengths, (result.starts, -1))[:, index]
            assert abs(np.mean(sizes) - result.length[kind][place]) < 1e-6
    assert result.dead["raw"][1] > result.dead["raw"][0] + 0.3 and result.dead["norm"][1] < 0.05


def claim_a_new_start_changes_no_output(result: Result) -> None:
    """A unit that is dead puts out 0: new weights into it and none out of it leave every output as it was, and its
    outgoing weights have a gradient again."""
    P, x, y, off = [], None, None, []
    learn(
        "raw", SEED, lambda *state: (P.clear(), P.extend(p.copy() for p in state[0]), off.clear(), off.extend(state[3]))
    )
    images = digits()[0][:EXAMPLES]
    x, rng = images / images.std(), np.random.default_rng(SEED)
    y = one_hot(rng.integers(0, 10, EXAMPLES))
    before, gradients, _ = find_gradients(P, x, y, False)
    dead = off[1]
    assert dead.sum() > 5 and np.all(gradients[2][dead] == 0)
    P[1][:, dead], P[4][dead], P[2][dead] = rng.normal(size=(UNITS, dead.sum())), 0.5, 0
    after, gradients, hidden = find_gradients(P, x, y, False)
    woken = hidden[1].max(axis=0)[dead] > 0
    assert abs(after - before) < 1e-12 and woken.any() and np.any(gradients[2][dead][woken] != 0)


if __name__ == "__main__":
    print(compute())
