"""Lab: a notebook in percent format, executed by mkdocs-jupyter, as a Markdown page like every other."""

import json
import os
import re
import time
from pathlib import Path

from evidence.problems import Problem

ANSI = re.compile(r"\x1b\[[\d;]*m")
ANSWER = '<details class="answer" markdown>\n<summary>Answer</summary>\n\n{}\n\n</details>'


def run(root, paths, name, folder, megabytes, header):
    """Execute the lab `name` and write its page and its pictures to `folder`.

    Takes and returns what `contract.run` does; a kernel is a process of its own, so `megabytes` is not imposed on it.
    """
    start = time.perf_counter()
    problems = _run(root, paths, name, folder, header)
    return problems, {"compute": time.perf_counter() - start}, False


def _run(root, paths, name, folder, header):
    import jupytext
    from mkdocs_jupyter.nbconvert2 import get_nbconvert_app
    from nbclient.exceptions import CellExecutionError
    from nbconvert.preprocessors import ExecutePreprocessor

    script = Path(paths[name])
    snippets = {str(Path(path).parents[module.count(".")]) for module, path in paths.items() if module != name}
    os.environ |= {"PYTHONPATH": os.pathsep.join(sorted(snippets)), "PYTHONDONTWRITEBYTECODE": "1"}
    text = script.read_text("utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    app = get_nbconvert_app(execute=True, allow_errors=False)
    execute = ExecutePreprocessor(config=app.config, extra_arguments=["--log-level=40"])  # the kernel's errors only
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)  # what a kernel says of its own end; what a cell says arrives as its output
    try:
        execute.preprocess(notebook, {"metadata": {"path": str(folder)}})
    except CellExecutionError as error:
        what = f"the cell fails: {error.ename}: {error.evalue}".strip(": ")
        return [_problem(root, script, text, _failed(notebook, "error"), what, error.traceback)]
    if cell := _failed(notebook, "stderr"):
        said = next(out.text for out in cell.outputs if out.get("name") == "stderr").strip()
        return [_problem(root, script, text, cell, f"the cell warns: {said.splitlines()[0]}: remove the cause")]
    page = "\n\n".join(_cell(cell, number, folder, name) for number, cell in enumerate(notebook.cells, 1))
    made = {**header, "page": page}
    (folder / "result.json").write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    return []


def _failed(notebook, kind):
    """The first cell with an output whose type or stream is `kind`."""
    outputs = ((cell, output) for cell in notebook.cells for output in cell.get("outputs", ()))
    return next((cell for cell, output in outputs if kind in (output.output_type, output.get("name"))), None)


def _problem(root, script, text, cell, what, raised=""):
    """A problem at the line of the script where the cell stands, or where it raised."""
    start = text[: text.find(cell.source)].count("\n") + 1
    at = re.search(r"^-+> (\d+)", ANSI.sub("", raised), re.M)
    return tuple(Problem(script.relative_to(root).as_posix(), start + (int(at[1]) - 1 if at else 0), what))


def _cell(cell, number, folder, name):
    if cell.cell_type == "markdown":
        return cell.source
    shown = "\n\n".join([_fenced(cell.source, "python"), *_outputs(cell.outputs, number, folder, name)])
    return ANSWER.format(shown) if "answer" in cell.metadata.get("tags", ()) else shown


def _outputs(outputs, number, folder, name):
    """What a cell prints and draws, as Markdown; a picture goes to a file, its description into the alt text."""
    printed = []
    for output in outputs:
        data = output.get("data", {})
        if "image/svg+xml" in data:
            file = f"figure_{number}.svg"
            (folder / file).write_text(data["image/svg+xml"], "utf-8")
            alt = " ".join(data.get("text/plain", "").replace("[", "(").replace("]", ")").split())
            yield f'![{alt}](/evidence/{name}/{file}){{ loading="lazy" {_size(data["image/svg+xml"])} }}'
        else:
            printed.append(output.get("text") or data.get("text/plain", ""))
    if text := "".join(printed).strip("\n"):
        yield _fenced(text, "text")


def _size(svg):
    width, height = (re.search(rf'{side}="([\d.]+)"', svg)[1] for side in ("width", "height"))
    return f'width="{width}" height="{height}"'


def _fenced(text, language):
    return f"```{language}\n{text}\n```"
