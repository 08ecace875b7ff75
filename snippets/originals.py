"""Do the classic papers say what everyone says they say, and do their numbers come out again?

Mostly yes, and with more conditions than the retelling keeps. Each result here is small and is one that its paper
reports or a consequence of its formulas: the spectrum and the learning time of LeCun, Kanter and Solla, the two classes
and the sigmoid of Efficient BackProp, Hinton's pair, Shewchuk's worst starts, Goh's modulus, Amari's efficiency.

    n      inputs (the paper's N)
    alpha  examples over inputs, B/n (the paper's p/N)
    ratio  mean of one input over its deviation r; the inputs have variance 1
    top    largest eigenvalue of the second moment E[xxᵀ]
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from lib.activation_functions import FUNCTIONS
from lib.gaussian import moments
from lib.numerics import draws
from lib.plots import FIRST, GRID, INK, MUTED, SECOND, frame_axes, label_point, new_figure, show_figures

SEED = 0
INPUTS, EXAMPLES, RATIO = 200, 1000, 0.5
DRAWS = 5
SMALL, TRIALS, GOAL = 100, 9, 1e-3  # inputs, runs and allowed error of the learning time
ALPHAS = (0.4, 0.6, 0.8, 1.0, 1.4, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 16.0)
CLASS = np.array([0.4, 0.8])  # one class has this mean, the other its negative
SPREAD = 0.036  # variance within a class, so that the eigenvalues are the reported 0.84 and 0.036
STEPS = (1.5, 2.5)
START = np.array([-0.5, 1.1])  # an error, partly along the classes and partly across
RUN = 40
KAPPAS = (10, 100, 1000)
MOMENTUM = 0.9
WEAK, ONLINE = 0.1, 1000  # Fisher information of one example, and how many come


@dataclass(frozen=True)
class Result:
    inputs: int
    "Inputs of the spectrum."
    examples: int
    "Examples of the spectrum."
    ratio: float
    "Mean of each input, in deviations."
    edges: tuple[float, float]
    "Where the formula ends the bulk."
    measured: tuple[float, float]
    "Least and second largest eigenvalue, medians of the draws."
    tops: tuple[float, float, float]
    "Largest eigenvalue: least, median and most of the draws."
    draws: int
    "How many draws."
    limit: float
    "Largest eigenvalue for unlimited examples, 1 + n r²."
    spectrum: np.ndarray
    "All eigenvalues of the first draw, ascending."
    plain: np.ndarray
    "The same without the mean."
    small: int
    "Inputs of the learning times."
    trials: int
    "Runs behind each learning time."
    alphas: tuple[float, ...]
    "Examples over inputs."
    times: np.ndarray
    "Presentations of examples, over inputs, to an error of a thousandth: median of the runs, one entry per ratio."
    best: float
    "Ratio of examples to inputs with the least learning time, predicted."
    fastest: float
    "The same, measured: the least of the medians."
    best_mean: float
    "The same, predicted for inputs with a large mean."
    sigmoid_at_one: float
    "1.7159 tanh(2/3)."
    bend: float
    "Where the second derivative of 1.7159 tanh(2z/3) is largest in size."
    variance: float
    "Variance of 1.7159 tanh(2z/3) for z ~ N(0, 1)."
    steps: tuple[float, float]
    "The two step sizes tried on the two classes."
    curvatures: tuple[float, float]
    "Eigenvalues for the two classes, largest first."
    bound: float
    "Step size at which descent on the two classes begins to diverge."
    slowest: tuple[int, int]
    "Steps to a millionth of the error, from the worst start, at 1/λmax and at 2/(λmax + λmin)."
    shifted: float
    "The same with the mean of a class added to all inputs."
    kappa: tuple[float, float, float]
    "Condition number for the two classes: as they are, shifted along the classes, shifted as far across."
    curve: np.ndarray
    "1.7159 tanh(2z/3) and its second derivative: columns z, f, f″."
    paths: tuple[np.ndarray, ...]
    "Errors of the weights: step sizes 1.5 and 2.5, and 1.5 with the shift."
    far: tuple[int, int]
    "The two numbers in Hinton's shifted pair: the first example has the first twice, the second has both."
    hinton: tuple[float, float]
    "Condition numbers of Hinton's two pairs of examples, without a bias."
    tuned: tuple[float, ...]
    "Least factor per step that any step size and momentum give, searched for, one entry per condition number."
    modulus: float
    "Factor per step of the error under momentum of nine tenths, measured where it oscillates."
    misprint: float
    "Twice the root of that momentum."
    online: tuple[float, float]
    "Variance over the Cramér–Rao bound after all examples: natural and plain gradient."


def bulk(alpha):
    """Edges of the bulk for variance 1 (LeCun, Kanter and Solla, section 4)."""
    root = np.sqrt(alpha)
    return (1 - root) ** 2 / alpha, (1 + root) ** 2 / alpha


def spectrum(x) -> np.ndarray:
    """Eigenvalues of the second moment of the examples, the columns of x."""
    return np.linalg.eigvalsh(x @ x.T / x.shape[1])


def presentations(rng, alpha: float) -> float:
    """Examples shown, over inputs, until the loss is GOAL: uniform inputs, random start and target, step 1/λmax."""
    count = round(alpha * SMALL)
    x = rng.uniform(-1, 1, (SMALL, count))
    values, vectors = np.linalg.eigh(x @ x.T / count)
    loss = values * (vectors.T @ (rng.uniform(-1, 1, SMALL) - rng.uniform(-1, 1, SMALL))) ** 2 / 2
    factor = 1 - np.maximum(values, 0) / values[-1]
    low, high = 0, 1
    while np.sum(loss * factor ** (2 * high)) > GOAL:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if np.sum(loss * factor ** (2 * middle)) > GOAL else (low, middle)
    return alpha * high


def least(function, low: float, high: float) -> float:
    """Where a function with one valley is least, by thirds."""
    for _ in range(80):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if function(a) < function(b) else (a, high)
    return (low + high) / 2


def classes(shift=(0.0, 0.0)) -> np.ndarray:
    """Second moment of the inputs: two classes of the same size and spread, all shifted."""
    return np.outer(CLASS, CLASS) + SPREAD * np.eye(2) + np.outer(shift, shift)


def descend(H, step: float, error=START, count: int = RUN) -> np.ndarray:
    """Errors of gradient descent, shape (count + 1, 2)."""
    errors = [np.asarray(error)]
    for _ in range(count):
        errors.append(errors[-1] - step * H @ errors[-1])
    return np.array(errors)


def steps_across(H, step: float) -> int:
    """Steps to a millionth of an error along the flattest direction, counted."""
    error, count = np.linalg.eigh(H)[1][:, 0], 0
    while np.linalg.norm(error) > 1e-6:
        error, count = error - step * H @ error, count + 1
    return count


def pair(shift: float) -> np.ndarray:
    """Second moment of Hinton's two examples (1, 1) and (1, −1), both shifted."""
    x = np.array([[1.0, 1.0], [1.0, -1.0]]) + shift
    return x.T @ x / 2


def heavy_ball(curvature, step, beta):
    """Factor per step that momentum leaves of the error: the larger root, in size, of one curvature's recursion."""
    half = (1 + beta - step * curvature) / 2
    root = np.sqrt(np.asarray(half * half - beta, complex))
    return np.maximum(abs(half + root), abs(half - root))


def search(kappa: float) -> float:
    """Least factor per step over step sizes and momenta, for curvatures between 1 and kappa."""

    def over_steps(beta):
        low, high = ((1 + sign * np.sqrt(beta)) ** 2 / kappa for sign in (-1, 1))
        steps = np.append(np.linspace(low, 1.2 * high, 13)[1:], high)
        return np.maximum(heavy_ball(1, steps, beta), heavy_ball(kappa, steps, beta)).min()

    return float(over_steps(least(over_steps, 0, 1)))


def oscillation(beta: float = MOMENTUM, steps: int = 400) -> float:
    """Factor per step of the error of a run with momentum on one curvature: the fall of its largest swings."""
    error, before, sizes = 1.0, 1.0, []
    for _ in range(steps):
        error, before = error - 0.3 * error + beta * (error - before), error
        sizes.append(abs(error))
    early, late = max(sizes[100:200]), max(sizes[300:400])
    return float((late / early) ** (1 / 200))


def online(step: float, count: int = ONLINE) -> float:
    """Variance of the estimate over the Cramér–Rao bound, exact: one example at a time, with steps `step`/t."""
    variance = 0.0
    for t in range(1, count + 1):  # the start is the truth, which favors steps that do not forget it
        variance = (1 - step * WEAK / t) ** 2 * variance + (step / t) ** 2 * WEAK
    return variance * count * WEAK


def compute() -> Result:
    rng = np.random.default_rng(SEED)
    noise = rng.normal(size=(DRAWS, INPUTS, EXAMPLES))
    spectra = np.array([spectrum(z + RATIO) for z in noise])
    times = np.array([np.median([presentations(rng, a) for _ in range(TRIALS)]) for a in ALPHAS])
    lecun = FUNCTIONS["lecun_tanh"]
    H = classes()
    across = np.array([CLASS[1], -CLASS[0]])
    return Result(
        inputs=INPUTS,
        examples=EXAMPLES,
        ratio=RATIO,
        edges=bulk(EXAMPLES / INPUTS),
        measured=(float(np.median(spectra[:, 0])), float(np.median(spectra[:, -2]))),
        tops=tuple(np.quantile(spectra[:, -1], [0, 0.5, 1])),
        draws=DRAWS,
        limit=1 + INPUTS * RATIO**2,
        spectrum=spectra[0],
        plain=spectrum(noise[0]),
        small=SMALL,
        trials=TRIALS,
        alphas=ALPHAS,
        times=times,
        best=least(lambda a: a * bulk(a)[1] / bulk(a)[0], 1.5, 20),
        fastest=ALPHAS[4 + int(np.argmin(times[4:]))],
        best_mean=least(lambda a: a / bulk(a)[0], 1.5, 20),
        sigmoid_at_one=float(lecun(1.0)),
        bend=least(lambda z: -abs(bending(z)), 0.3, 2),
        variance=moments(lecun)[1],
        steps=STEPS,
        curvatures=tuple(np.linalg.eigvalsh(H)[::-1]),
        bound=2 / np.linalg.norm(H, 2),
        slowest=tuple(steps_across(H, step) for step in (1 / np.linalg.norm(H, 2), 2 / np.trace(H))),
        shifted=2 / np.linalg.norm(classes(CLASS), 2),
        kappa=tuple(float(np.linalg.cond(M)) for M in (H, classes(CLASS), classes(across))),
        curve=np.array([(z, lecun(z), bending(z)) for z in np.linspace(-3, 3, 121)]),
        paths=(descend(H, STEPS[0]), descend(H, STEPS[1]), descend(classes(CLASS), STEPS[0])),
        far=(101, 99),
        hinton=tuple(float(np.linalg.cond(pair(c))) for c in (100, 0)),
        tuned=tuple(search(kappa) for kappa in KAPPAS),
        modulus=oscillation(),
        misprint=2 * float(np.sqrt(MOMENTUM)),
        online=(online(1 / WEAK), online(1.0)),
    )


def bending(z: float, h: float = 1e-4) -> float:
    """Second derivative of 1.7159 tanh(2z/3), by differences of its slope, itself by a complex step."""
    slope = [(1.7159 * np.tanh(2 * (z + d + 1e-20j) / 3)).imag / 1e-20 for d in (-h, h)]
    return (slope[1] - slope[0]) / (2 * h)


def claim_one_eigenvalue_leaves(result: Result) -> None:
    """{{ inputs }} normal inputs of mean {{ ratio | digits(1) }} and variance 1, {{ examples | integer }} examples: one
    eigenvalue is {{ tops[1] | digits(3) }} (median of {{ draws }} draws, from {{ tops[0] | digits(3) }} to
    {{ tops[2] | digits(3) }}), where unlimited examples give {{ limit | integer }}; all others lie between
    {{ measured[0] | digits(2) }} and {{ measured[1] | digits(3) }} (medians, too), where the formula ends at
    {{ edges[0] | digits(2) }} and {{ edges[1] | digits(3) }}."""
    population = np.eye(INPUTS) + RATIO**2 * np.ones((INPUTS, INPUTS))
    assert np.isclose(result.limit, np.linalg.norm(population, 2))
    assert np.all(abs(np.array(result.tops) - result.limit) < 2)  # a draw deviates by about 2r√(n/B) = 0.45
    assert abs(result.measured[0] - result.edges[0]) < 0.04 and abs(result.measured[1] - result.edges[1]) < 0.1


def claim_mean_not_in_the_bulk(result: Result) -> None:
    """Without the mean the same draw has the same bulk: no eigenvalue in it moves by more than a step to its
    neighbor, and only the largest leaves."""
    with_mean, without = result.spectrum, result.plain
    assert np.all(with_mean[1:-1] >= without[:-2]) and np.all(with_mean[1:-1] <= without[2:])  # interlacing
    assert without[-1] < 1.1 * result.edges[1] < result.limit / 10 < with_mean[-1]
    trace = with_mean.sum() - without.sum()
    assert abs(trace / (result.limit - 1) - 1) < 0.06  # what the mean adds to the trace, the top has


def claim_best_number_of_examples(result: Result) -> None:
    """{{ small }} inputs: the learning time is longest with as many examples as inputs and, beyond, least with
    {{ fastest | integer }} times as many (median of {{ trials }} runs, on a flat minimum), where the formula says
    {{ best | digits(3) }} and the paper measured between four and five."""
    times = result.times
    assert ALPHAS[int(np.argmax(times))] == 1 and 3 <= result.fastest <= 8
    assert np.isclose(result.best, np.roots([1, -6, 1]).max())  # (1 + √2)² = 3 + 2√2
    assert times[-1] > 1.15 * times[4:].min()
    assert np.ptp(times[6:10]) < 0.3 * times[6:10].min()  # from three to six times as many


def claim_epochs_only_fall(result: Result) -> None:
    """Counted in passes through the examples, more of them never cost more: from four times as many as inputs to
    sixteen the passes fall to less than half. And for inputs with a large mean the least time moves to
    {{ best_mean | digits(1) }} times as many."""
    passes = result.times / np.array(ALPHAS)
    assert np.all(np.diff(passes[3:]) < 0) and passes[-1] < passes[7] / 2
    assert np.isclose(result.best_mean, np.roots([1, -2]).max() ** 2)  # s²/(s − 1) is least at s = 2


def claim_recommended_sigmoid(result: Result) -> None:
    """LeCun's tanh is {{ sigmoid_at_one | digits(6) }} at 1, its second derivative is largest in size at
    {{ bend | digits(3) }}, and for $z$ from N(0, 1) its outputs have the variance {{ variance | digits(2) }}."""
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    f = 1.7159 * (1 - 2 / (np.exp(4 * z / 3) + 1))
    assert abs(result.variance - weight @ f**2 / weight.sum()) < 1e-8
    assert abs(result.sigmoid_at_one - 1) < 3e-6 and 0.98 < result.bend < 0.99
    z, f, bent = result.curve.T
    assert np.allclose(bent, -8 / 9 * f * (1 - (f / 1.7159) ** 2), atol=1e-6)  # f″ = −2(2/3)² f (1 − tanh²)
    roots = np.roots([3, 0, -1])  # f‴ = 0 where 3 tanh² = 1
    assert abs(np.tanh(2 * result.bend / 3) - roots.max()) < 1e-5


def claim_two_classes(result: Result) -> None:
    """Eigenvalues {{ curvatures[0] | digits(3) }} and {{ curvatures[1] | digits(2) }} put the bound at
    {{ bound | digits(3) }}: a step of {{ steps[0] | digits(2) }} converges, and a step of {{ steps[1] | digits(2) }}
    leaps farther each time."""
    along = CLASS / np.linalg.norm(CLASS)
    calm, wild = (path @ along for path in result.paths[:2])
    assert np.allclose(result.curvatures, (CLASS @ CLASS + SPREAD, SPREAD))
    assert STEPS[0] < result.bound < STEPS[1]
    assert abs(calm[-1]) < 1e-12 and np.all(calm[1:10] * calm[:9] < 0)
    assert np.all(abs(wild[1:]) > abs(wild[:-1])) and np.all(wild[1:] * wild[:-1] < 0)


def claim_a_better_step(result: Result) -> None:
    r"""For these classes and the worst start, $\eta = 1/\lambda_{\max}$ needs {{ slowest[0] | integer }} steps to a
    millionth of the error, and $2/(\lambda_{\max} + \lambda_{\min})$ needs {{ slowest[1] | integer }}."""
    kappa = result.kappa[0]
    for count, rate in zip(result.slowest, (1 - 1 / kappa, (kappa - 1) / (kappa + 1))):
        assert count == int(np.ceil(np.log(1e-6) / np.log(rate)))


def claim_a_mean_may_help(result: Result) -> None:
    """Add the mean of a class to all inputs, and the bound falls to {{ shifted | digits(3) }}: the step of
    {{ steps[0] | digits(2) }} diverges, and the condition number rises from {{ kappa[0] | digits(3) }} to
    {{ kappa[1] | digits(3) }}. Add a mean as long at a right angle to it, and the bowl is round:
    {{ kappa[2] | integer }}."""
    length, across = CLASS @ CLASS, np.array([-CLASS[1], CLASS[0]])
    assert np.isclose(result.kappa[1], (2 * length + SPREAD) / SPREAD)
    assert np.isclose(result.kappa[0], (length + SPREAD) / SPREAD) and np.isclose(result.kappa[2], 1)
    assert np.allclose(classes(across), (length + SPREAD) * np.eye(2))
    assert result.shifted < STEPS[0] and np.linalg.norm(result.paths[2][-1]) > 100 * np.linalg.norm(START)


def claim_hinton(result: Result) -> None:
    """Hinton’s pair ({{ far[0] }}, {{ far[0] }}), ({{ far[0] }}, {{ far[1] }}) has the condition number
    {{ hinton[0] | integer }}, and (1, 1), (1, −1) has {{ hinton[1] | integer }}."""
    a, b = result.far
    for x, kappa in zip(([[a, a], [a, b]], [[1, 1], [1, -1]]), result.hinton):
        singular = np.linalg.svd(np.array(x, float), compute_uv=False)
        assert np.isclose(kappa, (singular[0] / singular[1]) ** 2)


def claim_worst_starts(result: Result) -> None:
    r"""From an error of $(1, \pm\kappa)$ on a bowl of curvatures $\kappa$ and 1, an exact line search multiplies the
    error’s energy norm by the bound, $(\kappa - 1)/(\kappa + 1)$, at every step; from two hundred random starts on the
    same bowl never by more, and nearly always by less."""
    for kappa in (3.0, 23.0, 101.0):
        H = np.diag([kappa, 1.0])
        for sign in (-1, 1):
            error = np.array([1, sign * kappa])
            for _ in range(12):
                error, factor = searched(H, error)
                assert np.isclose(factor, (kappa - 1) / (kappa + 1))
        factors = np.array([searched(H, e)[1] for e in np.random.default_rng(SEED).normal(size=(200, 2))])
        assert factors.max() <= (kappa - 1) / (kappa + 1) + 1e-12
        assert np.mean(factors < 0.999 * (kappa - 1) / (kappa + 1)) > 0.9


def claim_root_of_momentum(result: Result) -> None:
    """With momentum of nine tenths an oscillating error falls by a factor {{ modulus | digits(3) }} a step; twice the
    root would be {{ misprint | digits(3) }}, and every such run would explode."""
    assert abs(result.modulus - np.sqrt(MOMENTUM)) < 1e-3  # its largest swings are met at whole steps only
    roots = np.roots([1, -(1 + MOMENTUM - 0.3), MOMENTUM])
    assert abs(roots[0].imag) > 0.1 and np.allclose(abs(roots), np.sqrt(MOMENTUM))
    assert result.misprint > 1 > result.modulus


def claim_tuned_momentum(result: Result) -> None:
    r"""A search over step sizes and momenta finds, for condition numbers of ten, a hundred and a thousand, factors per
    step of {{ tuned | digits(3) | list }}: to six digits $(\sqrt{\kappa} - 1)/(\sqrt{\kappa} + 1)$."""
    rates = [(np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1) for kappa in KAPPAS]
    assert np.allclose(result.tuned, rates, rtol=1e-6)


def claim_efficient_online(result: Result) -> None:
    """In a direction of curvature one tenth, after a thousand examples, the natural gradient’s variance is
    {{ online[0] | digits(2) }} times the bound; plain steps that suit a direction of curvature 1 leave
    {{ online[1] | digits(3) }} times it, even from a start at the truth."""
    for step, ratio in zip((1 / WEAK, 1.0), result.online):
        assert np.isclose(noise_left(step, WEAK, ONLINE) * ONLINE * WEAK, ratio)
    assert np.isclose(result.online[0], 1) and result.online[1] > 4


def searched(H, error):
    """The error after one exact line search, and the factor by which its energy norm fell."""
    g = H @ error
    after = error - g * (g @ g) / (g @ H @ g)
    return after, np.sqrt(after @ H @ after / (error @ H @ error))


def noise_left(step: float, curvature: float, count: int) -> float:
    """Variance of the estimate as a sum over examples: what is left of the noise of each one."""
    left = np.zeros(count)
    for t in range(1, count + 1):
        left *= 1 - step * curvature / t
        left[t - 1] = step / t * np.sqrt(curvature)
    return float(left @ left)


def equation_density():
    r"""p(\lambda) = \frac{\sqrt{4\alpha s^4 - \left(\alpha\lambda - (1 + \alpha)\,s^2\right)^2}}{2\pi s^2\lambda}"""
    for rng in draws(20):
        alpha, s = rng.uniform(1.5, 9), rng.uniform(0.5, 2)
        low, high = np.array(bulk(alpha)) * s**2
        at = rng.uniform(0.9 * low + 0.1 * high, 0.1 * low + 0.9 * high)
        stieltjes = np.roots([s**2 * at / alpha, at - s**2 * (1 - 1 / alpha), 1])  # the self-consistent equation
        yield {r"p(\lambda)": abs(stieltjes[0].imag) / np.pi, r"\alpha": alpha, "s": s, r"\lambda": at, r"\pi": np.pi}


def equation_lower():
    r"""\lambda_- = \frac{(1 - \sqrt{\alpha})^2}{\alpha}\,s^2"""
    yield from _edges()


def equation_upper():
    r"""\lambda_+ = \frac{(1 + \sqrt{\alpha})^2}{\alpha}\,s^2"""
    yield from _edges()


def _edges():
    for rng in draws(20):
        alpha, s = rng.uniform(0.2, 9), rng.uniform(0.5, 2)
        v = s**2  # at an edge the two roots of the self-consistent equation meet
        low, high = np.sort(np.roots([1, -2 * v * (1 - 1 / alpha) - 4 * v / alpha, v**2 * (1 - 1 / alpha) ** 2]))
        yield {r"\lambda_-": low, r"\lambda_+": high, r"\alpha": alpha, "s": s}


def equation_top():
    r"""\lambda_{\max} = s^2\,(1 + n r^2) = s^2 + \lVert\mu\rVert^2"""
    for rng in draws(20):
        n, r, s = int(rng.integers(2, 30)), rng.uniform(0.2, 2), rng.uniform(0.5, 2)
        mu = np.full(n, r * s)
        H = s**2 * np.eye(n) + np.outer(mu, mu)
        yield {r"\lambda_{\max}": np.linalg.eigvalsh(H)[-1], "s": s, "n": n, "r": r, r"\mu": mu}


def equation_time():
    r"""\tau = \alpha\,\frac{\lambda_+}{\lambda_-} = \alpha\left(\frac{\sqrt{\alpha} + 1}{\sqrt{\alpha} - 1}\right)^2"""
    for rng in draws(20):
        alpha = rng.uniform(1.3, 12)
        low, high = np.sort(np.roots([1, -2 * (1 + 1 / alpha), (1 - 1 / alpha) ** 2]))
        kappa = (high + np.sqrt(high * low)) / (low + np.sqrt(high * low))  # √κ
        yield {r"\tau": alpha * kappa**2, r"\alpha": alpha, r"\lambda_+": high, r"\lambda_-": low}


def equation_best():
    r"""\alpha_\star = (1 + \sqrt{2})^2"""
    yield {r"\alpha_\star": least(lambda a: np.log(a) + 4 * np.arctanh(1 / np.sqrt(a)), 1.5, 20)}  # ln τ


def equation_bend():
    r"""z_\star = \tfrac{3}{4}\ln(2 + \sqrt{3})"""
    yield {r"z_\star": 1.5 * np.arctanh(np.roots([3, 0, -1]).max())}  # 1.7159 tanh(2z/3) bends most where 3 tanh² = 1


def equation_hinton():
    r"""\sqrt{\kappa} + \frac{1}{\sqrt{\kappa}} = \frac{2\,(c^2 + c + 1)}{c + 1}"""
    for shift in np.random.default_rng(0).uniform(0.1, 9, 20):
        yield {r"\kappa": np.linalg.cond(pair(shift)), "c": shift}


def equation_online():
    r"""\operatorname{Var}[w_t] = \frac{1}{t\,\lambda}"""
    for rng in draws(20):
        curvature, t = rng.uniform(0.1, 3), int(rng.integers(2, 60))
        yield {r"\operatorname{Var}[w_t]": noise_left(1 / curvature, curvature, t), "t": t, r"\lambda": curvature}


def figure_spectrum(result: Result) -> Figure:
    """Eigenvalues on a logarithmic axis. A hill of all but one of {{ inputs }} from {{ edges[0] | digits(1) }} to
    {{ edges[1] | digits(2) }}, which the formula outlines; far to the right, by itself, one at about
    {{ limit | integer }}."""
    figure = new_figure(400, 0.7)
    (axes,) = figure.axes
    low, high = result.edges
    bins = np.geomspace(0.9 * low, 1.1 * high, 19)
    counts = np.histogram(result.spectrum, bins)[0]
    axes.stairs(counts, bins, fill=True, color=GRID)
    at = np.geomspace(low, high, 200)
    alpha = result.examples / result.inputs
    density = np.sqrt(np.maximum(4 * alpha - (alpha * at - 1 - alpha) ** 2, 0)) / (2 * np.pi)  # p(λ) times λ
    axes.plot(at, result.inputs * np.log(bins[1] / bins[0]) * density, color=FIRST, label="formula")
    top = result.spectrum[-1]
    axes.plot([top, top], [0, 1], color=SECOND, linewidth=4, label="largest")
    label_point(axes, "one eigenvalue:\nthe mean", (top, 1), SECOND, dx=0, dy=24, ha="center")
    label_point(axes, "all others:\nthe spread", (high, 0.7 * counts.max()), FIRST, dx=10)
    axes.set(xscale="log", xlim=(0.22, 100), ylim=(0, counts.max() * 1.12))
    frame_axes(axes, [0.3, 1, 2, 10, 50], [0, 10, 20], "eigenvalue", "how many")
    return figure


def figure_times(result: Result) -> Figure:
    """Learning time against examples over inputs. It peaks at 1, falls to a flat minimum near
    {{ fastest | integer }}, and rises again, slowly."""
    figure = new_figure(400, 0.7)
    (axes,) = figure.axes
    alphas = np.array(result.alphas)
    for part in (np.linspace(0.3, 0.93, 40), np.linspace(1.08, 16, 200)):
        time = part * (1 + np.sqrt(part)) ** 2 / (1 - np.sqrt(part)) ** 2
        scale = result.times[-1] / (16 * 25 / 9)
        axes.plot(part, time * scale, color=GRID, label="formula")
    axes.plot(alphas, result.times, "o-", color=INK, label="measured")
    axes.set(yscale="log", xlim=(0, 16.5), ylim=(8, 600))
    label_point(axes, "as many examples\nas inputs", (2.6, result.times.max()), INK, dx=0, dy=0, ha="left")
    label_point(axes, f"predicted minimum, {result.best:.2f}", (result.best, 40), MUTED, dx=4)
    axes.plot([result.best] * 2, [30, 72], color=MUTED, linewidth=0.8, label="predicted minimum")
    frame_axes(axes, [0, 1, 4, 8, 12, 16], [10, 100, 500], "examples per input", "examples shown, per input")
    return figure


def figure_sigmoid(result: Result) -> Figure:
    """An S through the origin that meets the diagonal at −1 and 1; below it the size of its second derivative, with
    peaks at almost the same places."""
    figure = new_figure(400, 0.7)
    (axes,) = figure.axes
    z, f, bent = result.curve.T
    axes.plot([-1.8, 1.8], [-1.8, 1.8], color=GRID, label="identity")
    axes.plot(z, f, color=FIRST, label="1.7159 tanh(2z/3)")
    axes.plot(z, abs(bent), color=SECOND, label="size of second derivative")
    axes.plot([-1, 1], [-1, 1], "o", color=FIRST, label="targets")
    axes.plot([-result.bend, result.bend], np.interp([-result.bend, result.bend], z, abs(bent)), "o",
              color=SECOND, label="largest bend")  # fmt: skip
    label_point(axes, "1.7159 tanh(2z/3)", (1.5, 1.1), FIRST, dx=0)
    label_point(axes, "how much it bends", (1.5, 0.7), SECOND, dx=0)
    axes.set(xlim=(-3, 3.1), ylim=(-1.85, 2.1))
    frame_axes(axes, [-3, -1, 0, 1, 3], [-1, 0, 1], "pre-activation", "output")
    return figure


def figure_classes(result: Result) -> Figure:
    """Two maps of the loss, with the same start and the same step of {{ steps[0] | digits(2) }}. Left, classes on both
    sides of the origin: the path leaps across once or twice and then creeps along the valley to the optimum. Right,
    all inputs shifted by the mean of a class: the valley is narrower, and every leap is longer than the last."""
    figure = new_figure(320, 1, panels=2)
    cases = (result.paths[0], classes(), FIRST, "centered\nconverges"), (
        result.paths[2][:4], classes(CLASS), SECOND, "shifted\ndiverges"
    )  # fmt: skip
    for axes, (path, H, role, words) in zip(figure.axes, cases):
        values, vectors = np.linalg.eigh(H)
        angle = np.linspace(0, 2 * np.pi, 120)
        for size in (0.3, 0.6, 1.0):
            half = size * np.sqrt(START @ H @ START / values)
            axes.plot(*(vectors @ (half[:, None] * [np.cos(angle), np.sin(angle)])), color=GRID, linewidth=1,
                      label="same loss")  # fmt: skip
        axes.plot(*path.T, color=role, linewidth=1.5, label=words.replace("\n", ", "))
        axes.plot(*START, "o", color=role, markersize=6, label="start")
        axes.plot(0, 0, "+", color=INK, markersize=9, markeredgewidth=1.2, label="optimum")
        axes.text(0.98, 0.98, words, transform=axes.transAxes, ha="right", va="top", color=role, fontweight="semibold")
        axes.set(xlim=(-2.1, 1.5), ylim=(-1.9, 2.0), aspect="equal")
        frame_axes(axes, [-1, 0, 1], [-1, 0, 1], "error in weight 1", "error in weight 2")
    return figure


if __name__ == "__main__":
    show_figures(figure_spectrum, figure_times, figure_sigmoid, figure_classes, of=compute())
