"""How many epochs does the mean cost with Muon, Shampoo, Adam, or centered gradients?

Sigmoids on digits, epochs with nothing centered and with pixels and units centered: plain descent
{{ epochs.plain.raw.median }} and {{ epochs.plain.both.median }}, Muon {{ epochs.muon.raw.median }} and
{{ epochs.muon.both.median }}, Shampoo {{ epochs.shampoo.raw.median }} and {{ epochs.shampoo.both.median }}.

    G      gradient of a layer's weights, a row an input (the last one the bias's), a column a neuron
    U Vᵀ   G with all singular values set to 1
    steps  sizes for each method and case, the best of a grid of factors of two
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.network import Layer, backpropagate, init_layers
from lib.numerics import draws, orthogonalize
from lib.plots import FIRST, GRID, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.training import SIZES, every_third_digit

SEED = 0
STARTS, LEVEL, LIMIT = 5, 0.3, 150
STEPS = {  # best of a grid of factors of two: nothing centered, the pixels, pixels and units
    "plain": (4, 16, 16),
    "centralized": (8, 16, 16),
    "adam": (1 / 16, 1 / 8, 1 / 4),
    "adabelief": (1 / 16, 1 / 8, 1 / 4),
    "orthogonalized": (1 / 2, 1 / 2, 1),
    "muon": (1, 1, 2),
    "shampoo": (2, 2, 2),
    "soap": (1 / 16, 1 / 8, 1 / 8),
}
CASES = {"raw": (False, 0.0), "data": (True, 0.0), "both": (True, 0.5)}


@dataclass(frozen=True)
class Result:
    gap: dict[str, tuple[float, ...]]
    "First over second singular value of the gradient of both layers at the start, on digits."
    images: int
    "Images of digits."
    starts: int
    "Random starts."
    level: float
    "Loss to be reached, mean cross-entropy in nats."
    epochs: dict[str, dict[str, dict[str, int]]]
    "Median, least and most epochs by method and by what is centered."


def inverse_fourth_root(A: np.ndarray) -> np.ndarray:
    """A to the power −1/4, for symmetric A; eigenvalues near zero are raised to a billionth of their mean."""
    values, U = np.linalg.eigh(A)
    return (U * np.maximum(values, 1e-9 * values.mean()) ** -0.25) @ U.T


def choose_step(method: str, G: np.ndarray, state: dict, t: int) -> np.ndarray:
    """What is subtracted, but for the step size, at step t = 1, 2, …; `state` holds what the method remembers."""
    if method == "centralized":  # from the weights of each neuron, not from its bias
        return np.vstack([G[:-1] - G[:-1].mean(axis=0), G[-1:]])
    if method == "orthogonalized":
        return orthogonalize(G)
    if method == "muon":
        state["m"] = 0.9 * state.get("m", 0) + G
        return orthogonalize(state["m"])
    if method == "shampoo":
        state["l"], state["r"] = state.get("l", 0) + G @ G.T, state.get("r", 0) + G.T @ G
        return inverse_fourth_root(state["l"]) @ G @ inverse_fourth_root(state["r"])
    if method == "soap":  # Adam in the eigenvectors of both averages, its memory shorter
        factors = [("l", G @ G.T), ("r", G.T @ G), ("m", G)]
        state |= {key: 0.95 * state.get(key, 0) + 0.05 * new for key, new in factors}
        left, right = (np.linalg.eigh(state[key])[1] for key in "lr")
        state["v"] = 0.95 * state.get("v", 0) + 0.05 * (left.T @ G @ right) ** 2
        root = np.sqrt(state["v"] / (1 - 0.95**t)) + 1e-8
        return left @ (left.T @ state["m"] @ right / (1 - 0.95**t) / root) @ right.T
    if method in ("adam", "adabelief"):
        m = state["m"] = 0.9 * state.get("m", 0) + 0.1 * G
        square = (G - m) ** 2 if method == "adabelief" else G**2
        v = state["v"] = 0.999 * state.get("v", 0) + 0.001 * square
        return m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return G


def stack_gradient(gradient: Layer) -> np.ndarray:
    """Gradients of weights and biases as one matrix, the biases' in the last row."""
    return np.vstack(gradient)


def find_gradients(layers: list[Layer], x: np.ndarray, y: np.ndarray, half: float) -> tuple[float, list[Layer]]:
    """Loss and gradients of a net of sigmoids from which `half` is subtracted."""
    return backpropagate(layers, x, y, lambda z: FUNCTIONS["sigmoid"](z) - half, DERIVATIVES["sigmoid"])


def count_epochs(method: str, case: str, seed: int, factor: float = 1.0) -> int:
    """Full-batch epochs of a 64-64-10 sigmoid net until the loss is `LEVEL`, at most `LIMIT`."""
    (data, half), step = CASES[case], factor * STEPS[method][list(CASES).index(case)]
    x, y = every_third_digit()
    x, states = x - data * x.mean(axis=0), ({}, {})
    layers = init_layers(SIZES, np.random.default_rng(seed))
    for epoch in range(LIMIT):
        with np.errstate(over="ignore"):  # in the exponential of a sigmoid that saturates
            loss, gradients = find_gradients(layers, x, y, half)
        if loss <= LEVEL:
            return epoch
        steps = [choose_step(method, stack_gradient(g), state, epoch + 1) for g, state in zip(gradients, states)]
        layers = [(w - step * d[:-1], b - step * d[-1]) for (w, b), d in zip(layers, steps)]
    return LIMIT


def compute() -> Result:
    epochs, gap = {}, {}
    for method in STEPS:
        for case in CASES:
            counts = sorted(count_epochs(method, case, STARTS * SEED + i) for i in range(STARTS))
            epochs.setdefault(method, {})[case] = dict(zip(("least", "median", "most"), counts[::2]))
    x, y = every_third_digit()
    for case, (data, half) in CASES.items():
        layers = init_layers(SIZES, np.random.default_rng(SEED))
        _, gradients = find_gradients(layers, x - data * x.mean(axis=0), y, half)
        values = [np.linalg.svd(stack_gradient(g), compute_uv=False) for g in gradients]
        gap[case] = tuple(s[0] / s[1] for s in values)
    return Result(gap=gap, images=len(x), starts=STARTS, level=LEVEL, epochs=epochs)


def claim_one_step_of_three_methods(result: Result) -> None:
    """From a start without memory, Muon, Shampoo and SOAP take the same first step, the orthogonalized gradient."""
    for rng in draws(5):
        G = rng.normal(size=(6, 4)) + 2
        D = choose_step("orthogonalized", G, {}, 1)
        left, right = (np.linalg.eigh(A)[1] for A in (G @ G.T, G.T @ G))
        turned = left.T @ G @ right  # SOAP: Adam in these bases
        soap = left @ np.where(abs(turned) > 1e-9, np.sign(turned), 0) @ right.T
        newton_schulz = G / np.linalg.norm(G)
        for _ in range(40):
            newton_schulz = 1.5 * newton_schulz - 0.5 * newton_schulz @ newton_schulz.T @ newton_schulz
        for step in (choose_step("muon", G, {}, 1), choose_step("shampoo", G, {}, 1), soap, newton_schulz):
            np.testing.assert_allclose(step, D, atol=1e-6)


def claim_the_mean_hardly_costs(result: Result) -> None:
    """Epochs with nothing centered and with pixels and units centered: plain descent
    {{ epochs.plain.raw.median | digits(1) }} and {{ epochs.plain.both.median }}, orthogonalized
    {{ epochs.orthogonalized.raw.median }} and {{ epochs.orthogonalized.both.median }}, Muon
    {{ epochs.muon.raw.median }} and {{ epochs.muon.both.median }}, Shampoo {{ epochs.shampoo.raw.median }} and
    {{ epochs.shampoo.both.median }}, Adam {{ epochs.adam.raw.median }} and {{ epochs.adam.both.median }}."""
    epochs = {key: [row[case]["median"] for case in CASES] for key, row in result.epochs.items()}
    assert (
        all(counts[0] > counts[2] for key, counts in epochs.items() if key != "soap")
        and epochs["plain"][0] > 4 * epochs["plain"][2]
    )
    assert 3 * max(epochs[key][0] for key in ("orthogonalized", "muon", "shampoo")) < epochs["plain"][0]
    assert max(epochs["muon"][0], epochs["shampoo"][0]) < 0.6 * epochs["adam"][0]
    for method in ("plain", "orthogonalized"):
        for factor in (0.5, 2):  # the best step of a grid by factors of two
            assert count_epochs(method, "raw", STARTS * SEED, factor) >= 0.9 * result.epochs[method]["raw"]["least"]
    assert 36 < result.epochs["plain"]["raw"]["median"] < 73 and 8.5 < result.epochs["plain"]["both"]["median"] < 13
    assert 2.5 < result.epochs["shampoo"]["both"]["median"] < 6.5
    assert 17 < result.epochs["adam"]["raw"]["median"] < 25
    assert all(0 < result.epochs[key]["both"]["median"] < 13 for key in ("orthogonalized", "muon", "adam"))


def claim_soap_does_not_feel_the_mean(result: Result) -> None:
    """SOAP takes {{ epochs.soap.raw.median }} epochs with nothing centered, about
    {{ epochs.soap.data.median | digits(1) }} with centered pixels and about {{ epochs.soap.both.median | digits(1) }}
    with centered units, too."""
    raw, data, both = (row["median"] for row in result.epochs["soap"].values())
    assert 18 < raw < 31 and 11 < data < 50 and 11 < both < 70
    assert result.epochs["soap"]["both"]["least"] < both < result.epochs["soap"]["both"]["most"]


def claim_three_means_of_a_gradient(result: Result) -> None:
    """Subtracting from each neuron's gradient its mean over the weights brings
    {{ epochs.plain.raw.median | digits(1) }} epochs down to {{ epochs.centralized.raw.median }}, with centered pixels
    {{ epochs.plain.data.median }} down to {{ epochs.centralized.data.median }}; with centered units as well it takes
    {{ epochs.plain.both.median }} epochs without and {{ epochs.centralized.both.median }} with it. Subtracting the
    gradient's mean over time in Adam's divisor makes {{ epochs.adabelief.raw.median }} of its
    {{ epochs.adam.raw.median }}."""
    epochs = {key: [row[case]["median"] for case in CASES] for key, row in result.epochs.items()}
    assert epochs["centralized"][0] < 0.5 * epochs["plain"][0] and epochs["centralized"][1] < 0.6 * epochs["plain"][1]
    assert abs(epochs["centralized"][2] - epochs["plain"][2]) <= 2
    assert all(abs(a - b) <= 4 for a, b in zip(epochs["adam"], epochs["adabelief"]))
    assert 36 < result.epochs["plain"]["raw"]["median"] < 73
    assert 16 < result.epochs["centralized"]["raw"]["median"] < 21
    assert 20.5 < result.epochs["plain"]["data"]["median"] < 39.0
    assert 6.0 < result.epochs["centralized"]["data"]["median"] < 14


NAMES = {
    "plain": "plain",
    "centralized": "centered gradients",
    "adam": "Adam",
    "orthogonalized": "orthogonalized",
    "muon": "Muon",
    "shampoo": "Shampoo",
    "soap": "SOAP",
}


def figure_epochs(result: Result) -> Figure:
    """Epochs to the loss for each method, on a logarithmic axis; for each a dot with nothing centered and one with
    pixels and units centered. Plain descent: {{ epochs.plain.raw.median }} and {{ epochs.plain.both.median }}; Muon:
    {{ epochs.muon.raw.median }} and {{ epochs.muon.both.median }}."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    for place, (method, name) in enumerate(NAMES.items()):
        row = result.epochs[method]
        axes.plot([row["raw"]["median"], row["both"]["median"]], [-place] * 2, color=GRID, label=name)
        for case, role in (("both", FIRST), ("raw", SECOND)):
            axes.plot(row[case]["median"], -place, "o", color=role, markersize=7, label=f"{name}, {case}")
    label_point(axes, "all centered", (result.epochs["plain"]["both"]["median"], 0), FIRST, dx=0, dy=12, ha="center")
    label_point(axes, "nothing", (result.epochs["plain"]["raw"]["median"], 0), SECOND, dx=0, dy=12, ha="center")
    axes.set(xscale="log", xlim=(2.5, 70), ylim=(-6.5, 0.7))
    names = {-place: name for place, name in enumerate(NAMES.values())}
    frame_axes(axes, {3: "3", 10: "10", 20: "20", 50: "50"}, names, "epochs")
    return figure


if __name__ == "__main__":
    show_figures(figure_epochs, of=compute())
