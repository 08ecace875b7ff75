"""Why do LSTMs use sigmoid gates and a tanh candidate, and why not ReLU in a recurrent net?

What is off-center matters where it is fed to a matrix. A gate is not: it multiplies the candidate elementwise, and the
product has hardly a mean, because the candidate has none. Put a sigmoid in the place of the candidate, and it has. In
a plain recurrent net tanh stays centered and bounded; ReLU is neither, as one matrix is applied at every step.

    x, h, c     inputs, state and cell of one step; n units, rows are sequences
    i, f, o, g  input, forget and output gate, and the candidate, all from one matrix W that reads [h, x]
    b           forget bias: what is added to the pre-activation of f
    ratio       ‖μ‖²/tr Σ of h over the sequences, for one net and one step
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS, sigmoid
from lib.gaussian import moments, normal_mean
from lib.mean_field import propagate
from lib.numerics import Draws, draws
from lib.plots import FIRST, INK, SECOND, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import estimate_off_center_ratio

SEED = 0
UNITS, NARROW, STEPS = 128, 32, 40
SEQUENCES, NETS = 300, 3
BIASES = (0.0, 1.0, 3.0, 5.0)
LONG, OFF, DRAWN = 100, 0.05, 10  # of the recurrent nets that run without inputs
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
    biases: tuple[float, ...]
    "Forget biases."
    open: tuple[float, ...]
    "The forget gate at these biases, where nothing else reaches it."
    left: tuple[float, ...]
    "Its power after all steps: what is left of a gradient along the cell."
    memory: tuple[float, ...]
    "Steps after which 1/e is left."
    slopes: tuple[float, ...]
    "The slope of the sigmoid there."
    moving: float
    "Geometric mean of the forget gates in the sampled LSTMs, whose forget bias is 1."
    long: int
    "Steps without inputs."
    off: float
    "By what share a matrix is made smaller and larger."
    relu: tuple[float, ...]
    "Length of the last state over the first: ReLU, the matrix smaller, as it is, larger."
    tanh: tuple[float, ...]
    "Length of the last state of tanh over √n, its bound; the same matrices."
    drawn: int
    "How many nets with He's weights were drawn to see what they do to a length."
    he: float
    "Standard deviation over nets of the decimal logarithm of last over first length: one of He's matrices, ReLU."
    layers: float
    "The same through as many layers that have a matrix each."


def step(z, c, candidate=np.tanh, b=1.0):
    """State, cell and gates after one step, from the pre-activations z of i, f, o and g."""
    i, f, o, g = np.split(z, 4, axis=-1)
    i, f, o, g = sigmoid(i), sigmoid(f + b), sigmoid(o), candidate(g)
    c = f * c + i * g
    return o * np.tanh(c), c, (i, f, o, g)


def lstm(rng, candidate=np.tanh, n=UNITS):
    """Ratios of h step by step, the last of the output gate, and the mean logarithm of the forget gates."""
    W = rng.normal(size=(2 * n, 4 * n)) / np.sqrt(2 * n)
    h, c, found, kept = np.zeros((SEQUENCES, n)), np.zeros((SEQUENCES, n)), [], []
    for _ in range(STEPS):
        z = np.hstack([h, rng.normal(size=(SEQUENCES, n))]) @ W
        h, c, (_, f, o, _) = step(z, c, candidate)
        found.append(estimate_off_center_ratio(h)), kept.append(np.log(f).mean())
    return found, estimate_off_center_ratio(o), np.mean(kept)


def plain(rng, unit, n=UNITS, flip=1):
    """States of a plain recurrent net, shape (steps, sequences, n)."""
    W, U = rng.normal(size=(2, n, n)) / np.sqrt(n)
    h = [np.zeros((SEQUENCES, n))]
    for _ in range(STEPS):
        h.append(unit(h[-1] @ W + flip * rng.normal(size=(SEQUENCES, n)) @ U))
    return np.array(h[1:])


def free(unit, W, h, steps=LONG):
    """The state after some steps without inputs."""
    for _ in range(steps):
        h = unit(W @ h)
    return h


def he(rng):
    """He's weights, and a first state of length 1."""
    h = UNIT["relu"](rng.normal(size=UNITS))
    return rng.normal(size=(UNITS, UNITS)) * np.sqrt(2 / UNITS), h / np.linalg.norm(h)


def lengths(rng):
    """Last length over first through one of He's matrices at all steps, and through as many as there are steps."""
    W, h = he(rng)
    through = h
    for _ in range(LONG):
        through = UNIT["relu"](he(rng)[0] @ through)
    return np.linalg.norm(free(UNIT["relu"], W, h)), np.linalg.norm(through)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    gated = {key: [lstm(rng, UNIT[key]) for _ in range(NETS)] for key in ("tanh", "sigmoid")}
    ratio = {key: tuple(np.median([found for found, _, _ in nets], axis=0)) for key, nets in gated.items()}
    ungated = {
        key: [[estimate_off_center_ratio(h) for h in plain(rng, unit)] for _ in range(NETS)]
        for key, unit in UNIT.items()
    }
    W, h = he(rng)
    sizes = np.array([1 - OFF, 1, 1 + OFF]) / np.linalg.norm(free(UNIT["relu"], W, h)) ** (1 / LONG)
    opened = sigmoid(np.array(BIASES))
    one, each = np.transpose([lengths(rng) for _ in range(DRAWN)])
    return Result(
        units=UNITS,
        narrow=NARROW,
        steps=STEPS,
        sequences=SEQUENCES,
        nets=NETS,
        lstm=ratio,
        gate=np.median([gate for _, gate, _ in gated["tanh"]]),
        narrow_lstm=np.median([lstm(rng, n=NARROW)[0][-1] for _ in range(4 * NETS)]),
        plain={key: tuple(np.median(nets, axis=0)) for key, nets in ungated.items()},
        kappa=(UNITS - 1) * ratio["sigmoid"][-1],
        biases=BIASES,
        open=tuple(opened),
        left=tuple(opened**STEPS),
        memory=tuple(-1 / np.log(opened)),
        slopes=tuple(opened * (1 - opened)),
        moving=np.exp(np.mean([kept for _, _, kept in gated["tanh"]])),
        long=LONG,
        off=OFF,
        relu=tuple(np.linalg.norm(free(UNIT["relu"], k * W, h)) for k in sizes),
        tanh=tuple(np.linalg.norm(free(np.tanh, k * W, h)) / np.sqrt(UNITS) for k in sizes),
        drawn=DRAWN,
        he=np.log10(one).std(),
        layers=np.log10(each).std(),
    )


def claim_the_state_is_centered_and_the_gate_is_not(result: Result) -> None:
    """After {{ steps }} steps the ratio of the state $h$ is {{ lstm.tanh[39] | digits(1) }}, and that of the output
    gate, which was multiplied into it, {{ gate | digits(2) }}. With a sigmoid in the place of the candidate’s tanh
    the ratio of $h$ is {{ lstm.sigmoid[39] | digits(2) }}."""
    rng, found = np.random.default_rng(SEED), {}
    for key in ("tanh", "sigmoid"):  # as if all pre-activations were independent and normal
        h = c = np.zeros((50_000, 1))
        for _ in range(STEPS):
            deviation = np.sqrt((1 + np.mean(h**2)) / 2)
            h, c, _ = step(deviation * rng.normal(size=(len(h), 4)), c, UNIT[key])
        found[key] = h.mean() ** 2 / h.var()
        if key == "tanh":
            mean, variance = moments(sigmoid, deviation)
            assert abs(result.gate / (mean**2 / variance) - 1) < 0.05
    assert abs(result.lstm["sigmoid"][-1] / found["sigmoid"] - 1) < 0.3 and found["tanh"] < 1e-3
    assert 5e-4 < result.lstm["tanh"][-1] < 0.0135
    evenly = np.diag([result.lstm["sigmoid"][-1], *np.full(UNITS - 1, 1 / (UNITS - 1))])  # where the bound is reached
    assert abs(np.linalg.cond(evenly) / result.kappa - 1) < 1e-9


def claim_a_wider_state_is_more_centered(result: Result) -> None:
    """What is left of a mean is chance, and falls with the width: with {{ narrow }} units the ratio of $h$ is
    {{ narrow_lstm | digits(1) }}, with {{ units }} it is {{ lstm.tanh[39] | digits(1) }}."""
    wide = lstm(np.random.default_rng(SEED), n=2 * UNITS)[0][-1]
    assert wide < result.lstm["tanh"][-1] < result.narrow_lstm / 1.5 < 0.06


def claim_plain_nets(result: Result) -> None:
    """After {{ steps }} steps the ratio of the state is {{ plain.sigmoid[39] | digits(2) }} with sigmoids and
    {{ plain.relu[39] | digits(1) }} with ReLU. With tanh it is zero: flip all inputs, and all states flip."""
    for key, tolerance in (("sigmoid", 0.13), ("relu", 0.4)):
        shared, own = 0.0, 0.0
        for _ in range(STEPS):  # infinite width: inputs of variance 1 add to the spread of the pre-activations
            shared, own = propagate(UNIT[key], shared, own + 1)
        assert abs(np.log(result.plain[key][-1] / (shared / own))) < tolerance
    there, back = (plain(np.random.default_rng(SEED), np.tanh, flip=flip) for flip in (1, -1))
    assert np.abs(there + back).max() < 1e-9 and abs(result.plain["tanh"][-1]) < 2e-3


def claim_a_gate_remembers(result: Result) -> None:
    """A forget bias of {{ biases[1] | integer }} opens the gate to {{ open[1] | digits(2) }} and is a memory of
    {{ memory[1] | digits(2) }} steps; a bias of {{ biases[3] | integer }} opens it to {{ open[3] | digits(3) }}, a
    memory of {{ memory[3] | integer }}. In the sampled nets, where inputs and state move the gates about the former,
    their geometric mean is {{ moving | digits(2) }}."""
    for b, opened, left, memory, slope in zip(result.biases, result.open, result.left, result.memory, result.slopes):
        _, c, (_, f, _, _) = step(np.zeros(4), np.ones(1), b=b)
        for _ in range(STEPS - 1):
            _, c, _ = step(np.zeros(4), c, b=b)
        assert abs(c[0] / left - 1) < 1e-9 and abs(memory * np.log(f[0]) + 1) < 1e-9 and abs(opened - f[0]) < 1e-12
        assert abs((sigmoid(b + 1e-5) - sigmoid(b - 1e-5)) / 2e-5 - slope) < 1e-9
    z = np.sqrt(0.52)  # deviation of a pre-activation: inputs of variance 1 and a small state, each with half a share
    assert abs(np.log(result.moving) - normal_mean(lambda t: np.log(sigmoid(1 + t)), z)) < 0.01
    assert result.moving < result.open[1]


def claim_one_matrix_many_times(result: Result) -> None:
    """Scale a matrix so that ReLU brings a state back at its length after {{ long }} steps without inputs. Make it
    larger by {{ off | percent(0) }}, and the state is {{ relu[2] | integer }} times as long; make it smaller by as
    much, and {{ relu[0] | digits(2) }} is left. With tanh and the same matrices the length is
    {{ tanh | digits(1) | list }} of its bound $\\sqrt{n}$."""
    np.testing.assert_allclose(result.relu, np.exp(LONG * np.log1p([-OFF, 0, OFF])), rtol=1e-9)
    assert all(0.1 < share < 1 for share in result.tanh) and max(result.tanh) < 2 * min(result.tanh)


def claim_one_matrix_is_not_the_average(result: Result) -> None:
    """After {{ long }} steps with one matrix, {{ drawn }} nets with He’s weights differ in the length of their state by
    {{ he | digits(1) }} decades (standard deviation); after {{ long }} layers with a matrix each, by
    {{ layers | digits(1) }}."""
    variance = 5 / 4 / UNITS  # of the logarithm of one layer's stretch: (4/n)(E relu⁴ − (E relu²)²)/4
    assert abs(np.log(result.layers * np.log(10) / np.sqrt(variance * LONG))) < 0.9
    assert 2 * result.layers < result.he < 12


def _run(W, U, steps=3, n=2, nudge=0.0, at=None):
    """Half the squared length of the last state of an LSTM with inputs U, and what its matrix was fed with."""
    h, c, fed = np.zeros(n), np.zeros(n), []
    for t in range(steps):
        fed.append(np.concatenate([h, U[t]]))
        h, c, _ = step(W @ fed[-1] + (nudge if t == at else 0), c)
    return np.sum(h**2) / 2, fed


def equation_gradient() -> Draws:
    r"""\frac{\partial L}{\partial W} = \sum_{t=1}^{T} \delta_t\, u_t^\top"""
    for rng in draws(6):
        W, U = rng.normal(size=(8, 4)), rng.normal(size=(3, 2))
        nudges = 1e-20j * np.eye(W.size).reshape(-1, *W.shape)
        fed = _run(W, U)[1]
        delta = [[_run(W, U, nudge=e, at=t)[0].imag / 1e-20 for e in 1e-20j * np.eye(8)] for t in range(3)]
        yield {
            r"\frac{\partial L}{\partial W}": np.array([_run(W + e, U)[0].imag / 1e-20 for e in nudges]).reshape(8, 4),
            "T": 3,
            r"\delta_t": lambda t, delta=delta: np.array(delta[int(t) - 1])[:, None],
            "u_t": lambda t, fed=fed: fed[int(t) - 1][:, None],
        }


def equation_cell() -> Draws:
    r"""c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh c_t"""
    for rng in draws(6):
        z, before = rng.normal(size=(4, 3)), rng.normal(size=3)
        h, c, _ = step(z.ravel(), before)
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
        slopes = [step(z.ravel(), before + nudge)[1].imag / 1e-20 for nudge in 1e-20j * np.eye(3)]
        f = (1 + np.tanh((z[1] + 1) / 2)) / 2
        yield {
            r"\frac{\partial c_t}{\partial c_{t-1}}": np.array(slopes),
            r"\operatorname{diag}": lambda f: np.diag(np.ravel(f)),
            "f_t": f,
        }


def equation_memory() -> Draws:
    r"""\sigma(b)^T = \frac{1}{e}, \qquad T = \frac{1}{\ln(1 + e^{-b})}"""
    for b in (-1.0, 0.0, 1.0, 5.0):
        low, high = 0.0, 1000.0
        for _ in range(80):  # bisection
            T = (low + high) / 2
            low, high = (T, high) if (1 + np.exp(-b)) ** -T > np.exp(-1) else (low, T)
        yield {"T": T, "b": b, "e": np.e, r"\sigma": sigmoid}


def equation_powers() -> Draws:
    r"""h_T(kW) = k^T\,h_T(W)"""
    for rng in draws(6):
        W, h, k = rng.normal(size=(5, 5)), np.abs(rng.normal(size=5)), rng.uniform(0.5, 2)
        yield {"h_T(kW)": free(UNIT["relu"], k * W, h, 4), "k": k, "T": 4, "h_T(W)": free(UNIT["relu"], W, h, 4)}


def figure_ratio(result: Result) -> Figure:
    """Ratio of squared mean to spread against the step, on a logarithmic axis. Three lines lie high: a plain net of
    sigmoids at {{ plain.sigmoid[39] | digits(2) }}, an LSTM with a sigmoid candidate that rises from
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
