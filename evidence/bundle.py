"""Bundle: a snippet to take along with all that it imports, as an archive of scripts and as a notebook."""

import ast
import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

CALLS = {"claim": "claim_{}(result)", "equation": "draws = [*equation_{}()]", "figure": "figure_{}(result)"}


def archive(name, texts, libraries):
    """A ZIP file, as bytes: the snippet and the modules that it imports, name to text, and what to install."""
    files = {f"{module.replace('.', '/')}.py": text for module, text in texts.items()}
    files["requirements.txt"] = "".join(f"{library}=={version}\n" for library, version in libraries.items())
    packed = BytesIO()
    with ZipFile(packed, "w") as target:
        for file, text in sorted(files.items()):  # ZipInfo dates them 1980: equal files, equal bytes
            target.writestr(ZipInfo(f"{name}/{file}"), text, ZIP_DEFLATED)
    return packed.getvalue()


def notebook(name, texts, libraries, result):
    """A notebook, as bytes: it writes the modules that the snippet imports, runs it, and shows what it offers."""
    text = texts[name]
    opening = ast.parse(text).body[0].end_lineno  # the docstring becomes the first cell
    parts = "\n".join(text.splitlines()[opening:]).split("\n\n\n")
    title, _, rest = result["title"].partition("\n")
    sources = [
        f"%pip install -q {' '.join(libraries)}",
        *(["import os\nos.makedirs('lib', exist_ok=True)"] if any("." in module for module in texts) else []),
        *(f"%%writefile {module.replace('.', '/')}.py\n{other}" for module, other in texts.items() if module != name),
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
