r"""What goes wrong when a date is a feature, written as one number or as seconds since 1970?

As a number of the form year, month, day a date is not linear in time: the step from the last day of a year to the next
day is {{ jump | integer }}, every other one within a month is 1. In single precision such numbers are
{{ spacing.date | integer }} apart, in bfloat16 {{ coarse.date | integer }}; seconds are {{ spacing.seconds | integer }}
and {{ coarse.seconds | scientific(1) }} apart.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from matplotlib.figure import Figure

from lib.numerics import Draws, draws
from lib.plots import FIRST, SECOND, frame_axes, label_point, new_figure, show_figures

FIRST_DAY, DAYS = date(2020, 1, 1), 1461
BITS = {"single": 24, "bfloat": 8}
LAST_OF_YEAR, NEW_YEAR = date(2024, 12, 31), date(2025, 1, 1)


@dataclass(frozen=True)
class Result:
    jump: int
    "Step of the number from the last day of a year to the first of the next."
    month: int
    "Step from the last day of January to the first of February."
    spacing: dict[str, float]
    "Distance of neighboring numbers in single precision: a date as a number, and seconds."
    coarse: dict[str, float]
    "The same in bfloat16."
    days: float
    "The distance of seconds in bfloat16, in days."
    merged: int
    "Days that share their number with another one, in single precision."
    total: int
    "Days of these years."
    unlike: float
    "Largest distance of the number from the line through time that fits it best, in days of that line."
    curve: np.ndarray
    "For each day the number, and that line, both less the first number."


def as_number(day: date) -> int:
    """Year, month and day in one number."""
    return 10_000 * day.year + 100 * day.month + day.day


def find_spacing(value: float, bits: int) -> float:
    """Distance of neighboring numbers with so many significant bits, at a value."""
    return float(2.0 ** (np.floor(np.log2(value)) + 1 - bits))


def compute() -> Result:
    days = [FIRST_DAY + timedelta(days=i) for i in range(DAYS)]
    numbers = np.array([as_number(day) for day in days], dtype=float)
    single = numbers.astype(np.float32)
    slope, start = np.polyfit(np.arange(DAYS), numbers, 1)
    values = {"date": float(as_number(NEW_YEAR)), "seconds": datetime(2025, 1, 1, tzinfo=UTC).timestamp()}
    coarse = {key: find_spacing(value, BITS["bfloat"]) for key, value in values.items()}
    return Result(
        jump=as_number(NEW_YEAR) - as_number(LAST_OF_YEAR),
        month=as_number(date(2024, 2, 1)) - as_number(date(2024, 1, 31)),
        spacing={key: find_spacing(value, BITS["single"]) for key, value in values.items()},
        coarse=coarse,
        days=coarse["seconds"] / 86_400,
        merged=DAYS - len(np.unique(single)),
        total=DAYS,
        curve=np.array([numbers - numbers[0], start + slope * np.arange(DAYS) - numbers[0]]),
        unlike=float(np.max(abs(numbers - start - slope * np.arange(DAYS))) / slope),
    )


def claim_the_number_is_not_time(result: Result) -> None:
    """From the last day of January to the first of February the number moves by {{ month }}, from the last day of a
    year to the next by {{ jump | integer }}. Within the years tried it is off the best line through time by up to
    {{ unlike | integer }} days."""
    numbers = np.array(
        [10_000 * y + 100 * m + d for y, m, d in ((2024, 12, 31), (2025, 1, 1), (2024, 1, 31), (2024, 2, 1))]
    )
    assert numbers[1] - numbers[0] == result.jump and numbers[3] - numbers[2] == result.month
    t = np.arange(DAYS)
    y = np.array([int((FIRST_DAY + timedelta(days=int(i))).strftime("%Y%m%d")) for i in t], float)
    A = np.column_stack([t, np.ones(DAYS)])
    w = np.linalg.solve(A.T @ A, A.T @ y)
    assert abs(np.max(abs(y - A @ w)) / w[0] - result.unlike) < 1e-3


def claim_digits_are_lost(result: Result) -> None:
    """Such numbers are {{ spacing.date | integer }} apart in single precision and {{ coarse.date | integer }} in
    bfloat16, so {{ merged }} of {{ total | integer }} days become the same as another one in the former. Seconds since
    1970 are {{ spacing.seconds | integer }} and {{ coarse.seconds | scientific(1) }} apart, the latter
    {{ days | integer }} days."""
    value, seconds = np.float32(20250101), np.float32(1735689600)
    assert np.spacing(value) == result.spacing["date"] and np.spacing(seconds) == result.spacing["seconds"]
    assert (
        result.coarse["date"] == np.spacing(value) * 2**16 and result.coarse["seconds"] == np.spacing(seconds) * 2**16
    )
    assert abs(result.days * 24 * 3600 - result.coarse["seconds"]) < 1e-6
    numbers = {float(np.float32(as_number(FIRST_DAY + timedelta(days=i)))) for i in range(result.total)}
    assert result.total - len(numbers) == result.merged


def equation_clock() -> Draws:
    r"""c = 2 \sin\frac{\pi d}{24}"""
    for rng in draws(20):
        one, other = rng.uniform(0, 24, 2)
        u, v = (np.array([np.cos(angle), np.sin(angle)]) for angle in np.pi * np.array([one, other]) / 12)
        yield {"c": np.linalg.norm(u - v), "d": min(abs(one - other), 24 - abs(one - other))}


def figure_number(result: Result) -> Figure:
    """The date as one number against time in days: each year it rises for a while in small steps, and then jumps
    by {{ jump | integer }}; the best line crosses the stairs."""
    figure = new_figure(350, 0.75)
    (axes,) = figure.axes
    axes.plot(result.curve[0], color=SECOND)
    axes.plot(result.curve[1], color=FIRST)
    label_point(axes, "the number", (700, result.curve[0][700]), SECOND, dx=6, dy=-16)
    label_point(axes, "linear in time", (900, result.curve[1][900]), FIRST, dx=-6, dy=8, ha="right")
    axes.set(xlim=(0, DAYS), ylim=(-3000, 38_000))
    frame_axes(
        axes, {0: "2020", 731: "2022", 1461: "2024"}, {0: "0", 10_000: "10,000", 30_000: "30,000"}, "day", "number"
    )
    return figure


if __name__ == "__main__":
    show_figures(figure_number, of=compute())
