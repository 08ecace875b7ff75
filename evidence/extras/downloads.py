"""Downloads: a snippet to take along with all that it imports, as scripts and as a notebook."""

import ast
import base64
from io import BytesIO
from posixpath import commonpath, dirname, normpath, relpath
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Template

from evidence.cache import Cache
from evidence.keys import Job, digest_machinery
from evidence.project import Script
from evidence.results import SnippetResult
from evidence.syntax import VALUE
from evidence.values import look_up, qualify

MOST_PARENTS = 20  # of a path that leads out of the project
WRITE = """import base64
with open({!r}, "wb") as file:
    file.write(base64.b64decode({!r}))"""
ENTER = "import os\nos.chdir({!r})\n__file__ = os.path.abspath('{}.py')"
NOTEBOOK = Template(
    """\
{"cells": [
{"cell_type": "markdown", "id": "cell-0", "metadata": {},
 "source": {{ ("# " ~ title ~ "\\n" ~ text) | tojson }}}
{% for source in sources %}
,{"cell_type": "code", "id": "cell-{{ loop.index }}", "metadata": {}, "outputs": [],
 "execution_count": null, "source": {{ source | trim | tojson }}}
{% endfor %}
],
"metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
"nbformat": 4, "nbformat_minor": 5}
""",
    trim_blocks=True,
)
CALLS = {
    "claims": "claim_{}(result)",
    "equations": "_ = [*equation_{}()]",
    "figures": "figure_{}(result)",
}


def find_downloads(
    result: SnippetResult, job: Job, cache: Cache
) -> dict[str, bytes]:
    """Return what `pack_downloads` returns, which is cached."""
    return cache.get_or_create(
        f"downloads/{job.name}",
        f"{job.key}-{digest_machinery(__name__)}",
        lambda: pack_downloads(result, job),
    )


def pack_downloads(result: SnippetResult, job: Job) -> dict[str, bytes]:
    """Return `NAME.zip` and `NAME.ipynb` of a snippet; equal texts make equal bytes."""
    return {
        f"{job.name}.zip": _pack_scripts(job),
        f"{job.name}.ipynb": _write_notebook(result, job),
    }


def _list_files(job: Job) -> tuple[str, dict[str, bytes]]:
    """Return the snippet's folder and all files, with paths from the folder that holds them all.

    Modules lie where the snippet can import them, and data where the scripts look for them.
    """
    root, files = "/up" * MOST_PARENTS, {}
    top = f"{root}/{dirname(job.file)}"
    for name, file in job.modules.items():
        place = f"{top}/{name.replace('.', '/')}.py"
        files[place] = job.files[file]
        script = Script(name, file, job.files[file].decode(), "module")
        for data in script.data:
            path = relpath(f"{root}/{data}", f"{root}/{file}")
            files[normpath(f"{place}/{path}")] = job.files[data]
    whole = commonpath(map(dirname, files))
    return relpath(top, whole), {
        relpath(path, whole): files[path] for path in sorted(files)
    }


def _pack_scripts(job: Job) -> bytes:
    requirements = "".join(
        f"{library}=={version}\n" for library, version in job.libraries.items()
    )
    files = {**_list_files(job)[1], "requirements.txt": requirements.encode()}
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for path, data in files.items():
            # ZipInfo dates all files 1980
            archive.writestr(ZipInfo(f"{job.name}/{path}"), data, ZIP_DEFLATED)
    return out.getvalue()


def _list_cells(source: str) -> list[str]:
    """Return the code behind the docstring of a module, cut where two lines are empty."""
    lines, cells = source.splitlines(), []
    docstring, *nodes = ast.parse(source).body
    at = docstring.end_lineno or 0
    for node in nodes:
        start, end = node.lineno - 1, node.end_lineno
        gap = "\n".join(["", *lines[at:start], ""])
        if not cells or "\n\n\n" in gap:
            cells.append("")
        if not lines[start].startswith("if __name__"):
            cells[-1] += "\n".join([*lines[at:end], ""])
        at = end
    return cells


def _write_notebook(result: SnippetResult, job: Job) -> bytes:
    """Return a notebook that writes the imported modules, runs the snippet and shows its offers."""
    values = {result.name: result.quotable}
    title = qualify(result.title, result.name)
    title, _, text = VALUE.sub(
        lambda match: look_up(match[1], values)[0], title
    ).partition("\n")
    home, files = _list_files(job)
    del files[normpath(f"{home}/{job.name}.py")]
    sources = [f"%pip install -q {' '.join(job.libraries)}"]
    folders = {home, *map(dirname, files)} - {"", "."}
    if folders:
        makes = [
            f"os.makedirs({folder!r}, exist_ok=True)"
            for folder in sorted(folders)
        ]
        sources.append("\n".join(["import os", *makes]))
    for path, data in files.items():
        sources.append(
            f"%%writefile {path}\n{data.decode()}"
            if path.endswith(".py")
            else WRITE.format(path, base64.b64encode(data).decode())
        )
    if job.files.keys() - job.modules.values():  # data
        sources.append(ENTER.format(home, job.name))
    sources += _list_cells(result.source)
    sources.append("result = compute()\nresult")
    for attribute, call in CALLS.items():
        sources += [call.format(name) for name in getattr(result, attribute)]
    return NOTEBOOK.render(title=title, text=text, sources=sources).encode()
