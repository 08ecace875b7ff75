"""Saturation of the sigmoid and of tanh: where their derivatives are small, and how often pre-activations lie there."""

import math

PART = 0.05  # of the greatest derivative: below it a unit counts as saturated


def saturation_edges(part: float = PART) -> dict[str, float]:
    """Pre-activations beyond which the derivatives of sigmoid and tanh are less than `part` of the greatest.

    For the sigmoid, σ'(z) = ¼ − (σ(z) − ½)² solved for z; tanh z = 2σ(2z) − 1 has half that edge.
    """
    root = math.sqrt(1 - part)
    edge = math.log((1 + root) / (1 - root))
    return {"sigmoid": edge, "tanh": edge / 2}


def share_beyond(edge: float, std: float) -> float:
    """Probability that a pre-activation z ~ N(0, std²) lies beyond ± `edge`."""
    return math.erfc(edge / std / math.sqrt(2))
