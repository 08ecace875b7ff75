"""Count what is left of LaTeX on the built pages of other authors: `make meter PAGES=folder`.

The folder's Markdown is built as it is, without snippets. Each refusal is counted, the paragraph at the line that it
names is emptied, and the rest is built again. At the end no LaTeX may be left in the text of a page, and every refusal
must have named its line.
"""

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bs4 import BeautifulSoup, Comment

from world.sites import PROBLEM, THEME, Site

ROUNDS = 12
MARKS = {  # in the text of a built page
    "delimiters": re.compile(r"\$\$|\\[\[\]()]|\\(?:begin|end)\{"),
    "dollars": re.compile(r"(?<!\$)\$(?=[^\s\d$][^$\n]*\$(?![\d$]))"),
    "commands": re.compile(r"\\(?!(?:begin|end)\b)[a-zA-Z]{2,}"),
    "braces": re.compile(r"\{\{|\}\}"),
}
QUOTATION = re.compile(r"‘.*?’|\"[^\"]*\"|\d+")
EXTENSIONS = ["tables", "attr_list", "md_in_html", "def_list", "footnotes", "admonition", "pymdownx.superfences"]
EXTENSIONS += ["pymdownx.details", {"pymdownx.tabbed": {"alternate_style": True}}]


def extract_text(html):
    """Return the text of a page, without formulas and code."""
    main = BeautifulSoup(html, "html.parser").main
    for part in main.find_all(["math", "code", "pre", "script", "style", "textarea", "annotation"]):
        part.decompose()
    for comment in main.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    return main.get_text()


def empty_paragraph(path, line, removed_lines):
    """Empty the paragraph at a line, keeping line numbers, and return whether there is one or was one before."""
    lines = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    first = last = min(line, len(lines)) - 1
    while first > 0 and lines[first - 1].strip():
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].strip():
        last += 1
    there = any(part.strip() for part in lines[first : last + 1]) or (path, line) in removed_lines
    removed_lines |= {(path, number) for number in range(first + 1, last + 2)}
    lines[first : last + 1] = [""] * (last + 1 - first)
    path.write_text("\n".join(lines) or "\n", "utf-8")
    return there


def build(site, report):
    """Build until nothing is refused, at most ROUNDS times, and return whether that was reached."""
    docs = site.root / "docs"
    for _ in range(ROUNDS):
        result = site.attempt("mkdocs", "build")
        if result.returncode == 0:
            return True
        if "Traceback" in result.stdout:
            report["tracebacks"] += 1
            pages = re.findall(r"Error reading page '(.+?)'", result.stdout)
            if not pages:
                print(result.stdout[-2000:])
                return False
            (docs / pages[0]).unlink()
            continue
        problems = {
            (name, int(line), what) for name, line, what in PROBLEM.findall(result.stdout) if name.endswith(".md")
        }
        count = len(re.findall(r"^  \S", result.stdout, re.M))
        report["refusals"] += count
        report["without a line"] += count - len(problems)
        whole, removed_lines = set(), set()
        for name, line, what in sorted(problems, reverse=True):
            report[f"refused: {QUOTATION.sub('…', what):.90}"] += 1
            path = site.root / name
            if path.is_file() and not empty_paragraph(path, line, removed_lines):
                whole.add(path)  # there was no paragraph, so the line was wrong, or the page is empty
        for path in whole:
            report["wrong lines"] += 1
            path.unlink()
        if not problems:
            print(result.stdout[-2000:])
            return False
    report["not built"] += 1
    return False


def measure(folder, show):
    """Build a folder of Markdown, and count pages, formulas, refusals and the marks of LaTeX that are left."""
    report = Counter(
        dict.fromkeys(("pages", "formulas", *MARKS, "refusals", "without a line", "wrong lines", "tracebacks"), 0)
    )
    with tempfile.TemporaryDirectory() as temporary:
        site = Site(temporary)
        shutil.copytree(folder, site.root / "docs")
        plugins = [{"evidence": {}}]
        site.write({"theme/main.html": THEME}).configure(plugins=plugins, markdown_extensions=EXTENSIONS)
        if build(site, report):
            for path in sorted((site.root / "site").rglob("*.html")):
                if "evidence" in path.parts:
                    continue
                html = path.read_text("utf-8")
                report["pages"] += 1
                report["formulas"] += html.count("<math")
                text = extract_text(html)
                for name, mark in MARKS.items():
                    for match in list(mark.finditer(text)):
                        report[name] += 1
                        if show:
                            around = " ".join(text[max(0, match.start() - 30) : match.end() + 40].split())
                            print(f"  {path.relative_to(site.root / 'site').parent}: {name}: {around}")
    return report


def main():
    parser = argparse.ArgumentParser(description="Count what is left of LaTeX on the built pages of folders.")
    parser.add_argument("folders", nargs="+", type=Path, help="folders of Markdown")
    parser.add_argument("--show", action="store_true", help="print each place")
    arguments, bad = parser.parse_args(), 0
    for folder in arguments.folders:
        report = measure(folder, arguments.show)
        plain = {name: count for name, count in report.items() if not name.startswith("refused: ")}
        print(f"{folder}: " + ", ".join(f"{count} {name}" for name, count in plain.items()))
        for name, count in report.most_common():
            if name.startswith("refused: "):
                print(f"  {count:5} {name}")
        bad += sum(plain[name] for name in (*MARKS, "without a line", "wrong lines", "tracebacks"))
        bad += plain.get("not built", 0) + (plain["pages"] == 0)
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
