"""What does the mean cost on real data?

On {{ images | integer }} images of handwritten digits, pixels between 0 and 1, it is one eigenvalue: the largest,
{{ top | digits(3) }} of the {{ trace | digits(3) }} that all {{ pixels }} have together. Centering removes it and
leaves the others. Softmax regression, one layer of weights on the raw pixels, then needs {{ median.centered }}
iterations instead of {{ median.raw }}.

    H        second moment of the pixels, E[xxᵀ]; with a bias the input 1 is appended
    Sigma    its centered version, the covariance
    step     `PART`/λmax of H with the bias: the same rule for every version of the data
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits as images
from lib.data import one_hot
from lib.network import loss_and_gradients, loss_gradients, sgd_step
from lib.numerics import draws
from lib.plots import FIRST, GRID, PLATE, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
SPLITS = 3
TRAINED = 600  # images to learn from; the others test
GOAL = 0.1  # loss in nats, where training stops
PART = 128  # of 1/λmax: the step
STABLE = 20  # the same where it is stable from the start: the curvature is a tenth of λmax there
LIMIT = 4000
COMPARED = 5  # eigenvalues, raw and centered


@dataclass(frozen=True)
class Result:
    images: int
    "Images."
    pixels: int
    "Pixels of an image."
    constant: int
    "Pixels that are the same in every image, so that the least eigenvalue is 0 whatever is subtracted."
    top: float
    "Largest eigenvalue of the second moment of the raw pixels."
    mean_square: float
    "Squared length of the mean image."
    trace: float
    "Sum of all eigenvalues of the second moment: the mean squared length of an image."
    aligned: float
    "Cosine of the angle between the top eigenvector and the mean image."
    off_aligned: float
    "One minus that cosine."
    least_product: float
    "Least inner product of two different images."
    mean_cosine: float
    "Mean cosine of the angle between two different images."
    together: float
    "E‖x‖₁²/E‖x‖₂²: how many pixels are on together, a lower bound on the top eigenvalue over the average one."
    next_raw: float
    "Second eigenvalue of the raw pixels."
    next_centered: float
    "First eigenvalue of the centered pixels."
    compared: int
    "Eigenvalues that are compared before and after centering."
    next_change: float
    "Largest relative difference between these eigenvalues raw, from the second on, and centered, from the first on."
    spectra: dict[str, np.ndarray]
    "All eigenvalues, largest first, raw and centered, no bias."
    top_bias: dict[str, float]
    "Largest eigenvalue with a bias, for each version of the data, median over the splits."
    splits: int
    "Random choices of the images to learn from."
    trained: int
    "Images to learn from in each split."
    tested: int
    "The other images."
    goal: float
    "Loss at which training stops."
    part: int
    "Step size times λmax."
    iterations: dict[str, tuple[int, ...]]
    "Iterations to the goal, one for each split, fewest first."
    median: dict[str, int]
    "Their median."
    accuracy: dict[str, float]
    "Share of test images recognized when the goal is reached, median over the splits."
    spread: float
    "Largest less smallest of all test accuracies."
    first_limit: float
    "Step size times λmax that is stable at the start, where all weights are zero."
    cautious: dict[str, int]
    "Iterations at that step, first split."
    peak: float
    "Highest loss on the way, raw images, first split."
    start: float
    "Step size times largest eigenvalue of the loss's Hessian at zero weights."
    edge: float
    "The same where the goal is reached, raw images, first split."


def versions(pixels: np.ndarray, by: np.ndarray) -> dict[str, np.ndarray]:
    """The pixels raw, centered, standardized and shifted, with means and deviations of the images `by`."""
    mean, deviation = by.mean(axis=0), by.std(axis=0)
    deviation[deviation == 0] = 1  # a pixel that is always 0 has nothing to scale
    centered = pixels - mean
    return {"raw": pixels, "centered": centered, "standardized": centered / deviation, "one": pixels + 1,
            "three": pixels + 3}  # fmt: skip


def with_bias(pixels: np.ndarray) -> np.ndarray:
    return np.hstack([pixels, np.ones((len(pixels), 1))])


def second_moment(x: np.ndarray) -> np.ndarray:
    """E[xxᵀ] of the rows of x."""
    return x.T @ x / len(x)


def learn(x: np.ndarray, labels: np.ndarray, part: float, limit: int = LIMIT) -> tuple[int, np.ndarray, float]:
    """Softmax regression from zero weights by full-batch gradient descent at the step part/λmax: iterations until
    the loss is below `GOAL`, the weights (inputs, 10) then, and the highest loss on the way."""
    weights, targets, examples, highest = np.zeros((x.shape[1], 10)), one_hot(labels), np.arange(len(x)), 0.0
    step = part / np.linalg.eigvalsh(second_moment(x))[-1]
    for iteration in range(limit):
        scores = x @ weights
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances = powers / powers.sum(axis=1, keepdims=True)
        loss = -np.log(chances[examples, labels] + 1e-300).mean()
        highest = max(highest, loss)
        if loss < GOAL:
            return iteration, weights, highest
        weights -= step / len(x) * (x.T @ (chances - targets))
    return limit, weights, highest


def steepest(x: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """Largest eigenvalue of the loss's Hessian at these weights, by power iteration on differences of the gradient."""

    def gradient(w):
        return np.vstack(loss_gradients([(w[:-1], w[-1])], x[:, :-1], one_hot(labels))[0])

    direction = np.random.default_rng(0).normal(size=weights.shape)
    for _ in range(60):
        direction *= 1e-4 / np.linalg.norm(direction)
        direction = (gradient(weights + direction) - gradient(weights - direction)) / 2e-4
    return float(np.linalg.norm(direction))


def split(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Which images to learn from and which to test on."""
    order = np.random.default_rng([SEED, number]).permutation(len(images()[0]))
    return order[:TRAINED], order[TRAINED:]


def compute() -> Result:
    x, labels = images()
    mean, H = x.mean(axis=0), second_moment(x)
    values, vectors = np.linalg.eigh(H)
    centered = np.linalg.eigvalsh(np.cov(x.T, bias=True))
    products, lengths = x @ x.T, np.linalg.norm(x, axis=1)
    pairs = np.triu_indices(len(x), 1)
    aligned = abs(vectors[:, -1] @ mean) / np.linalg.norm(mean)
    iterations, accuracy, tops, cautious = {}, {}, {}, {}
    for number in range(SPLITS):
        train, test = split(number)
        seen, unseen = versions(x[train], x[train]), versions(x[test], x[train])
        for name in seen:
            if name == "three" and number:
                continue  # far the slowest: one split only
            inputs = with_bias(seen[name])
            steps, weights, highest = learn(inputs, labels[train], PART)
            right = (with_bias(unseen[name]) @ weights).argmax(axis=1) == labels[test]
            iterations.setdefault(name, []).append(steps)
            accuracy.setdefault(name, []).append(right.mean())
            tops.setdefault(name, []).append(np.linalg.norm(second_moment(inputs), 2))
            if number == 0 and name == "raw":
                peak, edge = highest, PART / tops[name][0] * steepest(inputs, labels[train], weights)
            if number == 0 and name in ("raw", "centered"):
                cautious[name] = learn(inputs, labels[train], STABLE)[0]
    every = np.concatenate(list(accuracy.values()))
    return Result(
        images=len(x),
        pixels=x.shape[1],
        constant=int((x.std(axis=0) == 0).sum()),
        top=values[-1],
        mean_square=mean @ mean,
        trace=np.trace(H),
        aligned=aligned,
        off_aligned=1 - aligned,
        least_product=products[pairs].min(),
        mean_cosine=(products / np.outer(lengths, lengths))[pairs].mean(),
        together=np.mean(x.sum(axis=1) ** 2) / np.trace(H),
        next_raw=values[-2],
        next_centered=centered[-1],
        compared=COMPARED,
        next_change=max(centered[-COMPARED:] / values[-COMPARED - 1 : -1]) - 1,
        spectra={"raw": values[::-1], "centered": centered[::-1]},
        top_bias={name: float(np.median(found)) for name, found in tops.items()},
        trained=TRAINED,
        tested=len(x) - TRAINED,
        goal=GOAL,
        part=PART,
        splits=SPLITS,
        iterations={name: tuple(sorted(found)) for name, found in iterations.items()},
        median={name: int(np.median(found)) for name, found in iterations.items()},
        accuracy={name: float(np.median(found)) for name, found in accuracy.items()},
        spread=every.max() - every.min(),
        first_limit=float(STABLE),
        cautious=cautious,
        peak=peak,
        start=2 * PART / STABLE,
        edge=edge,
    )


def claim_the_mean_is_the_steep_direction(result: Result) -> None:
    """Of the largest eigenvalue, {{ top | digits(5) }}, the mean image alone accounts for
    {{ mean_square | digits(5) }}; the cosine of the angle between its eigenvector and the mean image
    is {{ aligned | decimals(5) }}."""
    x, v = images()[0], np.random.default_rng(0).uniform(size=64)
    for _ in range(50):  # by power iteration, image by image
        v = (x @ v) @ x
        v /= np.linalg.norm(v)
    mean = x.mean(axis=0)
    assert abs(np.mean((x @ v) ** 2) / result.top - 1) < 1e-9 and result.top > result.mean_square
    assert abs((x**2 - (x - mean) ** 2).sum() / len(x) - result.mean_square) < 1e-9
    assert abs(v @ mean / np.linalg.norm(mean) - result.aligned) < 1e-9 and result.off_aligned < 1e-4


def claim_centering_removes_one_eigenvalue(result: Result) -> None:
    """Centering removes the first eigenvalue and hardly touches the next: the second of the raw pixels
    is {{ next_raw | digits }}, the first of the centered ones {{ next_centered | digits }}, and so on, the first
    {{ compared | words }} to within {{ next_change | percent(1) }}."""
    x = images()[0]
    raw, centered = (np.linalg.svd(a, compute_uv=False) ** 2 / len(x) for a in (x, x - x.mean(axis=0)))
    changes = centered[:COMPARED] / raw[1 : COMPARED + 1] - 1
    assert changes.min() >= 0 and abs(changes.max() - result.next_change) < 1e-9
    assert abs(centered[0] / result.next_centered - 1) < 1e-9 and abs(raw[1] / result.next_raw - 1) < 1e-9


def claim_every_pair_agrees(result: Result) -> None:
    """Any two images have a positive inner product, at least {{ least_product | digits }}; the cosine of the
    angle between them is {{ mean_cosine | digits }} on average."""
    x = images()[0]
    units = x / np.linalg.norm(x, axis=1, keepdims=True)
    total, number = units.sum(axis=0), len(x)
    assert abs((total @ total - number) / (number * (number - 1)) - result.mean_cosine) < 1e-12
    pairs = (np.einsum("ij,ij->i", x, np.roll(x, shift, axis=0)).min() for shift in range(1, number // 2 + 1))
    assert abs(min(pairs) - result.least_product) < 1e-12 and result.least_product > 0


def claim_pixels_that_never_change(result: Result) -> None:
    """{{ constant }} of the {{ pixels }} pixels are the same in every image, so the least eigenvalue is 0 and the
    condition number infinite, raw or centered."""
    x = images()[0]
    assert sum(len(set(pixel)) == 1 for pixel in x.T) == result.constant > 0
    assert all(abs(spectrum[-1]) < 1e-12 and len(spectrum) == result.pixels for spectrum in result.spectra.values())


def claim_positive_and_dense_is_steep(result: Result) -> None:
    """The largest eigenvalue is at least {{ together | digits }} times the average one, because that many pixels are
    on together."""
    assert result.top / (result.trace / result.pixels) > result.together > 1
    x = images()[0]
    assert abs(x.sum(axis=1) @ x.sum(axis=1) / np.vdot(x, x) - result.together) < 1e-9


def claim_iterations_follow_the_top_eigenvalue(result: Result) -> None:
    """Iterations to a loss of {{ goal | digits(1) }}, median of the splits: {{ median.centered }} centered,
    {{ median.raw }} raw, {{ median.one }} shifted by 1 and {{ median.three | digits(2) }} shifted by three; the largest
    eigenvalues are {{ top_bias.centered | digits(2) }}, {{ top_bias.raw | digits }}, {{ top_bias.one | digits }} and
    {{ top_bias.three | digits }}."""
    names = ["centered", "raw", "one", "three"]
    times = [result.median[name] for name in names]
    ratio = [result.median[name] / result.top_bias[name] for name in ("raw", "one", "three")]
    pixels = images()[0][split(0)[0]]
    for name, inputs in versions(pixels, pixels).items():
        top = np.linalg.svd(with_bias(inputs), compute_uv=False)[0] ** 2 / TRAINED
        assert name == "standardized" or abs(top / result.top_bias[name] - 1) < (1e-9 if name == "three" else 0.03)
    for name in names[:3]:
        assert min(abs(by_library(name, PART)[0] - np.array(result.iterations[name]))) <= 3
    assert times == [result.iterations[name][len(result.iterations[name]) // 2] for name in names]
    assert times == sorted(times) and max(ratio) < 2 * min(ratio) and times[-1] < LIMIT
    assert result.median["raw"] > 3 * result.median["centered"]


def claim_the_step_is_fair(result: Result) -> None:
    """Half or twice this step would help neither the raw nor the centered nor the standardized images by more than
    a fifth and one iteration."""
    x, labels = images()
    train, _ = split(0)
    spread = versions(x, x)["standardized"].std(axis=0)
    assert np.allclose(spread[spread > 0], 1) and np.sum(spread == 0) == result.constant
    for name, pixels in versions(x[train], x[train]).items():
        if name in ("raw", "centered", "standardized"):
            now = learn(with_bias(pixels), labels[train], PART)[0]
            for part in (PART / 2, 2 * PART):
                assert learn(with_bias(pixels), labels[train], part, now)[0] >= 0.8 * now - 1, (name, part)


@cache
def by_library(name: str, part: float) -> tuple[int, float]:
    """Iterations to the goal and the highest loss on the way, first split, by a network without hidden layers."""
    x, labels = images()
    train = split(0)[0]
    inputs, targets = versions(x[train], x[train])[name], one_hot(labels[train])
    layers, step = [(np.zeros((x.shape[1], 10)), np.zeros(10))], part / np.linalg.norm(with_bias(inputs), 2) ** 2
    losses = []
    while not losses or losses[-1] >= GOAL:
        loss, gradients = loss_and_gradients(layers, inputs, targets)
        layers, losses = sgd_step(layers, gradients, step * TRAINED), [*losses, loss]
    return len(losses) - 1, max(losses)


def claim_a_cautious_step_tells_the_same(result: Result) -> None:
    r"""At the largest step that is stable from the very start, ${{ first_limit | integer }}/\lambda_{\max}$, both are
    slower and the ratio is larger still: {{ cautious.raw }} iterations raw and {{ cautious.centered }} centered."""
    ratio = result.cautious["raw"] / result.cautious["centered"]
    assert ratio > result.median["raw"] / result.median["centered"] > 1
    assert result.cautious["centered"] > result.iterations["centered"][-1]
    assert all(by_library(name, STABLE)[0] == result.cautious[name] for name in ("raw", "centered"))


def claim_bold_steps_find_their_place(result: Result) -> None:
    """Step size times curvature is {{ start | digits(3) }} at the start, where nothing beyond two is stable; the loss
    of raw images first climbs to {{ peak | digits(2) }}; when it has come down to the goal the product
    is {{ edge | digits(2) }}."""
    x, labels = images()
    train, _ = split(0)
    a = with_bias(x[train])
    top = np.linalg.norm(second_moment(a), 2)
    assert abs(PART / top * steepest(a, labels[train], np.zeros((65, 10))) / result.start - 1) < 1e-3
    assert abs(by_library("raw", PART)[1] / result.peak - 1) < 1e-9 and 1.5 < result.edge < 2.6 < result.start / 3


def claim_centering_does_not_buy_accuracy(result: Result) -> None:
    """When they reach that loss, raw images are recognized in {{ accuracy.raw | percent }} of the
    {{ tested | integer }} tests, centered ones in {{ accuracy.centered | percent }} and standardized ones
    in {{ accuracy.standardized | percent }}."""
    assert abs(result.accuracy["raw"] - result.accuracy["centered"]) < 0.015 and result.spread < 0.06
    assert (
        0.9 < min(result.accuracy.values()) < max(result.accuracy.values()) < 1
        and result.tested + result.trained == result.images
    )


def equation_trace():
    r"""\operatorname{tr}(H) = \operatorname{tr}(\Sigma) + \lVert\mu\rVert^2"""
    for x, H, covariance in _some_images():
        yield {r"\operatorname{tr}": np.trace, "H": H, r"\Sigma": covariance, r"\mu": x.mean(axis=0)}


def equation_top():
    r"""\lVert\mu\rVert^2 \le \lambda_1(H) \le \lVert\mu\rVert^2 + \lambda_1(\Sigma)"""
    for x, H, covariance in _some_images():
        yield {r"\lambda_1": lambda a: np.linalg.norm(a, 2), "H": H, r"\Sigma": covariance, r"\mu": x.mean(axis=0)}


def equation_interlace():
    r"""\lambda_{k+1}(H) \le \lambda_k(\Sigma) \le \lambda_k(H)"""
    for _, H, covariance in _some_images():
        for k in (1, 5):
            yield {
                r"\lambda_{k+1}": lambda a, k=k: np.linalg.eigvalsh(a)[-k - 1],
                r"\lambda_k": lambda a, k=k: np.linalg.eigvalsh(a)[-k],
                "H": H,
                r"\Sigma": covariance,
            }


def equation_softmax():
    r"""\frac{\partial^2 L}{\partial w\,\partial w^\top} = \frac{1}{C}\left(I -
    \frac{1}{C}\,\mathbf{1}\mathbf{1}^\top\right) \otimes H"""
    for rng in draws(8):
        classes, n = int(rng.integers(2, 6)), int(rng.integers(2, 5))
        x = rng.normal(rng.normal(size=n), 1, size=(40, n))
        targets = np.eye(classes)[rng.integers(classes, size=40)]
        columns = []
        for nudge in np.eye(classes * n):  # complex step of the gradient, at zero weights
            powers = np.exp(x @ (1e-20j * nudge.reshape(classes, n).T))
            chances = powers / powers.sum(axis=1, keepdims=True)
            columns.append((((chances - targets).T @ x) / 40).imag.ravel() / 1e-20)
        yield {
            r"\frac{\partial^2 L}{\partial w\partial w^\top}": np.array(columns),
            "C": classes,
            "I": np.eye(classes),
            r"\mathbf{1}": np.ones((classes, 1)),
            "H": np.einsum("ki,kj->ij", x, x) / 40,
        }


def _some_images():
    """Random selections of images, dark and bright: pixels, second moment by sums of outer products, covariance."""
    for rng, light in zip(draws(4), (1, 0.01, 1, 10)):
        x = light * images()[0][rng.choice(1797, 150, replace=False)]
        yield x, np.einsum("ki,kj->ij", x, x) / 150, np.cov(x.T, bias=True)


def figure_spectrum(result: Result) -> Figure:
    """Eigenvalues of the second moment in order, on a logarithmic axis. Raw and centered pixels share one curve that
    falls from {{ next_centered | digits(1) }}; the raw ones have one more in front, at {{ top | digits }}, far
    above it."""
    figure = new_figure(360, 0.8)
    (axes,) = figure.axes
    for name, role, mark, face in (("centered", FIRST, "s", PLATE), ("raw", SECOND, "o", None)):
        spectrum = result.spectra[name]
        order = np.arange(1, 1 + sum(spectrum > 1e-4))
        axes.plot(order, spectrum[: len(order)], mark, color=role, markersize=4.5, markerfacecolor=face, label=name)
    label_point(axes, "the mean: raw pixels only", (1, result.top), SECOND, dx=10)
    label_point(axes, "centered", (2, result.spectra["centered"][1]), FIRST, dx=12, dy=9)
    label_point(axes, "raw", (14, result.spectra["raw"][13]), SECOND, dx=6, dy=9)
    axes.set(yscale="log", ylim=(8e-5, 30), xlim=(-1.5, 62))
    ticks = {10.0: "10", 1.0: "1", 0.1: "0.1", 0.01: "0.01", 0.001: "0.001", 0.0001: "0.0001"}
    frame_axes(axes, [1, 20, 40, 60], ticks, "number in order of size", "eigenvalue")
    return figure


def figure_iterations(result: Result) -> Figure:
    """Iterations against the largest eigenvalue, both logarithmic: {{ median.centered }} at
    {{ top_bias.centered | digits(2) }} for centered images, {{ median.raw }} at {{ top_bias.raw | digits }} for raw
    ones, {{ median.one }} and {{ median.three | integer }} for shifts by one and three, near a line of slope 1;
    standardized images, {{ median.standardized }} at {{ top_bias.standardized | digits }}, lie far below it."""
    figure = new_figure(360, 0.85)
    (axes,) = figure.axes
    ends = np.array([0.8, 900])
    slope = result.median["raw"] / result.top_bias["raw"]
    axes.plot(ends, slope * ends, color=GRID, linewidth=1.2, label="in proportion")
    words = {"centered": "centered", "standardized": "standardized", "raw": "raw", "one": "raw + 1", "three": "raw + 3"}
    for name, text in words.items():
        role = FIRST if name in ("centered", "standardized") else SECOND
        x, y = result.top_bias[name], result.median[name]
        axes.plot(x, y, "o", color=role, markersize=6.5, label=text)
        left = name in ("one", "three")
        label_point(axes, f"{text}: {y:,}", (x, y), role, dx=-9 if left else 9, dy=5 if left else -4)
    axes.set(xscale="log", yscale="log", xlim=(0.7, 1100), ylim=(2, 5000))
    frame_axes(axes, [1, 10, 100, 1000], [10, 100, 1000], "largest eigenvalue, with a bias", "iterations")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectrum, figure_iterations, of=compute())
