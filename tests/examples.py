"""Examples that several tests share: values, letters, and equations that hold for them."""

import numpy as np

RESULTS = {
    "s": {
        "k": 10402.4,
        "n": 1234,
        "p": 0.4956,
        "o": 1e-4,
        "t": 2.6e-13,
        "v": -0.0557,
        "l": [1.0, 2.5, 19.0],
        "d": {"x": {"y": 0.5}},
        "name": "tanh",
    }
}
X = np.array([[1.0, 2.0], [3.0, 5.0], [7.0, 11.0]])
V = np.array([1.0, -2.0, 3.0])
BOUND = {"X": X, "v": V, "a": 3.0, "b": 4.0, "a_1": 5.0, r"\varphi": 0.3, "f": lambda z: z * z, r"\approx": 0.01}
MATRICES = (np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 0.0]]))
BOUND |= {"M_k": lambda k: MATRICES[k]}
BOUND |= {"v_k": lambda k: V[int(k) - 1], "X_{jk}": lambda j, k: X[j - 1, k], r"\sum_k": range(1, 4)}


HOLDS = [
    r"a^2 + b^2 = a_1^2",
    r"\frac{a}{b} = 0.75 = a/b",
    r"\frac{1}{2} a \le \frac{1}{2} b",
    r"\lVert v\rVert^2 = v^\top v = 14",
    r"\lVert v\rVert_1 = 6, \qquad \lVert v\rVert_\infty = 3",
    r"\lvert -a \rvert = a",
    r"v^\top X X^{\top} v = \lVert X^\top v\rVert^2",
    r"\cos^2\varphi + \sin(\varphi)^2 = 1",
    r"f(a) - f(b) = -7",
    r"-a + b = 1 = -(a - b)",
    r"\sqrt{a^2 + b^2} = 5.",
    r"\begin{pmatrix} a & 0 \\ 0 & b \end{pmatrix} a = \begin{pmatrix} 9 & 0 \\ 0 & 12 \end{pmatrix}",
    r"\det\begin{pmatrix} a & 1 \\ 1 & b \end{pmatrix} = 11",
    r"10{,}402 \approx 10^4 + 400",
    r"\pi \approx 3.14",
    r"\begin{aligned} a + b &= 7 \\ &= 4 + 3 \end{aligned}",
    r"v - v = 0",
    r"\sum_{k=1}^{a} v_k + a = 2 + a, \qquad \prod_{k=1}^{3} v_k = -6",
    r"\prod_{k=0}^{1} M_k = \begin{pmatrix} 2 & 0 \\ 1 & 0 \end{pmatrix}",
    r"\tfrac{1}{2} \sum_{j=1}^{3} \sum_{k=0}^{1} X_{jk} = 14.5",
    r"\sum_k k v_k^2 = 36 = \sum_{k=1}^{3} k v_k v_k",
    r"\binom{b}{2} = 6, \quad \max(a, b) = b \geq \min(a, b) = 3",
    r"X \otimes v = \begin{pmatrix} v & 2v \\ 3v & 5v \\ 7v & 11v \end{pmatrix}",
    r"v \odot v = \begin{pmatrix} 1 \\ 4 \\ 9 \end{pmatrix}",
    r"a < b, \quad b > a, \quad 2a \cdot 2 \times 2 = 24",
]
