"""What is an octave?

The interval between a tone and one of twice its frequency.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Result:
    frequencies: tuple[float, float]
    "A tone and its octave, in hertz."


def up(frequency: float, octaves: int = 1) -> float:
    """A tone so many octaves higher."""
    return frequency * 2**octaves


def compute() -> Result:
    return Result(frequencies=(220.0, up(220.0)))


def claim_doubles(result: Result) -> None:
    """The higher tone swings twice while the lower one swings once."""
    time = np.linspace(0, 1 / 220, 10_000, endpoint=False)
    swings = [np.sum(np.diff(np.sign(np.sin(2 * np.pi * f * time + 1))) > 0) for f in result.frequencies]
    assert swings == [1, 2]


def equation_ratio():
    r"""f_n = 2^n f_0"""
    for n in (1, 2, 5):
        yield {"f_n": up(220.0, n), "f_0": 220.0, "n": n}


def figure_beats(result: Result) -> Figure:
    """Two waves against time, of {{ frequencies | integer | list }} hertz. They start and end together."""
    figure, time = Figure(figsize=(4, 3)), np.linspace(0, 1 / 220, 200)
    axes = figure.subplots()
    for frequency in result.frequencies:
        axes.plot(time, np.sin(2 * np.pi * frequency * time), label=f"{frequency:g} Hz")
    return figure
