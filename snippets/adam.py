"""Does Adam, or momentum, remove the zig-zag?

Momentum keeps the zig-zag and makes it cheap: √κ in the place of κ. Adam is a momentum method with one step size for
each weight; where all inputs have the same mean those step sizes are all alike, so it is momentum with one changing
step size: six times faster than plain descent, slower than tuned momentum, and slower than itself on centered inputs.
Put the same mean into one input, and Adam is cured, because then a step size for each weight is what is missing.

    H      Hessian VARIANCE I + μμᵀ of a linear neuron whose inputs are 100 sigmoid units at N(0, 1), no bias
    error  w − w*; runs start from w = 0, and w* is normal in every weight
    rho    a root of ρ² − (1 + β − ηλ)ρ + β: what an error is multiplied by in each step of momentum
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from lib.activation_functions import sigmoid
from lib.gaussian import moments
from lib.numerics import draws
from lib.plots import FIRST, HIGHLIGHT, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
UNITS, MEAN, VARIANCE = 100, 0.5, moments(sigmoid)[1]
TOLERANCE = 1e-6  # of the starting loss
STARTS = 9
RATES = {"raw": (0.05, 0.1, 0.15, 0.2, 0.3), "centered": (0.05, 0.1, 0.2, 0.4), "one": (0.05, 0.1, 0.2, 0.4)}
RATES |= {"scaled": (0.01, 0.02, 0.04, 0.08, 0.16)}  # step sizes that are tried
BETA = 0.9
BETAS = (*np.arange(0, 80, 5) / 100, *np.arange(80, 100) / 100)  # to move through
LEAST = 4e-4  # where that drawing ends
PARTS = np.arange(1.0, 3.76, 0.05)  # step sizes of momentum that are tried, times 1/λmax
SCALES = np.where(np.arange(UNITS) % 2, 10.0, 1.0)  # deviations of centered inputs, for the question of scaling


@dataclass(frozen=True)
class Result:
    units: int
    "Number of inputs."
    starts: int
    "Number of random targets; counts of steps are medians over them, at the first arrival."
    kappa: float
    "Condition number of the Hessian without a bias."
    kappa_scaled: float
    "The same after diagonal (Jacobi) scaling."
    plain: int
    "Steps to a millionth of the starting loss: plain descent, best constant step."
    momentum: int
    "The same: momentum of 0.9, best step size of a grid."
    tuned: int
    "The same: momentum and step size tuned for the least rate."
    tuned_beta: float
    "The momentum tuned for this condition number."
    tuned_rate: float
    "The factor of the error per step that belongs to it."
    plain_rate: float
    "The factor of plain descent at its best step."
    rates: dict[str, float]
    "The factor of momentum at its best step, for a β of one half, of 0.9 and of 0.99."
    adam: dict[str, float]
    "The same: Adam at its best rate; inputs raw, centered, mean in one input, centered with deviations 1 and 10."
    adam_range: tuple[float, float]
    "Fewest and most steps of Adam over the targets, raw inputs, at that rate."
    momentum_stays: int
    "Steps after which momentum's loss stays below a millionth; it comes and goes before."
    scaled_plain: int
    "Steps of plain descent on the last of these problems."
    gain: float
    "Steps of plain descent over those of Adam, raw inputs."
    turned: float
    "Adam on the rotated problem: the largest difference of loss over 300 steps, relative to the first loss."
    turned_plain: float
    "The same for plain descent."
    one_sign: float
    "Share of a thousand targets for which all weights take Adam's first step in the same direction."
    unevenness: dict[str, float]
    "Deviation over mean of the root of Adam's second moments across weights, after 50 steps: raw, mean in one input."
    crossings: float
    "Share of Adam's steps in which the error along the mean changes sign, raw inputs, best rate."
    curves: dict[str, np.ndarray]
    "Loss after each step relative to the first, one array per method, from one start."


def gradient(error: np.ndarray, mean: np.ndarray, deviations=None) -> np.ndarray:
    """H times errors (…, n): VARIANCE I + μμᵀ, or a diagonal of squared `deviations` for centered inputs."""
    spread = VARIANCE if deviations is None else np.square(deviations)
    return spread * error + (error @ mean)[..., None] * mean


def adam(slope, start, rates, steps: int = 2000, first=0.9, second=0.999, tiny=1e-8):
    """Losses, shape (steps + 1, rates, starts), and last errors and second moments of Adam from errors (starts, n),
    at all rates at once, until every run has been below `TOLERANCE`."""
    error = np.repeat(start[None], len(rates), axis=0)
    m, v, rate = np.zeros_like(error), np.zeros_like(error), np.reshape(rates, (-1, 1, 1))
    g = slope(error)
    losses = [(error * g).sum(axis=-1)]
    arrived = losses[0] < 0
    for t in range(1, steps + 1):
        m += (1 - first) * (g - m)
        v += (1 - second) * (g * g - v)
        error -= rate / (1 - first**t) * m / (np.sqrt(v / (1 - second**t)) + tiny)
        g = slope(error)
        losses.append((error * g).sum(axis=-1))
        arrived |= losses[-1] <= TOLERANCE * losses[0]
        if arrived.all():
            break
    return np.array(losses), error, v


def first_below(losses: np.ndarray) -> np.ndarray:
    """The first step at which each run's loss is at most `TOLERANCE` of its first; 10⁶ where there is none."""
    below = losses <= TOLERANCE * losses[0]
    return np.where(below.any(axis=0), below.argmax(axis=0), 1_000_000)


def momentum(values, start, step, beta, steps: int = 1000) -> np.ndarray:
    """Errors of heavy-ball momentum along eigenvectors with curvatures `values`, shape (steps + 1, …, len(values))."""
    errors, before = [start], start
    for _ in range(steps):
        errors.append(errors[-1] - step * values * errors[-1] + beta * (errors[-1] - before))
        before = errors[-2]
    return np.array(errors)


def to_one_input(errors: np.ndarray) -> np.ndarray:
    """Mirror errors (…, n) so that the direction of equal weights becomes that of the first weight."""
    mirror = np.full(UNITS, 1 / np.sqrt(UNITS)) - np.eye(UNITS)[0]
    return errors - 2 * (errors @ mirror)[..., None] * mirror / (mirror @ mirror)


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    starts, equal = rng.normal(size=(STARTS, UNITS)), np.full(UNITS, MEAN)
    H = VARIANCE * np.eye(UNITS) + np.outer(equal, equal)
    scaling = np.diag(np.diag(H) ** -0.5)
    kappa = condition(H)
    # Plain descent and momentum do not know the coordinates: along the mean, and across it, is all there is.
    along = starts.sum(axis=1) / np.sqrt(UNITS)
    two = np.stack([along, np.sqrt((starts**2).sum(axis=1) - along**2)], axis=1)
    values = np.array([kappa, 1.0])
    runs = {
        "plain": momentum(values, two, 2 / (kappa + 1), 0.0, 2100),
        "tuned": momentum(values, two, *tuned(kappa, 1.0), 400),
    }
    losses = {name: run**2 @ values for name, run in runs.items()}
    each = [momentum(values, two, part / kappa, BETA, 400) ** 2 @ values for part in PARTS]
    best = int(np.argmin([np.median(first_below(run)) for run in each]))
    # Adam does: it is run on the weights themselves.
    problems = {
        "raw": (lambda error: gradient(error, equal), starts),
        "centered": (lambda error: gradient(error, 0 * equal), starts),
        "one": (lambda error: gradient(error, to_one_input(equal)), to_one_input(starts)),
        "scaled": (lambda error: gradient(error, 0 * equal, SCALES), starts / SCALES),
    }
    counts, chosen, histories = {}, {}, {}
    for name, (slope, start) in problems.items():
        histories[name] = adam(slope, start, RATES[name])[0]
        steps = np.median(first_below(histories[name]), axis=1)
        counts[name], chosen[name] = float(steps.min()), int(steps.argmin())
    spread = first_below(histories["raw"])[chosen["raw"]]
    unevenness = {}
    for name in ("raw", "one"):
        roots = np.sqrt(adam(*problems[name], (RATES[name][chosen[name]],), 50)[2][0])
        unevenness[name] = float(np.median(roots.std(axis=1) / roots.mean(axis=1)))
    turn = np.linalg.qr(rng.normal(size=(UNITS, UNITS)))[0]
    turned, turned_plain = _turned(starts[:1], equal, turn)
    many = rng.normal(size=(1000, UNITS))
    signs = np.sign(gradient(many, equal))
    return Result(
        units=UNITS,
        starts=STARTS,
        kappa=kappa,
        kappa_scaled=condition(scaling @ H @ scaling),
        plain=int(np.median(first_below(losses["plain"]))),
        momentum=int(np.median(first_below(each[best]))),
        tuned=int(np.median(first_below(losses["tuned"]))),
        tuned_beta=tuned(kappa, 1.0)[1],
        tuned_rate=np.sqrt(tuned(kappa, 1.0)[1]),
        plain_rate=(kappa - 1) / (kappa + 1),
        rates={name: rate(b, kappa, 1.0) for name, b in (("half", 0.5), ("usual", BETA), ("most", BETAS[-1]))},
        adam=counts,
        adam_range=(float(spread.min()), float(spread.max())),
        momentum_stays=int(np.median(len(each[best]) - (each[best] > TOLERANCE * each[best][0])[::-1].argmax(axis=0))),
        scaled_plain=int(np.ceil(np.log(TOLERANCE) / 2 / np.log(99 / 101))),
        gain=first_below(losses["plain"])[0] / counts["raw"],
        turned=turned,
        turned_plain=turned_plain,
        one_sign=float(np.mean(np.abs(signs.sum(axis=1)) == UNITS)),
        unevenness=unevenness,
        crossings=_crossings(starts, equal, RATES["raw"][chosen["raw"]]),
        curves={
            "plain": _thinned(losses["plain"][:, 0]),
            "momentum": _thinned(each[best][:, 0]),
            "adam": _thinned(histories["raw"][:, chosen["raw"], 0]),
            "one": _thinned(histories["one"][:, chosen["one"], 0]),
        },
    )


def condition(H: np.ndarray) -> float:
    """Steepest over flattest curvature."""
    low, *_, high = np.linalg.eigvalsh(H)
    return high / low


def tuned(high: float, low: float) -> tuple[float, float]:
    """Step size and momentum with the least rate for curvatures from `low` to `high`."""
    root = (np.sqrt(high) - np.sqrt(low)) / (np.sqrt(high) + np.sqrt(low))
    return (2 / (np.sqrt(high) + np.sqrt(low))) ** 2, root**2


def best_step(beta: float, high: float, low: float) -> float:
    """The step size of momentum `beta` with the least rate for curvatures from `low` to `high`."""
    return (1 + beta) * 2 / (high + low)


def factor(z, beta: float):
    """What a step of momentum `beta` leaves of an error in the long run, where step size times curvature is `z`."""
    root = np.sqrt((1 + beta - z) ** 2 - 4 * beta + 0j)
    return np.maximum(abs(1 + beta - z + root), abs(1 + beta - z - root)) / 2


def rate(beta: float, high: float, low: float) -> float:
    """What is left in the slowest direction, at the best step."""
    return float(factor(best_step(beta, high, low) * np.array([high, low]), beta).max())


def crossings(beta: float, high: float, low: float) -> float:
    """Share of steps in which the error along the steepest direction changes its sign, at the best step."""
    half = (1 + beta - best_step(beta, high, low) * high) / 2
    return 1.0 if half**2 >= beta else float(np.arccos(half / np.sqrt(beta)) / np.pi)


def _turned(start, mean, turn) -> tuple[float, float]:
    """Largest difference of loss, relative to the first, between a run and the run of the problem turned by `turn`:
    Adam, then plain descent, 300 steps."""
    pair = []
    for e, mu in ((start, mean), (start @ turn, mean @ turn)):
        pair.append(adam(lambda error, mu=mu: gradient(error, mu), e, (0.1,), 300)[0][:300, 0, 0])
    step = 2 / (UNITS * MEAN**2 + 2 * VARIANCE)
    plain = []
    for e, mu in ((start, mean), (start @ turn, mean @ turn)):
        losses = []
        for _ in range(300):
            losses.append((e * gradient(e, mu)).sum())
            e = e - step * gradient(e, mu)
        plain.append(np.array(losses))
    shortest = min(map(len, pair))
    gap = abs(pair[0][:shortest] - pair[1][:shortest]).max() / pair[0][0]
    return float(gap), float(abs(plain[0] - plain[1]).max() / plain[0][0])


def _crossings(starts, mean, rate) -> float:
    """Share of steps, up to the median number that Adam needs, in which the error along the mean changes sign."""
    along = []

    def slope(error):
        along.append((error @ mean)[0])
        return gradient(error, mean)

    counts = first_below(adam(slope, starts, (rate,))[0])[0]
    swaps = np.sign(along[1:]) != np.sign(along[:-1])
    return float(np.median([swaps[:count, i].mean() for i, count in enumerate(counts)]))


def _thinned(losses: np.ndarray) -> np.ndarray:
    """At most about 300 points of a curve, up to its arrival: step + 1, loss relative to the first, shape (2, …)."""
    end = int(first_below(losses[:, None])[0])
    at = np.unique(np.round(np.geomspace(1, end + 1, 300)).astype(int)) - 1
    return np.stack([at + 1.0, losses[at] / losses[0]])


def claim_between_plain_and_momentum(result: Result) -> None:
    """To a millionth of the loss plain descent needs {{ plain | integer }} steps, Adam {{ adam.raw | integer }} at its
    best rate, and momentum {{ momentum }} at its best step for a β of nine tenths; on centered inputs plain descent
    needs 1 step and Adam {{ adam.centered | integer }}."""
    kappa = 1 + UNITS * MEAN**2 / VARIANCE
    assert abs(result.plain - np.log(TOLERANCE) / 2 / np.log((kappa - 1) / (kappa + 1))) < 1
    assert 3 < result.gain < 10 and 1.5 * result.momentum < result.adam["raw"]
    assert 2 * result.adam["centered"] < result.adam["raw"]
    mean, rng = np.full(UNITS, MEAN), np.random.default_rng(SEED)
    error = rng.normal(size=(STARTS, UNITS))
    before, first = error, (error * gradient(error, mean)).sum(axis=1)
    top, arrived = VARIANCE + UNITS * MEAN**2, np.zeros(STARTS, bool)
    for _ in range(int(1.2 * result.momentum)):  # momentum on the weights themselves, near the best step
        error, before = error - 3.3 / top * gradient(error, mean) + BETA * (error - before), error
        arrived |= (error * gradient(error, mean)).sum(axis=1) <= TOLERANCE * first
    assert arrived.mean() > 0.5


def claim_diagonal_scaling_does_nothing(result: Result) -> None:
    """The best that one fixed step size for each weight can do from the Hessian's diagonal leaves the condition number
    at {{ kappa_scaled | digits(4) }}, what it was."""
    assert abs(result.kappa_scaled / (1 + UNITS * MEAN**2 / VARIANCE) - 1) < 1e-9
    assert abs(result.kappa_scaled - result.kappa) < 1e-6


def claim_signs_no_axes_yes(result: Result) -> None:
    """Flip the signs of inputs, and Adam takes the mirrored path; rotate the problem, and its loss differs by up to
    {{ turned | digits(2) }} of the first one, while plain descent's is the same."""
    rng = np.random.default_rng(SEED)
    start, mean, flip = rng.normal(size=(1, UNITS)), np.full(UNITS, MEAN), np.sign(rng.normal(size=UNITS))
    runs = [
        adam(lambda e, m=m: gradient(e, m), s, (0.1,), 200)[0] for s, m in ((start, mean), (start * flip, mean * flip))
    ]
    np.testing.assert_allclose(*runs, rtol=1e-6, atol=1e-9 * runs[0][0].max())
    assert result.turned > 0.01 and result.turned_plain < 1e-10


def claim_a_mean_in_one_input(result: Result) -> None:
    """Rotate the problem so that one input has all of the mean, at the same condition number: Adam then needs
    {{ adam.one | integer }} steps instead of {{ adam.raw | integer }}, as few as on centered inputs."""
    mean = to_one_input(np.full(UNITS, MEAN))
    H = VARIANCE * np.eye(UNITS) + np.outer(mean, mean)
    assert abs(condition(H) / result.kappa - 1) < 1e-9
    assert condition(H / np.sqrt(np.outer(np.diag(H), np.diag(H)))) < 1 + 1e-9  # now a diagonal can do it
    assert abs(result.adam["one"] / result.adam["centered"] - 1) < 0.2


def claim_first_step_along_the_mean(result: Result) -> None:
    """Adam’s first step changes every weight by the same amount, and for {{ one_sign | percent }} of random targets
    in the same direction: it goes exactly along the mean."""
    rng = np.random.default_rng(SEED + 1)
    start = rng.normal(size=(300, UNITS))
    moved = start - adam(lambda e: gradient(e, np.full(UNITS, MEAN)), start, (0.1,), 1)[1][0]
    np.testing.assert_allclose(abs(moved), 0.1, rtol=1e-2)  # but for gradients as small as Adam’s ε
    share = np.mean(abs(moved.sum(axis=1)) > 0.0999 * UNITS)
    assert abs(share - result.one_sign) < 0.06 and result.one_sign > 0.9


def claim_one_step_size_for_all(result: Result) -> None:
    """After fifty steps Adam’s divisors differ between weights by {{ unevenness.raw | percent(1) }} of their mean;
    with all of the mean in one input, by {{ unevenness.one | percent }}."""
    assert result.unevenness["raw"] < 0.02 and result.unevenness["one"] > 3
    mean, rng = np.full(UNITS, MEAN), np.random.default_rng(SEED)
    v = adam(lambda e: gradient(e, mean), rng.normal(size=(STARTS, UNITS)), (0.1,), 50)[2][0]
    error = np.linalg.solve(VARIANCE * np.eye(UNITS) + np.outer(mean, mean), np.sqrt(v).T)
    assert abs(error.sum(axis=0) * MEAN * MEAN * UNITS / np.sqrt(v).sum(axis=1) - 1).max() < 0.02  # all from the mean


def claim_adam_still_crosses(result: Result) -> None:
    """Adam’s path still crosses the valley: in {{ crossings | percent }} of its steps the error along the mean changes
    its sign."""
    assert 0.1 < result.crossings < 0.6
    mean, rng = np.full(UNITS, MEAN), np.random.default_rng(SEED)
    signs, error = [], rng.normal(size=(1, UNITS))
    for count in range(1, 41, 3):  # runs begun anew, each a little longer
        signs.append(np.sign(adam(lambda e: gradient(e, mean), error, (0.15,), count)[1][0, 0].sum()))
    assert len(set(signs)) == 2


def claim_its_momentum_is_what_helps(result: Result) -> None:
    """Without its momentum, Adam has not arrived after three times as many steps, at any of eight rates from two
    thousandths to a tenth."""
    rng, limit = np.random.default_rng(SEED), int(3 * result.adam["raw"])
    slope, start = lambda e: gradient(e, np.full(UNITS, MEAN)), rng.normal(size=(3, UNITS))
    losses = adam(slope, start, np.geomspace(0.002, 0.1, 8), limit, first=0.0)[0]
    assert np.median(first_below(losses), axis=1).min() > limit


def claim_scales_are_what_it_mends(result: Result) -> None:
    """Centered inputs, half of them with ten times the deviation of the others: plain descent needs
    {{ scaled_plain | integer }} steps, and Adam {{ adam.scaled | integer }}, as few as where all are alike."""
    assert abs(result.adam["scaled"] / result.adam["centered"] - 1) < 0.2
    curvatures = np.repeat([100.0, 1.0], UNITS // 2)
    run = momentum(curvatures, np.random.default_rng(SEED).normal(size=UNITS), 2 / 101, 0.0, 800)
    assert abs(first_below((run**2 @ curvatures)[:, None])[0] - result.scaled_plain) <= 1


def claim_momentum_still_crosses(result: Result) -> None:
    """At its tuned step size momentum’s error along the mean changes sign at every step, as in plain descent; in the
    long run each step leaves {{ tuned_rate | decimals(3) }} of it, where plain descent leaves
    {{ plain_rate | decimals(4) }}."""
    run = momentum(np.array([result.kappa, 1.0]), np.ones(2), *tuned(result.kappa, 1.0), 150)
    assert np.all(run[1:, 0] * run[:-1, 0] < 0) and np.all(run[1:, 1] * run[:-1, 1] > 0)
    assert abs(run[150] / run[149]).max() < result.plain_rate - 0.06
    assert abs(((1 + result.tuned_rate) / (1 - result.tuned_rate)) ** 2 / result.kappa - 1) < 1e-9
    assert abs((1 + result.plain_rate) / (1 - result.plain_rate) / result.kappa - 1) < 1e-9


def claim_root_of_kappa(result: Result) -> None:
    """For condition numbers of ten, a hundred and a thousand the measured rate of tuned momentum is the root of its
    β."""
    for kappa in (10.0, 100.0, 1000.0):
        step, beta = tuned(kappa, 1.0)
        run = abs(momentum(np.array([kappa, 1.0]), np.ones(2), step, beta, 4000 if kappa > 100 else 800))
        late = len(run) // 4
        measured = (run[2 * late, 1] / run[late, 1]) ** (1 / late)  # a double root: t ρᵗ, so a factor 2 remains
        assert abs(measured / 2 ** (1 / late) / np.sqrt(beta) - 1) < 1e-2 / np.sqrt(kappa)


def claim_more_momentum_is_not_better(result: Result) -> None:
    r"""At its best step size a $\beta$ of one half leaves {{ rates.half | decimals(3) }} of the error a step, one of
    nine tenths {{ rates.usual | decimals(3) }}, one of ninety-nine hundredths {{ rates.most | decimals(3) }}; the
    least, {{ tuned_rate | decimals(3) }}, lies between."""
    kappa = result.kappa
    curvatures = np.array([kappa, 1.0])
    for beta, found in zip((0.5, BETA, BETAS[-1]), result.rates.values()):
        for step in best_step(beta, kappa, 1.0) * np.array([0.8, 0.97, 1.0, 1.005, 1.03]):
            matrices = [[[1 + beta - step * c, -beta], [1, 0]] for c in curvatures]
            measured = abs(np.linalg.eigvals(matrices)).max()
            assert measured > found - 1e-9 and (step != best_step(beta, kappa, 1.0) or measured < found + 1e-9)
        run = momentum(curvatures, np.ones(2), best_step(beta, kappa, 1.0), beta, 400)[:, 0]
        assert abs(np.mean(run[1:] * run[:-1] < 0) - crossings(beta, kappa, 1.0)) < 0.01
    assert result.tuned_rate < result.rates["usual"] < result.rates["most"] < result.plain_rate
    assert result.rates["usual"] < result.rates["half"] < result.plain_rate


def equation_best_step():
    r"""\eta = (1 + \beta)\, \frac{2}{\lambda_{\max} + \lambda_{\min}}"""
    for rng in draws(12):
        low, few = rng.uniform(0.1, 1), 0.0
        high = low * rng.uniform(50, 500)
        beta, many = rng.uniform(0.1, 0.5), 4 / high
        for _ in range(100):  # the least spectral radius, by thirds
            steps = few + (many - few) * np.array([1, 2]) / 3
            pairs = [[[[1 + beta - step * c, -beta], [1, 0]] for c in (low, high)] for step in steps]
            one, two = abs(np.linalg.eigvals(pairs)).max(axis=(1, 2))
            few, many = (few, steps[1]) if one < two else (steps[0], many)
        yield {r"\eta": few, r"\beta": beta, r"\lambda_{\max}": high, r"\lambda_{\min}": low}


def equation_iteration():
    r"""\begin{pmatrix} e_{t+1} \\ e_t \end{pmatrix} =
    \begin{pmatrix} 1 + \beta - \eta\lambda & -\beta \\ 1 & 0 \end{pmatrix}
    \begin{pmatrix} e_t \\ e_{t-1} \end{pmatrix}"""
    for rng in draws(12):
        curvature, step, beta = rng.uniform(0.2, 3, 3)
        w, velocity, seen = rng.normal(), 0.0, []
        for _ in range(4):  # as programs write it: a velocity that forgets, and the weight that follows it
            seen.append(w)
            velocity = beta * velocity - step * curvature * w
            w = w + velocity
        yield {"e_{t+1}": seen[3], "e_t": seen[2], "e_{t-1}": seen[1], r"\beta": beta, r"\eta": step,
               r"\lambda": curvature}  # fmt: skip


def equation_roots():
    r"""\rho_1 + \rho_2 = 1 + \beta - \eta\lambda, \quad \rho_1\rho_2 = \beta"""
    for rng in draws(12):
        beta, step, curvature = rng.uniform(0.05, 0.6), rng.uniform(0.3, 0.9), rng.uniform(3.5, 5)
        one, two = np.linalg.eigvals(np.array([[1 + beta - step * curvature, -beta], [1, 0]]) + 0j)
        yield {r"\rho_1": one, r"\rho_2": two, r"\beta": beta, r"\eta": step, r"\lambda": curvature}


def equation_modulus():
    r"""\lvert\rho\rvert = \sqrt{\beta}"""
    for rng in draws(12):
        beta = rng.uniform(0.1, 0.95)
        z = rng.uniform((1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2)
        for root in np.linalg.eigvals([[1 + beta - z, -beta], [1, 0]]):
            yield {r"\rho": root, r"\beta": beta}


def equation_tuned():
    r"""\begin{aligned} \sqrt{\beta} &= \frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}, \\
    \eta &= \left(\frac{2}{\sqrt{\lambda_{\max}} + \sqrt{\lambda_{\min}}}\right)^2 \end{aligned}"""
    for rng in draws(12):
        low = rng.uniform(0.1, 1)
        high, few, many = low * rng.uniform(2, 500), 0.0, 1.0
        for _ in range(60):  # the least momentum for which some step size makes both pairs of roots complex
            beta = (few + many) / 2
            edges = [np.sort(np.roots([c**2, -2 * c * (1 + beta), (1 - beta) ** 2]).real) for c in (low, high)]
            few, many = (few, beta) if edges[0][0] <= edges[1][1] else (beta, many)
        yield {r"\beta": beta, r"\eta": edges[1][1], r"\kappa": high / low, r"\lambda_{\max}": high,
               r"\lambda_{\min}": low}  # fmt: skip


def equation_gains():
    r"""\frac{v_{\text{steady}}}{v_{\text{alternating}}} = \frac{1 + \beta}{1 - \beta}"""
    for beta in np.random.default_rng(0).uniform(0.1, 0.95, 12):
        steady = alternating = 0.0
        for t in range(900):
            steady, alternating = beta * steady + 1, beta * alternating + (-1) ** t
        yield {r"v_{\text{steady}}": steady, r"v_{\text{alternating}}": abs(alternating), r"\beta": beta}


def equation_average():
    r"""\hat{m} = \frac{1 - \beta_1}{1 - \beta_1^t} \sum_{k=1}^{t} \beta_1^{t-k}\, g_k"""
    for rng in draws(12):
        g, beta, m = rng.normal(size=6), rng.uniform(0.3, 0.95), 0.0
        for value in g:
            m = beta * m + (1 - beta) * value
        yield {r"\hat{m}": m / (1 - beta**6), r"\beta_1": beta, "t": 6, "g_k": lambda k, g=g: g[int(k) - 1]}


def equation_first_step():
    r"""\Delta w = -\eta\, \operatorname{sign}(g)"""
    for rng in draws(12):
        start, slopes = rng.normal(size=(1, 5)), rng.uniform(1, 3, 5)
        after = adam(lambda e, c=slopes: c * e, start, (0.3,), 1, tiny=1e-12)[1][0]
        yield {r"\Delta w": (after - start)[0], r"\eta": 0.3, "g": slopes * start[0], r"\operatorname{sign}": np.sign}


def figure_losses(result: Result) -> Figure:
    """Loss against step, both axes logarithmic, {{ units }} inputs that are not centered. Momentum arrives at a
    millionth of the loss after {{ momentum }} steps, Adam after about {{ adam.raw | integer }}, plain descent after
    {{ plain | integer }}."""
    figure = new_figure(360, 0.82)
    (axes,) = figure.axes
    for name, words, role, at, dx in (
        ("plain", "plain", SECOND, (380, 0.13), 4),
        ("adam", "Adam", INK, (310, 1e-4), 4),
        ("momentum", "momentum", FIRST, (28, 3e-5), -6),
    ):
        axes.plot(*result.curves[name], color=role, label=name, linewidth=1.4)
        label_point(axes, words, at, role, dx=dx)
    _steps(
        axes, {1: "start", 11: "10", result.momentum + 1: str(result.momentum), result.plain + 1: f"{result.plain:,}"}
    )
    return figure


def figure_turned(result: Result) -> Figure:
    """Loss against step, both axes logarithmic. Plain descent has one curve for both problems. Adam with the mean
    spread over {{ units }} inputs needs about {{ adam.raw | integer }} steps, with the same mean in one input
    {{ adam.one | integer }}."""
    figure = new_figure(360, 0.82)
    (axes,) = figure.axes
    for name, words, role, at, dx in (
        ("plain", "plain,\neither way", MUTED, (430, 0.25), 4),
        ("adam", "Adam,\nall have\na mean", SECOND, (310, 1e-4), 5),
        ("one", "Adam,\none input has\nall the mean", FIRST, (18, 3e-5), 0),
    ):
        axes.plot(*result.curves[name], color=role, label=name, linewidth=1.4)
        label_point(axes, words, at, role, dx=dx, ha="center" if name == "one" else "left")
    _steps(axes, {1: "start", 11: "10", 101: "100", result.plain + 1: f"{result.plain:,}"})
    return figure


def explore_momentum(result: Result, start: int = 26):
    """What a step takes off the error against step size times curvature, both axes logarithmic. Plain descent: a
    single peak at 1. Momentum of nine tenths: a flat roof at one minus its root, over three orders of magnitude. A
    band, the curvatures of this problem at the best step size, lies under the roof with room to spare."""
    figure = new_figure(360, 0.75)
    (axes,) = figure.axes
    band = axes.add_patch(Polygon([(1, 1), (2, 1), (2, 2), (1, 2)], facecolor=HIGHLIGHT, edgecolor="none"))
    z = np.append(np.geomspace(LEAST, 1, 40), 2 - np.geomspace(1, LEAST, 40))
    axes.plot(z, 1 - factor(z, 0), color=SECOND, label="plain")
    (line,) = axes.plot([1, 2], [1, 1], color=FIRST, label="momentum")
    band.set_gid("band"), line.set_gid("momentum")
    axes.set(xscale="log", yscale="log", xlim=(LEAST, 5), ylim=(LEAST, 1.2))
    ticks = {0.001: "0.001", 0.01: "0.01", 0.1: "0.1", 1: "1"}
    frame_axes(axes, ticks, ticks, "step size × curvature", "taken off per step")
    axes.set_title("plain", loc="center", color=SECOND)
    axes.set_title("momentum", loc="right", color=FIRST)
    plain = np.log(TOLERANCE) / 2 / np.log(rate(0, result.kappa, 1.0))
    for beta in BETAS:
        step, left = best_step(beta, result.kappa, 1.0), rate(beta, result.kappa, 1.0)
        z = _corners(beta)
        line.set_data(z, np.maximum(1 - factor(z, beta), LEAST / 4))
        low, high = step, step * result.kappa
        band.set_xy([(low, LEAST), (high, LEAST), (high, 1), (low, 1)])
        steps = np.log(TOLERANCE) / 2 / np.log(left)
        readouts = {
            "momentum": f"{beta:.2f}",
            "factor per step": f"{left:.4f}",
            "steps to a millionth": f"{steps:,.0f}",
            "times as fast as plain": f"{plain / steps:.1f}",
            "steps that cross the valley": f"{crossings(beta, result.kappa, 1.0):.0%}",
        }
        yield figure, readouts, _sentence(beta, result.tuned_beta, left)


def _corners(beta: float) -> np.ndarray:
    """Points where the roof is drawn: most of them at its ends."""
    low, high = (1 - np.sqrt(beta)) ** 2, (1 + np.sqrt(beta)) ** 2
    u = np.linspace(0, 1, 12)
    left = np.geomspace(min(LEAST, low) / 2, low / 4, 4)[:-1]
    return np.concatenate(
        [left, low * (1 - 0.75 * u[::-1] ** 2), high + (2 + 2 * beta - high) * (1 - np.cos(np.pi * u)) / 2]
    )


def _sentence(beta: float, tuned_beta: float, left: float) -> str:
    if beta == 0:
        return f"Plain descent: a peak and no roof; at both ends of the band a step leaves {left:.4f} of the error."
    if abs(beta - tuned_beta) < 0.005:
        return f"About the best: the roof just covers the band, so it is as high as can be; a step leaves {left:.3f}."
    if beta < tuned_beta:
        return f"Too little: the band is wider than the roof; at its ends a step leaves {left:.3f} of the error."
    return f"More than needed: the roof is wider than the band, and has sunk; a step leaves {left:.3f} of the error."


def _steps(axes, ticks) -> None:
    axes.set(xscale="log", yscale="log", xlim=(0.9, 3000), ylim=(TOLERANCE / 2, 1.5))
    decades = {10.0**-k: f"$\\mathdefault{{10^{{-{k}}}}}$" if k else "1" for k in (0, 2, 4, 6)}
    frame_axes(axes, ticks, decades, "steps", "loss, relative to the first")


if __name__ == "__main__":
    show_figures(figure_losses, figure_turned, of=compute())
