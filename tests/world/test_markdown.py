"""Markdown as others write it: line ends, includes, nested blocks and names of files are accepted or refused."""

import os
import re
import shutil
from urllib.parse import quote, unquote, urlsplit

import pytest

from world.sites import (
    CONFIG,
    EXTENSIONS,
    NAME,
    ROOT,
    Outcome,
    build_pages,
    copy_site,
    find_problems,
    git,
    share_folder,
    share_pages,
    snippet,
)

V = "{{ " + NAME + ".area | digits(2) }}"
EQUATION = f"/// equation | {NAME}.area\n///"
# A page with one of everything.
FULL_PAGE = f"""---
title: Everything
description: One of everything
---

# Everything

Area {V}, $A = {V}$, see [@{NAME}.area].

```python
x = 1


y = 2
```

| a | b |
| - | - |
| {V} | c |

- item

    - inner {V}

    ```
    code in a list
    ```

> quoted {V}
> over two lines

!!! note

    An admonition {V}.

=== "Tab"

    In a tab {V}.

/// figure | {NAME}.growth
**First.** A caption {V}.
===
Limits.
///

/// claim | {NAME}.area
///

/// equation | {NAME}.area
///

/// code | {NAME}.compute
///

Last[^1].

[^1]: A footnote {V}.
"""
ENDS = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "mixed": lambda text: text.replace("\n", "\r\n", 20).encode(),
    "mixed, late": lambda text: text[:200].encode() + text[200:].replace("\n", "\r\n").encode(),
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "BOM and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "tabs and CRLF": lambda text: text.replace("    ", "\t").replace("\n", "\r\n").encode(),
    "white space at line ends": lambda text: re.sub(r"^(///.*|\| .*|- item)$", r"\1 \t", text, flags=re.M).encode(),
    "no line end": lambda text: text.rstrip("\n").encode(),
    "empty lines first": lambda text: text.replace("# Everything\n", "\n\n# Everything\n").encode(),
}


@pytest.fixture(scope="module")
def line_ends(tmp_path_factory, base_site):
    """The same page with many kinds of line ends, with its HTML and Markdown copy."""

    def make(folder):
        site = copy_site(base_site, folder / "site")
        (site.root / "docs/grow.md").unlink()
        pages, forms = {}, {"LF": str.encode} | ENDS
        for number, write in enumerate(forms.values()):
            site.write({f"docs/form{number}.md": write(FULL_PAGE)})
        site.write({"docs/index.md": f"# Index\n\nSee [@{NAME}.area].\n"})
        result = site.attempt("mkdocs", "build", "--strict")
        for number, name in enumerate(forms):
            if result.returncode:  # build each alone
                for path in (site.root / "docs").glob("form*.md"):
                    path.unlink()
                site.write({f"docs/form{number}.md": forms[name](FULL_PAGE)})
                result = site.attempt("mkdocs", "build", "--strict")
                page = "" if result.returncode else site.html(f"form{number}/")
                pages[name] = {"output": result.stdout, "html": page.replace(f"form{number}", "form"), "copy": ""}
                if page:
                    copy = (site.root / f"site/form{number}/index.md").read_text()
                    pages[name]["copy"] = copy.replace(f"form{number}", "form")
                result.returncode = 1
            else:
                page, copy = site.html(f"form{number}/"), (site.root / f"site/form{number}/index.md").read_text()
                pages[name] = {"output": "", "html": page.replace(f"form{number}", "form")}
                pages[name]["copy"] = copy.replace(f"form{number}", "form")
        return pages

    return share_folder(tmp_path_factory, "line_ends", make)[1]


def extract_main(html):
    text = html[html.index("<main>") : html.index("</main>")]
    return re.sub(r" (</(?:p|li)>)", r"\1", re.sub(r"\s+", " ", text.replace("\t", "    ")))


@pytest.mark.parametrize("name", ENDS)
def test_page_is_the_same_with_any_line_ends(line_ends, name):
    page, reference = line_ends[name], line_ends["LF"]
    assert page["html"], page["output"]
    assert extract_main(page["html"]) == extract_main(reference["html"])
    assert "<title>Everything - World</title>" in page["html"] and 'content="One of everything"' in page["html"]
    assert re.sub(r"\s+", " ", page["copy"]) == re.sub(r"\s+", " ", reference["copy"])
    assert "\r" not in page["html"] and "\ufeff" not in page["html"]


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_problems_have_the_same_line_with_any_line_ends(site, ends):
    text = f"---\ntitle: A\n---\n\n# A\n\n{V}\n\n```\ncode\n```\n\n{{{{ grow.nothing }}}}\n"
    site.write({"docs/a.md": text.replace("\n", ends)})
    assert [line for line, _ in find_problems(site.check_refusal(), "docs/a.md")] == [13]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_front_matter_that_is_no_yaml_is_refused(site, ends):
    site.write({"docs/a.md": "---\ntitle: A: b\n---\n\n# A\n".replace("\n", ends)})
    assert find_problems(site.check_refusal(), "docs/a.md")


def test_clone_with_other_line_ends_builds_the_same_pages(base_site, tmp_path):
    """Clone with `core.autocrlf`, as on Windows, so that pages and snippets have CRLF."""
    source = copy_site(base_site, tmp_path / "source")
    for folder in ("site", ".evidence"):
        shutil.rmtree(source.root / folder)
    source.write({"docs/a.md": FULL_PAGE, "snippets/other.py": snippet("value = helper.N", "import helper\n")})
    source.write({"snippets/helper.py": "N = 5\n", "docs/b.md": "# B\n\n{{ other.value }}\n"})
    (source.root / "docs/grow.md").unlink()
    git(source.root, "init", "-q")
    git(source.root, "add", "-A")
    git(source.root, "commit", "-q", "-m", "x")
    git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", str(source.root), "clone")
    clone = type(source)(tmp_path / "clone")
    assert b"\r\n" in (clone.root / "docs/a.md").read_bytes()
    assert b"\r\n" in (clone.root / "snippets/other.py").read_bytes()
    source.check_build(SOURCE_DATE_EPOCH="1700000000")
    clone.check_build(SOURCE_DATE_EPOCH="1700000000")
    for page in ("a/", "b/", "evidence/grow/"):
        assert source.html(page) == clone.html(page), page
    assert clone.run("evidence", "check").returncode == 0


def test_repository_fixes_its_line_ends():
    attributes = ROOT / ".gitattributes"
    assert attributes.is_file() and re.search(r"^\*\s+.*(eol=lf|-text)", attributes.read_text(), re.M)


# Includes.

HOOK = """
from pathlib import Path

def on_page_markdown(markdown, page, config, files):
    return markdown.replace("INCLUDE", Path("parts/p.md").read_text())
"""
INCLUDES = {
    "block": '--8<-- "parts/p.md"',
    "with a line on each side": "--8<--\nparts/p.md\n--8<--",
    "of a partial that includes": '--8<-- "parts/outer.md"',
    "of a section": '--8<-- "parts/sections.md:one"',
    "by lines": '--8<-- "parts/lines.md:3:4"',
    "in a list": '- item\n\n    --8<-- "parts/p.md"',
    "in a tab": '=== "Tab"\n\n    --8<-- "parts/p.md"',
    "in an admonition": '!!! note\n\n    --8<-- "parts/p.md"',
    "by a hook": "INCLUDE",
    "CRLF": '--8<-- "parts/crlf.md"',
}


@pytest.fixture(scope="module")
def includes(tmp_path_factory, base_site):
    texts = {
        f"include{n}": f"# A\n\nBefore.\n\n{text}\n\nSee [@{NAME}.area].\n" for n, text in enumerate(INCLUDES.values())
    }

    def make(folder):
        site = copy_site(base_site, folder / "site")
        site.write({"parts/p.md": f"{EQUATION}\n\narea {V}\n", "parts/outer.md": '--8<-- "parts/p.md"\n'})
        site.write({"parts/crlf.md": f"{EQUATION}\n\narea {V}\n".replace("\n", "\r\n")})
        site.write({"parts/sections.md": f"x\n\n--8<-- [start:one]\n{EQUATION}\n\narea {V}\n--8<-- [end:one]\n"})
        site.write({"parts/lines.md": f"x\n\n{EQUATION}\ny\n", "hook.py": HOOK})
        extensions = [*EXTENSIONS, {"pymdownx.snippets": {"base_path": ["."]}}]
        site.configure(markdown_extensions=extensions, hooks=["hook.py"])
        return build_pages(site, texts)

    _, outcomes = share_folder(tmp_path_factory, "includes", make)
    keys = ("html", "copy", "output", "problems")
    return {page: Outcome(**{key: outcome[key] for key in keys}) for page, outcome in outcomes.items()}


@pytest.mark.parametrize("name", INCLUDES)
def test_included_text_has_numbered_equations_values_and_a_copy(includes, name):
    page = includes[f"include{list(INCLUDES).index(name)}"]
    text = page.main.get_text()
    assert len(page.main.find_all("math")) == 1 and text.count("(1)") == 2, page.main
    assert page.main.find("a", href=re.compile(r"^(\./|\.\./\w+/)?#equation-grow-area$")), page.main
    assert "lines" in name or "area 9.0" in re.sub(r"\s+", " ", text)
    assert "--8<--" not in page.copy and "INCLUDE" not in page.copy and "A = s^2" in page.copy, page.copy


def test_reference_leads_to_an_equation_of_a_partial(base_site, tmp_path):
    """Refer to it from a page that is read before, and from one that is read after."""
    site = copy_site(base_site, tmp_path / "site")
    (site.root / "docs/grow.md").unlink()
    site.write({"parts/p.md": EQUATION, "docs/b.md": '# B\n\n--8<-- "parts/p.md"\n'})
    for name in ("a", "c"):
        site.write({f"docs/{name}.md": f"# A\n\nSee [@{NAME}.area].\n"})
    rest = f"# Rest\n\n{V}\n\n/// figure | {NAME}.growth\n///\n\n/// claim | {NAME}.area\n///\n"
    site.write({"docs/rest.md": rest})
    site.configure(markdown_extensions=[*EXTENSIONS, "pymdownx.snippets"]).check_build()
    for name in ("a/", "c/"):
        link = site.soup(name).main.find("a", class_="reference")
        assert link["href"] == "../b/#equation-grow-area" and link.get_text() == "(1)"


# Blocks inside of others.

BLOCKS = {"equation": "area", "claim": "area", "figure": "growth"}
NESTINGS = {
    "plain": "{}",
    "quotation": "> said\n>\n{quoted}",
    "quotation first": "{quoted}",
    "list": "- item\n\n{indented}\n\n- other",
    "tight list": "- item\n{indented}\n- other",
    "nested list": "- item\n    - inner\n\n{twice}",
    "numbered list": "1. item\n\n{indented}\n2. other",
    "list with tabs": "- item\n\n{tabbed}",
    "tab": '=== "Tab"\n\n{indented}',
    "admonition": "!!! note\n\n{indented}",
    "folded": "??? note\n\n{indented}",
    "block": "//// note\n{}\n////",
    "details": "//// details | Answer\ntext\n\n{}\n\ntext\n////",
    "block of blocks": "///// note\n//// note\n{}\n////\n/////",
    "division": "<div markdown>\n\n{}\n\n</div>",
    "definition": "term\n:   text\n\n{indented}",
    "footnote": "text[^1]\n\n[^1]: said\n\n{indented}",
    "list in a quotation": "> - item\n>\n{quoted_indented}",
    "after a paragraph": "text\n{}\ntext",
    "after a list": "- item\n\n{}",
    "indented by two": "{by_two}",
}


def nest(around, block):
    def indent(by, text=block):
        return "\n".join(by + line for line in text.split("\n"))

    shapes = {"quoted": indent("> "), "indented": indent("    "), "twice": indent("        ")}
    shapes |= {"tabbed": indent("\t"), "by_two": indent("  "), "quoted_indented": indent(">     ")}
    return around.format(block, **shapes)


@pytest.fixture(scope="module")
def nests(tmp_path_factory, base_site):
    texts = {}
    for number, around in enumerate(NESTINGS.values()):
        for kind, part in BLOCKS.items():
            text = nest(around, f"/// {kind} | {NAME}.{part}\n///")
            after = f"\n\nSee [@{NAME}.area].\n" if kind == "equation" else "\n\nEnd.\n"
            texts[f"{kind}{number}"] = f"# A\n\n{text}{after}"
    for number, (text, _) in enumerate(ORDINARY.values()):
        texts[f"ordinary{number}"] = f"# A\n\n{text}\n\nLast {V}.\n"
    for number, (text, _) in enumerate(INVALID.values()):
        texts[f"invalid{number}"] = text
    return share_pages(tmp_path_factory, base_site, "nests", texts)


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("name", NESTINGS)
def test_nested_block_is_rendered_or_refused(nests, name, kind):
    """A refusal names the line of the block, and says where it can be."""
    page = nests[f"{kind}{list(NESTINGS).index(name)}"]
    if not page.html:
        assert name not in ("plain", "list", "quotation", "tab", "admonition", "block", "details"), page.output
        assert page.problems and "///" in page.output, page.output
        return
    assert page.main.find(id=f"{kind}-grow-{BLOCKS[kind]}"), page.main
    assert "///" not in page.main.get_text()
    if kind == "equation":
        assert page.main.get_text().count("(1)") == 2, page.main
    assert "///" not in page.copy.replace("https://", "").replace("http://", ""), page.copy


def test_numbers_of_equations_follow_the_order_of_the_page(base_site, tmp_path):
    """Number nested equations in order, and ignore blocks in code and comments."""
    site = copy_site(base_site, tmp_path / "site")
    text = (site.root / "snippets/grow.py").read_text()
    (site.root / "snippets/grow.py").unlink()
    equations = "".join(
        f'\n\ndef equation_{name}():\n    r"""A = s^2"""\n    yield {{"A": 4.0, "s": 2.0}}\n' for name in "bcd"
    )
    site.write({"snippets/grow.py": text + equations})
    parts = [
        "# A",
        f"```\n/// equation | {NAME}.nothing\n///\n```",
        f"    /// equation | {NAME}.nothing\n    ///",
        f"<!--\n/// equation | {NAME}.nothing\n///\n-->",
        f"> /// equation | {NAME}.c\n> ///",
        EQUATION,
        f"- item\n\n    /// equation | {NAME}.d\n    ///",
        f"/// equation | {NAME}.b\n///",
        " ".join(f"{name} [@{NAME}.{name}]" for name in ("c", "area", "d", "b")),
    ]
    page = (site.root / "docs/grow.md").read_text().replace(EQUATION, "")
    site.write({"docs/a.md": "\n\n".join(parts) + "\n", "docs/grow.md": page})
    site.check_build()
    assert "c (1) area (2) d (3) b (4)" in site.soup("a/").main.get_text()


# Valid Markdown is accepted.

LONG = "data:image/png;base64," + "A" * 20_000
ORDINARY = {
    "fence in a textarea": ("<textarea>\n```\nx\n</textarea>", "```"),
    "fence in pre": ("<pre>\n```\nx\n</pre>", "```"),
    "fence in a comment": ("<!--\n```\n-->\n\ntext", "text"),
    "tildes in a comment": ("<!-- ~~~ -->\n\ntext", "text"),
    "fence in a script": ("<script>\nlet a = `\n```\n`;\n</script>\n\ntext", "text"),
    "attribute without a value": ("_word_{-b} text", "text"),
    "element with the name of code": ("<code-group>\nso it is\n</code-group>", "so it"),
    "shorter fence inside": ("````\n```\ncode\n````", "```"),
    "other fence inside": ("~~~\n```\ncode\n~~~", "```"),
    "fence with attributes": ('``` { .python title="a.py" }\ncode\n```', "code"),
    "fence in a quotation": ("> ```\n> code\n> ```", "code"),
    "fence in a list": ("- item\n\n    ```\n    code\n    ```", "code"),
    "fence in a list with tabs": ("- item\n\n\t```\n\tcode\n\t```", "code"),
    "fence in a list in a quotation": ("> - item\n>\n>     ```\n>     code\n>     ```", "code"),
    "fence in a tab": ('=== "A"\n\n    ```\n    code\n    ```', "code"),
    "backticks in a line": ("use ``` to begin code", "to begin"),
    "code span of three": ("``` code ``` and more", "code"),
    "indented fence": ("    ```\n    code", "```"),
    "block in code": ("```\n/// nothing | at.all\n```", "/// nothing"),
    "long picture": (f"![dot]({LONG})", ""),
    "long picture in HTML": (f'<img alt="dot" src="{LONG}">', ""),
    "long drawing": ('<svg viewBox="0 0 9 9"><path d="' + "M0 0h9" * 3000 + '"/></svg>', ""),
    "long line of text": ("word " * 2000, "word"),
    "many brackets": ("\\[ " * 3 + "[ " * 30, "[ ["),
    "slashes": ("and/or // not /// and more", "///"),
    "slashes alone": ("a\n\n////\n\nb", "b"),
    "rule": ("---\n\n***", ""),
    "entities": ("&lt;div&gt; &amp; &#36;", "<div> & $"),
    "emoji and scripts": ("数学 математика 🎉 x\u0302", "数学 математика 🎉"),
    "non-breaking space": ("a\u00a0b\u202f5", "b"),
    "soft hyphen": ("zig\u00adzag", "zig"),
}
ORDINARY["source on another page"] = (f"/// source | {NAME}\n///", "To take along")
INVALID = {
    "fence without an end": ("# A\n\ntext\n\n```\nx\n\n" + V + "\n", 5),
    "fence without an end in a list": ("# A\n\n- item\n\n    ```\n    x\n\ntext\n", 5),
    "fence with a longer end": ("# A\n\n```\ncode\n`````\n", 3),
    "tildes without an end": ("# A\n\n~~~\nx\n", 3),
    "block without an end": (f"# A\n\ntext\n\n/// equation | {NAME}.area\n\ntext\n", 5),
    "block without an end in a list": (f"# A\n\n- item\n\n    /// equation | {NAME}.area\n\n- other\n", 5),
    "block that is unknown": ("# A\n\n/// nonsense | a.b\n///\n", 3),
    "block that is unknown in a quotation": ("# A\n\n> /// nonsense | a.b\n> ///\n", 3),
    "snippet that is unknown in a tab": ('# A\n\n=== "T"\n\n    /// figure | nothing.here\n    ///\n', 5),
    "tag without an end, after one with it": ("# A\n\n<div>a</div>\n\n<div>b\n\ntext\n", 5),
    "tag that closes nothing, after one that does": ("# A\n\n<b>a</b>\n\nb</b>\n", 5),
    "tag without an end, after code that shows it": ("# A\n\n`<b>` is\n\n<b>a\n", 5),
    "tag of a type": ("# A\n\ntext\n\na Vec<T> here\n", 5),
    "end of no block": (f"# A\n\n/// claim | {NAME}.area\n///\n///\n", 5),
    "value after code that shows it": ("# A\n\n`{{ grow.nothing }}` is\n\n{{ grow.nothing }}\n", 5),
    "value after a comment that shows it": ("# A\n\n<!-- {{ grow.no }} -->\n\n{{ grow.no }}\n", 5),
    "braces that are escaped": ("# A\n\ntext\n\n\\{\\{ grow.no \\}\\}\n", 5),
    "head with braces": ("---\ntitle: {{ grow.area }}\n---\n\n# A\n\ntext\n", 2),
    "head with a tab": ("---\ntitle: A\ntags:\tb: c\n---\n\n# A\n\ntext\n", 3),
    "head with a date that is none": ("---\ndate: 2024-13-45\n---\n\n# A\n\ntext\n", 1),
    "head that holds itself": ("---\na: &a {b: *a}\n---\n\n# A\n\ntext\n", 1),
    "head without an end": ("---\ntitle: A\n\n# A\n\ntext\n", 1),
    "words in an equation": (f"# A\n\n/// equation | {NAME}.area\njust words\n///\n", 3),
    "name of a block in its options": (f"# A\n\n/// figure | {NAME}.growth\n    attrs: {{id: x}}\n\nText.\n///\n", 3),
    "twice": (f"# A\n\n{EQUATION}\n\n- item\n\n    /// equation | {NAME}.area\n    ///\n", 8),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_valid_markdown_is_built(nests, name):
    page = nests[f"ordinary{list(ORDINARY).index(name)}"]
    if name == "long line of text" and page.problems:  # refused, since Markdown would take long
        assert page.problems[0][0] == 3
        return
    text = page.main.get_text()
    assert ORDINARY[name][1] in text and "Last 9.0." in text, page.main


@pytest.mark.parametrize("name", INVALID)
def test_invalid_markup_is_refused_with_its_line(nests, name):
    page = nests[f"invalid{list(INVALID).index(name)}"]
    assert not page.html, page.main
    assert INVALID[name][1] in {line for line, _ in page.problems}, page.output


# Names.

PAGES = [
    "q&a", "it’s", "it's", "c#", "50%", "a[1]", "a (1)", "a,b", "a;b", "a=b", "wow!", "a$b", "a+b", "a@b", "~a", "a b",
    "日本語", "straße", "Математика", "e\u0301té", "100% & more", "a:b", "a'b'c", "{x}", "x^2", "`a`", "a|b", "a*b",
    "%41", "a%20b", "a..b", "-a", "🎉", "a\u00a0b", "a\u202fb", "a\u2019b",
]  # fmt: skip
PICTURES = [
    "Screenshot 2024-05-01 at 3.15.02\u202fPM.png",
    "a&b.svg",
    "50%.png",
    "a[1].png",
    "it’s.png",
    "a#b.png",
    "ü.svg",
]
OTHERS = ["a?b.txt", 'a"b.txt', "a<b.txt", "a\\b.txt", "x.tar.gz", ".hidden", "no suffix", "data#1.csv", "UPPER.MD.txt"]


@pytest.fixture(scope="module")
def names(tmp_path_factory, base_site):
    """A site whose files have all these names, built with and without our plugin."""

    def make(folder):
        results = {}
        texts = {f"docs/{name}.md": f"# Page\n\nArea {V}.\n" for name in PAGES}
        texts |= {f"docs/img/{name}": "x" for name in [*PICTURES, *OTHERS]}
        texts |= {f"docs/{name}/index.md": f"# Folder\n\n{V}\n" for name in ("q&a folder", "50% folder", "数学")}
        links = [f"- [page]({quote(f'{name}.md')})" for name in PAGES]
        links += [f"- ![picture]({quote(f'img/{name}')})" for name in PICTURES]
        links += [f"- [angles](<{name}.md>)" for name in PAGES if "%" not in name and "#" not in name]
        texts["docs/links.md"] = "# Links\n\n" + "\n".join(links) + "\n"
        for kind, plugins in (("ours", CONFIG["plugins"]), ("alone", [])):
            site = copy_site(base_site, folder / kind).configure(plugins=plugins)
            shutil.rmtree(site.root / "site")
            site.write(texts)
            if not plugins:
                site.write({name: "# Page\n" for name in texts if name.endswith(".md") and "links" not in name})
                site.write({"docs/grow.md": "# Grow\n"})
            result = site.attempt("mkdocs", "build")
            results[kind] = sorted(site.files()) if result.returncode == 0 else []
            results[f"{kind} output"] = result.stdout
            results[f"{kind} links"] = sorted(
                link.get("href") or link.get("src") or ""
                for link in (site.soup("links/").main.find_all(["a", "img"]) if results[kind] else [])
            )
        return results

    return share_folder(tmp_path_factory, "names", make)[1]


@pytest.mark.parametrize("name", PAGES)
def test_page_of_any_name_is_where_mkdocs_puts_it(names, name):
    paths = [path for path in names["alone"] if path.startswith(f"{name}/")]
    assert paths == [f"{name}/index.html"], "MkDocs alone must publish it"
    assert paths[0] in names["ours"], names["ours output"]


@pytest.mark.parametrize("name", [*PICTURES, *OTHERS])
def test_file_of_any_name_is_copied_as_by_mkdocs(names, name):
    assert (f"img/{name}" in names["alone"]) == (f"img/{name}" in names["ours"]), names["ours output"]


def test_links_are_those_of_mkdocs(names):
    assert names["ours links"] == names["alone links"]
    assert names["ours output"].count("WARNING") == names["alone output"].count("WARNING"), names["ours output"]


def test_ledger_links_to_pages_of_any_name(base_site, tmp_path):
    site = copy_site(base_site, tmp_path / "site")
    page = (site.root / "docs/grow.md").read_text()
    (site.root / "docs/grow.md").unlink()
    for name in ("q&a", "50%", "c#", "a b", "数学"):
        site.write({f"docs/{name}.md": page})
    site.check_build()
    for html in sorted(site.files()):
        if html.endswith(".html") and html != "404.html":
            for link in site.soup(html).find_all("a", href=True):
                parts = urlsplit(link["href"])
                if parts.scheme or parts.netloc:
                    continue
                target = (site.root / "site" / html).parent / unquote(parts.path)
                target = target / "index.html" if target.is_dir() else target
                assert target.is_file(), (html, link["href"])
    assert site.run("evidence", "check").returncode == 0


def test_linked_folder_is_followed_inside_and_refused_or_followed_outside(site, tmp_path):
    site.write({"shared/pics/b.svg": "<svg/>", "shared/pics/c.md": "# C\n\ntext\n"})
    (site.root / "docs/pics").symlink_to("../shared/pics")
    site.write({"docs/a.md": "# A\n\n![b](pics/b.svg) [c](pics/c.md)\n"})
    site.check_build()
    assert {"pics/b.svg", "pics/c/index.html"} <= site.files()
    (tmp_path / "far").mkdir()
    (tmp_path / "far/d.svg").write_text("<svg/>")
    (site.root / "docs/far").symlink_to(tmp_path / "far")
    result = site.build()
    assert (result.returncode == 0 and "far/d.svg" in site.files()) or "docs/far" in result.stdout


@pytest.mark.parametrize("kind", ["dangling", "circle", "pipe"])
def test_dangling_link_or_pipe_is_ignored_or_refused(site, kind):
    path = site.root / "docs/odd.md"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("odd.md" if kind == "circle" else "nothing.md")
    result = site.build()
    assert result.returncode == 0 or "docs/odd.md:1:" in result.stdout, result.stdout
