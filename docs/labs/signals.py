# %% [markdown]
# # Lab: a signal on its way through many layers
#
# How large is a signal after many layers, how far from centered, and what comes back?
# The pages on [depth](../depth.md), [vanishing gradients](../vanishing.md) and [initialization](../initialization.md) answer with formulas; here you send a signal through a network and look.
# Download this page [as a script](signals.py), put it into the folder `snippets` of [the project](../take.md#to-use), and change the activation function, the gain, the width.
#
# ## A network, at its start

# %%
import numpy as np

from lib.activation_functions import DERIVATIVES, FUNCTIONS
from lib.plots import FIRST, INK, MUTED, SECOND, frame_axes, label_point, new_figure

WIDTH, DEPTH, EXAMPLES = 200, 20, 100


def travel(name, gain=1.0, seed=0):
    """Standard deviation and off-center ratio of the activations of each layer, and size of the Jacobian up to it.

    Weights have variance gain²/width; the ratio is the squared mean over the examples, divided by the variance."""
    rng = np.random.default_rng(seed)
    activation, derivative = FUNCTIONS[name], DERIVATIVES[name]
    a, jacobian = rng.normal(size=(EXAMPLES, WIDTH)), np.eye(WIDTH)
    found = []
    for _ in range(DEPTH):
        W = gain * rng.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)
        z = a @ W
        a = activation(z)
        jacobian = jacobian @ W * derivative(z[0])  # of the first example
        mean, variance = a.mean(axis=0), a.var(axis=0).sum()
        found.append((a.std(), mean @ mean / variance, np.linalg.norm(jacobian) / np.sqrt(WIDTH)))
    return np.array(found)


for name, gain in (("sigmoid", 1), ("tanh", 1), ("relu", 1), ("relu", np.sqrt(2)), ("selu", 1)):
    std, ratio, back = travel(name, gain)[-1]
    print(f"{name:8} gain {gain:.2f}: standard deviation {std:.1e}, off-center ratio {ratio:.1e}, Jacobian {back:.1e}")

# %% [markdown]
# The Jacobian is what a gradient is multiplied by on its way back.
# A sigmoid’s is gone; a ReLU’s loses half of its mean square at every layer, unless the gain makes up for it.

# %%
figure = new_figure(360, 0.75)
(axes,) = figure.axes
layers = np.arange(1, DEPTH + 1)
for name, gain, role, text, dy in (
    ("sigmoid", 1, SECOND, "sigmoid", -12),
    ("relu", 1, MUTED, "ReLU", -10),
    ("relu", np.sqrt(2), INK, "ReLU, gain √2", 10),
    ("tanh", 1, FIRST, "tanh", -10),
):
    back = travel(name, gain)[:, 2]
    axes.plot(layers, back, color=role, label=text)
    label_point(axes, text, (layers[-1], back[-1]), role, dx=-6, dy=dy)
axes.set(yscale="log", ylim=(1e-14, 1e2))
frame_axes(axes, [1, 10, 20], {1: "1", 1e-6: "$10^{-6}$", 1e-12: "$10^{-12}$"}, "layer", "size of the Jacobian")
figure.set_label("Size of the Jacobian by layer: the sigmoid falls to 10⁻¹² and below, ReLU to 10⁻³, the others stay.")
figure

# %% [markdown]
# ## Exercises
#
# **1.** What gain does a sigmoid need so that its Jacobian neither shrinks nor grows at the first layer?
# Try a gain of four, which undoes its slope at the origin.

# %% tags=["answer"]
plain, cared = travel("sigmoid")[0, 2], travel("sigmoid", 4)[0, 2]
assert plain < 0.26 and 0.5 < cared < 1  # the slope is at most a quarter, and below it off the origin
assert travel("sigmoid", 4)[-1, 2] > 1e6 * travel("sigmoid")[-1, 2]
print(f"one layer: {plain:.2f} with gain 1, {cared:.2f} with gain 4")

# %% [markdown]
# **2.** Subtract the mean over the examples from every layer’s activations before the next layer.
# What becomes of the off-center ratio of ReLU, and of the standard deviation?

# %% tags=["answer"]
rng = np.random.default_rng(0)
a = rng.normal(size=(EXAMPLES, WIDTH))
for _ in range(DEPTH):
    a = np.maximum(a @ (np.sqrt(2) * rng.normal(size=(WIDTH, WIDTH)) / np.sqrt(WIDTH)), 0)
    a = a - a.mean(axis=0)
assert np.allclose(a.mean(axis=0), 0, atol=1e-12)  # what the next layer receives is centered
assert a.std() < travel("relu", np.sqrt(2))[0, 0]  # but the gain √2 counts on the mean that is gone
print(f"standard deviation {a.std():.1e}: He’s gain is right for E[x²], and that was partly the mean")

# %% [markdown]
# **3.** tanh with gain 1 loses its signal slowly.
# Iterating $\tanh$ itself $L$ times from 1 leaves about $\sqrt{3/(2L+3)}$.
# Is the standard deviation after all layers above that, or below?

# %% tags=["answer"]
std = travel("tanh")[-1, 0]
iterated = 1.0
for _ in range(DEPTH):
    iterated = np.tanh(iterated)
assert abs(iterated / np.sqrt(3 / (2 * DEPTH + 3)) - 1) < 0.05
assert std < iterated  # a random layer squashes a spread of values, its large ones most
print(f"standard deviation {std:.3f}, iterated tanh {iterated:.3f}")

# %% [markdown]
# Related: [off-center compounds with depth](../depth.md) · [vanishing gradients](../vanishing.md) · [initialization](../initialization.md)
