"""What the evidence costs when nothing is stale: the site, against the same pages as plain Markdown.

In the plain copy values are typed, formulas are MathML, claims are paragraphs, figures and listings are files of its
own, and no plugin of ours is loaded. Prints the medians of whole processes, taken in turn, and
their ratio: `make bench`.
"""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from conftest import ROOT
from evidence.blocks import mathml
from evidence.book import Book
from evidence.project import Project
from evidence.values import PATTERN, latex

ROUNDS = 9


def plain(text, book):
    """A page's Markdown with everything that evidence adds written out."""

    def block(found):
        kind, name, body = found[1], found[2], found[3].replace("\n===\n", "\n")
        if kind in ("bibliography", "answer", "wrong"):
            return found[0] if kind != "bibliography" else body
        snippet, part = name.split(".")
        result, entry = book.offered(kind, name)
        if kind == "code":
            lines = result["source"].splitlines()[entry[0] - 1 : entry[1]]
            return "\n".join(["```python", *lines, "```"])
        if kind == "equation":
            return f"<p>{mathml(entry['text'], display=True)}</p>"
        if kind == "claim":
            return book.qualified(entry["text"], snippet)
        return f"![{book.plain(entry['text'], snippet)}](/evidence/{snippet}/{kind}_{part}.svg)\n\n{body}"

    text = re.sub(r"^/// (\w+)(?: \| (\S[^\n]*))?\n(.*?)^///$", block, text, flags=re.M | re.S)
    formula = re.compile(r"\$([^$\n]+)\$")
    text = formula.sub(lambda m: mathml(PATTERN.sub(lambda v: latex(book.value(v[1])[0]), m[1])), text)
    text = PATTERN.sub(lambda m: book.value(m[1])[0], text)
    return re.sub(r"\[@([\w.]+)\]", r"\1", text)


def copies(folder):
    """The site with its results made, and its plain copy."""
    ours, other = folder / "ours", folder / "plain"
    for root in (ours, other):
        for part in ("theme", "docs", "snippets"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copy(ROOT / "mkdocs.yml", root)
    seconds(ours)
    book = Book(Project(ours))
    for page in (other / "docs").glob("*.md"):
        page.write_text(plain(page.read_text("utf-8"), book), "utf-8")
    for name, result in book.results.items():
        figures = shutil.ignore_patterns("result.json")
        shutil.copytree(result["folder"], other / "docs/evidence" / name, ignore=figures)
        page = f"---\nsearch: {{exclude: true}}\n---\n# {name}\n\n```python\n{result['source']}```\n"
        (other / f"docs/evidence/{name}.md").write_text(page, "utf-8")
    (other / "docs/evidence/index.md").write_text("# How it was checked\n", "utf-8")
    shutil.copytree(ours / ".evidence", other / ".evidence")  # for the font
    config = (other / "mkdocs.yml").read_text("utf-8").replace("  - evidence\n", "")
    (other / "mkdocs.yml").write_text(config, "utf-8")
    return ours, other


def seconds(root):
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.perf_counter() - start


def main():
    with tempfile.TemporaryDirectory() as folder:
        ours, other = copies(Path(folder))
        rounds = [(seconds(ours), seconds(other)) for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*rounds)]
    ratio = statistics.median(a / b for a, b in rounds)
    print(f"nothing stale: {medians[0]:.2f} s; the same pages as plain Markdown: {medians[1]:.2f} s; ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
