"""Template: the process from which runs are forked, with the libraries loaded once.

The user's environment, working folder and matplotlibrc have no influence on it.
"""

import gc
import os
import signal
import tempfile
from contextlib import suppress
from importlib import import_module

gc.disable()  # imports leave no garbage
os.chdir(tempfile.gettempdir())
signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends it

import matplotlib  # noqa: E402
import numpy.random  # noqa: E402, F401  numpy would import it at its first use
from matplotlib.figure import Figure  # noqa: E402

from evidence import figures, worker  # noqa: E402, F401

for library in os.environ.get("EVIDENCE_PRELOAD", "").split():
    with suppress(Exception):  # the run that imports it reports the error
        import_module(library)
matplotlib.rcdefaults()

# The first drawing imports and compiles more than later ones
figure = Figure()
figure.subplots().plot([0, 1], label="$x^2$")
figure.legend()
figures.save_figure(figure, 1, "first", "", picture=True)

gc.freeze()  # or the first collection in each run would copy these pages
gc.enable()
