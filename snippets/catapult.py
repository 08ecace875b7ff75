"""What happens at a step between 2/λ and 4/λ in the smallest model whose curvature can change?

Two layers of {{ width }} weights and one example, f = u·v/√n. Its curvature λ and its error f follow two equations
exactly. Below ηλ = 2 the error shrinks; between 2 and 4 it grows at first, to {{ peak[1] | digits(2) }} times its first
value at ηλ = {{ parts[1] | digits(1) }}, but the curvature falls, until the step is stable; beyond 4 both grow without
end.

    n      width; u, v, the weights of the two layers, both of shape (n,)
    f      output for the input 1, which is also the error, since the target is 0; the loss is f²/2
    λ      (‖u‖² + ‖v‖²)/n, the curvature of the loss where f = 0
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.numerics import complex_step, draws
from lib.plots import FIRST, GRID, SECOND, decades, frame_axes, new_figure

SEED = 0
WIDTH, START, STEPS = 100, 1.0, 60
PARTS = (1.5, 3.0, 4.4)  # of ηλ at the start
SIZES = tuple(np.round(np.arange(0.4, 4.81, 0.2), 1))


@dataclass(frozen=True)
class Result:
    width: int
    "Weights in either layer."
    curvature: float
    "Curvature at the start."
    parts: tuple[float, ...]
    "Step size times the curvature at the start, of three runs."
    peak: tuple[float, ...]
    "Largest error on the way over the first one; of a run that diverges, after `steps` steps or when it overflows."
    end: tuple[float, ...]
    "Step size times curvature in the end; 0 where the run diverges."
    rises: tuple[int, ...]
    "Steps until the error is largest."
    steps: int
    "Steps of a run."


def init_weights() -> tuple[np.ndarray, np.ndarray]:
    """Return u and v, both of shape (WIDTH,), whose curvature is 2 and whose output is `START`."""
    rng = np.random.default_rng(SEED)
    same, other = rng.normal(size=(2, WIDTH))  # u = same + other, v = same − other: f = (‖same‖² − ‖other‖²)/√n
    total, difference = WIDTH, START * WIDTH**0.5
    same *= np.sqrt((total + difference) / 2) / np.linalg.norm(same)
    other *= np.sqrt((total - difference) / 2) / np.linalg.norm(other)
    return same + other, same - other


def train(part: float) -> tuple[np.ndarray, np.ndarray]:
    """Return errors and curvatures of descent with a step of `part` over the first curvature, until f exceeds 1e9."""
    u, v = init_weights()
    errors, curvatures, step = [], [], part / ((u @ u + v @ v) / WIDTH)
    for _ in range(STEPS + 1):
        f = u @ v / WIDTH**0.5
        errors.append(f)
        curvatures.append((u @ u + v @ v) / WIDTH)
        if abs(f) > 1e9:
            break
        u, v = u - step * f * v / WIDTH**0.5, v - step * f * u / WIDTH**0.5
    return np.array(errors), np.array(curvatures)


def compute() -> Result:
    runs = [train(part) for part in PARTS]
    grown = [np.abs(errors).max() > 1e6 for errors, _ in runs]
    return Result(
        width=WIDTH,
        curvature=runs[0][1][0],
        parts=PARTS,
        peak=tuple(float(np.abs(errors).max() / START) for errors, _ in runs),
        end=tuple(0.0 if out else part * c[-1] / c[0] for out, part, (_, c) in zip(grown, PARTS, runs)),
        rises=tuple(int(np.abs(errors).argmax()) for errors, _ in runs),
        steps=STEPS,
    )


def claim_three_phases(result: Result) -> None:
    """At ηλ = {{ parts[0] | digits(2) }} the error only shrinks; at {{ parts[1] | digits(2) }} it grows for
    {{ rises[1] }} steps, to {{ peak[1] | digits(2) }} times its first value, and then vanishes, at a curvature for
    which ηλ is {{ end[1] | digits(2) }}; at {{ parts[2] | digits(2) }} it grows without end."""
    finals = []
    for part in PARTS:  # the two equations alone, without weights
        f, product = START, part
        peak = abs(f)
        for _ in range(STEPS):
            if abs(f) > 1e9:
                break
            pull = (part / 2) ** 2 * f**2 / WIDTH  # η²f²/n, since the first curvature is 2
            f, product = f * (1 - product + pull), product + pull * (product - 4)
            peak = max(peak, abs(f))
        finals.append((peak, product))
    np.testing.assert_allclose([peak for peak, _ in finals][:2], result.peak[:2], rtol=1e-6)
    np.testing.assert_allclose([product for _, product in finals][:2], result.end[:2], rtol=1e-6)
    assert abs(result.peak[0] - 1) < 1e-9 and result.end[0] < 2 < PARTS[1] and result.end[1] < 2 and result.peak[1] > 3
    assert finals[2][0] > 1e6 and result.peak[2] > 1e6
    assert abs(train(PARTS[1])[0][-1]) < 1e-3
    lengths = abs(train(PARTS[1])[0][: result.rises[1] + 2])
    assert np.all(np.diff(lengths)[:-1] > 0) and lengths[-1] < lengths[-2]


def equation_error() -> Iterator[dict]:
    r"""f_{t+1} = f_t\left(1 - \eta\lambda_t + \frac{\eta^2 f_t^2}{n}\right)"""
    yield from draw_steps()


def equation_curvature() -> Iterator[dict]:
    r"""\lambda_{t+1} = \lambda_t + \frac{\eta f_t^2}{n}\,(\eta\lambda_t - 4)"""
    yield from draw_steps()


def draw_steps() -> Iterator[dict]:
    for rng in draws(12):
        n, step = int(rng.integers(2, 9)), rng.uniform(0.05, 1)
        w = rng.normal(size=2 * n)
        moved = w - step * complex_step(lambda w, n=n: (w[:n] @ w[n:]) ** 2 / n / 2, w)
        f, lam = ([(p[:n] @ p[n:]) / np.sqrt(n) for p in (w, moved)], [p @ p / n for p in (w, moved)])
        yield {
            "f_{t+1}": f[1],
            "f_t": f[0],
            r"\lambda_{t+1}": lam[1],
            r"\lambda_t": lam[0],
            r"\eta": step,
            "n": n,
        }


def explore_step(result: Result, start: int = 13) -> Iterator[tuple]:
    """Left, the size of the error against steps, logarithmic. Right, step size times curvature. Below two the error
    falls and the curvature stays; between 2 and 4 the error rises, the curvature falls below two, and the error
    vanishes; beyond 4 both rise."""
    figure = new_figure(320, 0.8, panels=2)
    left, right = figure.axes
    (error,) = left.plot([0, 1], [1, 1], color=SECOND, gid="error")
    (product,) = right.plot([0, 1], [1, 1], color=FIRST, gid="product")
    left.set(yscale="log", xlim=(0, 40), ylim=(1e-4, 1e4))
    frame_axes(left, [0, 20, 40], decades(-4, -2, 0, 2, 4), "step", "size of the error")
    right.set(xlim=(0, 40), ylim=(0, 6))
    right.axhline(2, color=GRID, zorder=0)
    right.axhline(4, color=GRID, zorder=0)
    frame_axes(right, [0, 20, 40], [0, 2, 4, 6], "step", "step size × curvature")
    for part in SIZES:
        errors, curvatures = (values[:41] for values in train(float(part)))
        error.set_data(range(len(errors)), np.clip(np.abs(errors), 1e-4, 1e4))
        products = part * curvatures / curvatures[0]
        product.set_data(range(len(products)), np.clip(products, 0, 6))
        out = np.abs(errors).max() > 1e6
        readouts = {
            "step size × curvature at the start": f"{part:.1f}",
            "in the end": "grows" if out else f"{products[-1]:.2f}",
            "largest error, over the first": "grows" if out else f"{np.abs(errors).max():.1f}",
        }
        yield figure, readouts, name_phase(float(part), out, products[-1], np.abs(errors).max())


def name_phase(part: float, out: bool, end: float, peak: float) -> str:
    """Return which phase a run is in."""
    if out:
        return f"At {part:.1f} error and curvature grow without end."
    if peak > 1.001 * START:
        return f"A catapult: the error grows {peak:.1f}-fold, and the curvature falls until the product is {end:.2f}."
    return f"Stable: the product goes from {part:.1f} to {end:.2f}, and the error shrinks in every step."
