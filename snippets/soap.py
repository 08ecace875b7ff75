"""What does the basis of Shampoo and SOAP do to the mean of the inputs?

It gives the mean an axis of its own. With a memory of many independent errors, Adam's divisor in the given axes is the
same for all of them and mends nothing; in the eigenvectors of E[GGᵀ] it is the curvature, and the step points at the
optimum. Shampoo leaves the root of the condition number: {{ left.shampoo[12] | digits(2) }} of
{{ left.plain[12] | integer }}.

    G   gradient of q linear neurons that read the same n inputs: G = HE for errors E of their weights
    L   average of GGᵀ, R that of GᵀG; Shampoo multiplies G by a root of each, SOAP is Adam in their eigenvectors
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, cosine, draws
from lib.plots import FIRST, INK, SECOND, THIRD, Frames, frame_axes, label_point, new_figure, show_figures
from lib.quadratics import hessian

SEED = 0
INPUTS, MEANS = 100, tuple(round(float(m), 1) for m in np.arange(0, 3.1, 0.2))
TURNED = {"inputs": 20, "neurons": 10, "steps": 20}
STEPS = {"adam": 0.1, "shampoo": 2.0, "soap": 0.06}


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs, uncorrelated, of variance 1."
    means: tuple[float, ...]
    "Means of each of them."
    left: dict[str, tuple[float, ...]]
    "Condition number that plain descent and Shampoo work with, for each mean."
    cosine: dict[str, tuple[float, ...]]
    "Cosine of the step with the way to the optimum, random errors and a memory of independent ones, for each mean."
    axis: float
    "Cosine of L's first eigenvector with the mean, for a mean near 1, from one gradient of a few neurons."
    turning: dict[str, int]
    "Inputs, neurons and steps of the runs that are rotated."
    turned: dict[str, float]
    "Largest change of the error's length, as a share, when the inputs are rotated."


def power(A: np.ndarray, exponent: float) -> np.ndarray:
    """A power of a symmetric matrix, its eigenvalues raised to a billionth of their mean."""
    values, U = np.linalg.eigh(A)
    return (U * np.maximum(values, 1e-9 * values.mean()) ** exponent) @ U.T


def adam(G: np.ndarray, state: dict, t: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Adam's step number t in the axes that stand in the columns of `left` and `right`."""
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * G
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * (left.T @ G @ right) ** 2
    turned = left.T @ state["m"] @ right / (1 - 0.9**t) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)
    return left @ turned @ right.T


def choose_step(method: str, G: np.ndarray, state: dict, t: int) -> np.ndarray:
    """What is subtracted, but for the step size, at step t = 1, 2, …; `state` holds what the method remembers."""
    if method == "adam":
        return adam(G, state, t, np.eye(len(G)), np.eye(G.shape[1]))
    state["l"], state["r"] = state.get("l", 0) + G @ G.T, state.get("r", 0) + G.T @ G
    if method == "shampoo":
        return power(state["l"], -0.25) @ G @ power(state["r"], -0.25)
    left, right = (np.linalg.eigh(state[key])[1] for key in "lr")
    return adam(G, state, t, left, right) * (t > 1)  # the first gradient only begins the averages


def follow(method: str, Q: np.ndarray) -> np.ndarray:
    """Length of the error after each step on batches of 50, inputs of mean 2.4 and errors rotated by Q."""
    n, q, steps = TURNED.values()
    rng = np.random.default_rng(SEED)
    E, state, left = Q @ rng.normal(size=(n, q)), {}, []
    for t in range(1, steps + 1):
        x = (2.4 + rng.normal(size=(50, n))) @ Q.T
        E = E - STEPS[method] * choose_step(method, x.T @ (x @ E) / 50, state, t)
        left.append(np.linalg.norm(E))
    return np.array(left)


def compute() -> Result:
    kappas = 1 + INPUTS * np.array(MEANS) ** 2
    kept = {"plain": kappas, "shampoo": np.sqrt(kappas), "soap": np.ones(len(kappas))}
    n, rng = TURNED["inputs"], np.random.default_rng(SEED)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    changes = {method: follow(method, Q) / follow(method, np.eye(n)) - 1 for method in STEPS}
    G = hessian(np.full(INPUTS, MEANS[6])) @ rng.normal(size=(INPUTS, 30))
    return Result(
        inputs=INPUTS,
        means=MEANS,
        left={key: tuple(kept[key]) for key in ("plain", "shampoo")},
        cosine={key: tuple((INPUTS - 1 + k) / np.sqrt(INPUTS * (INPUTS - 1 + k**2))) for key, k in kept.items()},
        axis=float(abs(np.linalg.eigh(G @ G.T)[1][:, -1].sum()) / np.sqrt(INPUTS)),
        turning=TURNED,
        turned={method: float(np.abs(change).max()) for method, change in changes.items()},
    )


def claim_a_memory_of_errors_makes_soap_newton(result: Result) -> None:
    """{{ inputs }} inputs of mean {{ means[12] | digits(2) }}, and a memory of many independent errors: the cosine
    of the step with the way to the optimum is {{ cosine.plain[12] | decimals(2) }} for plain descent and for Adam,
    {{ cosine.shampoo[12] | decimals(2) }} for Shampoo and {{ cosine.soap[12] | integer }} for SOAP. Plain descent
    works with a condition number of {{ left.plain[12] | integer }}, Shampoo with
    {{ left.shampoo[12] | digits(2) }}."""
    H = hessian(np.full(INPUTS, MEANS[12]))
    rng = np.random.default_rng(0)
    memory, E = H @ rng.normal(size=(INPUTS, 6000)), rng.normal(size=(INPUTS, 1000))
    L = memory @ memory.T
    U = np.linalg.eigh(L)[1]
    steps = {
        "plain": H @ E / np.sqrt((memory**2).mean(axis=1))[:, None],  # Adam's, in the given axes
        "shampoo": power(L, -0.25) @ H @ E,
        "soap": U @ (U.T @ H @ E / np.sqrt(((U.T @ memory) ** 2).mean(axis=1))[:, None]),
    }
    for key, step in steps.items():
        assert abs(cosine(step, E) - result.cosine[key][12]) < 0.01
    kappa = np.linalg.cond(H)
    np.testing.assert_allclose([result.left["plain"][12], result.left["shampoo"][12]], [kappa, np.sqrt(kappa)])


def claim_one_axis_is_the_mean(result: Result) -> None:
    """With a mean of {{ means[6] | digits(2) }}, the first eigenvector of L from one gradient of a few neurons has a
    cosine of {{ axis | decimals(4) }} with the mean."""
    assert 0.9992 < result.axis < 1


def claim_soap_turns_with_the_inputs(result: Result) -> None:
    """When all inputs are rotated, the errors of {{ turning.steps }} steps of Adam change by up to
    {{ turned.adam | percent(0) }}, those of Shampoo and SOAP by rounding only."""
    assert max(result.turned["shampoo"], result.turned["soap"]) < 1e-5
    n, q, steps = TURNED.values()
    Q = np.linalg.qr(np.random.default_rng(SEED).normal(size=(n, n)))[0]
    runs = []
    for axes in (np.eye(n), Q.T):  # instead of the inputs, Adam's axes are rotated
        rng = np.random.default_rng(SEED)
        E, state, left = rng.normal(size=(n, q)), {}, []
        for t in range(1, steps + 1):
            x = 2.4 + rng.normal(size=(50, n))
            E = E - STEPS["adam"] * adam(x.T @ (x @ E) / 50, state, t, axes, np.eye(q))
            left.append(np.linalg.norm(E))
        runs.append(np.array(left))
    np.testing.assert_allclose(result.turned["adam"], np.abs(runs[1] / runs[0] - 1).max(), rtol=1e-6)


def equation_second_moment() -> Draws:
    r"""L = \mathbb{E}[G G^\top] = q H^2"""
    for rng in draws(4):
        q, H = 3, hessian(rng.normal(size=3), rng.uniform(0.5, 2, size=3))
        signs = np.array(np.meshgrid(*[(-1.0, 1.0)] * 9)).reshape(9, -1).T.reshape(-1, 3, q)  # all errors ±1
        moment = np.mean([H @ E @ E.T @ H for E in signs], axis=0)
        yield {r"\mathbb{E}[G G^\top]": moment, "L": moment, "q": q, "H": H}


def equation_divisor() -> Draws:
    r"""\mathbb{E}[g_j^2] = (H^2)_{jj} = s^4 + 2 s^2\mu_j^2 + \mu_j^2\,\lVert\mu\rVert^2"""
    for rng in draws(4):
        mu, s, j = rng.normal(size=4), rng.uniform(0.5, 2), int(rng.integers(4))
        H = hessian(mu, s**2)
        signs = np.array(np.meshgrid(*[(-1.0, 1.0)] * 4)).reshape(4, -1)
        square = np.mean((H @ signs) ** 2, axis=1)[j]
        yield {
            r"\mathbb{E}[g_j^2]": square,
            r"(H^2)_{jj}": (H @ H)[j, j],
            "s": s,
            r"\mu_j": mu[j],
            r"\mu": mu,
        }


def draw_curves(result: Result) -> Figure:
    """The three cosines over the mean of each input."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    names = {
        "soap": ("SOAP", FIRST, 9),
        "shampoo": ("Shampoo", THIRD, 10),
        "plain": ("Adam, and plain descent", SECOND, 11),
    }
    for key, (name, role, dy) in names.items():
        axes.plot(MEANS, result.cosine[key], color=role, label=name)
        label_point(axes, name, (MEANS[4], result.cosine[key][4]), role, dx=2, dy=dy)
    axes.set(xlim=(-0.1, 3.1), ylim=(-0.02, 1.12))
    frame_axes(axes, (0, 1, 2, 3), (0, 0.5, 1), "mean of each input", "cosine with the way to the optimum")
    return figure


def explore_mean(result: Result, start: int = 12) -> Frames:
    """Cosine of the step with the way to the optimum against the mean. SOAP's is 1 throughout; Shampoo's falls to
    {{ cosine.shampoo[15] | decimals(2) }} at a mean of {{ means[15] | digits(1) }},
    Adam's to {{ cosine.plain[15] | decimals(2) }}."""
    figure = draw_curves(result)
    (axes,) = figure.axes
    (mark,) = axes.plot([0, 0], [0, 1], color=INK, linewidth=1)
    mark.set_gid("mark")
    for i, mean in enumerate(MEANS):
        mark.set_xdata([mean, mean])
        readouts = {
            "mean": f"{mean:.1f}",
            "condition number": f"{result.left['plain'][i]:.0f}",
            "Shampoo’s": f"{result.left['shampoo'][i]:.1f}",
            "cosine, Adam": f"{result.cosine['plain'][i]:.2f}",
            "cosine, Shampoo": f"{result.cosine['shampoo'][i]:.2f}",
        }
        angles = [np.degrees(np.arccos(result.cosine[key][i])) for key in ("plain", "shampoo")]
        yield figure, readouts, f"Adam’s step points {angles[0]:.0f} degrees away, Shampoo’s {angles[1]:.0f}."


if __name__ == "__main__":
    show_figures(draw_curves, of=compute())
