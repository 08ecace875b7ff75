"""What is harmed when inputs are not centered: speed, or what is learned?

Speed. With a bias the functions are the same, and so is the minimum where there is one. What is learned differs only
where the run or the norm decides between functions: a run that is cut short, a minimum-norm solution, weight decay that
includes the bias. A linear neuron with a bias shows each of the three.

    shift    what is added to every input; their true mean is then the shift, at 0 it is zero
    sample   inputs from which their mean over the training examples is subtracted, whatever the shift
    error    mean squared error on new inputs, computed from the weights; without the noise of the targets
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
TRIALS = 200
EXAMPLES, INPUTS, TARGET = 20, 50, 3.0
SHIFTS = np.geomspace(0.03, 10, 21)
DECAY = 1.0
FAR = 10  # a large shift
LONG, RUNS = 100, 60  # examples and trials of the runs that can be stopped
COUNTS = np.unique(np.round(np.geomspace(1, 100_000, 80)).astype(int))


@dataclass(frozen=True)
class Result:
    examples: int
    "Training examples of the minimum-norm solution: fewer than inputs."
    inputs: int
    "Inputs, independent and of variance 1."
    target: float
    "Mean of the targets; the rest is a linear function of the inputs of variance 1."
    trials: int
    "Random training sets and teachers."
    norm: dict[str, dict]
    "Test error of the minimum-norm solution with a bias, median and quartiles: shifts, sample mean, centered targets."
    expected: float
    "What it should be on average where the training mean has been subtracted."
    far: int
    "A large shift."
    price: tuple[float, float]
    "How many times cheaper a shift of 1, and the large one, make the mean of the output."
    curve: np.ndarray
    "Median test error over `SHIFTS`."
    decay: dict[str, dict]
    "The same with weight decay, on weights and bias, and on weights only: no shift, a shift of 1, the large one."
    long: int
    "Training examples of the runs: more than inputs."
    best: dict[str, dict]
    "Of each run the steps to its least median test error, that error, and those of the other run after as many steps."
    end: float
    "Median test error where all runs end."
    runs: dict[str, np.ndarray]
    "Median test error after `COUNTS` steps, inputs shifted by 1 and centered by their training mean."
    zeros: tuple[float, float]
    "Share of zeros among the digits' pixels, raw and centered."
    pixels: int
    "Inputs of a one-hot code."
    one_hot: tuple[float, float]
    "Condition number of a one-hot code with a bias, on its range, raw and centered."


def training_sets(rng, examples=EXAMPLES, trials=TRIALS, noise=0.0):
    """Inputs of true mean zero, shape (trials, examples, n), teachers of length 1, and targets."""
    x = rng.normal(size=(trials, examples, INPUTS))
    w = rng.normal(size=(trials, INPUTS, 1))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    return x, w, x @ w + TARGET + noise * rng.normal(size=(trials, examples, 1))


def solution(inputs, y, decay=0.0, free=False):
    """Weights and bias of least squares plus decay/2 (‖w‖² + b²), of least norm at decay 0, from the examples' side.
    With `free` the bias does not count: subtract the means of inputs and targets, and solve without it."""
    mean, level = inputs.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    x, y = (inputs - mean, y - level) if free else (inputs, y)
    gram = x @ x.transpose(0, 2, 1) + (0 if free else 1)  # the bias’s input is 1
    alpha = np.linalg.solve(gram + decay * np.eye(y.shape[1]), y)
    w = x.transpose(0, 2, 1) @ alpha
    return w, level - mean @ w if free else alpha.sum(axis=1, keepdims=True)


def test_error(w, b, shift, teacher):
    """Mean squared error of w·x + b on new inputs of mean `shift` and variance 1, shape (trials,)."""
    level = b + shift * w.sum(axis=1, keepdims=True) - TARGET
    return (((w - teacher) ** 2).sum(axis=1, keepdims=True) + level**2)[:, 0, 0]


def sets_of_norm(rng):
    """Test errors of the minimum-norm solution for each way to center, shape (trials,) each."""
    x, teacher, y = training_sets(rng)
    errors = {name: test_error(*solution(x + c, y), c, teacher) for name, c in (("zero", 0), ("one", 1), ("ten", FAR))}
    mean, level = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    w, b = solution(x - mean, y)
    errors["sample"] = test_error(w, b - mean @ w, 0, teacher)
    w, b = solution(x, y - level)
    errors["targets"] = test_error(w, b + level, 0, teacher)
    return errors


def decayed(rng) -> dict[str, dict]:
    x, teacher, y = training_sets(rng)
    return {
        name: {
            key: float(np.median(test_error(*solution(x + c, y, DECAY, name == "weights"), c, teacher)))
            for key, c in (("zero", 0), ("one", 1), ("ten", FAR))
        }
        for name in ("both", "weights")
    }


def stopped(rng) -> tuple[dict[str, np.ndarray], float]:
    """Median test errors of full-batch descent from zero at the step 1/λmax, and of least squares, where it ends."""
    x, teacher, y = training_sets(rng, LONG, RUNS, noise=1.0)
    made = {}
    for name, center in (("shifted", np.full((1, 1, INPUTS), -1.0)), ("centered", x.mean(axis=1, keepdims=True))):
        inputs = np.concatenate([x - center, np.ones((RUNS, LONG, 1))], axis=2)
        values, vectors = np.linalg.eigh(inputs.transpose(0, 2, 1) @ inputs / LONG)
        aim = vectors.transpose(0, 2, 1) @ (inputs.transpose(0, 2, 1) @ y / LONG) / values[:, :, None]
        curve = []
        for count in COUNTS:
            left = (1 - values / values[:, -1:]).clip(0) ** count  # of the error, direction by direction
            theta = vectors @ (aim * (1 - left[:, :, None]))
            w, b = theta[:, :-1], theta[:, -1:]
            curve.append(np.median(test_error(w, b - center @ w, 0, teacher)))
        made[name] = np.array(curve)
    w = np.linalg.pinv(np.concatenate([x, np.ones((RUNS, LONG, 1))], axis=2)) @ y
    return made, float(np.median(test_error(w[:, :-1], w[:, -1:], 0, teacher)))


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    quartiles = {name: np.quantile(errors, [0.25, 0.5, 0.75]) for name, errors in sets_of_norm(rng).items()}
    x, teacher, y = training_sets(rng)
    runs, end = stopped(np.random.default_rng(SEED))
    least = {name: int(np.argmin(curve)) for name, curve in runs.items()}
    other = {"shifted": "centered", "centered": "shifted"}
    pixels = digits()[0]
    code = np.eye(INPUTS)
    return Result(
        examples=EXAMPLES,
        inputs=INPUTS,
        target=TARGET,
        trials=TRIALS,
        norm={name: dict(zip(("low", "median", "high"), row)) for name, row in quartiles.items()},
        expected=(1 + 1 / EXAMPLES) * (1 - (EXAMPLES - 1) / INPUTS),
        far=FAR,
        price=(1 + INPUTS, 1 + INPUTS * FAR**2),
        curve=np.array([np.median(test_error(*solution(x + c, y), c, teacher)) for c in SHIFTS]),
        decay=decayed(np.random.default_rng(SEED)),
        long=LONG,
        best={
            name: {"steps": int(COUNTS[at]), "error": runs[name][at], "other": runs[other[name]][at]}
            for name, at in least.items()
        },
        end=end,
        runs=runs,
        zeros=(np.mean(pixels == 0), np.mean(pixels - pixels.mean(axis=0) == 0)),
        pixels=INPUTS,
        one_hot=tuple(on_range(np.append(x, np.ones((INPUTS, 1)), axis=1)) for x in (code, code - 1 / INPUTS)),
    )


def on_range(inputs) -> float:
    """Condition number of the second moment of the rows of `inputs`, zero eigenvalues left out."""
    values = np.linalg.eigvalsh(inputs.T @ inputs / len(inputs))
    values = values[values > 1e-9 * values[-1]]
    return values[-1] / values[0]


def claim_descent_finds_the_least_norm(result: Result) -> None:
    """Gradient descent from zero arrives at the solution of least norm, so the same errors are those of training."""
    x, _, y = training_sets(np.random.default_rng(SEED), trials=3)
    inputs = np.append(x, np.ones((3, EXAMPLES, 1)), axis=2)
    theta = np.zeros((3, INPUTS + 1, 1))
    for _ in range(1200):
        theta -= 0.006 * inputs.transpose(0, 2, 1) @ (inputs @ theta - y)
    w, b = solution(x, y)
    np.testing.assert_allclose(theta[:, :-1], w, atol=1e-4)
    np.testing.assert_allclose(theta[:, -1:], b, atol=1e-4)


def claim_a_shift_can_help(result: Result) -> None:
    """Median test error (quartiles) of the least-norm solution: inputs of true mean zero
    {{ norm.zero.median | digits(2) }} ({{ norm.zero.low | digits(2) }}–{{ norm.zero.high | digits(2) }}), shifted
    by 1 {{ norm.one.median | digits(2) }} ({{ norm.one.low | digits(2) }}–{{ norm.one.high | digits(2) }}), shifted
    by {{ far }} {{ norm.ten.median | digits(2) }} ({{ norm.ten.low | digits(2) }}–{{ norm.ten.high | digits(2) }})."""
    x, teacher, y = training_sets(np.random.default_rng(SEED))
    new = np.random.default_rng(SEED).normal(size=(2000, INPUTS))
    for name, c in (("zero", 0), ("one", 1), ("ten", result.far)):  # the pseudo-inverse and fresh inputs, another way
        found = np.linalg.pinv(np.append(x + c, np.ones((*x.shape[:2], 1)), axis=2)) @ y
        errors = ((np.append(new + c, np.ones((2000, 1)), axis=1) @ found - new @ teacher - TARGET) ** 2).mean(axis=1)
        quartiles = [result.norm[name][key] for key in ("low", "median", "high")]
        np.testing.assert_allclose(np.quantile(errors, (0.25, 0.5, 0.75)), quartiles, rtol=0.06)
    assert result.norm["zero"]["low"] > 3 * result.norm["one"]["high"]
    assert result.norm["one"]["median"] > 1.1 * result.norm["ten"]["median"]


def claim_the_training_mean_does_not_hurt(result: Result) -> None:
    """Subtract the mean over the training examples, and the bias of the least-norm solution is the mean target,
    exactly: the test error is {{ norm.sample.median | digits(2) }}, whatever the shift was. Centering the targets
    instead gives {{ norm.targets.median | digits(2) }}."""
    x, _, y = training_sets(np.random.default_rng(SEED))
    for c in (0, 1, 10):
        inputs = x + c - (x + c).mean(axis=1, keepdims=True)
        _, b = solution(inputs, y)
        np.testing.assert_allclose(b, y.mean(axis=1, keepdims=True), rtol=1e-9)
    assert abs(result.norm["sample"]["median"] / result.expected - 1) < 0.08
    assert abs(result.norm["targets"]["median"] / result.expected - 1) < 0.08


def claim_decay_on_the_bias(result: Result) -> None:
    """With a weight decay of 1 that includes the bias, the test error depends on where the inputs are:
    {{ decay.both.zero | digits(2) }}, {{ decay.both.one | digits(2) }} and {{ decay.both.ten | digits(2) }} at shifts
    of 0, 1 and {{ far }}. With the bias left out of it, it is {{ decay.weights.zero | digits(2) }} at all three."""
    x, teacher, y = training_sets(np.random.default_rng(SEED))
    for key, c in (("zero", 0), ("one", 1), ("ten", result.far)):  # by the normal equations
        a = np.append(x + c, np.ones((TRIALS, EXAMPLES, 1)), axis=2)
        theta = np.linalg.solve(a.transpose(0, 2, 1) @ a + DECAY * np.eye(INPUTS + 1), a.transpose(0, 2, 1) @ y)
        errors = test_error(theta[:, :-1], theta[:, -1:], c, teacher)
        assert abs(np.median(errors) / result.decay["both"][key] - 1) < 1e-6
        w, b = solution(x + c, y, DECAY, free=True)
        residual = (x + c) @ w + b - y
        np.testing.assert_allclose((x + c).transpose(0, 2, 1) @ residual + DECAY * w, 0, atol=1e-8)
        np.testing.assert_allclose(residual.sum(axis=1), 0, atol=1e-8)
        w, b = solution(x + c, y, DECAY)
        np.testing.assert_allclose(((x + c) @ w + b - y).sum(axis=1, keepdims=True) + DECAY * b, 0, atol=1e-8)
    assert np.ptp(list(result.decay["weights"].values())) < 1e-6
    assert result.decay["both"]["zero"] > 3 * result.decay["both"]["one"] > 3 * result.decay["both"]["ten"]


def claim_all_runs_end_alike(result: Result) -> None:
    """With {{ long }} examples there is one minimum, and both runs end in it: a test error of {{ end | digits(3) }}."""
    for curve in result.runs.values():
        assert abs(curve[-1] / result.end - 1) < 1e-3


def claim_a_budget_decides(result: Result) -> None:
    """On the way the centered run is best after {{ best.centered.steps }} steps
    ({{ best.centered.error | digits(2) }}, the other then {{ best.centered.other | digits(2) }}), the shifted one
    after {{ best.shifted.steps }} ({{ best.shifted.error | digits(2) }}, the other then
    {{ best.shifted.other | digits(2) }}): whoever must stop early gets more from the one, whoever
    forgets to stop, from the other."""
    for row in result.best.values():
        assert row["error"] < 0.75 * result.end and row["other"] > row["error"]
    x, teacher, y = training_sets(np.random.default_rng(SEED), LONG, RUNS, noise=1.0)
    curves = {}
    for name, center in (("shifted", -1.0), ("centered", x.mean(axis=1, keepdims=True))):  # step by step
        inputs = np.append(x - center, np.ones((RUNS, LONG, 1)), axis=2)
        step = LONG / np.linalg.norm(inputs, 2, axis=(1, 2), keepdims=True) ** 2
        theta, curves[name] = np.zeros((RUNS, INPUTS + 1, 1)), {}
        for count in range(1, 2 * max(row["steps"] for row in result.best.values())):
            theta = theta - step * inputs.transpose(0, 2, 1) @ (inputs @ theta - y) / LONG
            w = theta[:, :-1]
            level = theta[:, -1:] - (center * np.ones((1, 1, INPUTS))) @ w - TARGET
            curves[name][count] = np.median(((w - teacher) ** 2).sum(axis=1) + level[:, 0] ** 2)
    for name, other in (("shifted", "centered"), ("centered", "shifted")):
        steps, error, others = (result.best[name][key] for key in ("steps", "error", "other"))
        tried = {count: curves[name][count] for count in COUNTS if count in curves[name]}
        assert min(tried, key=tried.get) == steps
        assert abs(curves[name][steps] / error - 1) < 1e-6 and abs(curves[other][steps] / others - 1) < 1e-6


def claim_zeros_are_lost(result: Result) -> None:
    """Of the digits' pixels {{ zeros[0] | percent }} are exactly zero, and {{ zeros[1] | percent }} after the mean
    image has been subtracted, those which are zero in every image."""
    pixels = digits()[0]
    assert abs(result.zeros[1] - np.mean(pixels.max(axis=0) == 0)) < 1e-12 and result.zeros[0] > 5 * result.zeros[1]
    assert abs(result.zeros[0] + np.count_nonzero(pixels) / pixels.size - 1) < 1e-12


def claim_one_hot_gains_nothing(result: Result) -> None:
    """A one-hot code of {{ pixels }} inputs, equally frequent, has the condition number 1 without a bias; with one
    it is {{ one_hot[0] | integer }} on its range, and {{ one_hot[1] | integer }} after centering."""
    assert np.linalg.cond(np.eye(INPUTS) / INPUTS) == 1
    assert abs(result.one_hot[0] - (INPUTS + 1)) < 1e-6 and abs(result.one_hot[1] - INPUTS) < 1e-6


def equation_norm() -> Draws:
    r"""\lVert w\rVert^2 + b^2 = \lVert w\rVert^2 + (\beta - w^\top\mu)^2"""
    for rng in draws(20):
        x, w, b = rng.normal(1, 1, size=(60, 4)), rng.normal(size=4), rng.normal()
        beta = np.mean([sum(u * v for u, v in zip(w, row)) + b for row in x])  # the mean output
        yield {"w": w, "b": b, r"\beta": beta, r"\mu": x.mean(axis=0)}


def equation_price() -> Draws:
    r"""w = \frac{\beta}{1 + \lVert\mu\rVert^2}\,\mu, \qquad \lVert w\rVert^2 + b^2 =
    \frac{\beta^2}{1 + \lVert\mu\rVert^2}"""
    for rng in draws(20):
        mu, beta = rng.normal(size=4), rng.normal(0, 2)
        *w, b = np.linalg.pinv(np.append(mu, 1)[None, :])[:, 0] * beta  # least norm with w·μ + b = β
        yield {"w": np.array(w), "b": b, r"\beta": beta, r"\mu": mu}


def equation_expected() -> Draws:
    r"""E = \left(1 + \frac{1}{N}\right)\left(1 - \frac{N - 1}{n}\right)\lVert w^\star\rVert^2"""
    for rng in draws(20):
        N, n, length = int(rng.integers(3, 8)), int(rng.integers(10, 20)), rng.uniform(0.5, 2)
        x = rng.normal(size=(N, n))
        x -= x.mean(axis=0)
        missed = np.eye(n) - np.linalg.pinv(x) @ x  # what the examples do not show of a teacher
        along = [length**2 * np.sum((missed @ axis) ** 2) for axis in np.eye(n)]  # a teacher along each axis
        means = [  # and the training mean, of variance 1/N in each direction, shifts the output by what was missed
            np.mean([(length * missed @ axis @ other) ** 2 / N for axis in np.eye(n)]) for other in np.eye(n)
        ]
        yield {"E": np.mean(along) + np.sum(means), "N": N, "n": n, r"w^\star": length * np.eye(n)[0]}


def equation_batch_noise() -> Draws:
    r"""\operatorname{Var}[w^\top\bar{x}] = \frac{s^2\,\lVert w\rVert^2}{B}"""
    for rng in draws(12):
        n, batch, s = int(rng.integers(2, 4)), int(rng.integers(2, 4)), rng.uniform(0.5, 2)
        w = rng.normal(size=n)
        outputs = [np.reshape(signs, (batch, n)).mean(axis=0) @ w * s for signs in product((-1, 1), repeat=batch * n)]
        yield {r"\operatorname{Var}[w^\top\bar{x}]": np.var(outputs), "s": s, "w": w, "B": batch}


def figure_norm(result: Result) -> Figure:
    """Test error against the shift of the inputs, both axes logarithmic. Where the bias counts in the norm, it falls
    from about {{ norm.zero.median | digits(1) }} at small shifts to {{ norm.ten.median | digits(2) }} at a shift of
    {{ far }}. Where the training mean is subtracted, it is a level line at {{ norm.sample.median | digits(2) }}."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    axes.plot(SHIFTS, result.curve, color=SECOND, label="as they are")
    level = result.norm["sample"]["median"]
    axes.plot(SHIFTS[[0, -1]], [level, level], color=FIRST, label="training mean subtracted")
    label_point(axes, "inputs as they are", (SHIFTS[11], result.curve[11]), SECOND, dx=8, dy=8)
    label_point(axes, "training mean subtracted", (SHIFTS[0], level), FIRST, dx=0, dy=-11)
    axes.set(xscale="log", yscale="log", ylim=(0.4, 8))
    frame_axes(axes, [0.03, 0.1, 1, 10], [0.5, 1, 2, 6], "shift of the inputs", "test error")
    return figure


def figure_stopping(result: Result) -> Figure:
    """Test error against steps, both logarithmic. The centered run falls to {{ best.centered.error | digits(2) }} after
    {{ best.centered.steps }} steps and rises to {{ end | digits(2) }}; the shifted one reaches
    {{ best.shifted.error | digits(2) }} after {{ best.shifted.steps }} and ends at the same height."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, role in (("shifted", SECOND), ("centered", FIRST)):
        axes.plot(COUNTS, result.runs[name], color=role, label=name)
        row = result.best[name]
        axes.plot(row["steps"], row["error"], "o", color=role, label=f"least, {name}")
        label_point(axes, name, (row["steps"], row["error"]), role, dx=0, dy=-13, ha="center")
    axes.axhline(result.end, color=GRID, linewidth=0.8)
    axes.set(xscale="log", yscale="log", ylim=(0.35, 6))
    frame_axes(axes, [1, 10, 100, 1000, 100_000], [0.5, 1, 2, 5], "steps", "test error")
    return figure


if __name__ == "__main__":
    show_figures(figure_norm, figure_stopping, of=compute())
