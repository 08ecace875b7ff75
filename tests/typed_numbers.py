"""Typed numbers: the text that readers see of pages, labs and snippets, and its numbers that no snippet computes.

`python tests/typed_numbers.py` prints them, as file:line: what: cure, and how much of each kind of text it reads.
"""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
EXCEPTIONS = ROOT / "tests/typed_numbers.yml"
# Keys of the front matter that no reader sees, and one that quotes readers, who may type numbers.
HIDDEN_KEYS = (*"search hide thumbnail tags section template icon order".split(), "asked")
SHOWN_DOCSTRINGS = ("claim_", "figure_", "explore_")  # an equation's docstring is evaluated as printed

# Parts of Markdown that are not shown as words. The first alternative that matches at a place wins; the rest is prose.
HIDDEN = re.compile(
    r"""(?P<code>^(?P<indent>[ ]*)(?P<ticks>`{3,}|~{3,})[^`\n]*\n(?s:.*?)^(?P=indent)(?P=ticks)[ ]*$)
      | (?P<comment><!--(?s:.*?)-->)
      | (?P<value>\{\{(?:(?!\{\{|\}\}).)+\}\})
      | (?P<formula>(?<![\\$])(?P<dollars>\$\$?)(?!\s)(?:[^$\\\n]|\\.|\n(?!\n))+(?<!\s)(?P=dollars)(?!\d))
      | (?P<reference>\[@[\w.:-]+\] | \[\^[\w-]+\]:?)
      | (?P<address>(?<=\])\([^)\s"]* | <?https?://[^\s)>]*>?)
      | (?P<tag></?[A-Za-z][^<>]*>)
      | (?P<attributes>\{:?[ ]*(?:(?:[#.][\w-]+|[\w-]+=(?:"[^"\n]*"|[^\s"}]+))[ ]*)+\})
      | (?P<block>^[ ]*/{3,}[ ]*(?:(?:figure|claim|equation|explore|code|source|bibliography|ledger|survivors)\b[^\n]*
                              | [\w-]*(?:[ ]*\|)?))
      | (?P<letter>^(?:\\\S+|[A-Za-z](?:_\S+)?):(?=[ ]))
      | (?P<item>^(?:[ ]|>)*(?:\d+[.)](?=[ ])|\*\*\d+\.\*\*))
    """,
    re.M | re.X,
)
# Statements of templates, and code that browsers run.
TEMPLATE = re.compile(r"(?s:\{[%#].*?[%#]\}|<(?P<tag>script|style|svg)\b.*?</(?P=tag)>|<[?!].*?>)")
VISIBLE_ATTRIBUTES = re.compile(r"""\b(?:alt|title|aria-label|placeholder)=("[^"]*"|'[^']*')""")

# Numbers that prose may have: 0 and 1; years; places in cited works; shapes of arrays; the first terms of sequences;
# the number that is a layer's or a weight's name; names of data sets; the matrix of ones; the shape of a network or of
# a filter, as 64-64-10 and 3 × 3; the small factors of mathematics that is written without dollars, as 2λ and r²/2.
FREE = re.compile(
    r"""(?<![\w.,·^/])[−±+]?[01](?![\w%⁰¹²³⁴⁵⁶⁷⁸⁹]|[.,/·]\d|\s*[·×]\s*\d)
      | (?<![\w.,·^/])[−±]?[01]/[01]\b(?![.,/]\d)
      | \b(?:1[6-9]|20)\d\d(?:[–-]\d\d(?:\d\d)?)?\b(?![.,]?\d)(?!\s+(?:\w+\s+)?(?:COUNTED)\b)
      | (?:§\s*|\b(?:sections?|chapters?|lectures?|slides?|figures?|equations?|theorems?|corollar(?:y|ies)|lemmas?
                  |tables?|pages?|appendix|parts?)\s)
        \(?\d+(?:\.\d+)*[a-z]?\)?(?:(?:,|\sand|–|-|\sto|,?\sor)\s?\(?\d+(?:\.\d+)*[a-z]?\)?)*(?!\s*(?:%|times|percent|COUNTED))
      | \bshape\s\([^()]*\)
      | \b(?:layers?|weight)\s[1-9](?:(?:,|\sand|\sto)\s[1-9])*\b(?![.,]\d|\s*(?:%|times|percent|COUNTED))
      | \bCIFAR-\d+ | (?<![\d.])11ᵀ | (?<![\w.])\d+(?:-\d+){2,}(?![\w.]) | (?<![\w.])\d\s×\s\d(?![\w.])
      | \b(?:0,\s)?1,\s2,\s(?:3,\s)?…
      | (?<![\d.,])[2-9](?=/?[A-Za-zα-ωΑ-Ω(√‖]|\^) | (?<=[A-Za-zα-ω)²³]/)[2-9](?![\d.,]*\d) | (?<=√)[2-9](?![\d.,]*\d)
    """.replace("COUNTED", "steps|runs|epochs|examples|inputs|units|neurons|images|words|draws|seeds|starts"),
    re.I | re.X,
)
NUMBER = re.compile(r"(?<![A-Za-z_\d])[−±+]?\d[\d.,]*(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?%?|[⅓⅔¼¾⅕-⅞]")
# In a formula: decimals, numbers of two digits or more, and a number that is all of a right side; not powers of ten.
TYPED_FORMULA = re.compile(
    r"\d+\.\d+|(?<![\d^{_.-])(?<!frac)(?!10(?:\^|$))\d{2,}"
    r"|(?:=|\\approx|\\le|\\ge|[<>])\s*-?(?P<right>[2-9])(?=\s*(?:$|,|\\text|\\quad|\\qquad))"
)
_UNITS = "four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_ORDINAL = "fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|[a-z]+t[ei]e[nt]*th|hundredth|thousandth"
# Words for numbers above three and for fractions; half, twice and “a millionth of the error” are free.
WORD = re.compile(
    rf"\b(?:(?:{_TENS})(?:-(?:one|two|three|{_UNITS}))?|{_TEENS}|{_UNITS})(?:-?fold)?\b"
    rf"|\b(?:hundred|thousand|million|billion|dozen)s?(?:fold)?\b|\bthreefold\b"
    rf"|\b(?:{_TENS})-(?:first|second|third)\b"
    rf"|\b(?:(?:{_TENS})-)?(?:{_ORDINAL})s?\b|\b(?:one|two)[ -]thirds?\b|\ba third(?= of)"
    r"|(?<=\bby )a third\b|(?<=\bto )a third\b|(?<=\bthan )a third\b|\bthirds\b|\bquarters?\b",
    re.I,
)


class Text(NamedTuple):
    """A text that readers see of a file; `line` is its first line there."""

    path: str
    line: int
    kind: str
    content: str


class Span(NamedTuple):
    """A part of a text; `kind` is prose, formula, or the kind of markup that hides it from readers."""

    start: int
    end: int
    kind: str


class TypedNumber(NamedTuple):
    """A number that no snippet computes."""

    path: str
    line: int
    number: str
    excerpt: str


class Exemption(NamedTuple):
    """A text on a page, or on all pages that match a pattern, in which numbers may be typed, and the reason."""

    page: str
    text: str
    reason: str


def split_markdown(text: str) -> Iterator[Span]:
    """Split Markdown, or a docstring, into spans that cover every character once."""
    end = 0
    for match in HIDDEN.finditer(text):
        yield Span(end, match.start(), "prose")
        kind = match.lastgroup if match.lastgroup not in ("indent", "ticks", "dollars") else ""
        kind = kind or next(name for name in ("code", "formula") if match[name])
        start = match.start()
        if kind == "tag":
            for attribute in VISIBLE_ATTRIBUTES.finditer(match[0]):
                first, last = (match.start() + place for place in attribute.span(1))
                yield Span(start, first, kind)
                yield Span(first, last, "prose")
                start = last
        yield Span(start, match.end(), kind)
        end = match.end()
    yield Span(end, len(text), "prose")


def split_page(text: str) -> Iterator[Span]:
    """Split a page: the front matter by its keys, the rest as Markdown."""
    head = re.match(r"---[ \t]*\n(?s:.*?)^---[ \t]*$", text, re.M)
    if not head:
        yield from split_markdown(text)
        return
    kind, start = "head", 0
    for line in re.finditer(r"^(?:(\w[\w-]*):)?.*\n?", head[0], re.M):
        if line[1] or line[0].startswith("---"):
            yield Span(start, line.start(), kind)
            kind = "head" if line[0].startswith("---") or line[1] in HIDDEN_KEYS else "title"
            start = line.start()
    yield Span(start, head.end(), kind)
    for span in list(split_markdown(text[head.end() :])):
        yield Span(span.start + head.end(), span.end + head.end(), span.kind)


def split_template(text: str) -> Iterator[Span]:
    """Split a template: its statements and scripts are code, the rest is HTML, which is read as Markdown."""
    end = 0
    for match in [*TEMPLATE.finditer(text), None]:
        until = match.start() if match else len(text)
        yield from (Span(end + start, end + stop, kind) for start, stop, kind in split_markdown(text[end:until]))
        if match:
            yield Span(match.start(), end := match.end(), "code")


def expand_titles(text: str, spans: list[Span]) -> Iterator[Span]:
    """Split the visible keys of the front matter as Markdown, since they may have values."""
    for span in spans:
        if span.kind == "title":
            for part in split_markdown(text[span.start : span.end]):
                yield Span(part.start + span.start, part.end + span.start, part.kind)
        else:
            yield span


def parse(text: Text) -> list[Span]:
    split = {"page": split_page, "template": split_template}.get(text.kind, split_markdown)
    return list(expand_titles(text.content, list(split(text.content))))


def read_navigation(path: str, source: str) -> Iterator[Text]:
    """Yield the site's name and description, and the titles of `nav`."""
    nav = source.find("\nnav:")
    for line in re.finditer(r"^site_(?:name|description): (.+)|^ +- (.+?):(?: \S+\.md)?$", source, re.M):
        if line[1] or line.start() > nav:
            yield Text(path, source[: line.start()].count("\n") + 1, "navigation", line[1] or line[2])


def read_lab(path: str, source: str) -> Iterator[Text]:
    """Yield the Markdown cells of a lab, without the # of each line."""
    for cell in re.finditer(r"^# %% \[markdown\].*\n((?:#.*\n?)*)", source, re.M):
        content = re.sub(r"^# ?", "", cell[1], flags=re.M)
        yield Text(path, source[: cell.start(1)].count("\n") + 1, "lab", content)


def read_snippet(path: str, source: str) -> Iterator[Text]:
    """Yield the docstrings of a snippet that readers see, and the strings under its fields."""
    tree = ast.parse(source)
    yield from _docstring(path, tree, "module docstring")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(SHOWN_DOCSTRINGS):
            yield from _docstring(path, node, "docstring")
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("figure_", "explore_", "_")):
            yield from _labels(path, node)
        if isinstance(node, ast.ClassDef) and node.name == "Result":
            for field in node.body:
                if isinstance(field, ast.Expr) and isinstance(field.value, ast.Constant):
                    yield Text(path, field.lineno, "field", str(field.value.value))


def _docstring(path: str, node: ast.Module | ast.FunctionDef, kind: str) -> Iterator[Text]:
    if text := ast.get_docstring(node, clean=False):
        yield Text(path, node.body[0].lineno, kind, text)


def _labels(path: str, function: ast.FunctionDef) -> Iterator[Text]:
    """Yield the strings of a drawing function that have a word and no LaTeX; one without a word, as 0.1, is a tick."""
    inner = [node for node in ast.walk(function) if isinstance(node, ast.FormattedValue) and node.format_spec]
    specifications = {id(part) for node in inner for part in ast.walk(node.format_spec)}
    opening = function.body[0].value if isinstance(function.body[0], ast.Expr) else None
    for node in ast.walk(function):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node is not opening:
            words = re.search(r"[A-Za-z]{3}", re.sub(r"\$[^$]*\$?", "", node.value))
            if words and "\\" not in node.value and id(node) not in specifications:  # \\ is LaTeX
                yield Text(path, node.lineno, "label", node.value)


def read_site(root: Path = ROOT) -> Iterator[Text]:
    """Yield all texts of a checkout that readers see."""
    for path in sorted((root / "docs").rglob("*.md")):
        yield Text(path.relative_to(root).as_posix(), 1, "page", path.read_text("utf-8"))
    yield from read_navigation("mkdocs.yml", (root / "mkdocs.yml").read_text("utf-8"))
    for folder, pattern in (
        ("theme", "**/*.html"),
        ("theme", "*.txt"),
        ("theme", "*.xml"),
        ("evidence/templates", "*.html"),
    ):
        for path in sorted((root / folder).glob(pattern)):
            yield Text(path.relative_to(root).as_posix(), 1, "template", path.read_text("utf-8"))
    for path in sorted((root / "docs/labs").glob("*.py")):
        yield from read_lab(path.relative_to(root).as_posix(), path.read_text("utf-8"))
    for path in sorted((root / "snippets").rglob("*.py")):
        yield from read_snippet(path.relative_to(root).as_posix(), path.read_text("utf-8"))


def read_exemptions(path: Path = EXCEPTIONS) -> list[Exemption]:
    """Read the list of exemptions, one for each text of an entry."""
    entries = yaml.safe_load(path.read_text("utf-8")) or ()
    texts = ((entry, text) for entry in entries for text in ([entry["text"]] if "text" in entry else entry["texts"]))
    return [Exemption(entry["page"], text, entry["reason"]) for entry, text in texts]


def find_numbers(text: Text) -> Iterator[tuple[int, str]]:
    """Yield (place, number) for every number in a text that is neither free nor a value."""
    content = text.content
    prose = list(" " * len(content))
    for span in parse(text):
        if span.kind == "prose":
            prose[span.start : span.end] = content[span.start : span.end]
        elif span.kind == "formula":
            formula = re.sub(r"\{\{.*?\}\}", lambda value: "x" * len(value[0]), content[span.start : span.end])
            bare = re.sub(r"\$", " ", formula)
            for match in TYPED_FORMULA.finditer(bare.rstrip(" ")):
                yield span.start + match.start(), match["right"] or match[0]
    visible_text = "".join(prose)
    visible_text = FREE.sub(lambda match: re.sub(r"\S", "\0", match[0]), visible_text)
    for pattern in (NUMBER, WORD):
        yield from ((match.start(), match[0].rstrip(".,")) for match in pattern.finditer(visible_text))


def find_typed_numbers(text: Text, exemptions: Sequence = (), used_exemptions: set | None = None) -> list[TypedNumber]:
    """Find the typed numbers of a text, in order; for those that an exemption covers, add it to `used_exemptions`."""
    places = {}
    for exemption in exemptions:
        if fnmatch(text.path, exemption.page):
            pattern = r"\s+".join(map(re.escape, exemption.text.split()))
            for match in re.finditer(pattern, text.content):
                places[match.span()] = exemption
    numbers = []
    for place, number in sorted(set(find_numbers(text))):
        covering = next((e for (start, end), e in places.items() if start <= place < end), None)
        if covering and used_exemptions is not None:
            used_exemptions.add(covering)
        elif not covering:
            line = text.content[:place].count("\n")
            excerpt = " ".join(text.content[max(0, place - 25) : place + len(number) + 25].split())
            numbers.append(TypedNumber(text.path, text.line + line, number, excerpt))
    return numbers


def find_problems(texts: list[Text], exemptions: list[Exemption]) -> Iterator[str]:
    """Yield a problem for each typed number and for each exemption without use."""
    used_exemptions: set[Exemption] = set()
    for text in texts:
        for path, line, number, excerpt in find_typed_numbers(text, exemptions, used_exemptions):
            yield f"{path}:{line}: ‘{number}’ is typed (…{excerpt}…): show a value, or say why in {EXCEPTIONS.name}"
    for exemption in exemptions:
        if exemption not in used_exemptions:
            yield f"{EXCEPTIONS.name}: ‘{exemption.text}’ on {exemption.page} covers no number: take it out"


def measure(texts: list[Text]) -> dict[str, Counter]:
    """Count the characters of each kind of text by the kind of their span."""
    shares: dict[str, Counter] = {}
    for text in texts:
        counts = shares.setdefault(text.kind, Counter())
        for span in parse(text):
            counts[span.kind] += span.end - span.start
    return shares


def print_coverage(coverage: dict[str, Counter]) -> None:
    for kind, counts in coverage.items():
        total = counts.total()
        visible_shares = [
            f"{100 * counts[part] / total:.0f}% as {part}" for part in ("prose", "formula") if counts[part]
        ]
        hidden_counts = {part: count for part, count in counts.items() if part not in ("prose", "formula") and count}
        shares = [
            f"{part} {100 * n / total:.1f}%" for part, n in sorted(hidden_counts.items(), key=lambda item: -item[1])
        ]
        why = f"; not words: {', '.join(shares)}" if hidden_counts else ""
        print(f"typed numbers: {kind}: {total:,} characters, read {' and '.join(visible_shares)}{why}")
    exemptions = read_exemptions()
    print(f"typed numbers: {len(exemptions)} texts may stand, for {len({one.reason for one in exemptions})} reasons")
    print(
        "typed numbers: not read: docstrings of equations, which are evaluated as printed; references.bib, which"
        " quotes; scripts of the browser; what stands on no page, as README.md"
    )


def main() -> None:
    texts = list(read_site())
    print_coverage(measure(texts))
    problems = list(find_problems(texts, read_exemptions()))
    print(*problems, sep="\n", end="\n" * bool(problems))
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
