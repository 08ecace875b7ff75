"""Messages, data of figures, and other systems: every problem has its line and one sentence."""

import csv
import io
import json
import re
import subprocess
import sys

import pytest
import yaml

from world.sites import (
    CONFIG,
    NAME,
    OURS,
    Site,
    clean_environment,
    copy_site,
    find_line,
    find_problems,
    new_site,
    share_folder,
    snippet,
)

V = "{{ " + NAME + ".area | digits(2) }}"
FIGURE = '''

def figure_drawn(result: Result) -> Figure:
    """A drawing. Of something."""
{body}
    return figure
'''


def make_drawing(body, imports="", value="value = 1"):
    """Return the text of a snippet with a figure whose function has these lines."""
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    imports = f"\nimport numpy as np\nfrom matplotlib.figure import Figure\n{imports}\n"
    return snippet(value, imports) + FIGURE.format(body=lines)


def make_page(names, figures=True):
    """Return a page that shows the value, and the figure, of snippets."""
    lines = ["# Shown"]
    for name in names:
        lines.append(
            f"{{{{ {name}.value }}}}" if not figures else f"{{{{ {name}.value }}}}\n\n/// figure | {name}.drawn\n///"
        )
    return "\n\n".join(lines) + "\n"


# Faults of snippets, whose line is marked “here”, with words that the message must have.

PLOT = "figure = Figure()\naxes = figure.subplots()\n"
FAULTS = {
    "print": (snippet("value = 1\nprint('hello')  # here"), ["hello"]),
    "print in a function": (
        snippet("value = f()", "\ndef f():\n    print('hello')  # here\n    return 1\n"),
        ["hello"],
    ),
    "print at import": (snippet("value = 1", "\nprint('hello')  # here\n"), ["hello"]),
    "print in a loop": (snippet("for value in range(3):\n    print(value)  # here"), ["0"]),
    "standard error": (snippet("import sys\nvalue = sys.stderr.write('hello')  # here"), ["hello"]),
    "standard output": (snippet("import sys\nvalue = sys.stdout.write('hello')  # here"), ["hello"]),
    "logging": (snippet("import logging\nvalue = 1\nlogging.warning('hello')  # here"), ["hello"]),
    "print of a library": (snippet("import this  # here\nvalue = 1"), ["Zen"]),
    "print while drawing": (make_drawing(PLOT + "print('hello')  # here"), ["hello"]),
    "warning": (snippet("import warnings\nwarnings.warn('careful')  # here\nvalue = 1"), ["careful", "warnings"]),
    "division": (snippet("value = float(1 / np.zeros(1)[0])  # here", "\nimport numpy as np\n"), ["divide by zero"]),
    "overflow": (snippet("value = float(np.exp(np.array([1e4]))[0])  # here", "\nimport numpy as np\n"), ["overflow"]),
    "warning while drawing": (
        make_drawing(PLOT + "axes.plot([1], [1])\naxes.set_yscale('log')\naxes.set_ylim(-1, 1)  # here"),
        [],
    ),
    "nothing to label": (make_drawing(PLOT + "axes.legend()  # here"), ["legend", "warnings"]),
    "infinite while drawing": (make_drawing(PLOT + "axes.plot(1 / np.zeros(2))  # here"), ["divide by zero"]),
    "raises": (snippet("value = [][1]  # here"), ["IndexError"]),
    "raises in a library": (
        snippet("value = np.linalg.inv(np.zeros((2, 2)))  # here", "\nimport numpy as np\n"),
        ["Singular"],
    ),
    "raises at import": (snippet("value = 1", "\nx = 1 / 0  # here\n"), ["ZeroDivisionError"]),
    "missing module": (snippet("value = 1", "\nimport nothing_of_the_kind  # here\n"), ["nothing_of_the_kind"]),
    "misspelled name": (snippet("value = nump  # here"), ["nump"]),
    "syntax": (snippet("value = (1  # here"), []),
    "indentation": (snippet("value = 1").replace("    value = 1", "    value = 1\n      x = 2  # here"), []),
    "without a message": (snippet("assert False  # here\nvalue = 1"), ["AssertionError"]),
    "message of lines": (snippet("value = 1\nraise ValueError('one\\ntwo\\n\\nthree')  # here"), ["one two"]),
    "message that fails": (
        snippet("raise E  # here", "\nclass E(Exception):\n    def __str__(self):\n        raise ValueError('x')\n\n"),
        ["E"],
    ),
    "message of odd characters": (snippet("raise ValueError('\\x1b[31m \\udc80 \\u202e')  # here"), []),
    "long message": (snippet("raise ValueError('x' * 99999)  # here"), ["xxx"]),
    "many words": (
        snippet("value = np.array([None] * 100)", "\nimport numpy as np\n").replace(
            "value=value", "value=value  # here\n    "
        ),
        ["NoneType"],
    ),
    "database in memory": (snippet("import sqlite3\nvalue = sqlite3.connect(':memory:').no  # here"), ["no attribute"]),
    "group": (snippet("raise ExceptionGroup('several', [ValueError(1)])  # here"), ["several"]),
    "exits": (snippet("import sys\nsys.exit(0)  # here"), ["Exit"]),
    "quits": (snippet("quit()  # here"), []),
    "stops": (snippet("next(iter([]))  # here"), ["StopIteration"]),
    "interrupts": (snippet("raise KeyboardInterrupt  # here"), ["KeyboardInterrupt"]),
    "recursion": (snippet("value = f()", "\ndef f():\n    return f()  # here\n"), ["RecursionError"]),
    "numbers as keys": (
        snippet("value = {1: 2.0}").replace("value=value", "value=value  # here\n    "),
        ["key", "string"],
    ),
    "tuples as keys": (
        snippet("value = {(1, 2): 2.0}").replace("value=value", "value=value  # here\n    "),
        ["key", "string"],
    ),
    "a set": (snippet("value = {1}").replace("value=value", "value=value  # here\n    "), ["set"]),
    "a complex number": (snippet("value = 1j").replace("value=value", "value=value  # here\n    "), ["complex"]),
    "nothing": (snippet("value = None").replace("value=value", "value=value  # here\n    "), ["None"]),
    "a date": (
        snippet("value = date(2020, 1, 1)", "\nfrom datetime import date\n").replace(
            "value=value", "value=value  # here\n    "
        ),
        ["date"],
    ),
    "a fraction": (
        snippet("value = Fraction(1, 3)", "\nfrom fractions import Fraction\n").replace(
            "value=value", "value=value  # here\n    "
        ),
        ["Fraction"],
    ),
    "another’s figure": (
        make_drawing("figure = Other()\nfigure.axes = []")
        .replace("Other()", "other.Figure()")
        .replace("import numpy as np", "import other_plots as other")
        .replace("def figure_drawn(result: Result) -> Figure:", "def figure_drawn(result: Result) -> Figure:  # here"),
        ["other_plots", "matplotlib"],
    ),
    "axes instead of a figure": (
        make_drawing(PLOT + "figure = axes").replace("-> Figure:", "-> Figure:  # here"),
        ["Axes", "matplotlib"],
    ),
}
CLAIM = snippet("value = 1") + '\n\ndef claim_one(result):\n    """One."""\n    assert result.value == 1\n'
EQUATION = snippet("value = 1") + '\n\ndef equation_one():  # here\n    r"""a = 1"""\n    yield {}\n'
FAULTS |= {  # claims and equations that would be shown as checked without a check
    "claim that yields": (
        CLAIM.replace("(result):", "(result):  # here").replace("assert", "yield 1\n    assert"),
        ["yields", "assert"],
    ),
    "claim that returns": (CLAIM.replace("(result):", "(result):  # here") + "    return False\n", ["returns"]),
    "claim twice": (
        CLAIM.replace("(result):", "(result):  # here").replace("== 1", "== 2") + CLAIM.split("\n\n\n")[-1],
        ["claim_one() would never run"],
    ),
    "claim that waits": (
        CLAIM.replace("def claim_one(result):", "async def claim_one(result):  # here"),
        ["never run"],
    ),
    "compute() twice": (
        snippet("value = 1").replace("-> Result:", "-> Result:  # here")
        + "\n\ndef compute() -> Result:\n    return Result(value=2)\n",
        ["compute() would never run"],
    ),
    "equation that yields a number": (EQUATION.format("1.0"), ["a dict of letters"]),
    "equation that yields numbers of numbers": (EQUATION.format("{1: 1.0}"), ["a dict of letters"]),
}
IN_THE_FIGURE = {  # anywhere in the function
    "glyph": make_drawing(PLOT + "axes.set_title('漢字')"),
    "glyph of a label": make_drawing(PLOT + "axes.plot([1, 2], label='한글')\naxes.legend()"),
    "emoji": make_drawing(PLOT + "axes.text(0.5, 0.5, '🎉')"),
    "mathematics": make_drawing(PLOT + "axes.set_title(r'$\\frac{1}$')"),
    "unclosed mathematics": make_drawing(PLOT + "axes.set_xlabel(r'$\\nonsense{x}$')"),
    "layout": make_drawing(
        PLOT + "figure.set_size_inches(0.1, 0.1)\nfigure.set_layout_engine('tight')\naxes.set_title('a' * 99)"
    ),
    "late error": make_drawing(PLOT + "axes.xaxis.set_major_formatter(lambda x, i: 1 / 0)"),
    "late warning": make_drawing(PLOT + "axes.xaxis.set_major_formatter(lambda x, i: str(np.log(-1.0)))"),
    "late print": make_drawing(PLOT + "axes.xaxis.set_major_formatter(lambda x, i: print('late') or 'x')"),
    "huge": make_drawing(PLOT + "axes.text(0, 0, 'x', fontsize=1e9)"),
    "missing font": make_drawing(PLOT + "axes.set_title('x', fontfamily='No Such Font')"),
}
ENDS = {  # snippets that end their process
    "ends at once": snippet("import os\nos._exit(0)"),
    "ends with a code": snippet("import os\nos._exit(7)"),
    "kills itself by a clock": snippet("import signal, time\nsignal.alarm(1)\ntime.sleep(9)"),
    "kills itself": snippet("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "crashes": snippet("import ctypes\nctypes.string_at(0)"),
    "aborts": snippet("import os\nos.abort()"),
    "parallel": snippet(
        "value = sum(Parallel(n_jobs=2)(delayed(abs)(i) for i in range(3)))",
        "\nfrom joblib import Parallel, delayed\n",
    ),
    "pool": snippet(
        "with Pool(2) as pool:\n    value = sum(pool.map(abs, [1]))", "\nfrom multiprocessing import Pool\n"
    ),
    "executor": snippet(
        "with ProcessPoolExecutor(2) as pool:\n    value = sum(pool.map(abs, [1]))",
        "\nfrom concurrent.futures import ProcessPoolExecutor\n",
    ),
}


@pytest.fixture(scope="module")
def faults(tmp_path_factory, base_site):
    """The output of a build whose snippets have all these faults."""

    def make(folder):
        site = copy_site(base_site, folder / "site").configure(plugins=[{"evidence": {"seconds": 20}}])
        texts = {f"fault{n}": text for n, (text, _) in enumerate(FAULTS.values())}
        texts |= {f"late{n}": text for n, text in enumerate(IN_THE_FIGURE.values())}
        texts |= {f"ends{n}": text for n, text in enumerate(ENDS.values())}
        site.write({f"snippets/{name}.py": text for name, text in texts.items()})
        site.write({"snippets/other_plots.py": '"""Other."""\n\n\nclass Figure:\n    pass\n'})
        plain = [name for name in texts if "figure_drawn" not in texts[name]]
        with_figures = [name for name in texts if name not in plain]
        site.write({"docs/a.md": make_page(plain, figures=False), "docs/b.md": make_page(with_figures)})
        return site.attempt("mkdocs", "build").stdout

    return share_folder(tmp_path_factory, "faults", make)[1]


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_reported_once_at_its_line(faults, name):
    text, words = FAULTS[name]
    messages = find_problems(faults, f"snippets/fault{list(FAULTS).index(name)}.py")
    fault_line = find_line(text, "# here")
    assert [line for line, _ in messages] == [fault_line], messages
    for word in words:
        assert word in messages[0][1], messages
    assert name != "database in memory" or "DATA" not in messages[0][1], messages
    assert len(messages[0][1]) < 600 and "\x1b" not in messages[0][1]


@pytest.mark.parametrize("name", IN_THE_FIGURE)
def test_fault_of_a_figure_is_reported_at_its_function(faults, name):
    """Report it even if matplotlib finds it later, when it saves the figure."""
    text = IN_THE_FIGURE[name]
    messages = find_problems(faults, f"snippets/late{list(IN_THE_FIGURE).index(name)}.py")
    first, last = find_line(text, "def figure_drawn"), text.count("\n")
    if name in ("huge", "layout") and not messages:
        return
    assert len(messages) == 1 and first <= messages[0][0] <= last, messages
    if "glyph" in name or name == "emoji":
        assert re.search("glyph", messages[0][1], re.I) and "font" in messages[0][1], messages


@pytest.mark.parametrize("name", ENDS)
def test_end_of_the_process_is_reported(faults, name):
    messages = find_problems(faults, f"snippets/ends{list(ENDS).index(name)}.py")
    assert len(messages) == 1, messages
    if name in ("parallel", "pool", "executor"):
        assert "may not start processes" in messages[0][1], messages
    if name in ("crashes", "aborts"):
        assert messages[0][0] == find_line(ENDS[name], "ctypes.s" if name == "crashes" else "os.abort"), messages


def test_output_has_no_traceback(faults):
    assert "Traceback" not in faults, faults


# Warnings that a snippet allows.

ALLOWED = {
    "around the line": (
        "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    warnings.warn('x')\nvalue = 1"
    ),
    "for numpy": "with np.errstate(divide='ignore'):\n    value = int(1 / np.zeros(1)[0] > 1)",
    "in the function": "warnings.filterwarnings('ignore', message='x')\nwarnings.warn('x')\nvalue = 1",
    "as numpy says": "np.seterr(all='ignore')\nvalue = int(1 / np.zeros(1)[0] > 1)",
    "an old habit": "import re\nwarnings.warn('x', DeprecationWarning)\nvalue = 1",
    "an open file": "value = len(open(__file__).read()) and 1",
    "recorded": "with warnings.catch_warnings(record=True) as several:\n    warnings.warn('x')\nvalue = len(several)",
    "at the head": "warnings.warn('headed')\nvalue = 1",
}


def test_warning_can_be_allowed_for_a_line_function_or_snippet(site):
    imports = "\nimport warnings\n\nimport numpy as np\n\nwarnings.filterwarnings('ignore', message='headed')\n"
    texts = {f"allowed{n}": snippet(body, imports) for n, body in enumerate(ALLOWED.values())}
    site.write({f"snippets/{name}.py": text for name, text in texts.items()})
    site.write({"docs/a.md": make_page(texts, figures=False)}).check_build()


def test_documents_explain_warnings_and_systems():
    from world.sites import ROOT

    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    assert re.search(r"warning", text) and re.search(r"catch_warnings|filterwarnings|errstate", text)
    assert re.search(r"\bWindows\b", text) and re.search(r"\bmacOS\b", text)


# The data of a figure.

Z = "z = np.arange(12.0).reshape(3, 4) + 0.25\n"
KINDS = {  # the lines that draw, and numbers that the data must have
    "line": (PLOT + "axes.plot([1, 2, 3], [3.5, 7.25, 1.125])", [3.5, 7.25, 1.125]),
    "scatter": (PLOT + "axes.scatter([1, 2], [3.5, 7.25])", [3.5, 7.25]),
    "one point": (PLOT + "axes.scatter([1.5], [3.5])", [1.5, 3.5]),
    "bar": (PLOT + "axes.bar([1, 2], [3.5, 7.25])", [3.5, 7.25]),
    "bar with names": (PLOT + "axes.bar(['ann', 'bob'], [3.5, 7.25])", [3.5, 7.25]),
    "horizontal bar": (PLOT + "axes.barh([1, 2], [3.5, 7.25])", [3.5, 7.25]),
    "histogram": (PLOT + "axes.hist([1.0, 1.2, 3.0], bins=[0, 2, 4.5])", [2, 1, 4.5]),
    "outlined histogram": (PLOT + "axes.hist([1.0, 1.2, 3.0], bins=[0, 2, 4.5], histtype='step')", [2, 1, 4.5]),
    "stairs": (PLOT + "axes.stairs([3.5, 7.25], [0, 1, 2.5])", [3.5, 7.25, 2.5]),
    "step": (PLOT + "axes.step([1, 2], [3.5, 7.25])", [3.5, 7.25]),
    "stem": (PLOT + "axes.stem([1, 2], [3.5, 7.25])", [3.5, 7.25]),
    "picture": (PLOT + Z + "axes.imshow(z)", [0.25, 11.25]),
    "matrix": (PLOT + Z + "axes.matshow(z)", [0.25, 11.25]),
    "mesh": (PLOT + Z + "axes.pcolormesh(z)", [0.25, 11.25]),
    "mesh of colors": (PLOT + Z + "axes.pcolor(z)", [0.25, 11.25]),
    "contours": (PLOT + Z + "axes.contour(z, levels=[2.5, 5.5])", [2.5, 5.5]),
    "filled contours": (PLOT + Z + "axes.contourf(z, levels=[2.5, 5.5])", [2.5, 5.5]),
    "pie": (PLOT + "axes.pie([1, 3])", [0.25, 0.75]),
    "error bars": (PLOT + "axes.errorbar([1, 2], [3.5, 7.25], [0.5, 0.25])", [3.5, 7.25]),
    "band": (PLOT + "axes.fill_between([1, 2], [3.5, 7.25], [1.5, 2.125])", [3.5, 7.25, 1.5, 2.125]),
    "stack": (PLOT + "axes.stackplot([1, 2], [3.5, 7.25])", [3.5, 7.25]),
    "box": (PLOT + "axes.boxplot([[1.0, 2.0, 7.25]])", [7.25]),
    "violin": (PLOT + "axes.violinplot([[1.0, 2.0, 7.25]])", [7.25]),
    "arrows": (PLOT + "axes.quiver([0.5], [1.5], [2.5], [3.5])", [0.5, 1.5, 2.5, 3.5]),
    "hexagons": (PLOT + "axes.hexbin([1, 2, 2], [1, 2, 2], gridsize=3)", [2]),
    "events": (PLOT + "axes.eventplot([1.5, 2.5])", [1.5, 2.5]),
    "polar": (
        "figure = Figure()\naxes = figure.add_subplot(projection='polar')\naxes.plot([0, 1], [3.5, 7.25])",
        [3.5, 7.25],
    ),
    "space": (
        "figure = Figure()\naxes = figure.add_subplot(projection='3d')\naxes.plot([1, 2], [3, 4], [5.5, 6.25])",
        [5.5, 6.25],
    ),
    "points in space": (
        "figure = Figure()\naxes = figure.add_subplot(projection='3d')\naxes.scatter([1, 2], [3, 4], [5.5, 6.25])",
        [5.5, 6.25],
    ),
    "surface": (
        "figure = Figure()\naxes = figure.add_subplot(projection='3d')\n"
        + Z
        + "axes.plot_surface(*np.meshgrid(range(4), range(3)), z)",
        [0.25, 11.25],
    ),
    "dates": (
        PLOT + "axes.plot(np.array(['2020-01-01', '2020-02-03'], dtype='datetime64'), [3.5, 7.25])",
        ["2020-01-01", "2020-02-03", 3.5],
    ),
    "dates of Python": (
        PLOT + "import datetime as d\naxes.plot([d.date(2020, 1, 1), d.date(2020, 2, 3)], [3.5, 7.25])",
        ["2020-01-01", "2020-02-03", 3.5],
    ),
    "bars of dates": (
        PLOT + "axes.bar(np.array(['2020-01-01', '2020-02-03'], dtype='datetime64'), [3.5, 7.25])",
        ["2020-01-01", 7.25],
    ),
    "hours": (
        PLOT + "axes.plot(np.array(['2020-01-01T06:30', '2020-02-03T18:00'], dtype='datetime64'), [3.5, 7.25])",
        ["2020-01-01", "06:30", 3.5],
    ),
    "horizontal line": (PLOT + "axes.axhline(3.5)", [3.5]),
    "lines": (PLOT + "axes.hlines([3.5, 7.25], 0, 1)", [3.5, 7.25]),
    "rectangle": (PLOT + "from matplotlib.patches import Rectangle\naxes.add_patch(Rectangle((0.5, 1.5), 2, 3))", []),
    "text": (PLOT + "axes.text(0.5, 0.5, 'words')", []),
    "arrow": (PLOT + "axes.annotate('', (0, 0), (1, 1), arrowprops={'arrowstyle': '->'})", []),
    "empty": (PLOT + "pass", []),
    "gaps": (PLOT + "axes.plot([1, 2, 3], [3.5, float('nan'), 7.25])", [3.5, 7.25]),
    "masked": (PLOT + "axes.plot(np.ma.masked_equal([3.5, 0, 7.25], 0))", [3.5, 7.25]),
    "two panels": (
        "figure = Figure()\na, b = figure.subplots(1, 2)\na.bar([1], [3.5])\nb.plot([1, 2], [7.25, 1])",
        [3.5, 7.25],
    ),
    "twin axes": (PLOT + "axes.plot([1, 2], [3.5, 1])\naxes.twinx().bar([1], [7.25])", [3.5, 7.25]),
    "color bar": (PLOT + Z + "figure.colorbar(axes.imshow(z))", [0.25, 11.25]),
    "triangles": (PLOT + "axes.tripcolor([0, 1, 0], [0, 0, 1], [3.5, 7.25, 1.5])", [3.5, 7.25]),
    "stream": (PLOT + "axes.streamplot(np.arange(3), np.arange(3), np.ones((3, 3)), np.ones((3, 3)))", []),
    "table": (PLOT + "axes.table([['3.5', '7.25']])", []),
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory, base_site):
    """For each kind of figure: the page that shows it, its data, and its size."""

    def make(folder):
        records = {}
        site = copy_site(base_site, folder / "site")
        names = [f"kind{n}" for n in range(len(KINDS))]
        site.write(
            {f"snippets/{name}.py": make_drawing(body) for name, (body, _) in zip(names, KINDS.values(), strict=True)}
        )
        site.write({f"docs/page_{name}.md": make_page([name]) for name in names})
        result = site.run("mkdocs", "build")
        for name in names:
            if result.returncode:
                records[name] = {"problems": result.stdout}
                continue
            paths = {path.name: path for path in (site.root / f"site/evidence/{name}").iterdir()}
            data = paths["figure_drawn.csv"].read_text() if "figure_drawn.csv" in paths else None
            size = paths["figure_drawn.svg"].stat().st_size
            records[name] = {"html": site.html(f"page_{name}/"), "data": data, "size": size}
        return records

    return share_folder(tmp_path_factory, "kinds", make)[1]


@pytest.mark.parametrize("name", KINDS)
def test_data_of_a_figure_has_its_numbers(kinds, name):
    """A figure without numbers has no link to data."""
    record, values = kinds[f"kind{list(KINDS).index(name)}"], KINDS[name][1]
    assert "problems" not in record, record["problems"]
    has_link = "figure_drawn.csv" in record["html"]
    assert has_link == (record["data"] is not None), "a link without a file, or a file without a link"
    if not has_link:
        assert name not in ("line", "scatter", "bar", "histogram", "picture", "dates"), "these kinds have data"
        return
    rows = list(csv.reader(io.StringIO(record["data"])))
    assert len(rows) > 1 and len({len(row) for row in rows}) == 1, rows
    cells = [cell for row in rows[1:] for cell in row]
    numbers = {round(float(cell), 6) for cell in cells if re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?", cell)}
    for value in values:
        if isinstance(value, str):
            assert any(value in cell for cell in cells), (value, rows[:5])
        else:
            assert value in numbers, (value, rows[:5])


# Large drawings.

LARGE = {
    "points": "axes.scatter(*np.random.default_rng(0).normal(size=(2, 20_000)))",
    "mesh": "axes.pcolormesh(np.random.default_rng(0).normal(size=(120, 120)))",
    "line": "axes.plot(np.random.default_rng(0).normal(size=60_000).cumsum())\naxes.lines[0].set_path_effects([])",
    "many lines": "axes.plot(np.random.default_rng(0).normal(size=(200, 300)))",
    "bars": "axes.bar(np.arange(4000), np.random.default_rng(0).random(4000))",
    "points in space": "axes.remove()\naxes = figure.add_subplot(projection='3d')\n"
    "axes.scatter(*np.random.default_rng(0).random((3, 20_000)))",
    "a photograph": "axes.imshow(np.random.default_rng(0).random((1500, 1500)))",
    "many words": "for i in range(800):\n    axes.text(i / 800, 0.5, 'some words')",
    "words beside the axes": "for i in range(800):\n    figure.text(i / 800, 0.5, 'some words')",
}


@pytest.fixture(scope="module")
def large(tmp_path_factory, base_site):
    def make(folder):
        site = copy_site(base_site, folder / "site")
        names = [f"large{n}" for n in range(len(LARGE))]
        site.write(
            {f"snippets/{name}.py": make_drawing(PLOT + body) for name, body in zip(names, LARGE.values(), strict=True)}
        )
        site.write({"docs/a.md": make_page(names)})
        output = site.run("mkdocs", "build").stdout
        for name in names:  # remove those that are refused
            if find_problems(output, f"snippets/{name}.py"):
                (site.root / f"snippets/{name}.py").unlink()
                names = [each for each in names if each != name]
        site.write({"docs/a.md": make_page(names)}).check_build()
        files = {name: site.root / f"site/evidence/{name}/figure_drawn.svg" for name in names}
        return {
            "output": output,
            "sizes": {name: path.stat().st_size for name, path in files.items() if path.exists()},
        }

    return share_folder(tmp_path_factory, "large", make)[1]


@pytest.mark.parametrize("name", LARGE)
def test_large_drawing_is_reduced_or_refused_with_its_size(large, name):
    """The drawing has at most 500 KB."""
    key = f"large{list(LARGE).index(name)}"
    small = large["sizes"].get(key, 10**9) <= 500_000
    messages = [what for _, what in find_problems(large["output"], f"snippets/{key}.py")]
    assert small or (len(messages) == 1 and re.search(r"\d kB: draw less", messages[0])), large
    assert messages == [] or name == "words beside the axes", messages


# Locations of the configuration and of files.


def test_commands_accept_a_configuration_file_from_another_folder(site, tmp_path):
    (site.root / "mkdocs.yml").rename(site.root / "other.yml")
    path = str(site.root / "other.yml")
    for option in (("-f", path), ("--config-file", path)):
        for command in ("build", "list", "check"):
            result = site.run("evidence", command, *option, where="..")
            assert result.returncode == 0, result.stdout
    site.check_build("-f", path, "-d", str(tmp_path / "made"), where="..")
    result = site.run("evidence", "new", "Why does it shrink?", "-f", path, where="..")
    assert result.returncode == 0 and (site.root / "docs/why_does_it_shrink.md").is_file(), result.stdout


def test_new_page_is_added_to_the_given_configuration_file(site):
    (site.root / "mkdocs.yml").unlink()
    (site.root / "other.yml").write_text(yaml.safe_dump(CONFIG) + "nav:\n  - grow.md\n")
    result = site.run("evidence", "new", "Why does it shrink?", "--name", "shrink", "-f", "other.yml")
    assert result.returncode == 0 and "shrink.md" in (site.root / "other.yml").read_text(), result.stdout


def test_commands_find_mkdocs_yaml(site):
    (site.root / "mkdocs.yml").rename(site.root / "mkdocs.yaml")
    site.check_build()
    for command in ("build", "list", "check"):
        result = site.run("evidence", command)
        assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("command", ["build", "list", "check"])
def test_missing_configuration_is_reported(tmp_path, command):
    (tmp_path / "empty").mkdir()
    for options in ((), ("-f", "nothing.yml")):
        result = Site(tmp_path / "empty").run("evidence", command, *options)
        assert result.returncode != 0 and ("mkdocs.yml" in result.stdout or "nothing.yml" in result.stdout)
        assert "usage:" not in result.stdout


def test_site_builds_with_pages_and_snippets_above_the_configuration(base_site, tmp_path):
    """The configuration is website/mkdocs.yml."""
    site = copy_site(base_site, tmp_path / "project")
    site.configure(docs_dir="../docs", plugins=["search", {"evidence": {"snippets": "../snippets"}}])
    (site.root / "website").mkdir()
    for name in ("mkdocs.yml", "theme"):
        (site.root / name).rename(site.root / "website" / name)
    site.check_build(where="website")
    assert ">9</a>" in (site.root / "website/site/grow/index.html").read_text()
    assert site.run("evidence", "check", where="website").returncode == 0
    assert site.run("evidence", "new", "Why?", "--name", "why", where="website").returncode == 0
    assert (site.root / "docs/why.md").is_file() and (site.root / "snippets/why.py").is_file()
    site.write({"docs/a.md": "# A\n\n{{ grow.nothing }}\n", "snippets/b.py": snippet("value = 1 / 0")})
    output = site.check_refusal(where="website")
    assert find_problems(output, "docs/a.md")[0][0] == 3 and find_problems(output, "snippets/b.py")


def test_site_builds_with_pages_above_and_snippets_beside_the_configuration(base_site, tmp_path):
    site = copy_site(base_site, tmp_path / "project")
    site.configure(docs_dir="../docs")
    (site.root / "website").mkdir()
    for name in ("mkdocs.yml", "theme", "snippets"):
        (site.root / name).rename(site.root / "website" / name)
    site.check_build(where="website")
    site.check_build("-f", str(site.root / "website/mkdocs.yml"), where="docs")


def test_results_in_another_folder_are_found_again(site, tmp_path):
    """With EVIDENCE_CACHE set, a build writes nothing beside the sources."""
    environment = {"EVIDENCE_CACHE": str(tmp_path / "cache")}
    before = site.files(".")
    options = ("--site-dir", str(tmp_path / "made"))
    (site.root / ".evidence").rename(tmp_path / "old cache")
    before = {name for name in before if not name.startswith(".evidence/")}
    site.check_build(*options, **environment)
    assert site.files(".") == before
    assert "running" not in site.check_build(*options, **environment)
    assert site.run("evidence", "check", **environment).returncode == 0


def test_invalid_limits_folders_and_epochs_are_reported(site):
    for options, words in (
        ({"seconds": 0}, "mkdocs.yml: seconds is 0: write a whole number from 1"),
        ({"seconds": 10**12}, "mkdocs.yml: seconds is 1000000000000: write"),
        ({"megabytes": -5}, "mkdocs.yml: megabytes is -5: write"),
        ({"snippets": "mkdocs.yml"}, "mkdocs.yml is no folder: make it, or name another"),
        ({"snippets": "scripts"}, "scripts is no folder: make it, or name another"),
        ({"snippets": "../.."}, "holds more than this project: name another"),
    ):
        result = site.configure(plugins=[{"evidence": options}]).run("evidence", "list")
        assert result.returncode == 1 and words in result.stdout, result.stdout
    for epoch in ("", "yesterday", "-1", "1.5", "9" * 20):
        result = site.configure().run("evidence", "list", SOURCE_DATE_EPOCH=epoch)
        assert result.returncode == 1 and f"SOURCE_DATE_EPOCH={epoch} is no number" in result.stdout, result.stdout


OPTIONS = {
    "seconds": {"seconds": "many"},
    "negative seconds": {"seconds": -1},
    "no snippets": {"snippets": "nothing/here"},
    "snippets that are a file": {"snippets": "mkdocs.yml"},
    "snippets above": {"snippets": "../.."},
    "unknown": {"secnds": 3},
    "templates": {"templates": "nothing"},
    "a list": ["seconds"],
}


@pytest.mark.parametrize("name", OPTIONS)
def test_invalid_option_is_reported_by_name(site, name):
    site.configure(plugins=[{"evidence": OPTIONS[name]}])
    result = site.build()
    word = next(iter(OPTIONS[name]))
    assert result.returncode == 0 or word in result.stdout or "evidence" in result.stdout, result.stdout
    site.run("evidence", "check")


# Systems.

REMOVE_FORK = """
import builtins
import multiprocessing
import sys

MISSING = {"resource", "pwd", "grp", "termios"}
real = builtins.__import__


def import_module(name, *arguments, **more):
    if name.split(".")[0] in MISSING:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return real(name, *arguments, **more)


builtins.__import__ = import_module
for name in MISSING:
    sys.modules.pop(name, None)
methods = multiprocessing.context._concrete_contexts
for name in ("fork", "forkserver"):
    methods.pop(name)
multiprocessing.set_start_method("spawn", force=True)
import os
for name in ("fork", "forkpty"):
    if hasattr(os, name):
        delattr(os, name)
"""


def test_system_without_fork_builds_or_says_what_is_missing(site, tmp_path):
    """Remove what Windows does not have."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without/sitecustomize.py").write_text(REMOVE_FORK)
    site.write({"snippets/more.py": snippet("value = 3"), "docs/a.md": "# A\n\n{{ more.value }}\n"})
    result = site.run("mkdocs", "build", PYTHONPATH=str(tmp_path / "without"))
    if result.returncode:
        assert re.search(r"Windows|fork|system", result.stdout) and len(result.stdout.splitlines()) < 15, result.stdout
    else:
        assert "3" in site.soup("a/").main.get_text()


@pytest.mark.parametrize(
    "encoding", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_messages_are_printed_in_any_encoding(site, encoding):
    """Print quotation marks and Chinese names."""
    site.write({"docs/数学.md": "# 数学\n\n{{ grow.nothing }} “é”\n"})
    result = site.build(**encoding)
    assert result.returncode == 1 and "UnicodeEncodeError" not in result.stdout, result.stdout
    assert ":3:" in result.stdout or "PYTHONUTF8=1" in result.stdout


def test_closed_pipe_ends_without_a_traceback(site):
    """Run commands as in `python -m evidence list | head -1`."""
    for command in ("evidence list", "mkdocs build"):
        result = subprocess.run(
            ["sh", "-c", f"{sys.executable} -m {command} 2>&1 | head -c 1; exit 0"],
            cwd=site.root, env=clean_environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "Traceback" not in result.stdout + result.stderr


def test_each_message_is_one_line(site):
    """Programs read file, line and message, even if the page's text has line ends."""
    site.write({"docs/a.md": "# A\n\n$$\n\\nonsense{x}\ny\n$$\n\n{{ grow.area\n| nothing }}\n\n$\\nonsense{a\nb}$\n"})
    output = site.check_refusal()
    lines = output[output.index("problem") :].splitlines()[1:]
    mine = [line for line in lines if line.strip() and "Aborted" not in line and "BuildError" not in line]
    assert mine and all(re.match(r"\s*docs/a\.md:\d+: ", line) for line in mine), mine


def test_empty_site_builds_until_a_snippet_has_no_page(tmp_path):
    site = new_site(tmp_path / "project", plugins=[OURS])
    assert site.run("mkdocs", "build").returncode == 0
    assert site.run("evidence", "check").returncode == 0
    site.write({"snippets/a.py": snippet("value = 1")})
    assert find_problems(site.check_refusal(), "snippets/a.py")
    assert json.loads((site.root / "mkdocs.yml").read_text())["plugins"] == [OURS]


def test_problem_in_a_text_of_a_snippet_is_at_the_line_of_the_page_that_shows_it(site):
    """A file that offers nothing is reported by its name."""
    claims = '\n\ndef claim_one(result):\n    r"""Half is $\\frac{1$, so."""\n    assert result.value\n'
    claims += '\n\ndef claim_two(result):\n    r"""See [@no.where]."""\n    assert result.value\n'
    site.write({"snippets/claims.py": snippet(r"value = r'\sum_i and so on'") + claims, "snippets/helps.py": "X = 1\n"})
    page = "# A\n\ntext\n\nso {{ claims.value }}.\n\n/// claim | claims.one\n///\n\n/// claim | claims.two\n///\n\n"
    messages = find_problems(site.write({"docs/a.md": f"{page}{{{{ helps.x }}}}\n"}).check_refusal(), "docs/a.md")
    assert [line for line, _ in messages] == [5, 7, 10, 13], messages
    assert "snippets/helps.py offers nothing: write def compute()" in messages[-1][1], messages


# Files and folders of the wrong kind.

STATE = {
    "the folder": ".evidence",
    "its cache": ".evidence/cache",
    "its pages": ".evidence/pages",
    "its runs": ".evidence/runs",
    "its site": ".evidence/site",
}


@pytest.mark.parametrize("name", STATE)
def test_file_in_the_place_of_a_folder_is_reported(site, name):
    path = site.root / STATE[name]
    subprocess.run(["rm", "-rf", str(path)], check=True)
    site.write({"snippets/more.py": snippet("value = 3"), "docs/more.md": "# More\n\n{{ more.value }}\n"})
    path.write_text("a file")
    output = site.run("mkdocs", "build").stdout
    assert STATE[name] in output and "then rebuild" in output, output
    output = site.run("evidence", "build").stdout
    assert name == "its site" or name == "its pages" or "then rebuild" in output, output


def test_folder_in_the_place_of_a_file_is_reported(site):
    (site.root / ".evidence/lock").unlink(missing_ok=True)
    (site.root / ".evidence/lock").mkdir()
    assert "then rebuild" in site.check_refusal()
    result = site.run("evidence", "check", "-f", "docs")
    assert result.returncode == 1 and "docs: Is a directory" in result.stdout


@pytest.mark.parametrize("macros", [{"E": 3}, {"E": ["x"]}, {"": "x"}])
def test_invalid_macros_are_reported_by_commands(site, macros):
    site.configure(plugins=[{"evidence": {"macros": macros}}])
    for command in ("check", "build", "list"):
        result = site.run("evidence", command)
        assert result.returncode == 1 and result.stdout.startswith("mkdocs.yml: macros: "), result.stdout


@pytest.mark.parametrize("name", ["index", "a" * 300, "a b", "class"])
def test_invalid_name_of_a_new_page_is_refused(site, name):
    before = site.files(".")
    result = site.run("evidence", "new", "Why?", "--name", name)
    assert result.returncode == 1 and len(result.stdout.splitlines()) == 1 and site.files(".") == before


def test_new_page_of_a_long_question_has_a_short_name(site):
    """The new page, whose question has formulas, builds at once."""
    result = site.run("evidence", "new", r"Why is $\lambda_{\max}$ small for $\beta$, " + "and so on " * 40 + "?")
    assert result.returncode == 0, result.stdout
    (page,) = (site.root / "docs").glob("why_is_lambda*.md")
    assert len(page.stem) <= 60
    site.check_build()


def test_snippet_may_begin_with_a_byte_order_mark(site):
    """Editors on Windows write it."""
    text = b"\xef\xbb\xbf" + snippet("value = 3").replace("\n", "\r\n").encode()
    site.write({"snippets/more.py": text, "docs/more.md": "# More\n\n{{ more.value }}\n"}).check_build()
    assert site.soup("more/").main.a.get_text() in ("3", "¶")


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux’s")
def test_site_builds_below_a_limit_of_memory(site):
    site.write({"snippets/more.py": snippet("value = 3"), "docs/more.md": "# More\n\n{{ more.value }}\n"})
    site.check_build(before=("sh", "-c", 'ulimit -v 4000000; exec "$@"', "sh"))


def test_file_with_the_name_of_a_generated_one_is_refused(site):
    site.write({"docs/evidence/grow.md": "# Mine\n\ntext\n", "docs/evidence/grow/figure_growth.svg": "<svg/>"})
    site.write({"docs/evidence/other.md": "# Other\n\ntext\n"})
    output = site.check_refusal()
    for file in ("evidence/grow.md", "evidence/grow/figure_growth.svg"):
        assert f"docs/{file}:1: a generated file has this name: rename this one" in output, output
    assert not find_problems(output, "docs/evidence/other.md")


def test_title_of_a_drawing_has_its_values_filled(site):
    text = make_drawing(PLOT + "axes.plot([1, 2])", value="value = 3.5").replace(
        "A drawing. Of something.", "The law at {{ value | digits(2) }}. It is {{ value | digits(3) }}."
    )
    site.write(
        {"snippets/a.py": text, "docs/a.md": make_page(["a"]).replace("a.value", "a.value | digits(2)")}
    ).check_build()
    svg = (site.root / "site/evidence/a/figure_drawn.svg").read_text()
    assert "{{" not in svg and "The law at 3.5" in svg
    assert site.soup("a/").main.img["alt"] == "The law at 3.5. It is 3.50."
