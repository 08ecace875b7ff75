# %% [markdown]
# # Lab: zig-zag by hand
#
# Two inputs, no bias, half the squared error: the problem of [why it zig-zags](../zigzag.md), in your hands.
# Download this page [as a script](zigzag_by_hand.py), put it into the folder `snippets` of [the project](../take.md#to-use), change the numbers, and run it cell by cell.
#
# ## One step
#
# The loss is a bowl around the optimum.
# Its curvature is the second moment of the inputs, $H = I + \mu\mu^\top$, and a step of size $\eta$ turns the error $e$ into $e - \eta H e$.
# Start across the mean *and* along it, so that both speeds show.

# %%
import numpy as np

from lib.plots import INK, SECOND, frame_axes, new_figure
from lib.quadratics import best_step, descend, hessian

mean = 2.0
H = hessian([mean, mean])
step = best_step(H)
start = error = np.array([-0.28, 0.96])

print("step size", round(step, 4))
for t in range(4):
    along, across = error @ [1, 1] / np.sqrt(2), error @ [1, -1] / np.sqrt(2)
    print(f"step {t}: along the mean {along:+.3f}, across it {across:+.3f}")
    error = error - step * H @ error

# %% [markdown]
# Along the mean the sign changes at every step, and across it never: the leap and the crawl are multiplied by the same number, once with a minus sign (equations [@zigzag.factor_along] and [@zigzag.factor_across] of [why it zig-zags](../zigzag.md)).
#
# ## The whole path

# %%
path = descend(H, step, start)
print(len(path) - 1, "steps to a millionth of the error")

figure = new_figure(360, 0.8)
(axes,) = figure.axes
axes.plot(*path[:40].T, "o-", color=SECOND, markersize=3, linewidth=1)
axes.plot(0, 0, "+", color=INK, markersize=10)
axes.set_aspect("equal")
frame_axes(axes, [-0.5, 0, 0.5], [-0.5, 0, 0.5], "first weight", "second weight, from the optimum")
figure.set_label("A path from the upper left to the optimum at the origin, leaping from side to side at every step.")
figure

# %% [markdown]
# ## Turn the knob
#
# Change the step size, and count.
# Half of the best step leaps no more, and takes longer; beyond $2/\lambda_{\max}$, which here is little more than the best step, it never arrives.

# %%
for share in (0.5, 0.8, 1.0, 1.15):
    e, t = np.array([-0.28, 0.96]), 0
    while 1e-6 < np.linalg.norm(e) < 1e6:
        e, t = e - share * step * H @ e, t + 1
    print(f"{share:4} of the best step: {'arrives' if np.linalg.norm(e) < 1 else 'leaves'} after {t} steps")

# %% [markdown]
# ## Exercises
#
# **1.** Give only *one* of the two inputs a mean of {{ zigzag.means[2] | digits(1) }}.
# Which direction is steep now, and what is the condition number?

# %% tags=["answer"]
mu = np.array([2.0, 0.0])
lopsided = np.eye(2) + np.outer(mu, mu)
values, vectors = np.linalg.eigh(lopsided)
assert np.allclose(abs(vectors[:, 1]), [1, 0])  # the first weight's own axis
assert np.isclose(np.linalg.cond(lopsided), 5)  # 1 + 2²: half of the squared length is gone
print("steep along", abs(vectors[:, 1]), "κ =", round(np.linalg.cond(lopsided), 6))

# %% [markdown]
# **2.** Start exactly across the mean, at $(1, -1)$.
# Does the path zig-zag, and does it get there sooner?

# %% tags=["answer"]
straight = descend(H, step, start=np.array([1.0, -1.0]))
assert np.allclose(straight @ [1, 1], 0)  # it never leaves the line: no zig-zag at all
assert len(straight) == len(path)  # and it is exactly as slow, because the step has to suit the steep direction
print(len(straight) - 1, "steps, in a straight line")

# %% [markdown]
# **3.** Flip the sign of the second input, so that the means have opposite signs and the components of one example's gradient have *opposite* signs.
# How many steps now?

# %% tags=["answer"]
mu = np.array([2.0, -2.0])
flipped = np.eye(2) + np.outer(mu, mu)
mirrored = descend(flipped, best_step(flipped), start=np.array([-0.28, -0.96]))
assert np.allclose(mirrored, path * [1, -1])  # the same path in a mirror
print(len(mirrored) - 1, "steps: the shared sign was never the cause")

# %% [markdown]
# Related: [why it zig-zags](../zigzag.md) · [what the sign constraint costs](../reach.md) · [steepest descent](../steepest_descent.md)
