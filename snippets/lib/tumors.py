"""Logistic regression on tumors: the data that come with scikit-learn, the optimum by Newton's method, and its fits."""

import warnings
from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer


@cache
def load_tumors(center: bool, scale: bool | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Measurements (569, 30) and classes 0 or 1 of scikit-learn's breast cancer data.

    The measurements are centered, and divided by their standard deviations; both or neither if `scale` is not given.
    """
    x, y = load_breast_cancer(return_X_y=True)
    scale = center if scale is None else scale
    return (x - center * x.mean(axis=0)) / (x.std(axis=0) if scale else 1.0), y


def loss_and_derivatives(w: np.ndarray, x: np.ndarray, y: np.ndarray, C: float = 1.0) -> tuple:
    """Mean log loss plus ‖w‖²/(2CN), intercept free; its gradient and Hessian. Shapes (), (n + 1,), (n + 1, n + 1)."""
    A = np.column_stack([x, np.ones(len(x))])
    penalty = np.append(np.full(x.shape[1], 1 / (C * len(x))), 0.0)
    p = 1 / (1 + np.exp(-A @ w))
    loss = np.mean(np.logaddexp(0, A @ w) - y * (A @ w)) + penalty @ w**2 / 2
    return loss, A.T @ (p - y) / len(x) + penalty * w, (A.T * (p * (1 - p))) @ A / len(x) + np.diag(penalty)


@cache
def find_optimum(standardize: bool) -> np.ndarray:
    """Coefficients of the optimum, intercept last, by Newton's method with step halving."""
    x, y = load_tumors(standardize)
    w = np.zeros(x.shape[1] + 1)
    for _ in range(60):
        loss, gradient, H = loss_and_derivatives(w, x, y)
        step = np.linalg.solve(H, gradient)
        while loss_and_derivatives(w - step, x, y)[0] > loss + 1e-12:
            step /= 2
        w = w - step
    return w


def fit_quietly(model: Any, x: np.ndarray, y: np.ndarray) -> str:
    """Fit a model of scikit-learn; return the text of its warning, or nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, y)
    return "".join(str(warning.message) for warning in caught[:1])


def fit_classifier(model: Any, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, str]:
    """Fitted coefficients of a linear classifier, the intercept last, and the text of its warning, if any."""
    message = fit_quietly(model, x, y)
    return np.append(model.coef_[0], model.intercept_), message
