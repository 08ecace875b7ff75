# %% [markdown]
# # Lab: digits with and without centering
#
# 8 × 8 pixels, a class for each digit, a softmax on top: does subtracting the mean image matter?
# Download this page [as a script](digits_centered.py), put it into the folder `snippets` of [the project](../take.md#to-use), and change it.
#
# ## The data

# %%
import numpy as np

from lib.data import digits, one_hot
from lib.network import cross_entropy, softmax
from lib.plots import FIRST, MUTED, SECOND, frame_axes, label_point, new_figure

pixels, labels = digits()
targets = one_hot(labels)
mean_image = pixels.mean(axis=0)
print(len(pixels), "images,", pixels.shape[1], "pixels, in [0, 1]")

second_moment = pixels.T @ pixels / len(pixels)
values = np.linalg.eigvalsh(second_moment)[::-1]
print(
    f"largest curvature {values[0]:.2f}, of which the mean alone {mean_image @ mean_image:.2f}; the next {values[1]:.2f}"
)

# %% [markdown]
# One direction is far steeper than all others, and it is the mean image: [on real data](../digits.md) says more.
#
# ## Train a softmax


# %%
def losses(x, steps=150):
    """Cross-entropy during gradient descent with biases, at a step of 2 over the largest curvature of the inputs.

    A softmax curves at most half as much as its inputs, so the step is safe."""
    x = np.hstack([x, np.ones((len(x), 1))])
    step = 2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]
    weights, found = np.zeros((x.shape[1], 10)), []
    for _ in range(steps):
        scores = x @ weights
        found.append(cross_entropy(scores, targets))
        weights -= step * x.T @ (softmax(scores) - targets) / len(x)
    return np.array(found)


runs = {"raw": losses(pixels), "centered": losses(pixels - mean_image), "shifted by 1": losses(pixels + 1)}
for name, run in runs.items():
    print(f"{name:13} loss after 10, 50, 150 steps: {run[9]:.3f} {run[49]:.3f} {run[149]:.3f}")

# %%
figure = new_figure(360, 0.75)
(axes,) = figure.axes
for (name, run), role, dy in zip(runs.items(), (SECOND, FIRST, MUTED), (10, -12, 10)):
    axes.plot(np.arange(1, len(run) + 1), run, color=role, label=name)
    label_point(axes, name, (100, run[99]), role, dx=-6 if dy < 0 else 6, dy=dy)
axes.set(xscale="log", yscale="log")
frame_axes(axes, [1, 10, 100], [0.1, 1], "step", "cross-entropy")
figure.set_label("Loss against steps: centered pixels fall fastest, raw ones later, those shifted by one last.")
figure

# %% [markdown]
# ## Exercises
#
# **1.** Which step size may each run take, and by what factor does centering raise it?

# %% tags=["answer"]
centered = pixels - mean_image
tops = [np.linalg.eigvalsh(x.T @ x / len(x))[-1] for x in (pixels, centered)]
assert 14 < tops[0] / tops[1] < 16  # without the bias’s input, whose curvature is 1 and limits the centered run
print(f"curvatures {tops[0]:.2f} and {tops[1]:.2f}: a step {tops[0] / tops[1]:.0f} times as long")

# %% [markdown]
# **2.** Does centering change what the softmax can compute?
# Take any weights for raw pixels, and find weights and biases that give the same scores on centered ones.

# %% tags=["answer"]
rng = np.random.default_rng(0)
weights, biases = rng.normal(size=(64, 10)), rng.normal(size=10)
absorbed = biases + mean_image @ weights
assert np.allclose(pixels @ weights + biases, centered @ weights + absorbed)
print("the same scores: the bias takes the mean up")

# %% [markdown]
# **3.** Subtract from each image its own mean brightness instead of the mean image.
# Is that the same as centering?

# %% tags=["answer"]
per_image = pixels - pixels.mean(axis=1, keepdims=True)
left = per_image.mean(axis=0)
assert left @ left > 0.5 * np.trace(np.cov(per_image.T))  # the mean over examples is still large
assert losses(per_image)[49] > losses(centered)[49]
print(
    f"no: a mean of squared length {left @ left:.2f} is left, against a spread of {np.trace(np.cov(per_image.T)):.2f}"
)

# %% [markdown]
# Related: [on real data](../digits.md) · [images and their pixels](../images.md) · [what to center](../centering.md)
