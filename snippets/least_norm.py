"""Where many weights fit, what does a mean of the inputs decide?

Which of them has the least norm, and so what is learned: a shift may help or hurt. Weight decay that includes the bias
decides in the same way.

    shift    what is added to every input; their true mean is then the shift, at 0 it is zero
    sample   inputs from which their mean over the training examples is subtracted, whatever the shift
    error    mean squared error on new inputs, computed from the weights
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.linear_fits import INPUTS, TARGET, draw_training_sets, find_test_errors
from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
TRIALS = 200
EXAMPLES = 20
SHIFTS = np.geomspace(0.03, 10, 21)
DECAY = 1.0
FAR = 10  # a large shift


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
    price: tuple[float, float]
    "How many times cheaper a shift of 1, and the large one, make the mean of the output."
    norm: dict[str, dict]
    "Test error of the minimum-norm solution with a bias, median and quartiles: shifts, sample mean, centered targets."
    expected: float
    "What it should be on average where the training mean has been subtracted."
    far: int
    "A large shift."
    curve: np.ndarray
    "Median test error over `SHIFTS`."
    decay: dict[str, dict]
    "The same with weight decay, on weights and bias, and on weights only: no shift, a shift of 1, the large one."


def solve_least_norm(
    inputs: np.ndarray, y: np.ndarray, decay: float = 0.0, free: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias of least squares plus decay/2 (‖w‖² + b²), of least norm at decay 0, from the examples' side.
    With `free` the bias does not count: subtract the means of inputs and targets, and solve without it."""
    mean, level = inputs.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    x, y = (inputs - mean, y - level) if free else (inputs, y)
    gram = x @ x.transpose(0, 2, 1) + (0 if free else 1)  # the bias’s input is 1
    alpha = np.linalg.solve(gram + decay * np.eye(y.shape[1]), y)
    w = x.transpose(0, 2, 1) @ alpha
    return w, level - mean @ w if free else alpha.sum(axis=1, keepdims=True)


def compare_centerings(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Test errors of the minimum-norm solution for each way to center, shape (trials,) each."""
    x, teacher, y = draw_training_sets(rng, EXAMPLES, TRIALS)
    errors = {
        name: find_test_errors(*solve_least_norm(x + c, y), c, teacher)
        for name, c in (("zero", 0), ("one", 1), ("ten", FAR))
    }
    mean, level = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    w, b = solve_least_norm(x - mean, y)
    errors["sample"] = find_test_errors(w, b - mean @ w, 0, teacher)
    w, b = solve_least_norm(x, y - level)
    errors["targets"] = find_test_errors(w, b + level, 0, teacher)
    return errors


def compare_decays(rng: np.random.Generator) -> dict[str, dict]:
    """Median test errors at three shifts, where the decay is on weights and bias, and where it is on weights alone."""
    x, teacher, y = draw_training_sets(rng, EXAMPLES, TRIALS)
    return {
        name: {
            key: float(np.median(find_test_errors(*solve_least_norm(x + c, y, DECAY, name == "weights"), c, teacher)))
            for key, c in (("zero", 0), ("one", 1), ("ten", FAR))
        }
        for name in ("both", "weights")
    }


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    quartiles = {name: np.quantile(errors, [0.25, 0.5, 0.75]) for name, errors in compare_centerings(rng).items()}
    x, teacher, y = draw_training_sets(rng, EXAMPLES, TRIALS)
    return Result(
        examples=EXAMPLES,
        inputs=INPUTS,
        target=TARGET,
        trials=TRIALS,
        price=(1 + INPUTS, 1 + INPUTS * FAR**2),
        norm={name: dict(zip(("low", "median", "high"), row)) for name, row in quartiles.items()},
        expected=(1 + 1 / EXAMPLES) * (1 - (EXAMPLES - 1) / INPUTS),
        far=FAR,
        curve=np.array([np.median(find_test_errors(*solve_least_norm(x + c, y), c, teacher)) for c in SHIFTS]),
        decay=compare_decays(np.random.default_rng(SEED)),
    )


def claim_descent_finds_the_least_norm(result: Result) -> None:
    """Gradient descent from zero arrives at the solution of least norm, so the same errors are those of training."""
    x, _, y = draw_training_sets(np.random.default_rng(SEED), EXAMPLES, 3)
    inputs = np.append(x, np.ones((3, EXAMPLES, 1)), axis=2)
    theta = np.zeros((3, INPUTS + 1, 1))
    for _ in range(1200):
        theta -= 0.006 * inputs.transpose(0, 2, 1) @ (inputs @ theta - y)
    w, b = solve_least_norm(x, y)
    np.testing.assert_allclose(theta[:, :-1], w, atol=1e-4)
    np.testing.assert_allclose(theta[:, -1:], b, atol=1e-4)


def claim_a_shift_can_help(result: Result) -> None:
    """Median test error (quartiles) of the least-norm solution: inputs of true mean zero
    {{ norm.zero.median | digits(2) }} ({{ norm.zero.low | digits(2) }}–{{ norm.zero.high | digits(2) }}), shifted
    by 1 {{ norm.one.median | digits(2) }} ({{ norm.one.low | digits(2) }}–{{ norm.one.high | digits(2) }}), shifted
    by {{ far }} {{ norm.ten.median | digits(2) }} ({{ norm.ten.low | digits(2) }}–{{ norm.ten.high | digits(2) }})."""
    x, teacher, y = draw_training_sets(np.random.default_rng(SEED), EXAMPLES, TRIALS)
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
    x, _, y = draw_training_sets(np.random.default_rng(SEED), EXAMPLES, TRIALS)
    for c in (0, 1, 10):
        inputs = x + c - (x + c).mean(axis=1, keepdims=True)
        _, b = solve_least_norm(inputs, y)
        np.testing.assert_allclose(b, y.mean(axis=1, keepdims=True), rtol=1e-9)
    assert abs(result.norm["sample"]["median"] / result.expected - 1) < 0.08
    assert abs(result.norm["targets"]["median"] / result.expected - 1) < 0.08


def claim_decay_on_the_bias(result: Result) -> None:
    """With a weight decay of 1 that includes the bias, the test error depends on where the inputs are:
    {{ decay.both.zero | digits(2) }}, {{ decay.both.one | digits(2) }} and {{ decay.both.ten | digits(2) }} at shifts
    of 0, 1 and {{ far }}. With the bias left out of it, it is {{ decay.weights.zero | digits(2) }} at all three."""
    x, teacher, y = draw_training_sets(np.random.default_rng(SEED), EXAMPLES, TRIALS)
    for key, c in (("zero", 0), ("one", 1), ("ten", result.far)):  # by the normal equations
        a = np.append(x + c, np.ones((TRIALS, EXAMPLES, 1)), axis=2)
        theta = np.linalg.solve(a.transpose(0, 2, 1) @ a + DECAY * np.eye(INPUTS + 1), a.transpose(0, 2, 1) @ y)
        errors = find_test_errors(theta[:, :-1], theta[:, -1:], c, teacher)
        assert abs(np.median(errors) / result.decay["both"][key] - 1) < 1e-6
        w, b = solve_least_norm(x + c, y, DECAY, free=True)
        residual = (x + c) @ w + b - y
        np.testing.assert_allclose((x + c).transpose(0, 2, 1) @ residual + DECAY * w, 0, atol=1e-8)
        np.testing.assert_allclose(residual.sum(axis=1), 0, atol=1e-8)
        w, b = solve_least_norm(x + c, y, DECAY)
        np.testing.assert_allclose(((x + c) @ w + b - y).sum(axis=1, keepdims=True) + DECAY * b, 0, atol=1e-8)
    assert np.ptp(list(result.decay["weights"].values())) < 1e-6
    assert result.decay["both"]["zero"] > 3 * result.decay["both"]["one"] > 3 * result.decay["both"]["ten"]


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


if __name__ == "__main__":
    show_figures(figure_norm, of=compute())
