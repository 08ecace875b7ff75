"""Bad input: random, invalid and hostile pages and snippets end in problems with file and line, and nothing worse."""

import os
import re
import shutil
from string import printable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import NO_BROWSER, ROOT, SNIPPET, serve_folder
from evidence.arithmetic import KNOWN
from evidence.bibliography import read_bibliography
from evidence.cache import open_cache
from evidence.diagnostics import INVISIBLE, SiteError
from evidence.equation import TOKEN, Mismatch, ParseError
from evidence.export import export_markdown
from evidence.extension import render
from evidence.extras.scaffold import insert_page
from evidence.project import Project
from evidence.session import Session
from evidence.source import check_source
from evidence.usage import resolve_references
from evidence.values import look_up
from examples import BOUND, HOLDS, MATRICES, RESULTS
from misprints import check_equation

# The suite has the same examples each time; with TORTURE set there are many, each time others.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=100, database=None)
settings.register_profile("torture", deadline=None, max_examples=5000, database=None)
settings.load_profile("torture" if os.environ.get("TORTURE") else "suite")

EXTENSIONS = """attr_list md_in_html tables def_list footnotes toc pymdownx.highlight pymdownx.keys pymdownx.superfences
pymdownx.tabbed pymdownx.blocks.admonition""".split()
FILES = [
    *(ROOT / "tests/small/docs").glob("*"),
    *(ROOT / "tests/mistakes").glob("*.md"),
    *(ROOT / "tests/another/docs").glob("*"),
]
PAGES = [path.read_text("utf-8") for path in sorted(FILES)]
MARKUP = """{{ }} | $ $$ /// //// === ``` ~~~ [ ] [@ ]( ! * ** _ > - 1. # : {: ++ <div> </div> <!-- <a [^1] & \\ \\frac{
{ } figure claim equation explore code source ledger bibliography note square square.area .growth .strips .area_of [0]
.areas digits(2) list integer <script>alert(1)</script> &#60; javascript: ../ list.bib \ue000 \ue001 \ue002
\0 \x02 \x0b \u202e \u2028 а ｓ １ ² 𝔼 e\u0301 9 -""".split()
SPACES = ["\n", "\n\n", " ", "    ", "\t", "\r\n", "\r"]

TOTAL = {"M_k": lambda k: MATRICES[0], "v_k": lambda k: 2.0, "X_{jk}": lambda j, k: 3.0}  # defined for every index


def join_words(words):
    """Return a strategy for texts of up to 30 of the words."""
    return st.lists(st.sampled_from(words), max_size=30).map("".join)


@st.composite
def mutations(draw, texts):
    """Draw one of the texts with pieces removed, moved and inserted."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        i, j, k = (draw(st.integers(0, len(text))) for _ in range(3))
        piece = draw(st.sampled_from(["", text[i:j], text[k : k + 40]]) | join_words([*MARKUP, *SPACES]))
        text = text[: min(i, j)] + piece + text[max(i, j) :] if draw(st.booleans()) else text[:k] + piece + text[k:]
    return text


@pytest.fixture(scope="module")
def site(template):
    session = Session(Project(template.root, seconds=8, megabytes=512), {}, print)
    session.load_all()
    return session.site


def read_page(site, text):
    """Read a page as a build and `check` do, and return its HTML, or None if it is refused."""
    text = text.decode("utf-8-sig", "replace") if isinstance(text, bytes) else text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    site.usages.clear()
    site.diagnostics.clear()
    if problems := list(check_source(text)):
        assert all(message for _, message in problems)
        return None
    page = render(text, site, "page.md", EXTENSIONS)
    html, unknown = resolve_references(page.html, "page.md", site, lambda target, page: target)
    assert not INVISIBLE.search(html)
    if not page.diagnostics and not unknown:
        assert export_markdown(text, "page.md", page.markdown, site, lambda target, page: target)
    for file, line, message in page.diagnostics:
        assert file == "docs/page.md" and 1 <= line <= text.count("\n") + 1 and message
        assert "\n" not in message
    return html


@example("[a](http://[) [b](//[::) ![c](" + 3000 * "d" + ".png) [e](\\0) [f](%00) [g](%ff#%zz) [@h]")
@example("# `{{ and }}` and `[@nothing]`\n<!-- {{ and }} [@nothing] -->\n")
@example("/// figure | nothing.here\n===\n///\n")
@given(text=mutations(PAGES) | join_words([*MARKUP, *SPACES]) | st.text() | st.binary())
def test_any_page_renders_or_has_problems_with_lines(site, text):
    read_page(site, text)


LONG = [
    "$",
    "{",
    "{{ ",
    "/// ",
    "\\frac{",
    "$\\frac{",
    "\\",
    "(",
    "[",
    "[@",
    "`",
    "~",
    "a",
    "|",
    " ",
    "- ",
    "1. ",
    "> ",
]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("unit", [*LONG, *(f"{unit}\n" for unit in LONG), "/// note\n\n", "$a\n", "{{ a\n", "```a\n"])
def test_long_repetitions_are_read_in_time(site, unit):
    """Repeat a piece of markup on one line and on many."""
    read_page(site, unit * (8_000 // len(unit)))
    read_page(site, unit * (100_000 // len(unit)) if "\n" not in unit else "\n\n".join([unit * 50] * 20))


@given(
    expression=join_words(
        [*printable, "s", ".k", ".l", ".d", "[", "]", " | digits", "(", ")", "list", "9**9**9", "-", ":"]
    )
)
def test_any_expression_is_a_value_or_an_error(expression):
    try:
        text, snippet, field = look_up(expression, RESULTS)
        assert isinstance(text, str) and snippet == "s" and field in RESULTS["s"]
    except ValueError as error:
        assert str(error)


WORDS = [*TOKEN.findall(" ".join(HOLDS)), *MARKUP, *BOUND, *KNOWN, *"0123456789²٣", "10^{99}", "9" * 400, "(" * 400]


@example(r"\max11")
@example(r"\sin(a, v)")
@example(r"\sin\sin")
@example(r"\begin{pmatrix} 0 \\ 0 & b \end{pmatrix} = 0")
@example("a²")
@example(r"\binom{0 - 1}{2} = a")
@given(latex=mutations(HOLDS) | join_words([*WORDS, " "]))
def test_any_equation_is_checked_or_an_error(latex):
    try:
        check_equation(latex, BOUND | TOTAL)
    except (ParseError, Mismatch) as error:
        assert str(error)


@given(
    value=st.floats()
    | st.integers()
    | st.complex_numbers()
    | st.text()
    | st.none()
    | st.lists(st.floats())
    | st.dictionaries(st.text(), st.floats())
)
def test_any_binding_is_checked_or_an_error(value):
    for latex in (r"a b = \frac{b}{a}", r"\sum_{k=1}^{a} k = a", r"\binom{a}{2} = a", r"f(a) = a^{a} = \sqrt{a}"):
        try:
            check_equation(latex, BOUND | {"a": value})
        except (ParseError, Mismatch) as error:
            assert str(error)


@given(text=mutations([(ROOT / "docs/references.bib").read_text("utf-8")[:3000]]) | st.text())
def test_any_bibliography_is_read_or_an_error(site, text):
    (site.docs / "list.bib").write_text(text, "utf-8", errors="replace")
    try:
        for label, html in read_bibliography(site.docs, "list.bib", open_cache(site.docs.parent)).references.values():
            assert isinstance(label, str) and "<script" not in html
    except ValueError as error:
        assert "docs/list.bib" in str(error)


@example(text="nav:\n  - Empty:\n", section=None)
@example(text="- index.md\n", section=None)
@example(text="nav\n", section="A")
@given(
    text=mutations([(ROOT / "mkdocs.yml").read_text("utf-8"), "nav:\n  - index.md\n"]) | st.text(),
    section=st.none() | st.text(),
)
def test_any_navigation_gets_a_page_or_is_an_error(text, section):
    try:
        nav, _ = insert_page(text, "New", "new.md", section)
        assert any(line.endswith("- New: new.md") for line in nav.splitlines())
    except SiteError as error:
        assert str(error)


def check_refusal(site, messages):
    """Check that the build fails with these problems and no others, and leaves the last good site."""
    (site.root / "site").mkdir()
    (site.root / "site/good.html").write_text("the last good site")
    result = site.build()
    assert result.returncode == 1 and "Traceback" not in result.stdout, result.stdout
    problems = re.findall(r"^  (\S+?:\d+): (.*)", result.stdout, re.M)
    differences = {where: what for where, what in problems if not what.startswith(messages.get(where, "?"))}
    assert not differences and set(messages) == {where for where, _ in problems}, result.stdout
    assert site.bytes() == {"good.html": b"the last good site"}
    assert [path.name for path in site.root.iterdir() if path.name.startswith(".site")] == []


UNUSED = "13: no page shows the value"  # the only problem
VALUES = {
    "big": ("float('1e400')", "13: Result holds inf in ‘answer’"),
    "huge": ("10**5000", "13: Result holds an integer of more than 300 digits"),
    "control": (r"'\x0b'", "13: Result holds the invisible character U+000B"),
    "half": (r"'\ud800'", "13: Result holds the invisible character U+D800"),
    "key": (r"{'\x1b': 1}", "13: Result holds the invisible character U+001B"),
    "itself": ("(lambda l: (l.append(l), l)[1])([])", "12: Result fails: RecursionError"),
    "interrupt": ("(_ for _ in ()).throw(KeyboardInterrupt)", "13: compute() fails: KeyboardInterrupt"),
    "vanishes": ("(__import__('os').remove(__file__), 1)[1]", "13: no page shows the value"),
    "long": ("'x' * 10**6", UNUSED),
    "attribute": ("type('T', (), {'answer': 1}).answer", UNUSED),  # of another class than Result
}
ENDS = {
    "null": ("\0", "14: the snippet holds the invisible character U+0000"),
    "feed": ("\x0c", "14: the snippet holds the invisible character U+000C"),
    "turned": ("# \u202e", "14: the snippet holds the invisible character U+202E"),
    "parentheses": ("(" * 10_000, "14: the snippet is no Python: too many nested parentheses"),
    "sums": ("1" + "+1" * 20_000, "1: the snippet fails: RecursionError"),
    "escapes": ('def claim_a(result):\n    "\\x1b[2J"\n    assert 1', "15: claim_a()’s docstring has a backslash"),
    "deep": (f'def equation_a():\n    r"""{"(" * 3000}a"""\n    yield {{"a": 1.0}}', "15: equation_a() cannot be read"),
    "nothing": ('def claim_a(result):\n    "So."\n    for x in ():\n        assert x', "14: claim_a() reaches"),
    "passed": ('def claim_a(result):\n    "So."\n    if result is None:\n        assert 0', "14: claim_a() reaches"),
    "true": ('def claim_a(result):\n    "So."\n    assert True', "14: claim_a() asserts nothing"),
    "bell": ('def equation_a():\n    r"""a = b"""\n    yield {"\\a": 1, "b": 1}', "14: equation_a() yields {"),
    "readout": (
        'def explore_a(result, start=0):\n    "A."\n    yield None, {"k": 1}, "so"',
        "14: explore_a() fails: TypeError: a frame is not three things: yield the figure, {readout: text}",
    ),
    "repeated": (
        "from matplotlib.figure import Figure\n\n\ndef explore_a(result, start=0):\n"
        '    "A."\n    figure = Figure()\n    figure.subplots()\n'
        '    for k in "0011":\n        yield figure, {"k": k}, "so"',
        "17: explore_a() fails: ValueError: its frames repeat a value of ‘k’: yield each once",
    ),
    "main": ("import __main__", UNUSED),
    "relative": ("from . import main", "14: the snippet fails: ImportError"),
    "cut": ("def half(", "14: the snippet is no Python"),
}  # fmt: skip


def test_invalid_snippets_are_refused_with_their_lines(warm):
    folder, messages = warm.root / "snippets", {}
    texts = {name: (SNIPPET.replace("VALUE", value), message) for name, (value, message) in VALUES.items()}
    texts |= {name: (SNIPPET.replace("VALUE", "1") + end + "\n", message) for name, (end, message) in ENDS.items()}
    for name in ("kebab-case", "a&b", "<b>", 'q"', "index"):
        texts[name] = SNIPPET, f"1: ‘{name}’ cannot be the name of a snippet"
    for name, (text, message) in texts.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
        line, message = message.split(": ", 1)
        messages[f"snippets/{name}.py:{line}"] = message
    (folder / "noise.py").write_bytes(b"def compute():\n" + bytes(range(256)))
    (folder / "directory.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    (folder / "outside.py").symlink_to("/etc/passwd")
    (folder / "loop.py").symlink_to("loop.py")
    (folder / ".#square.py").symlink_to("somebody@host.1:2")  # an Emacs lock file
    messages["snippets/noise.py:1"] = "the snippet is not UTF-8"
    messages |= dict.fromkeys(["snippets/pipe.py:1"], "this is not a regular file")
    messages["snippets/directory.py:1"] = "this cannot be read: Is a directory"
    messages["snippets/outside.py:1"] = "this link leads out of the project"
    messages["snippets/loop.py:1"] = "this link leads to no file"
    check_refusal(warm, messages)


def test_truncated_snippet_with_cached_results_is_refused(warm):
    path = warm.root / "snippets/square.py"
    path.write_text(path.read_text("utf-8").split("    sides = ")[0], "utf-8")
    check_refusal(warm, {"snippets/square.py:28": "the snippet is no Python"})


def test_invalid_files_among_pages_are_refused(warm):
    docs = warm.root / "docs"
    (docs / "outside.md").symlink_to("/etc/passwd")
    (docs / "everything").symlink_to("/")
    (docs / "self").symlink_to(".")
    (docs / "loop.md").symlink_to("loop.md")
    (docs / ".#index.md").symlink_to("somebody@host.1:2")
    (docs / "folder.md").mkdir()
    for name in ("pipe.md", "picture.png"):
        os.mkfifo(docs / name)

    (docs / os.fsdecode(b"\xff.md")).write_text("# A page\n")
    messages = {f"docs/{name}:1": "this link leads out of the project" for name in ("outside.md", "everything")}
    messages |= {f"docs/{name}:1": "this link leads to no file" for name in ("loop.md",)}
    messages["docs/self:1"] = "this link leads to a folder that holds it"
    messages |= {f"docs/{name}:1": "this is not a regular file" for name in ("pipe.md", "picture.png")}
    check_refusal(warm, messages | {r"docs/\udcff.md:1": "its name holds the invisible character U+DCFF"})


def test_invalid_pages_are_refused_with_their_lines(warm):
    pages = {
        "null": ("\0", "3: the page holds the invisible character U+0000"),
        "long": ("x" * 6000, "3: a line is longer than 5,000 characters"),
        "brackets": ("[" * 200, "3: more than 100 [ stand here without a ]"),
        "lists": ("- " * 1000 + "a", "1: the page nests deeper than Markdown can follow"),
        "address": ("[a](http://[)", "1: the page cannot be read: Invalid IPv6 URL"),
        "fence": ("```python", "3: ‘```python’ has no end"),
        "root": ("$" + r"\sqrt " * 600 + "a$", "3: ‘" + r"\sqrt " * 3),
        "power": ("{{ square.area | digits(9**9**9) }}", "3: only snippet.field[index] | filter"),
        "named": ("{{ square.area | digits(count=2) }}", "3: only snippet.field[index] | filter"),
        "digits": ("{{ square.area | digits(99999999) }}", "3: the filter ‘digits’ does not take [99999999]"),
        "alike": ("{{ squ\u0430re.area }}", "3: no snippet is called ‘squ\u0430re’ (‘\u0430’ is cyrillic small"),
        "bad": ("/// bibliography | bad.bib\n///", "3: docs/bad.bib is not UTF-8"),
        "url": ("/// bibliography | url.bib\n///", "3: docs/url.bib:1: it cannot be read"),
        "up": ("/// bibliography | ../../../etc/passwd\n///", "3: there is no docs/../../../etc/passwd"),
    }  # fmt: skip
    (warm.root / "docs/bad.bib").write_bytes(b"@book{a, title = {\xff}}")
    (warm.root / "docs/url.bib").write_text("@misc{a, author = {A}, title = {B}, url = {javascript:alert(1)}}")
    (warm.root / "docs/head.md").write_text("---\ntitle: A page: its head\n---\n\n# A page\n", "utf-8")
    (warm.root / "docs/noise.md").write_bytes(bytes(range(256)) * 9)
    messages = {"docs/noise.md:3": "this is not UTF-8", "docs/head.md:2": "the head of the page is no YAML"}
    for name, (text, message) in pages.items():
        (warm.root / f"docs/{name}.md").write_text(f"# A page\n\n{text}\n", "utf-8")
        line, message = message.split(": ", 1)
        messages[f"docs/{name}.md:{line}"] = message
    check_refusal(warm, messages)


BAD = """</title></textarea></svg>--><script>pwned = 1</script><img src=x onerror="pwned = 2">{{ square.area }}"""
HOSTILE = f'''"""{BAD.replace("square.area", "text")}"""

from dataclasses import dataclass

from matplotlib.figure import Figure

BAD = """{BAD}"""


@dataclass(frozen=True)
class Result:
    text: str
    """{BAD.replace("{{ square.area }}", "")}" onmouseover="pwned = 3"""
    all: dict
    "{"<b onclick=pwned=4>"}"


def compute() -> Result:
    return Result(text=BAD, all={{"a": BAD}})


def claim_bad(result):
    """{BAD.replace("square.area", "text")} `<script>pwned = 5</script>` and $1<2$.

    <script>pwned = 6</script>
    """
    assert result.text == BAD


def draw():
    figure = Figure()
    axes = figure.subplots()
    axes.plot([0, 1], label=BAD)
    axes.set(title=BAD, xlabel=BAD)
    axes.legend()
    return figure


def figure_bad(result):
    """{BAD.replace("square.area", "text")} "onload="pwned = 7"."""
    return draw()


def explore_bad(result, start=0):
    """{BAD.replace("square.area", "text")}"""
    figure = draw()
    (line,) = figure.axes[0].lines
    line.set_gid("line")
    for number in range(2):
        line.set_ydata([0, number])
        yield figure, {{BAD: f"{{BAD}}{{number}}", "next " + BAD: BAD}}, BAD
'''
HOSTILE_PAGE = """# {{ hostile.text }}

## {{ hostile.text }}

Find {{ hostile.text }} and `{{ hostile.text }}` and [{{ hostile.text }}](index.md "{{ hostile.text }}") and [@bad].

| {{ hostile.text }} |
| --- |
| {{ hostile.text }} |

/// figure | hostile.bad
{{ hostile.text }}
///

/// explore | hostile.bad
///

/// claim | hostile.bad
///

/// code | hostile.draw
///

/// bibliography | bad.bib
///

{{ hostile.all.a }}
"""
ENTRY = "@book{bad, author = {{BAD}}, title = {{BAD}}, year = {BAD}, publisher = {BAD}}"


@pytest.mark.skipif(NO_BROWSER, reason="no Chromium: install Debian's package chromium")
def test_no_text_of_a_snippet_runs_as_a_script_in_a_page(warm, browser):
    """Use a theme whose pages have no content security policy."""
    (warm.root / "snippets/hostile.py").write_text(HOSTILE, "utf-8")
    (warm.root / "docs/hostile.md").write_text(HOSTILE_PAGE, "utf-8")
    (warm.root / "docs/bad.bib").write_text(ENTRY.replace("BAD", BAD.split("{{")[0]), "utf-8")
    (warm.root / "docs/assets").mkdir()
    shutil.copy(ROOT / "theme/assets/zigzag.js", warm.root / "docs/assets")
    theme = "theme: {name: material, font: false}\nextra_javascript: [{path: assets/zigzag.js, defer: true}]"
    warm.edit("mkdocs.yml", "theme: {name: mkdocs}", theme)
    warm.edit("mkdocs.yml", "plugins:", "plugins:\n  - search")
    result = warm.build()
    assert result.returncode == 1 and "docs/hostile.md:1: the page’s title holds ‘</’" in result.stdout, result.stdout
    warm.edit("docs/hostile.md", "# {{ hostile.text }}\n\n#", "# Page\n\n#")
    result = warm.build()
    assert result.returncode == 0, result.stdout
    pages = sorted(path.relative_to(warm.root / "site").as_posix() for path in (warm.root / "site").rglob("*.html"))
    assert {"hostile/index.html", "evidence/hostile/index.html", "evidence/index.html"} < set(pages)
    page, errors = browser.new_page(), []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: errors.append(dialog.message))
    with serve_folder(warm.root / "site") as address:
        for path in pages:
            page.goto(address + path, wait_until="networkidle")
            if path == "hostile/index.html":
                page.get_by_role("slider").or_(page.get_by_role("combobox")).first.press("ArrowDown")
                page.locator("a.value").first.hover()
                page.get_by_placeholder("Search").click()
                page.keyboard.type("find")
                page.locator(".md-search-result__item").first.wait_for()
                assert page.locator(".md-content article").inner_text().count("<script>pwned = 1</script>") >= 9
            assert page.evaluate("typeof pwned") == "undefined", path
            selector = (
                "article :is(script:not([type]), img[onerror], [onclick], [onmouseover], [onload], [href^=javascript])"
            )
            assert page.locator(selector).count() == 0, path
    page.close()
    assert errors == []
