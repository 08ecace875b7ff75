"""Run a snippet by itself: a reader's download, unpacked and run without the package installed."""

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

    Returns the exit code, the names of the pictures that it wrote, and its values.
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
    """Run a script as `python script` does: it imports from its own folder only, and has no screen."""
    import matplotlib

    from evidence.contract import convert_value

    os.chdir(folder)
    search_path = (path for path in sys.path if not path.startswith(str(ROOT)) or "site-packages" in path)
    sys.path[:] = [str(script.parent), *search_path]
    sys.modules["evidence"] = sys.modules["font_source_sans_pro"] = None
    matplotlib.use("agg")
    results = _record_results()
    names = runpy.run_path(str(script), run_name="__main__")
    result = results[0] if results else names["compute"]()
    values = {field: convert_value(value, field, 1) for field, value in vars(result).items()}
    Path("values.json").write_text(json.dumps(values))


def _record_results():
    """Return a list to which `show_figures` appends each result that it draws."""
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
