"""Does centering make minima flatter?

It makes the minimum of the same function look flatter, by the largest eigenvalue of the Hessian and by its trace, and
leaves the determinant as it was. On digits the largest eigenvalue is {{ sharpness.plain.raw.raw | digits(2) }} for a
net of raw pixels, and {{ sharpness.plain.raw.centered | digits(2) }} for the same net written for centered ones.

    raw, centered   coordinates: weights and biases for pixels, or for pixels with their means subtracted
    S               the map from raw errors (w, b) to centered ones, (w, b + μᵀw)
    SAM             descent with the gradient at the worst point, to first order, of a ball around the weights
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.data import digits, one_hot
from lib.network import Layer, flatten, forward, init_layers, loss, loss_gradients, sgd_step, unflatten
from lib.numerics import Draws, draws
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian, hessian_with_bias

SEED = 0
STARTS, MEASURED, IMAGES, SIZES, STEP, LEVEL = 8, 4, 300, (64, 16, 10), 1.0, 0.1
RADII = {"plain": 0.0, "sam": 0.2}
CASES = ("raw", "centered")


@dataclass(frozen=True)
class Result:
    starts: int
    "Starts, each with other images to learn from."
    images: int
    "Images to learn from; the other digits are for the test."
    level: float
    "Loss at which a run ends, mean cross-entropy in nats."
    radius: float
    "Radius of SAM's ball."
    sharpness: dict[str, dict[str, dict[str, float]]]
    "Largest eigenvalue of the Hessian at the end: method, coordinates of the training, coordinates of the Hessian."
    accuracy: dict[str, dict[str, float]]
    "Mean accuracy on the test digits: method, coordinates of the training."
    gaps: dict[str, tuple[float, float]]
    "Mean difference of test accuracies over the starts, and its standard error."


def shift_inputs(layers: list[Layer], c: np.ndarray) -> list[Layer]:
    """The net that computes of inputs x − c what this one computes of x."""
    (weights, bias), *others = layers
    return [(weights, bias + c @ weights), *others]


def train(layers: list[Layer], x: np.ndarray, y: np.ndarray, radius: float) -> list[Layer]:
    """Full-batch descent, with a radius SAM, until the loss is `LEVEL`."""
    while loss(layers, x, y) > LEVEL:
        gradients = loss_gradients(layers, x, y)
        if radius:
            worst = sgd_step(layers, gradients, -radius / np.linalg.norm(flatten(gradients)))
            gradients = loss_gradients(worst, x, y)
        layers = sgd_step(layers, gradients, STEP)
    return layers


def bend(layers: list[Layer], x: np.ndarray, y: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The Hessian of the loss times v, by central differences of the gradient."""
    ends = (unflatten(flatten(layers) + size * v, layers) for size in (1e-4, -1e-4))
    high, low = (flatten(loss_gradients(end, x, y)) for end in ends)
    return (high - low) / 2e-4


def largest_eigenvalue(multiply, size: int) -> float:
    """Largest eigenvalue of a symmetric matrix, given as the function that multiplies by it, by power iteration."""
    v = np.random.default_rng(1).normal(size=size)
    for _ in range(40):
        v = multiply(v / np.linalg.norm(v))
    return float(np.linalg.norm(v))


def draw_run(seed: int) -> tuple:
    """Images and labels to learn from and for the test, means of the former's pixels, and a net at its start."""
    rng = np.random.default_rng(seed)
    x, labels = digits()
    order = rng.permutation(len(x))
    x, y = x[order], one_hot(labels[order])
    return x[:IMAGES], y[:IMAGES], x[IMAGES:], y[IMAGES:], x[:IMAGES].mean(axis=0), init_layers(SIZES, rng)


def run(seed: int, method: str, case: str, measure: bool) -> tuple[float, list[float]]:
    """Accuracy on the test digits, and the largest eigenvalue in raw and in centered coordinates."""
    x, y, x_test, y_test, mean, layers = draw_run(seed)
    if case == "centered":
        layers = train(shift_inputs(layers, mean), x - mean, y, RADII[method])
        layers = shift_inputs(layers, -mean)
    else:
        layers = train(layers, x, y, RADII[method])
    accuracy = np.mean(forward(layers, x_test)[0][-1].argmax(axis=1) == y_test.argmax(axis=1))
    if not measure:
        return accuracy, [np.nan, np.nan]
    written, size = [(layers, x), (shift_inputs(layers, mean), x - mean)], flatten(layers).size
    return accuracy, [largest_eigenvalue(lambda v, n=net, a=a: bend(n, a, y, v), size) for net, a in written]


def compute() -> Result:
    accuracies, sharpness = {}, {}
    for method in RADII:
        for case in CASES:
            runs = [run(STARTS * SEED + i, method, case, i < MEASURED) for i in range(STARTS)]
            accuracies[method, case] = np.array([accuracy for accuracy, _ in runs])
            values = np.median([values for _, values in runs[:MEASURED]], axis=0)
            sharpness.setdefault(method, {})[case] = dict(zip(CASES, map(float, values)))
    gaps = {
        "centered": accuracies["plain", "centered"] - accuracies["plain", "raw"],
        "sam": accuracies["sam", "raw"] - accuracies["plain", "raw"],
    }
    return Result(
        starts=STARTS,
        images=IMAGES,
        level=LEVEL,
        radius=RADII["sam"],
        sharpness=sharpness,
        accuracy={m: {case: float(accuracies[m, case].mean()) for case in CASES} for m in RADII},
        gaps={key: (float(gap.mean()), float(gap.std(ddof=1) / np.sqrt(STARTS))) for key, gap in gaps.items()},
    )


def claim_one_net_has_two_sharpnesses(result: Result) -> None:
    """Digits, trained in raw coordinates: the largest eigenvalue is {{ sharpness.plain.raw.raw | digits(2) }} there and
    {{ sharpness.plain.raw.centered | digits(2) }} for the same net in centered ones; trained in centered coordinates it
    is {{ sharpness.plain.centered.centered | digits(2) }} there and
    {{ sharpness.plain.centered.raw | digits(2) }} in raw ones."""
    found = {case: [] for case in CASES}
    for i in range(MEASURED):
        for case in CASES:
            x, y, x_test, _, mean, layers = draw_run(STARTS * SEED + i)
            if case == "centered":
                layers = shift_inputs(train(shift_inputs(layers, mean), x - mean, y, 0.0), -mean)
            else:
                layers = train(layers, x, y, 0.0)
            scores = forward(shift_inputs(layers, mean), x_test - mean)[0][-1]
            np.testing.assert_allclose(scores, forward(layers, x_test)[0][-1], atol=1e-9)  # the same net

            def centered(v, x=x, y=y, mean=mean, layers=layers):  # by raw gradients alone: S⁻ᵀ H S⁻¹
                raw = flatten(shift_inputs(unflatten(v, layers), -mean))
                (weights, bias), *others = unflatten(bend(layers, x, y, raw), layers)
                return flatten([(weights - np.outer(mean, bias), bias), *others])

            ways = (lambda v, x=x, y=y, layers=layers: bend(layers, x, y, v)), centered
            found[case].append([largest_eigenvalue(way, flatten(layers).size) for way in ways])
    for case in CASES:
        values = list(result.sharpness["plain"][case].values())
        np.testing.assert_allclose(values, np.median(found[case], axis=0), rtol=1e-3)
        assert values[0] > 4 * values[1]


def claim_sam_flattens_in_its_own_coordinates(result: Result) -> None:
    """SAM with a ball of {{ radius | digits(1) }} ends at a largest eigenvalue of
    {{ sharpness.sam.raw.raw | digits(1) }} instead of {{ sharpness.plain.raw.raw | digits(2) }} where the coordinates
    are raw, and at {{ sharpness.sam.centered.centered | digits(2) }} instead of
    {{ sharpness.plain.centered.centered | digits(2) }} where they are centered."""
    plain, sam = result.sharpness["plain"], result.sharpness["sam"]
    assert sam["raw"]["raw"] < 0.7 * plain["raw"]["raw"]
    assert 0.93 < sam["centered"]["centered"] / plain["centered"]["centered"] < 1
    assert 0.80 < sam["raw"]["raw"] < 1.04 and 1.3 < plain["raw"]["raw"] < 1.8
    assert 0.2 < sam["centered"]["centered"] <= plain["centered"]["centered"] < 0.36


def claim_the_test_does_not_tell(result: Result) -> None:
    """Accuracy on test digits is {{ accuracy.plain.raw | percent(0) }} for raw and
    {{ accuracy.plain.centered | percent(0) }} for centered coordinates; the mean difference is
    {{ gaps.centered[0] | percent(1) }}, with a standard error of {{ gaps.centered[1] | percent(1) }}. SAM in raw
    coordinates gains {{ gaps.sam[0] | percent(1) }}, with a standard error of {{ gaps.sam[1] | percent(1) }}."""
    plain, sam = result.accuracy["plain"], result.accuracy["sam"]
    assert all(0.9 < accuracy < 0.96 for accuracy in (*plain.values(), *sam.values()))
    for key, difference in (("centered", plain["centered"] - plain["raw"]), ("sam", sam["raw"] - plain["raw"])):
        assert abs(result.gaps[key][0] - difference) < 1e-12 and abs(difference) < 0.008
        assert 0 < result.gaps[key][1] < 0.006


def equation_shear() -> Draws:
    r"""H = S^\top H_0\,S, \qquad \det H = \det H_0, \qquad
    \operatorname{tr} H = \operatorname{tr} H_0 + \lVert\mu\rVert^2"""
    for rng in draws(4):
        mu, root = rng.normal(size=3), rng.normal(size=(5, 3))
        covariance = root.T @ root / 5
        S = np.eye(4)
        S[3, :3] = mu
        yield {
            "H": hessian_with_bias(mu, covariance),
            "H_0": hessian_with_bias(np.zeros(3), covariance),
            "S": S,
            r"\mu": mu,
            r"\det": np.linalg.det,
            r"\operatorname{tr}": np.trace,
        }


def equation_ball() -> Draws:
    r"""\max_{\lVert\epsilon\rVert \le R} L = L_{\min} + \tfrac{1}{2} R^2 \lambda_{\max}"""
    angles = np.linspace(0, np.pi, 200_001)
    ball = np.array([np.cos(angles), np.sin(angles)])
    for rng in draws(4):
        H, R, least = hessian(rng.normal(size=2), 0.5), rng.uniform(0.1, 1), rng.uniform(0, 1)
        losses = least + np.einsum("ik,ij,jk->k", R * ball, H, R * ball) / 2
        yield {
            r"\max_{\lVert\epsilon\rVert \le R} L": losses.max(),
            r"L_{\min}": least,
            "R": R,
            r"\lambda_{\max}": np.linalg.norm(H, 2),
        }


def figure_sharpness(result: Result) -> Figure:
    """Largest eigenvalues, on a logarithmic axis, of nets, each in raw and in centered coordinates. Trained raw:
    {{ sharpness.plain.raw.raw | digits(2) }} and {{ sharpness.plain.raw.centered | digits(2) }}; trained raw with SAM:
    {{ sharpness.sam.raw.raw | digits(2) }} and {{ sharpness.sam.raw.centered | digits(2) }}; trained centered, with and
    without SAM, nearly as the first."""
    figure = new_figure(360, 0.6)
    (axes,) = figure.axes
    names = {}
    for place, (case, method) in enumerate((case, method) for case in CASES for method in RADII):
        row = result.sharpness[method][case]
        names[-place] = f"{case}, SAM" if method == "sam" else case
        axes.plot(list(row.values()), [-place] * 2, color=GRID, label=names[-place])
        for coordinates, role in (("centered", FIRST), ("raw", SECOND)):
            label = f"{names[-place]}: in {coordinates} coordinates"
            axes.plot(row[coordinates], -place, "o", color=role, markersize=7, label=label)
    first = result.sharpness["plain"]["raw"]
    label_point(axes, "in centered coordinates", (first["centered"], 0), FIRST, dx=0, dy=12, ha="center")
    label_point(axes, "in raw ones", (first["raw"], 0), SECOND, dx=0, dy=12, ha="center")
    axes.set(xscale="log", xlim=(0.15, 2.5), ylim=(-3.5, 0.7))
    frame_axes(axes, {0.2: "0.2", 0.5: "0.5", 1: "1", 2: "2"}, names, "largest eigenvalue", "trained")
    return figure


if __name__ == "__main__":
    show_figures(figure_sharpness, of=compute())
