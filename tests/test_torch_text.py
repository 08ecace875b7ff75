"""The code for PyTorch on the page about symptoms prints the same table as the snippet's report.

It runs on a stand-in for torch that has only what the code uses, and on PyTorch itself if that is installed, which the
suite does not require.
"""

import re
import sys
from importlib.util import find_spec
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import symptoms
from conftest import ROOT

TEXT = re.search(r"```python\n(import copy\nimport torch\n.*?)```", (ROOT / "docs/symptoms.md").read_text(), re.S)[1]
SIZES, EXAMPLES, STEP = (6, 5, 4), 7, 0.3
RNG = np.random.default_rng(0)
WEIGHTS = [RNG.normal(size=(n, m)) for n, m in pairwise(SIZES)]
INPUTS = np.column_stack([RNG.normal(2, 1, (EXAMPLES, SIZES[0] - 1)), np.ones(EXAMPLES)])  # the last one is constant
TARGETS = RNG.normal(size=(EXAMPLES, SIZES[-1]))


def differentiate(weights):
    """Return half the mean squared error of a tanh net without biases, its layers' inputs, and its gradients (n, m)."""
    activations = np.tanh(INPUTS @ weights[0])
    delta = (activations @ weights[1] - TARGETS) / TARGETS.size
    back = (delta @ weights[1].T) * (1 - activations**2)
    return (delta**2).sum() * TARGETS.size / 2, [INPUTS, activations], [INPUTS.T @ back, activations.T @ delta]


def compute_report():
    before = differentiate(WEIGHTS)
    after = differentiate([W - STEP * G for W, G in zip(WEIGHTS, before[2])])
    return before[0], after[0], symptoms.report_layers(before[1], WEIGHTS, before[2], after[2])


class Tensor(np.ndarray):
    """The methods of a tensor that the code uses, and no others."""

    def detach(self):
        return self

    clone = np.ndarray.copy

    def float(self):
        return self.astype("float64")

    def flatten(self, start, end):
        assert (start, end) == (0, -2)
        return self.reshape(-1, self.shape[-1])

    def sum(self, *args, **how):
        return np.asarray(np.ndarray.sum(self, *args, **how)).view(Tensor)

    def var(self, axis, unbiased):
        assert unbiased is False
        return np.ndarray.var(self, axis)

    def square(self):
        return self * self

    def norm(self):
        return np.asarray(np.linalg.norm(self)).view(Tensor)

    def clamp(self, min):
        return np.maximum(self, min)


class Linear:
    def __init__(self, weight):
        self.weight, self.hooks = weight.T.copy().view(Tensor), []
        self.weight.grad = None

    def register_forward_pre_hook(self, hook):
        self.hooks.append(hook)
        return SimpleNamespace(remove=lambda: self.hooks.remove(hook))


class Model:
    def __init__(self):
        self.layers = [Linear(weight) for weight in WEIGHTS]

    def modules(self):
        return [self, *self.layers]

    def state_dict(self):
        return {i: np.asarray(layer.weight) for i, layer in enumerate(self.layers)}

    def load_state_dict(self, state):
        for i, layer in enumerate(self.layers):
            layer.weight[:] = state[i]

    def __call__(self, x):
        value, inputs, gradients = differentiate([np.asarray(layer.weight).T for layer in self.layers])
        for layer, layer_input in zip(self.layers, inputs):
            for hook in layer.hooks:
                hook(layer, (layer_input.view(Tensor),))

        def backward():
            for layer, gradient in zip(self.layers, gradients):
                layer.weight.grad = gradient.T.copy().view(Tensor)

        return SimpleNamespace(item=lambda: value, backward=backward)


class Descent:
    def __init__(self, model):
        self.layers = model.layers

    def zero_grad(self):
        for layer in self.layers:
            layer.weight.grad = None

    def step(self):
        for layer in self.layers:
            layer.weight[:] -= STEP * layer.weight.grad

    def state_dict(self):
        return {}

    def load_state_dict(self, state):
        assert state == {}


def run_stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(nn=SimpleNamespace(Linear=Linear)))
    model = Model()
    exec(TEXT, names := {})
    names["report"](model, lambda output, y: output, Descent(model), INPUTS, TARGETS)
    assert all(layer.hooks == [] and layer.weight.grad is None for layer in model.layers)
    return [np.asarray(layer.weight).T for layer in model.layers]


def run_torch(monkeypatch):
    import torch

    layers = [torch.nn.Linear(n, m, bias=False, dtype=torch.float64) for n, m in pairwise(SIZES)]
    for layer, weight in zip(layers, WEIGHTS):
        layer.weight.data = torch.tensor(weight.T.copy())
    model = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])
    exec(TEXT, names := {})
    for _ in range(2):  # the second must not depend on the first
        names["report"](
            model,
            lambda output, y: torch.nn.functional.mse_loss(output, y) / 2,
            torch.optim.SGD(model.parameters(), STEP),
            torch.tensor(INPUTS),
            torch.tensor(TARGETS),
        )
    return [layer.weight.detach().numpy().T for layer in layers]


RUNS = {"stand-in": run_stand_in} | ({"torch": run_torch} if find_spec("torch") else {})


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_code_for_torch_prints_the_report_of_the_snippet(run, monkeypatch, capsys):
    before, after, table = compute_report()
    weights = run(monkeypatch)
    reports = capsys.readouterr().out.split("loss ")[1:]
    assert reports
    for report in reports:
        first, rows = report.split("\n", 1)
        assert first == f"{before:.4g}, after the step {after:.4g}"
        assert rows.strip("\n") == table
    for weight, original in zip(weights, WEIGHTS, strict=True):
        np.testing.assert_array_equal(weight, original)  # the step is undone


def test_code_for_torch_fits_on_a_screen():
    assert len(TEXT.splitlines()) <= 44 and max(map(len, TEXT.splitlines())) <= 100
