"""Notebooks: a lab in percent format, executed by nbconvert, as a page like every other."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evidence.diagnostics import Diagnostic
from evidence.keys import Job, Outcome
from evidence.results import RESULT, LabResult, dump_result

ANSI = re.compile(r"\x1b\[[\d;]*m")
ANSWER = '<details class="answer" markdown>\n<summary>Answer</summary>\n\n{}\n\n</details>'


def run(job: Job) -> Outcome:
    """Execute one lab. A kernel is a process of its own, so that memory is not limited."""
    text = job.files[job.file].decode()
    with TemporaryDirectory(prefix="evidence-") as folder:
        root = job.write_files(Path(folder))
        tops = {
            Path(file).parents[name.count(".")]
            for name, file in job.modules.items()
        }
        paths = [
            os.path.normpath(root / top)
            for top in sorted(tops - {Path(job.file).parent})
        ]
        os.environ |= {
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "IPYTHONDIR": folder,
        }
        try:
            notebook = _execute(text, root)
        except _Failure as error:
            return Outcome({}, [Diagnostic(job.file, *error.args)])
    files: dict[str, bytes] = {}
    cells = [
        _format_cell(cell, number, job.name, files)
        for number, cell in enumerate(notebook.cells, 1)
    ]
    result = LabResult(job.name, "\n\n".join(cells), job.inputs, job.date)
    files[RESULT] = dump_result(result)
    return Outcome(files, [])


class _Failure(Exception):
    """A notebook that cannot be executed: the line of its script, and why."""


def _execute(text: str, folder: Path) -> Any:
    """Return the executed notebook. Raises _Failure."""
    try:
        import jupytext
        from mkdocs_jupyter.nbconvert2 import get_nbconvert_app
        from nbclient.exceptions import CellExecutionError
        from nbconvert.preprocessors import ExecutePreprocessor
    except ImportError as error:
        message = f"labs need {error.name}: pip install mkdocs-jupyter, or remove the lab"
        raise _Failure(1, message) from None
    notebook = jupytext.reads(text, fmt="py:percent")
    app = get_nbconvert_app(execute=True, allow_errors=False)
    execute = ExecutePreprocessor(
        config=app.config, extra_arguments=["--log-level=40"]
    )
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), 2)  # what a kernel says of its own end
    try:
        execute.preprocess(notebook, {"metadata": {"path": str(folder)}})
    except CellExecutionError as error:
        message = f"the cell fails: {error.ename}: {error.evalue}".strip(": ")
        line = _find_cell_line(
            text, _find_cell(notebook, "error"), error.traceback
        )
        raise _Failure(line, message) from None
    if cell := _find_cell(notebook, "stderr"):
        output = next(
            out.text for out in cell.outputs if out.get("name") == "stderr"
        ).strip()
        message = f"the cell warns: {output.splitlines()[0]}: remove the cause"
        raise _Failure(_find_cell_line(text, cell), message)
    return notebook


def _find_cell(notebook: Any, kind: str) -> Any:
    """Return the first cell with an output whose type or stream is `kind`, or None."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if kind in (output.output_type, output.get("name")):
                return cell
    return None


def _find_cell_line(text: str, cell: Any, error: str = "") -> int:
    """Return the line of the script where a cell stands, or where it raised."""
    start = text[: text.find(cell.source)].count("\n") + 1
    at = re.search(r"^-+> (\d+)", ANSI.sub("", error), re.M)
    return start + (int(at[1]) - 1 if at else 0)


def _format_cell(
    cell: Any, number: int, name: str, files: dict[str, bytes]
) -> str:
    if cell.cell_type == "markdown":
        return cell.source
    parts = [
        _fence(cell.source, "python"),
        *_format_outputs(cell.outputs, number, name, files),
    ]
    text = "\n\n".join(parts)
    return (
        ANSWER.format(text)
        if "answer" in cell.metadata.get("tags", ())
        else text
    )


def _format_outputs(
    outputs: Any, number: int, name: str, files: dict[str, bytes]
) -> Iterator[str]:
    """Yield what a cell prints and draws, in its order, as Markdown; pictures go into `files`."""
    text = ""
    for output in outputs:
        data = output.get("data", {})
        if "image/svg+xml" not in data:
            text += output.get("text") or data.get("text/plain", "")
            continue
        if text.strip("\n"):
            yield _fence(text.strip("\n"), "text")
        text, svg = "", data["image/svg+xml"]
        file = f"figure_{number}.svg"
        files[file] = svg.encode()
        alt = " ".join(
            data.get("text/plain", "")
            .replace("[", "(")
            .replace("]", ")")
            .split()
        )
        sizes = [
            re.search(rf'{side}="[\d.]+"', svg) for side in ("width", "height")
        ]
        size = " ".join(match[0] for match in sizes if match)
        yield f'![{alt}](../evidence/{name}/{file}){{ loading="lazy" {size} }}'
    if text.strip("\n"):
        yield _fence(text.strip("\n"), "text")


def _fence(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"
