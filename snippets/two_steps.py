"""Does it help to average two consecutive iterates, or to take a short and a long step in turn?

Averaging is a step half as long: at a condition number of {{ kappa | integer }} it leaves
{{ average.along | digits(1) }} of the error along the mean and {{ average.across | digits(1) }} across, where the
newest iterate has {{ gamma | digits(1) }} of both. Sizes of one over each curvature arrive in {{ arrive.plain }} steps,
with a bias in {{ arrive.bias }}, and Barzilai and Borwein's rule finds such sizes, in {{ rule.plain | integer }} steps
instead of {{ constant.plain | integer }}.

    e, g   error of the weights, and gradient He
    η      step size; the best constant one is 2/(λmax + λmin)
    γ      (κ − 1)/(κ + 1), what that step leaves of the error in size
"""

from dataclasses import dataclass

import numpy as np

from lib.activation_functions import sigmoid
from lib.gaussian import moments
from lib.numerics import Draws, draws
from lib.quadratics import MILLIONTH, START, best_step, descend, hessian, hessian_with_bias, steps_to, worst_steps

MEAN, UNITS, SPREAD, STARTS = 2.0, 64, 100, 101
FIRST = 0.1  # first step of the rule, in units of 1/λmax
NORMAL = 1e-6  # relative difference up to which two curvatures are one


@dataclass(frozen=True)
class Result:
    kappa: float
    "Condition number of a neuron with two inputs of variance 1 that have a mean, no bias."
    gamma: float
    "What the best constant step leaves of each part of its error, in size."
    average: dict[str, float]
    "What the average of an iterate and the next leaves of the older one's error, along the mean and across."
    units: int
    "Sigmoid units that a neuron reads, pre-activations from N(0, 1)."
    kappas: dict[str, float]
    "Condition number of that neuron, without a bias and with one; and of a bowl with curvatures spread evenly."
    arrive: dict[str, int]
    "Steps of size one over each curvature that there is, until the error is a millionth."
    constant: dict[str, int]
    "Steps of the best constant size to a millionth of the error, from the worst start."
    pair: dict[str, int]
    "The same for the best two step sizes in turn, where curvatures fill the range between smallest and largest."
    rule: dict[str, float]
    "The same for Barzilai and Borwein's rule, median over random starts."
    first: float
    "First step of that rule, in units of one over the largest curvature."
    starts: int
    "Random starts."
    ratio: float
    "Long step over short step of that best pair, curvatures spread evenly."
    blow: float
    "By how much the long step multiplies what is left along the mean, in size, sigmoid units without a bias."


def make_hessians() -> dict[str, np.ndarray]:
    """Return Hessians of a neuron behind sigmoid units, and one whose curvatures are spread evenly."""
    mean, variance = moments(sigmoid)
    means = np.full(UNITS, mean)
    spread = np.diag(np.linspace(1.0, SPREAD, UNITS))
    return {"plain": hessian(means, variance), "bias": hessian_with_bias(means, variance), "spread": spread}


def find_pair(low: float, high: float) -> np.ndarray:
    """Return the two step sizes whose product of factors is least at worst on [low, high], the short one first."""
    nodes = np.cos(np.pi * np.array([1, 3]) / 4)  # zeros of Chebyshev's polynomial of degree 2
    return 2 / (high + low + (high - low) * nodes)


def count_steps_in_turn(H: np.ndarray, sizes: np.ndarray) -> int:
    """Return the steps, sizes taken in turn, to a millionth of each part of the error."""
    values, factors, steps = np.linalg.eigvalsh(H), 1.0, 0
    while np.max(np.abs(factors)) > MILLIONTH:
        factors, steps = factors * (1 - sizes[steps % len(sizes)] * values), steps + 1
    return steps


def distinct_curvatures(H: np.ndarray) -> np.ndarray:
    """Return the different eigenvalues, the largest first."""
    values = np.linalg.eigvalsh(H)[::-1]
    return values[np.append(True, np.diff(values) < -NORMAL * values[:-1])]


def count_rule_steps(H: np.ndarray, error: np.ndarray, step: float) -> int:
    """Return the steps of Barzilai and Borwein (1988) to a millionth of the error; the first has the size `step`."""
    goal, gradient, steps = MILLIONTH * np.linalg.norm(error), H @ error, 0
    while np.linalg.norm(error) > goal:
        move = -step * gradient
        error, before, steps = error + move, gradient, steps + 1
        gradient = H @ error
        step = move @ move / max(move @ (gradient - before), 1e-300)  # one over the curvature along the last move
    return steps


def compute() -> Result:
    H = hessian(np.full(2, MEAN))
    mean, across = np.ones(2) / np.sqrt(2), np.array([1.0, -1.0]) / np.sqrt(2)
    averages = {name: (e + e - best_step(H) * H @ e) / 2 for name, e in (("along", mean), ("across", across))}
    low, high = np.linalg.eigvalsh(H)
    bowls, rng = make_hessians(), np.random.default_rng(0)
    ends = {name: np.linalg.eigvalsh(bowl)[[0, -1]] for name, bowl in bowls.items()}
    starts = {name: rng.normal(size=(STARTS, len(bowl))) for name, bowl in bowls.items()}
    gammas = {name: (high - low) / (high + low) for name, (low, high) in ends.items()}
    pairs = {name: find_pair(*end) for name, end in ends.items()}
    return Result(
        kappa=high / low,
        gamma=(high - low) / (high + low),
        average={"along": averages["along"] @ mean, "across": averages["across"] @ across},
        units=UNITS,
        kappas={name: high / low for name, (low, high) in ends.items()},
        arrive={
            name: count_steps_in_turn(bowls[name], 1 / distinct_curvatures(bowls[name])) for name in ("plain", "bias")
        },
        constant={name: steps_to(MILLIONTH, gamma) for name, gamma in gammas.items()},
        pair={name: count_steps_in_turn(bowl, pairs[name]) for name, bowl in bowls.items()},
        rule={
            name: float(np.median([count_rule_steps(bowl, e, FIRST / ends[name][1]) for e in starts[name]]))
            for name, bowl in bowls.items()
        },
        first=FIRST,
        starts=STARTS,
        ratio=pairs["spread"][1] / pairs["spread"][0],
        blow=float(ends["plain"][1] / ends["plain"][0] - 1),
    )


def claim_averaging_is_half_a_step(result: Result) -> None:
    """At a condition number of {{ kappa | integer }} the average of two consecutive iterates has
    {{ average.along | digits(1) }} of the older one's error along the mean and {{ average.across | digits(1) }} across;
    the newer one has {{ gamma | digits(1) }} of both."""
    H = hessian(np.full(2, MEAN))
    path = descend(H, best_step(H), START)
    parts = path @ np.array([[1.0, 1.0], [1.0, -1.0]])  # along, across
    shares = (parts[:20] + parts[1:21]) / 2 / parts[:20]
    np.testing.assert_allclose(shares, [[result.average["along"], result.average["across"]]] * 20, rtol=1e-9)
    np.testing.assert_allclose(abs(parts[1:21] / parts[:20]), result.gamma, rtol=1e-9)
    assert abs(result.kappa - np.linalg.cond(H)) < 1e-9
    assert abs(result.average["across"] / result.gamma - result.kappa / (result.kappa - 1)) < 1e-9


def claim_a_step_for_each_curvature(result: Result) -> None:
    """A neuron that reads {{ units }} sigmoid units arrives in {{ arrive.plain | words }} steps of sizes one over each
    curvature, and with a bias in {{ arrive.bias | words }}; with the best constant step it takes
    {{ constant.plain | integer }} and {{ constant.bias | integer }} from the worst start."""
    mean, variance = moments(sigmoid)
    along = variance + UNITS * mean**2
    block = np.linalg.eigvals([[along, mean * np.sqrt(UNITS)], [mean * np.sqrt(UNITS), 1.0]])
    for name, curvatures in (("plain", [along, variance]), ("bias", [block.max(), variance, block.min()])):
        H, errors = make_hessians()[name], np.eye(len(make_hessians()[name]))
        assert len(curvatures) == result.arrive[name] and worst_steps(H) == result.constant[name]
        for count, curvature in enumerate(curvatures, 1):  # the steepest first
            errors = errors - H @ errors / curvature
            assert (np.linalg.norm(errors, 2) < MILLIONTH) == (count == len(curvatures))


def claim_two_in_turn(result: Result) -> None:
    """Where curvatures fill the range from 1 to {{ kappas.spread | integer }}, the best two step sizes in turn take
    {{ pair.spread | integer }} steps, the best constant one {{ constant.spread | integer }}."""
    short, long = find_pair(1.0, SPREAD)
    assert abs(long / short - result.ratio) < 1e-9 and short < 2 / (1 + SPREAD) < long
    curvature = np.linspace(1, SPREAD, 10_001)
    factor = abs((1 - short * curvature) * (1 - long * curvature))
    best = 1 / np.cosh(2 * np.arccosh((result.kappas["spread"] + 1) / (result.kappas["spread"] - 1)))
    assert abs(factor.max() - best) < 1e-9  # one over Chebyshev's polynomial
    for nudge in ((1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99)):
        sizes = np.array(nudge) * (short, long)
        assert abs(np.prod(1 - sizes[:, None] * curvature, axis=0)).max() > factor.max()
    assert abs(result.pair["spread"] - 2 * np.log(MILLIONTH) / np.log(best)) < 2
    gamma = (SPREAD - 1) / (SPREAD + 1)
    assert result.constant["spread"] == int(np.ceil(np.log(MILLIONTH) / np.log(gamma)))


def claim_a_rule_finds_them(result: Result) -> None:
    """Barzilai and Borwein's rule takes {{ rule.plain | integer }} steps behind sigmoid units,
    {{ rule.bias | integer }} with a bias, and {{ rule.spread | integer }} where curvatures are spread evenly up to
    {{ kappas.spread | integer }} (medians of {{ starts }} starts)."""
    rng = np.random.default_rng(0)
    for name, H in make_hessians().items():
        values, counts = np.linalg.eigvalsh(H), []
        for _ in range(STARTS):  # the rule's step is the step of an exact line search, one step late
            parts = rng.normal(size=len(H)) @ np.linalg.eigh(H)[1] if name != "spread" else rng.normal(size=len(H))
            goal, step, count = MILLIONTH * np.linalg.norm(parts), FIRST / values[-1], 0
            while np.linalg.norm(parts) > goal:
                squares = (values * parts) ** 2
                parts, step = parts * (1 - step * values), squares.sum() / (squares * values).sum()
                count += 1
            counts.append(count)
        assert abs(np.median(counts) - result.rule[name]) <= (1 if name == "spread" else 0), name
    assert abs(values[-1] / values[0] / result.kappas["spread"] - 1) < 1e-9


def equation_average() -> Draws:
    r"""\frac{e_t + e_{t+1}}{2} = e_t - \frac{\eta}{2}\, g_t"""
    for rng in draws(8):
        H, e = hessian(rng.normal(size=3), rng.uniform(0.5, 2, 3)), rng.normal(size=3)
        eta = best_step(H)
        yield {"e_t": e, "e_{t+1}": e - eta * H @ e, r"\eta": eta, "g_t": H @ e}


def equation_shares() -> Draws:
    r"""\frac{1 - \gamma}{2} = \frac{1}{\kappa + 1}, \qquad \frac{1 + \gamma}{2} = \frac{\kappa}{\kappa + 1}"""
    for rng in draws(8):
        low, high = np.sort(rng.uniform(0.1, 9, 2))
        yield {r"\gamma": 2 / (low + high) * high - 1, r"\kappa": high / low}


if __name__ == "__main__":
    print(compute())
