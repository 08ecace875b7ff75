# %% [markdown]
# # Lab: a layer's gradient has rank one
#
# One example, one layer: the gradient is a column of upstream gradients times a row of activations.
# Here you count which signs a whole layer can take in one step, which is the question of [one neuron or the layer](../layer.md).
# Download this page [as a script](rank_one.py) and change it.
#
# ## The outer product

# %%
from itertools import product

import numpy as np

rng = np.random.default_rng(0)
a = rng.uniform(0.1, 1, 4)  # activations of a sigmoid layer: all positive
delta = rng.normal(size=3)  # upstream gradients of three neurons: any sign
gradient = np.outer(delta, a)

print(np.sign(gradient).astype(int))
print("rank", np.linalg.matrix_rank(gradient))

# %% [markdown]
# Every row has the sign of its own $\delta$.
# The layer as a whole is mixed, and no neuron is.
#
# ## Count the patterns
#
# Take two neurons with two inputs each, as in the question that this lab comes from, and try all signs.


# %%
def patterns(delta_signs, activation_signs):
    """All sign patterns of the outer products, as tuples row by row."""
    return {tuple(np.outer(d, s).ravel()) for d in delta_signs for s in activation_signs}


signs = list(product((1, -1), repeat=2))
positive = patterns(signs, [(1, 1)])
mixed = patterns(signs, signs)
for pattern in sorted(positive, reverse=True):
    print(" ".join("+" if s > 0 else "−" for s in pattern))
print(len(positive), "patterns with positive activations,", len(mixed), "with activations of any sign, of", 2**4)

# %% [markdown]
# ## A batch of two
#
# A batch adds outer products, and with two examples the rank may be two.

# %%
seen = set()
for _ in range(4000):
    batch = np.einsum("ki,kj->ij", rng.normal(size=(2, 2)), rng.uniform(0, 1, (2, 2)))
    seen.add(tuple(np.sign(batch).astype(int).ravel()))
print(len(seen), "patterns with two examples, all activations positive")

# %% [markdown]
# ## Exercises
#
# **1.** The asker’s case: may $w_1$ and $w_3$ rise while $w_2$ and $w_4$ fall, in one step of one example, when all activations are positive?
# ($w_1, w_2$ belong to the first neuron.)

# %% tags=["answer"]
wanted = (1, -1, 1, -1)
assert wanted not in positive and wanted in mixed  # it takes activations of two signs
assert wanted in seen  # or two examples
print("not with one example; with two, yes")

# %% [markdown]
# **2.** How many patterns are there for $q$ neurons and $n$ inputs, with positive activations and with any?
# Guess formulas, then count for more neurons and inputs.

# %% tags=["answer"]
q, n = 3, 4
rows = list(product((1, -1), repeat=q))
columns = list(product((1, -1), repeat=n))
assert len(patterns(rows, [(1,) * n])) == 2**q
assert len(patterns(rows, columns)) == 2 ** (q + n - 1)  # (δ, a) and (−δ, −a) give the same
print(2**q, "and", 2 ** (q + n - 1), "of", 2 ** (q * n))

# %% [markdown]
# **3.** Flip the signs of half the inputs and of the weights that they meet, so that every example has inputs of both signs.
# Other patterns occur now. Does gradient descent get any faster?

# %% tags=["answer"]
flip = np.array([1, -1, 1, -1])
x, y = rng.uniform(0, 1, (50, 4)), rng.normal(size=50)


def losses(x, w):
    """Half the mean squared error during 100 steps of gradient descent from w."""
    found = []
    for _ in range(100):
        error = x @ w - y
        found.append(error @ error / 100)
        w = w - 0.5 * x.T @ error / 50
    return np.array(found)


w = rng.normal(size=4)
assert np.allclose(losses(x, w), losses(x * flip, w * flip), rtol=1e-12)
print("the same losses, step for step: which signs occur does not decide the speed")

# %% [markdown]
# Related: [one neuron or the layer](../layer.md) · [what is same-signed](../same_sign.md) · [batches](../batches.md)
