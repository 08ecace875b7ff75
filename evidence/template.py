"""Template: the process from which runs are forked, with the libraries loaded once.

What the user's environment, working folder and matplotlibrc say has no part in it.
"""

import gc
import os
import signal
import tempfile
from contextlib import suppress
from importlib import import_module

gc.disable()  # nothing that is imported goes away, so a collection would be in vain
os.chdir(tempfile.gettempdir())
signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends it

import matplotlib  # noqa: E402
import numpy.random  # noqa: E402, F401  which numpy leaves to its first use
from matplotlib.figure import Figure  # noqa: E402

from evidence import figures, worker  # noqa: E402, F401

for library in os.environ.get("EVIDENCE_PRELOAD", "").split():
    with suppress(Exception):  # the run that imports it says what is wrong
        import_module(library)
matplotlib.rcdefaults()

# The first drawing imports and compiles more than all that follow
figure = Figure()
figure.subplots().plot([0, 1], label="$x^2$")
figure.legend()
figures.save_figure(figure, 1, "first", "", picture=True)

gc.freeze()  # or the first collection of each run would copy all of this
gc.enable()
