"""Which gain keeps a signal in deep sigmoid layers?

None by itself: the mean of the outputs takes over. At a gain of {{ gain | digits(2) }} the off-center ratio of
{{ layers }} sigmoid layers rises to {{ carried.sigmoid.ratio | scientific(1) }}.

    gain      what weights of variance one over the inputs are multiplied by
    signal    standard deviation of z over examples; ratio: squared mean of z over its variance, ρ
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.gaussian import normal_mean
from lib.mean_field import propagate
from lib.plots import FIRST, GRID, INK, SECOND, Frames, decades, frame_axes, new_figure
from lib.text import brief, choose_sentence, decimals

SEED = 0
LAYERS, UNITS, EXAMPLES, NETS = 20, 128, 64, 5
GAINS = (*np.arange(5, 21) / 10, *np.arange(22, 51, 4) / 10)  # to move through
SHOWN, LARGEST = 1.5, 5.0  # one of them to speak of, and the last
EDGE, AT = 6, np.array([0, 1, 2, *range(3, LAYERS, 2), LAYERS - 1])  # decades above and below 1, layers drawn


@dataclass(frozen=True)
class Result:
    layers: int
    "Layers of the deep nets."
    gain: float
    "A gain at which tanh keeps a signal."
    largest: float
    "The largest gain of the sweep."
    carried: dict[str, dict]
    "Signal, off-center ratio and gradient in the last layer, infinite width: at that gain; sigmoids at the largest."


def mean_field(key: str, gain: float) -> dict[str, np.ndarray]:
    """Signal, off-center ratio and gradient layer by layer, for infinite width, without biases.

    Pre-activations begin with mean square 1, of which one half is mean; the gradient is the root mean square stretch of
    the Jacobian from the first layer.
    """
    activation, derivative = FUNCTIONS[key], DERIVATIVES[key]
    shared, own, stretch, rows = 0.5, 0.5, 1.0, []
    for _ in range(LAYERS - 1):
        rows.append((np.sqrt(own), shared / own, stretch))
        chi = normal_mean(lambda z: derivative(z) ** 2, np.sqrt(shared + own))
        if own > 1e-7 * shared:
            shared, own = propagate(activation, shared, own)
        else:  # too small for the difference of two outputs; the derivative says the same
            shared, own = normal_mean(lambda z: activation(z) ** 2, np.sqrt(shared)), chi * own
        shared, own, stretch = gain**2 * shared, gain**2 * own, gain * np.sqrt(chi) * stretch
    rows.append((np.sqrt(own), shared / own, stretch))
    return dict(zip(("signal", "ratio", "gradient"), np.transpose(rows)))


def compute() -> Result:
    cases = {"tanh": ("tanh", SHOWN), "sigmoid": ("sigmoid", SHOWN), "largest": ("sigmoid", LARGEST)}
    return Result(
        layers=LAYERS,
        gain=SHOWN,
        largest=LARGEST,
        carried={name: {kind: curve[-1] for kind, curve in mean_field(*case).items()} for name, case in cases.items()},
    )


def claim_no_gain_is_care_enough(result: Result) -> None:
    """From first pre-activations with a ratio of 1, at a gain of {{ gain | digits(2) }}, {{ layers }} tanh layers lower
    the ratio of the pre-activations to {{ carried.tanh.ratio | digits(2) }}; sigmoid layers without a shift raise it to
    {{ carried.sigmoid.ratio | scientific(1) }}, and at a gain of {{ largest | digits(1) }} still to
    {{ carried.largest.ratio | scientific(1) }}."""
    rng, width, inputs = np.random.default_rng(SEED), 200, 30
    for key, gain in (("tanh", 0.7), ("tanh", SHOWN), ("tanh", LARGEST), ("sigmoid", SHOWN), ("sigmoid", LARGEST)):
        sampled = np.zeros((4, 3))
        for _ in range(NETS):
            z = (rng.normal(size=width) + rng.normal(size=(inputs, width))) / np.sqrt(2)
            change = rng.normal(size=z.shape)  # a small one, sent through the same random layers
            for row in sampled:
                within = z.var(axis=0, ddof=1).mean()
                ratio = (np.mean(z.mean(axis=0) ** 2) - within / inputs) / within
                row += np.log([np.sqrt(within), ratio, np.sqrt(np.mean(change**2))]) / NETS
                W = gain * rng.normal(size=(width, width)) / np.sqrt(width)
                z, change = FUNCTIONS[key](z) @ W, (DERIVATIVES[key](z) * change) @ W
        expected = np.transpose(list(mean_field(key, gain).values()))
        assert len(expected) == LAYERS and np.all(abs(sampled - np.log(expected[:4])) < 0.3)
    assert result.carried["tanh"]["ratio"] < 0.3 and result.carried["largest"]["ratio"] > 1e5
    cases = {"tanh": ("tanh", SHOWN), "sigmoid": ("sigmoid", SHOWN), "largest": ("sigmoid", LARGEST)}
    for name, case in cases.items():  # of the mean field that the samples agree with
        assert np.isclose(result.carried[name]["ratio"], mean_field(*case)["ratio"][-1])


def explore_gain(result: Result, start: int = 10) -> Frames:
    """Signal, off-center ratio and gradient over {{ layers }} layers, on logarithmic axes, at a gain of
    {{ gain | digits(2) }}. Left, tanh: the signal stays, the ratio falls to {{ carried.tanh.ratio | digits(1) }}, the
    gradient grows to {{ carried.tanh.gradient | digits(2) }}. Right, sigmoid: signal and gradient fall straight out of
    the picture, and the ratio rises out of it."""
    figure, lines = new_figure(360, 0.8, panels=2), {}
    roles = {"signal": FIRST, "ratio": SECOND, "gradient": INK}
    for axes, key in zip(figure.axes, ("tanh", "sigmoid")):
        axes.axhline(1, color=GRID, linewidth=0.8, label="unchanged")
        for kind, role in roles.items():
            (lines[key, kind],) = axes.plot([1, 2], [1, 1], color=role, label=kind, gid=f"{key}_{kind}")
        axes.set(yscale="log", ylim=(10.0**-EDGE, 10.0**EDGE), xlim=(0.6, LAYERS + 0.4))
        frame_axes(axes, [1, 10, LAYERS], decades(-6, -3, 0, 3, 6), f"layer of {key} units")
        for kind, place in zip(roles, ("left", "center", "right")):
            axes.set_title("off-center ratio" if kind == "ratio" else kind, loc=place, color=roles[kind])
    for gain in GAINS:
        curves = {key: mean_field(key, gain) for key in ("tanh", "sigmoid")}
        for (key, kind), line in lines.items():
            line.set_data(*clip_to_axes(curves[key][kind]))
        tanh, plain = ({kind: curve[-1] for kind, curve in curves[key].items()} for key in curves)
        readouts = {
            "gain": decimals(gain, 1),
            f"tanh: signal in layer {LAYERS}": brief(tanh["signal"]),
            "tanh: off-center ratio": brief(tanh["ratio"]),
            "tanh: gradient": brief(tanh["gradient"]),
            "sigmoid: signal": brief(plain["signal"]),
            "sigmoid: off-center ratio": brief(plain["ratio"]),
        }
        yield figure, readouts, describe_gain(tanh, curves["sigmoid"]["signal"])


def describe_gain(tanh: dict[str, float], sigmoid_signal: np.ndarray) -> str:
    """What happens at one gain, from tanh's last layer and the signal of sigmoids layer by layer."""
    slope = normal_mean(DERIVATIVES["tanh"], tanh["signal"] * np.sqrt(1 + tanh["ratio"]))
    others = "; sigmoids divide a signal by {{ left | decimals(1) }} a layer."
    rest = "{{ gradient | digits(2) }}-fold" + others
    cases = [
        (
            tanh["signal"] < 0.1,
            "Too small: tanh’s signal dies, its gradient vanishes; sigmoids’ signal is as small by layer {{ layer }}.",
        ),
        (slope < 0.45, "tanh saturates, its mean slope {{ slope | decimals(2) }}, yet its gradient explodes, " + rest),
        (tanh["gradient"] > 10, "tanh keeps its signal and forgets the mean, but its gradient explodes, " + rest),
        (tanh["gradient"] > 1, "tanh keeps its signal and forgets the mean; its gradient grows " + rest),
        (
            True,
            "The edge for tanh: signal and gradient fade slowly, to {{ signal | decimals(2) }} and "
            "{{ gradient | decimals(2) }}" + others,
        ),
    ]
    layer, left = 1 + int(np.argmax(sigmoid_signal < tanh["signal"])), sigmoid_signal[-2] / sigmoid_signal[-1]
    return choose_sentence(cases, **tanh, slope=slope, layer=layer, left=left)


def clip_to_axes(curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Layers and values of a curve up to where it leaves the axes."""
    layers, height = AT + 1.0, np.log10(curve[AT])
    if (out := np.flatnonzero(abs(height) > EDGE)).size:
        k, edge = out[0], EDGE * np.sign(height[out[0]])
        part = (edge - height[k - 1]) / (height[k] - height[k - 1])
        layers = np.append(layers[:k], layers[k - 1] + part * (layers[k] - layers[k - 1]))
        height = np.append(height[:k], edge)
    return layers, 10**height


if __name__ == "__main__":
    print(compute())
