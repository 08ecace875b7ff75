"""A snippet by itself: what a reader takes along, unpacked and run where nothing of ours is installed."""

import json
import multiprocessing
import os
import runpy
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from conftest import ROOT


def run_by_itself(name, archive, folder):
    """Run a snippet from its archive in a process of its own.

    Returns the exit code, the names of the pictures that it left behind, and its values as JSON.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["matplotlib.pyplot", "evidence.contract"])
    ZipFile(BytesIO(archive)).extractall(folder)
    process = context.Process(target=_run, args=(folder / f"{name}/{name}.py", folder))
    process.start()
    process.join()
    values = Path(folder, "values.json")
    return (
        process.exitcode,
        {path.stem for path in folder.glob("*.png")},
        json.loads(values.read_text()) if values.exists() else {},
    )


def _run(script, folder):
    """As `python script` would: only the script's folder to import from, and no screen."""
    import matplotlib

    from evidence.contract import convert_value

    os.chdir(folder)
    installed = (path for path in sys.path if not path.startswith(str(ROOT)) or "site-packages" in path)
    sys.path[:] = [str(script.parent), *installed]
    sys.modules["evidence"] = sys.modules["font_source_sans_pro"] = None
    matplotlib.use("agg")
    results = _record_results()
    names = runpy.run_path(str(script), run_name="__main__")
    result = results[0] if results else names["compute"]()
    values = {field: convert_value(value, field, 1) for field, value in vars(result).items()}
    Path("values.json").write_text(json.dumps(values))


def _record_results():
    """The list to which `show_figures` adds the result that it is given."""
    try:
        from lib import plots
    except ImportError:  # the snippet draws nothing
        return []
    show_figures, results = plots.show_figures, []

    def show(*figures, of):
        results.append(of)
        show_figures(*figures, of=of)

    plots.show_figures = show
    return results
