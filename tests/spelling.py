"""British spellings on pages, in snippets and in the other texts of the project.

`python tests/spelling.py` prints them, and how much text it reads; `typos` looks for other misspellings.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
READ = (  # whole files, code and all
    "docs/**/*.md docs/labs/*.py docs/*.yml snippets/**/*.py theme/**/*.html theme/*.txt zigzag_site/*.py"
    " evidence/**/*.py evidence/templates/*.html mkdocs.yml README.md CONTRIBUTING.md CHANGELOG.md .github/**/*.md"
).split()
BRITISH = re.compile(
    r"\b\w*(behaviour|colour|neighbour|favour|centre[ds]?\b|centring|normalis|initialis|optimis|minimis|maximis|regularis"
    r"|parametris|generalis|labelled|modelling|analys(?:e|ed|ing)\b|grey\b|artefact|for ever\b|towards\b|whilst\b)\w*",
    re.I,
)


def list_files(root: Path = ROOT) -> list[Path]:
    return sorted({path for pattern in READ for path in root.glob(pattern)})


def find_british(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, word) for every word in British spelling."""
    for match in BRITISH.finditer(text):
        yield text[: match.start()].count("\n") + 1, match[0]


def count_characters(paths: list[Path]) -> int:
    return sum(len(path.read_text("utf-8", "ignore")) for path in paths)


def main() -> None:
    files = list_files()
    print(f"spelling: read 100% of {len(files)} files, {count_characters(files):,} characters")
    result = subprocess.run(
        [Path(sys.executable).with_name("typos"), "--files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files_of_typos = {ROOT / name for name in result.stdout.split("\n") if name}
    share = count_characters([path for path in files if path in files_of_typos]) / count_characters(files)
    print(f"spelling: typos reads {share:.0%} of the same; not mkdocs.yml, whose search parts words, nor .github")
    problems = [
        f"{path.relative_to(ROOT)}:{line}: ‘{word}’ is British: write it as Americans do"
        for path in files
        for line, word in find_british(path.read_text("utf-8"))
    ]
    print(*problems, sep="\n", end="\n" * bool(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
