"""Generate two sites of N pages from a seed: one with figures and numbers from snippets, and one without snippets.

A page has 800 words, ten equations, a listing, and two snippets of about 0.25 s of CPU with one figure each.
"""

import random
from pathlib import Path

WORDS = (
    "gradient descent weight bias input mean center scale curvature eigenvalue layer unit signal noise step loss error "
    "batch sample unit slope origin saturates vanishes zigzags converges depends grows shrinks because although where "
    "every small large first second slow fast exact same other positive negative average expected linear hidden"
).split()
EQUATIONS = (
    r"\lambda_{{\max}} = \frac{{1}}{{n}} \sum_{{i=1}}^{{n}} x_i^2 + {0}",
    r"w_{{k+{0}}} = w_k - \eta \nabla L(w_k)",
    r"\kappa = \frac{{\lambda_1 + {0}}}{{\lambda_n}} \ge 1",
    r"\operatorname{{Var}}[a] = \mathbb{{E}}[a^2] - \mathbb{{E}}[a]^2 + {0} \sigma^2",
    r"\left\lVert x - {0} \mu \right\rVert^2 = x^\top x - {0} \mu^\top x",
)
FUNCTION = """
def descend_{0}(loss, gradient, start, step, steps):
    \"\"\"The path of gradient descent, and the losses on it.\"\"\"
    path = [start]
    for number in range(steps):
        slope = gradient(path[-1])
        if abs(slope) < 1e-{0}:
            break
        path.append(path[-1] - step * slope)
    return path, [loss(point) for point in path]
"""
SHARED = '''"""What half of the snippets share."""

import numpy as np


def eigenvalues(matrix):
    """Eigenvalues of a matrix times its transpose."""
    return np.linalg.eigvalsh(matrix @ matrix.T)
'''
SNIPPET = '''"""How does the spectrum of draw {0} spread?

It spreads as the inputs do.
"""

from dataclasses import dataclass

import numpy as np
{2}from matplotlib.figure import Figure


@dataclass(frozen=True)
class Result:
    spectrum: np.ndarray
    """Mean eigenvalues, in ascending order."""
    largest: float
    """The largest of them."""


def compute():
    """The mean spectrum of random matrices."""
    rng = np.random.default_rng({0})
    draws = [{1}(rng.normal(size=(80, 80))) for _ in range({3})]
    spectrum = np.mean(draws, axis=0)
    return Result(spectrum=spectrum, largest=float(spectrum[-1]))


def claim_order(result):
    """The largest of the eigenvalues is {{{{ largest | digits(3) }}}}."""
    assert result.largest == max(result.spectrum)


def figure_spectrum(result):
    """A rising curve that ends at {{{{ largest | digits(3) }}}}."""
    figure = Figure(figsize=(6, 4))
    axes = figure.subplots()
    axes.plot(result.spectrum)
    axes.set_xlabel("number")
    axes.set_ylabel("eigenvalue")
    return figure
'''
CONFIG = """site_name: Benchmark
theme: {{name: material, font: false, features: [navigation.prune]}}
plugins: [search{0}]
validation: {{links: {{absolute_links: relative_to_docs}}}}
markdown_extensions: [attr_list, tables, {{toc: {{permalink: true}}}}, pymdownx.highlight, pymdownx.superfences{1}]
"""
DRAWS = 300  # of one snippet: about 0.25 s with the figure


def name_snippet(page, part):
    return f"spectrum_{page}_{part}"


def generate(root, pages, seed=0):
    """Write the site with snippets to root/ours, and the one without to root/bare, whose figures are still missing."""
    rng = random.Random(seed)
    ours, bare = Path(root, "ours"), Path(root, "bare")
    for site in (ours, bare):
        Path(site, "docs").mkdir(parents=True)
    Path(ours, "snippets").mkdir()
    Path(ours, "snippets/shared.py").write_text(SHARED)
    Path(ours, "mkdocs.yml").write_text(CONFIG.format(", evidence, page-cache", ""))
    Path(bare, "mkdocs.yml").write_text(CONFIG.format("", ", {pymdownx.arithmatex: {generic: true}}"))
    for page in range(pages):
        for part in "ab":
            function, line = ("eigenvalues", "from shared import eigenvalues\n") if part == "a" else ("spread", "")
            own = SHARED.replace("def eigenvalues", "def spread").split("\n\n\n")[1]
            text = SNIPPET.format(2 * page + (part == "b"), function, line, DRAWS)
            text = text if part == "a" else text.replace("\n\ndef compute", f"\n\n{own}\n\ndef compute")
            Path(ours, "snippets", f"{name_snippet(page, part)}.py").write_text(text)
        text = _make_page(rng, page)
        Path(ours, f"docs/page_{page}.md").write_text(text)
        for part in "ab":
            block = f"/// figure | {name_snippet(page, part)}.spectrum\nThe spectrum.\n///"
            text = text.replace(block, f"![A rising curve](figures/{name_snippet(page, part)}.svg)\n\nThe spectrum.")
            text = text.replace(
                f"/// claim | {name_snippet(page, part)}.order\n///", "The largest of the eigenvalues is 3.1."
            )
            text = text.replace(f"{{{{ {name_snippet(page, part)}.largest | digits(3) }}}}", "3.1")
        Path(bare, f"docs/page_{page}.md").write_text(text)
    for site in (ours, bare):
        Path(site, "docs/index.md").write_text("# Benchmark\n\n" + _make_sentences(rng, 100) + "\n")
    return ours, bare


def _make_page(rng, page):
    parts = [f"# Question {page}: why does the spectrum spread?", _make_sentences(rng, 160)]
    for section in range(4):
        parts += [f"## Part {section}: {' '.join(rng.sample(WORDS, 4))}", _make_sentences(rng, 160)]
        parts += [f"$${rng.choice(EQUATIONS).format(rng.randint(2, 9))}$$" for _ in range(2)]
    parts += [f"$${equation.format(rng.randint(2, 9))}$$" for equation in EQUATIONS[:2]]
    listing = "\n".join(FUNCTION.format(number) for number in rng.sample(range(3, 10), 4))
    parts.insert(4, f"```python{listing}```")
    for part in "ab":
        offers = name_snippet(page, part)
        parts.append(f"The largest eigenvalue is {{{{ {offers}.largest | digits(3) }}}}.")
        parts += [f"/// figure | {offers}.spectrum\nThe spectrum.\n///", f"/// claim | {offers}.order\n///"]
    return "\n\n".join(parts) + "\n"


def _make_sentences(rng, count):
    words = rng.choices(WORDS, k=count)
    sentences = [" ".join(words[i : i + 16]).capitalize() + "." for i in range(0, count, 16)]
    return "\n".join(sentences)
