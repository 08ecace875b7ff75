"""Downloads: a snippet to take along with all that it imports, as scripts and as a notebook."""

import ast
import json
import os
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from evidence.keys import Job
from evidence.results import SnippetResult
from evidence.syntax import VALUE
from evidence.values import look_up, qualify

CALLS = {
    "claims": "claim_{}(result)",
    "equations": "_ = [*equation_{}()]",
    "figures": "figure_{}(result)",
}


def pack_downloads(result: SnippetResult, job: Job) -> dict[str, bytes]:
    """Return `NAME.zip` and `NAME.ipynb` of a snippet; equal texts make equal bytes."""
    return {
        f"{job.name}.zip": _pack_scripts(job),
        f"{job.name}.ipynb": _write_notebook(result, job),
    }


def _list_files(job: Job) -> dict[str, bytes]:
    """Return the files of a job with paths relative to the folder of its snippet."""
    top = os.path.dirname(job.file)
    paths = {
        file: os.path.relpath(file, top).replace("../", "")
        for file in job.files
    }
    return {
        path.replace(os.sep, "/"): job.files[file]
        for file, path in sorted(paths.items())
    }


def _pack_scripts(job: Job) -> bytes:
    files = _list_files(job)
    requirements = "".join(
        f"{library}=={version}\n" for library, version in job.libraries.items()
    )
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for path, data in (
            files | {"requirements.txt": requirements.encode()}
        ).items():
            # ZipInfo dates all files 1980
            archive.writestr(ZipInfo(f"{job.name}/{path}"), data, ZIP_DEFLATED)
    return out.getvalue()


def _write_notebook(result: SnippetResult, job: Job) -> bytes:
    """Return a notebook that writes the imported modules, runs the snippet and shows its offers."""
    # The docstring is the first cell
    opening = ast.parse(result.source).body[0].end_lineno or 0
    parts = "\n".join(result.source.splitlines()[opening:]).split("\n\n\n")
    values = {result.name: result.quotable}
    title = qualify(result.title, result.name)
    title, _, text = VALUE.sub(
        lambda match: look_up(match[1], values)[0], title
    ).partition("\n")
    others = {
        path: data.decode()
        for path, data in _list_files(job).items()
        if path.endswith(".py") and path != os.path.basename(job.file)
    }
    folders = sorted({os.path.dirname(path) for path in others} - {""})
    sources = [f"%pip install -q {' '.join(job.libraries)}"]
    if folders:
        makes = [
            f"os.makedirs({folder!r}, exist_ok=True)" for folder in folders
        ]
        sources.append("\n".join(["import os", *makes]))
    sources += [
        f"%%writefile {path}\n{other}" for path, other in others.items()
    ]
    sources += [part for part in parts if not part.startswith("if __name__")]
    sources.append("result = compute()\nresult")
    for attribute, call in CALLS.items():
        sources += [call.format(name) for name in getattr(result, attribute)]
    code = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    cells: list[dict] = [
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": f"# {title}\n{text}",
        }
    ]
    cells += [code | {"source": source.strip()} for source in sources]
    notebook = {
        "cells": [
            cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            }
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1).encode()
