"""Preload: what the server of processes imports and does once, so that no run has to."""

import gc
import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

gc.disable()  # what is imported stays, so looking for garbage would be in vain

import numpy.random  # noqa: E402, F401  which numpy itself leaves to the first use
from matplotlib.figure import Figure  # noqa: E402

from evidence import contract, drawing  # noqa: E402

for library in os.environ["EVIDENCE_PRELOAD"].split():
    with suppress(Exception):  # the run says it better, with the line that imports it
        import_module(library)

# The first drawing and the first highlighting import and compile more than all that follow.
contract.highlight(Path(__file__).read_text("utf-8"), contract.PythonLexer(), contract.HtmlFormatter())
with TemporaryDirectory() as folder:
    figure = Figure()
    figure.subplots().plot([0, 1], label="$x^2$")
    figure.legend()
    drawing.save(figure, Path(folder, "first"), "", picture=os.environ["EVIDENCE_PICTURES"] == "True")

gc.freeze()  # or the first collection of each run would copy the memory of all this
gc.enable()
