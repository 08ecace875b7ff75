"""How long does a site like this one take to build?

Once, the time of its snippets, on all cores; afterward only what changed. Measured against two floors that any tool of
this kind would pay: all snippets run in two warm processes, and a bare build of the same pages with finished figures.

The numbers are what `make bench` found last, on the machine and with the versions that it names.
"""

from dataclasses import dataclass

from matplotlib.figure import Figure

from lib.plots import FIRST, GRID, MUTED, frame_axes, label_point, new_figure, show_figures
from measured import ABOUT, MANY, MEASURED

NAMES = {
    "cold": "the first build",
    "nothing": "nothing changed",
    "sentence": "one sentence changed",
    "snippet": "one snippet changed",
}


@dataclass(frozen=True)
class Result:
    date: str
    "Day of the measurement."
    rounds: int
    "Rounds, of which medians are taken."
    cores: int
    "Cores of the machine."
    system: str
    "System and Python."
    versions: dict[str, str]
    "Versions of the libraries."
    pages: tuple[int, ...]
    "Pages of the sites; each page has two snippets."
    seconds: dict[str, tuple[float, ...]]
    "Wall-clock seconds of each case and of the floors, for each number of pages."
    ratios: dict[str, tuple[float, ...]]
    "Seconds over those of the case’s floor, medians within rounds."
    megabytes: tuple[float, ...]
    "Peak memory of the first build and its processes, shared pages counted once."
    many: tuple[int, ...]
    "Pages of two larger sites."
    deciding: tuple[float, ...]
    "Seconds to find that nothing is stale in them."
    holding: tuple[float, ...]
    "Megabytes that all their results take."


def compute() -> Result:
    sizes = tuple(MEASURED)

    def read_measured(kind, name):
        return tuple(MEASURED[size][kind][name] for size in sizes)

    seconds = {name: read_measured("seconds", name) for name in MEASURED[sizes[0]]["seconds"]}
    return Result(
        **ABOUT,
        pages=sizes,
        megabytes=seconds.pop("megabytes"),
        seconds=seconds,
        ratios={name: read_measured("ratios", name) for name in MEASURED[sizes[0]]["ratios"]},
        many=tuple(MANY),
        deciding=tuple(seconds for seconds, _ in MANY.values()),
        holding=tuple(megabytes for _, megabytes in MANY.values()),
    )


def claim_pays(result: Result) -> None:
    """With {{ pages[1] }} pages a build that finds nothing changed takes {{ ratios.nothing[1] | percent }} of a bare
    one that renders all pages again, and {{ ratios.sentence[1] | digits(1) }} of it if one sentence has changed."""
    for case in ("nothing", "sentence"):  # the medians of times give the order that the medians of ratios give
        assert result.seconds[case][1] < 0.95 * result.seconds["bare"][1]
        assert abs(result.seconds[case][1] / result.seconds["bare"][1] / result.ratios[case][1] - 1) < 0.25


def claim_both_cores(result: Result) -> None:
    """The first build of {{ pages[1] }} pages takes {{ ratios.cold[1] | digits(2) }} times half of the processor time
    that its snippets and a bare build of its pages take one after the other."""
    half = result.seconds["both cores"][1]
    assert 1 <= result.seconds["cold"][1] / half < 2  # less than the two would take on one core
    assert abs(result.seconds["cold"][1] / half / result.ratios["cold"][1] - 1) < 0.25


def figure_ratios(result: Result) -> Figure:
    """Rows of two dots, the time of a build over its floor’s for {{ pages | integer | list }} pages. The first
    build lies at {{ ratios.cold | decimals(2) | list }}, a build after which nothing changed at
    {{ ratios.nothing | decimals(2) | list }}, after one sentence at {{ ratios.sentence | decimals(2) | list }}, after
    one snippet at {{ ratios.snippet | decimals(2) | list }}."""
    figure = new_figure(360, 0.62)
    (axes,) = figure.axes
    cases = list(NAMES)[::-1]
    axes.axvline(1, color=GRID, zorder=0)
    for size, role in ((0, MUTED), (1, FIRST)):
        at = [result.ratios[case][size] for case in cases]
        axes.plot(at, range(len(cases)), "o", color=role, label=f"{result.pages[size]} pages", clip_on=False)
        side = "left" if at[-2] == max(result.ratios[cases[-2]]) else "right"
        label_point(axes, f"{result.pages[size]} pages", (at[-2], len(cases) - 2), role, dx=0, dy=16, ha=side)
    frame_axes(
        axes, x=(0, 0.5, 1, 1.5, 2), y={i: NAMES[case] for i, case in enumerate(cases)}, xname="time over the floor’s"
    )
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    axes.set(xlim=(0, None), ylim=(-0.5, len(cases) - 0.5))
    return figure


if __name__ == "__main__":
    show_figures(figure_ratios, of=compute())
