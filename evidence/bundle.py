"""Bundle: a snippet to take along with all that it imports, as an archive of scripts and as a notebook."""

import ast
import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

CALLS = {"claim": "claim_{}(result)", "equation": "draws = [*equation_{}()]", "figure": "figure_{}(result)"}


def archive(project, name):
    """A ZIP file, as bytes: the snippet, the modules that it imports, and what to install."""
    files = {f"{module}.py": project.texts[module] for module in project.reach(name)}
    pins = (f"{library}=={version}\n" for library, version in project.libraries(name).items())
    files["requirements.txt"] = "".join(pins)
    packed = BytesIO()
    with ZipFile(packed, "w") as target:
        for file, text in sorted(files.items()):  # ZipInfo dates them 1980: equal files, equal bytes
            target.writestr(ZipInfo(f"{name}/{file}"), text, ZIP_DEFLATED)
    return packed.getvalue()


def notebook(project, name, result):
    """A notebook, as bytes: it writes the modules that the snippet imports, runs it, and shows what it offers."""
    text = result["source"]  # which may have held before the present one
    opening = ast.parse(text).body[0].end_lineno  # the docstring becomes the first cell
    parts = "\n".join(text.splitlines()[opening:]).split("\n\n\n")
    title, _, rest = result["title"].partition("\n")
    others = [module for module in project.reach(name) if module != name]
    sources = [
        f"%pip install -q {' '.join(project.libraries(name))}",
        *(f"%%writefile {module}.py\n{project.texts[module]}" for module in others),
        *(part for part in parts if not part.startswith("if __name__")),
        "result = compute()\nresult",
        *(call.format(part) for kind, call in CALLS.items() for part in result[kind]),
    ]
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{"cell_type": "markdown", "metadata": {}, "source": f"# {title}\n{rest}"}]
    cells += [code | {"source": source.strip()} for source in sources]
    made = {
        "cells": [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(made, ensure_ascii=False, indent=1).encode()
