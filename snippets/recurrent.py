"""Why do LSTMs use sigmoid gates and a tanh candidate?

What is off-center matters where it is fed to a matrix. A gate is not: it multiplies the candidate elementwise, and the
product has hardly a mean, because the candidate has none. Put a sigmoid in the place of the candidate, and it has.

    x, h, c     inputs, state and cell of one step; n units, rows are sequences
    i, f, o, g  input, forget and output gate, and the candidate, all from one matrix W that reads [h, x]
    b           forget bias: what is added to the pre-activation of f
    ratio       ‖μ‖²/tr Σ of h over the sequences, for one net and one step
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.gaussian import moments, normal_mean
from lib.mean_field import propagate
from lib.numerics import Draws, complex_step, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
UNITS, NARROW, STEPS = 128, 32, 40
SEQUENCES, NETS = 300, 3
UNIT = {key: FUNCTIONS[key] for key in ("tanh", "sigmoid", "relu")}


@dataclass(frozen=True)
class Result:
    units: int
    "Units of the nets."
    narrow: int
    "Units of the narrow ones."
    steps: int
    "Steps of a sequence."
    sequences: int
    "Sequences, of independent standard normal inputs."
    nets: int
    "How many nets of each kind; ratios are medians over them."
    lstm: dict[str, tuple[float, ...]]
    "‖μ‖²/tr Σ of h after each step of an LSTM, by the function of its candidate."
    gate: float
    "The same of the output gate with a tanh candidate, last step."
    narrow_lstm: float
    "Ratio of h with a tanh candidate in narrow nets, last step."
    plain: dict[str, tuple[float, ...]]
    "Ratio of h after each step of a plain recurrent net."
    kappa: float
    "Least condition number, no bias, that the state with a sigmoid candidate can give: (n − 1) times its ratio."
    moving: float
    "Geometric mean of the forget gates in the sampled LSTMs, whose forget bias is 1."


def lstm_step(z: np.ndarray, c: np.ndarray, candidate: Callable = np.tanh, b: float = 1.0) -> tuple:
    """State, cell and gates after one step, from the pre-activations z of i, f, o and g."""
    i, f, o, g = np.split(z, 4, axis=-1)
    i, f, o, g = sigmoid(i), sigmoid(f + b), sigmoid(o), candidate(g)
    c = f * c + i * g
    return o * np.tanh(c), c, (i, f, o, g)


def run_lstm(rng: np.random.Generator, candidate: Callable = np.tanh, n: int = UNITS) -> tuple[list, float, float]:
    """Ratios of h step by step, the last of the output gate, and the mean logarithm of the forget gates."""
    W = rng.normal(size=(2 * n, 4 * n)) / np.sqrt(2 * n)
    h, c, ratios, logs = np.zeros((SEQUENCES, n)), np.zeros((SEQUENCES, n)), [], []
    for _ in range(STEPS):
        z = np.hstack([h, rng.normal(size=(SEQUENCES, n))]) @ W
        h, c, (_, f, o, _) = lstm_step(z, c, candidate)
        ratios.append(estimate_off_center_ratio(h)), logs.append(np.log(f).mean())
    return ratios, estimate_off_center_ratio(o), np.mean(logs)


def run_plain(rng: np.random.Generator, unit: Callable, flip: int = 1) -> np.ndarray:
    """States of a plain recurrent net, shape (steps, sequences, UNITS)."""
    W, U = rng.normal(size=(2, UNITS, UNITS)) / np.sqrt(UNITS)
    h = [np.zeros((SEQUENCES, UNITS))]
    for _ in range(STEPS):
        h.append(unit(h[-1] @ W + flip * rng.normal(size=(SEQUENCES, UNITS)) @ U))
    return np.array(h[1:])


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    gated = {key: [run_lstm(rng, UNIT[key]) for _ in range(NETS)] for key in ("tanh", "sigmoid")}
    ratio = {key: tuple(np.median([ratios for ratios, _, _ in nets], axis=0)) for key, nets in gated.items()}
    ungated = {
        key: [[estimate_off_center_ratio(h) for h in run_plain(rng, unit)] for _ in range(NETS)]
        for key, unit in UNIT.items()
    }
    return Result(
        units=UNITS,
        narrow=NARROW,
        steps=STEPS,
        sequences=SEQUENCES,
        nets=NETS,
        lstm=ratio,
        gate=np.median([gate for _, gate, _ in gated["tanh"]]),
        narrow_lstm=np.median([run_lstm(rng, n=NARROW)[0][-1] for _ in range(4 * NETS)]),
        plain={key: tuple(np.median(nets, axis=0)) for key, nets in ungated.items()},
        kappa=(UNITS - 1) * ratio["sigmoid"][-1],
        moving=np.exp(np.mean([logs for _, _, logs in gated["tanh"]])),
    )


def claim_the_state_is_centered_and_the_gate_is_not(result: Result) -> None:
    """After {{ steps }} steps the ratio of the state $h$ is {{ lstm.tanh[39] | digits(1) }}, and that of the output
    gate, which was multiplied into it, {{ gate | digits(2) }}. With a sigmoid in the place of the candidate’s tanh
    the ratio of $h$ is {{ lstm.sigmoid[39] | digits(2) }}."""
    rng, found = np.random.default_rng(SEED), {}
    for key in ("tanh", "sigmoid"):  # as if all pre-activations were independent and normal
        h = c = np.zeros((50_000, 1))
        for _ in range(STEPS):
            std = np.sqrt((1 + np.mean(h**2)) / 2)
            h, c, _ = lstm_step(std * rng.normal(size=(len(h), 4)), c, UNIT[key])
        found[key] = h.mean() ** 2 / h.var()
        if key == "tanh":
            mean, variance = moments(sigmoid, std)
            assert abs(result.gate / (mean**2 / variance) - 1) < 0.05
    assert abs(result.lstm["sigmoid"][-1] / found["sigmoid"] - 1) < 0.3 and found["tanh"] < 1e-3
    assert 5e-4 < result.lstm["tanh"][-1] < 0.0135
    evenly = np.diag([result.lstm["sigmoid"][-1], *np.full(UNITS - 1, 1 / (UNITS - 1))])  # where the bound is reached
    assert abs(np.linalg.cond(evenly) / result.kappa - 1) < 1e-9


def claim_a_wider_state_is_more_centered(result: Result) -> None:
    """What is left of a mean is chance, and falls with the width: with {{ narrow }} units the ratio of $h$ is
    {{ narrow_lstm | digits(1) }}, with {{ units }} it is {{ lstm.tanh[39] | digits(1) }}."""
    wide = run_lstm(np.random.default_rng(SEED), n=2 * UNITS)[0][-1]
    assert wide < result.lstm["tanh"][-1] < result.narrow_lstm / 1.5 < 0.06


def claim_plain_nets(result: Result) -> None:
    """After {{ steps }} steps the ratio of the state is {{ plain.sigmoid[39] | digits(2) }} with sigmoids and
    {{ plain.relu[39] | digits(1) }} with ReLU. With tanh it is zero: flip all inputs, and all states flip."""
    for key, tolerance in (("sigmoid", 0.13), ("relu", 0.4)):
        shared, own = 0.0, 0.0
        for _ in range(STEPS):  # infinite width: inputs of variance 1 add to the spread of the pre-activations
            shared, own = propagate(UNIT[key], shared, own + 1)
        assert abs(np.log(result.plain[key][-1] / (shared / own))) < tolerance
    there, back = (run_plain(np.random.default_rng(SEED), np.tanh, flip=flip) for flip in (1, -1))
    assert np.abs(there + back).max() < 1e-9 and abs(result.plain["tanh"][-1]) < 2e-3


def claim_sampled_gates(result: Result) -> None:
    """In the sampled nets inputs and state move the forget gates about that of a bias of 1; their geometric mean is
    {{ moving | digits(2) }}."""
    std = np.sqrt(0.52)  # of a pre-activation: inputs of variance 1 and a small state, each with half a share
    assert abs(np.log(result.moving) - normal_mean(lambda z: np.log(sigmoid(1 + z)), std)) < 0.01
    assert result.moving < sigmoid(1.0)


def last_state(W: np.ndarray, U: np.ndarray, nudge: complex = 0.0, at: int | None = None) -> tuple[complex, list]:
    """Half the squared length of the state of an LSTM behind all inputs U, and what its matrix was fed with; `nudge` is
    added to the pre-activations of step `at`."""
    h, c, inputs = np.zeros(2), np.zeros(2), []
    for t, u in enumerate(U):
        inputs.append(np.concatenate([h, u]))
        h, c, _ = lstm_step(W @ inputs[-1] + (nudge if t == at else 0), c)
    return np.sum(h**2) / 2, inputs


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \delta_t\, u_t^\top"""
    for rng in draws(6):
        W, U = rng.normal(size=(8, 4)), rng.normal(size=(3, 2))
        inputs, zero = last_state(W, U)[1], np.zeros(8)
        delta = [complex_step(lambda z, t, W, U: last_state(W, U, z, t)[0], zero, t, W, U) for t in range(3)]
        yield {
            r"\frac{\partial L}{\partial W}": complex_step(lambda W, U: last_state(W, U)[0], W, U),
            "T": 3,
            r"\delta_t": lambda t, delta=delta: delta[int(t) - 1][:, None],
            "u_t": lambda t, inputs=inputs: inputs[int(t) - 1][:, None],
        }


def equation_cell() -> Draws:
    r"""c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh c_t"""
    for rng in draws(6):
        z, before = rng.normal(size=(4, 3)), rng.normal(size=3)
        h, c, _ = lstm_step(z.ravel(), before)
        i, f, o = (1 + np.tanh((z[:3] + np.array([[0], [1], [0]])) / 2)) / 2  # the sigmoid, another way
        yield {"c_t": c, "c_{t-1}": before, "h_t": h, "f_t": f, "i_t": i, "o_t": o, "g_t": np.tanh(z[3])}


def equation_chance() -> Draws:
    r"""\mathbb{E}[o\,\tau] \approx \mathbb{E}[\sigma(\epsilon)]\,\mathbb{E}[\tau] +
    \varrho\,\mathbb{E}[\sigma'(\epsilon)]\,\mathbb{E}[v\,\tau]"""
    x, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    for varrho in (-0.05, 0.02, 0.05):
        for tau in (np.tanh, sigmoid):
            z = varrho * x[:, None] + np.sqrt(1 - varrho**2) * x
            yield {
                r"\approx": 3e-3,
                r"\mathbb{E}[o\tau]": w @ (tau(x)[:, None] * sigmoid(z)) @ w,
                r"\mathbb{E}[\sigma(\epsilon)]": 0.5,
                r"\mathbb{E}[\tau]": w @ tau(x),
                r"\varrho": varrho,
                r"\mathbb{E}[\sigma'(\epsilon)]": normal_mean(lambda z: sigmoid(z) * sigmoid(-z)),
                r"\mathbb{E}[v\tau]": w @ (x * tau(x)),
            }


def equation_forget() -> Draws:
    r"""\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t)"""
    for rng in draws(6):
        z, before = rng.normal(size=(4, 3)), rng.normal(size=3)
        f = (1 + np.tanh((z[1] + 1) / 2)) / 2
        yield {
            r"\frac{\partial c_t}{\partial c_{t-1}}": complex_step(lambda c, z: lstm_step(z, c)[1], before, z.ravel()),
            r"\operatorname{diag}": lambda f: np.diag(np.ravel(f)),
            "f_t": f,
        }


def figure_ratio(result: Result) -> Figure:
    """Ratio of squared mean to variance against the step, on a logarithmic axis. Three lines lie high: a plain net
    of sigmoids at {{ plain.sigmoid[39] | digits(2) }}, an LSTM with a sigmoid candidate that rises from
    {{ lstm.sigmoid[0] | digits(2) }} to {{ lstm.sigmoid[39] | digits(2) }}, and below them a plain net of ReLUs at
    {{ plain.relu[39] | digits(2) }}. Far below is the LSTM with a tanh candidate, at
    {{ lstm.tanh[39] | digits(1) }}."""
    figure = new_figure(360, 0.9)
    (axes,) = figure.axes
    lines = {
        "LSTM, sigmoid candidate": (result.lstm["sigmoid"], SECOND, "-", 9),
        "plain, sigmoid": (result.plain["sigmoid"], SECOND, "--", -10),
        "plain, ReLU": (result.plain["relu"], INK, "-", -10),
        "LSTM": (result.lstm["tanh"], FIRST, "-", -14),
    }
    for name, (values, role, dashes, dy) in lines.items():
        axes.plot(np.arange(1, STEPS + 1), values, color=role, linestyle=dashes, label=name)
        label_point(axes, name, (STEPS, values[-1]), role, dx=-1, dy=dy)
    axes.set(yscale="log", xlim=(0, STEPS + 0.5), ylim=(3e-4, 20))
    frame_axes(axes, (1, 10, 20, 30, 40), {0.001: "0.001", 0.01: "0.01", 0.1: "0.1", 1: "1", 10: "10"}, "step", "ratio")
    return figure


if __name__ == "__main__":
    show_figures(figure_ratio, of=compute())
