"""How bad is the pair of examples on Hinton's slide (2012)?

({{ far[0] }}, {{ far[0] }}) and ({{ far[0] }}, {{ far[1] }}) have the condition number {{ hinton[0] | integer }};
subtract as much from all inputs as makes them ±1, and it is {{ hinton[1] | integer }}.
"""

from dataclasses import dataclass

import numpy as np

from lib.numerics import Draws

SHIFT = 100


@dataclass(frozen=True)
class Result:
    shift: int
    "What was added to both inputs."
    far: tuple[int, int]
    "The two numbers in the shifted pair: the first example has the first twice, the second has both."
    hinton: tuple[float, float]
    "Condition numbers of the two pairs of examples, shifted and not, without a bias."


def second_moment(shift: float) -> np.ndarray:
    """Second moment of the two examples (1, 1) and (1, −1), both shifted, shape (2, 2)."""
    x = np.array([[1.0, 1.0], [1.0, -1.0]]) + shift
    return x.T @ x / 2


def compute() -> Result:
    kappas = tuple(float(np.linalg.cond(second_moment(shift))) for shift in (SHIFT, 0))
    return Result(shift=SHIFT, far=(SHIFT + 1, SHIFT - 1), hinton=kappas)


def claim_hinton(result: Result) -> None:
    """Hinton’s pair ({{ far[0] }}, {{ far[0] }}), ({{ far[0] }}, {{ far[1] }}) has the condition number
    {{ hinton[0] | integer }}, and (1, 1), (1, −1) has {{ hinton[1] | integer }}."""
    a, b = result.far
    for x, kappa in zip(([[a, a], [a, b]], [[1, 1], [1, -1]]), result.hinton):
        singular = np.linalg.svd(np.array(x, float), compute_uv=False)
        assert np.isclose(kappa, (singular[0] / singular[1]) ** 2)


def equation_hinton() -> Draws:
    r"""\sqrt{\kappa} + \frac{1}{\sqrt{\kappa}} = \frac{2\,(c^2 + c + 1)}{c + 1}"""
    for shift in np.random.default_rng(0).uniform(0.1, 9, 20):
        yield {r"\kappa": np.linalg.cond(second_moment(shift)), "c": shift}


if __name__ == "__main__":
    print(compute())
