"""A layer of units that are alike, fed with z ~ N(0, std²), and the condition numbers that it gives the next neuron."""

from typing import Any

from lib.activation_functions import FUNCTIONS, NAMES, Function
from lib.gaussian import moments
from lib.quadratics import kappa_with_bias, kappa_without_bias


def describe_units(
    function: Function, units: int, std: float = 1.0, kinks: tuple[float, ...] = (0.0,)
) -> dict[str, float]:
    """Mean and variance of a unit, and the condition numbers of a neuron that reads so many, without and with a bias.

    A mean that is zero but for rounding is 0.
    """
    mean, variance = moments(function, std, kinks)
    mean = 0.0 if abs(mean) < 1e-12 else mean
    kappa, kappa_bias = kappa_without_bias(mean, variance, units), kappa_with_bias(mean, variance, units)
    return {"mean": mean, "variance": variance, "kappa": kappa, "kappa_bias": kappa_bias}


def tabulate_functions(units: int) -> dict[str, dict[str, Any]]:
    """Name and description of a layer of each activation function at N(0, 1), the worst with a bias first."""
    rows = {key: {"name": NAMES[key], **describe_units(function, units)} for key, function in FUNCTIONS.items()}
    return dict(sorted(rows.items(), key=lambda row: -row[1]["kappa_bias"]))
