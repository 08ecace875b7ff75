"""Mathematics: formulas are rendered wherever Markdown is; delimiters that are left over are refused with a line."""

import re

import pytest
from bs4 import BeautifulSoup, Comment

from evidence.mathematics import Formulas, describe_formula
from world.sites import copy_site, share_pages

ONE = r"a_1^* + \{b_2\} < c_{*}\,d"  # Markdown would interpret its underscores, stars, braces and <
MANY = "\\begin{aligned}\na_1 &= b^*_1 \\\\\nc_2 &< d^*_2\n\\end{aligned}"
LINES, LINES_MANY, BRACKETS = f"$$\n{ONE}\n$$", f"$$\n{MANY}\n$$", f"\\[\n{MANY}\n\\]"
ITEM, SAID, TAB = "- item\n\n", "said\n\n", '"Tab"'
FLAT = MANY.replace("\n", " ")
DELIMITER = re.compile(r"\$\$|\\[\[\]()]|\\(?:begin|end)\b|\\[a-zA-Z]{2,}")


def indent(text, by="    "):
    return "\n".join(by + line for line in text.split("\n"))


DISPLAYS = {  # one display formula each, after the word “before”
    "own lines": f"before\n\n$$\n{ONE}\n$$\n",
    "own lines many": f"before\n\n$$\n{MANY}\n$$\n",
    "white space": f"before\n\n$$ {ONE} $$\n",
    "white space at the end": f"before\n\n$$  \n{ONE}  \n$$   \n",
    "first on the line": f"before\n\n$$ {ONE}\n$$\n",
    "last on the line": f"before\n\n$$\n{ONE} $$\n",
    "begin on the line": f"before\n\n$$ {MANY} $$\n",
    "tight begin": f"before\n\n$${MANY}$$\n",
    "inside a paragraph": f"before\n$$\n{ONE}\n$$\nafter\n",
    "inside a paragraph many": f"before:\n$$\n{MANY}\n$$\nwhere x is.\n",
    "in a line": f"before $$ {ONE} $$ after\n",
    "followed by a stop": f"before\n\n$$\n{ONE}\n$$.\n",
    "indented by two": f"before\n\n  $$\n  {ONE}\n  $$\n",
    "list": f"before\n\n- item\n\n{indent(LINES)}\n\n- other\n",
    "list many": f"before\n\n- item\n\n{indent(LINES_MANY)}\n",
    "tight list": f"before\n\n- item\n{indent(LINES)}\n- other\n",
    "list as on forges": f"before\n\n- item\n  $$\n  {ONE}\n  $$\n- other\n",
    "first in a list": f"before\n\n- $$ {ONE} $$\n- other\n",
    "numbered list": f"before\n\n1. item\n\n{indent(LINES_MANY)}\n\n2. other\n",
    "list with tabs": f"before\n\n- item\n\n{indent(LINES, chr(9))}\n",
    "nested list": f"before\n\n- item\n    - inner\n\n{indent(LINES_MANY, 8 * ' ')}\n",
    "quotation": f"before\n\n{indent(LINES, '> ')}\n",
    "quotation many": f"before\n\n{indent(SAID + LINES_MANY, '> ')}\n",
    "lazy quotation": f"before\n\n> said\n$$\n{ONE}\n$$\n",
    "list in a quotation": f"before\n\n{indent(ITEM + indent(LINES), '> ')}\n",
    "table": f"before\n\n| a | b |\n| - | - |\n| $$ {ONE} $$ | x |\n",
    "tab": f"before\n\n=== {TAB}\n\n{indent(LINES_MANY)}\n",
    "admonition": f"before\n\n!!! note\n\n{indent(LINES_MANY)}\n",
    "tight admonition": f"before\n\n!!! note\n{indent(LINES)}\n",
    "block": f"before\n\n/// note\n$$\n{ONE}\n$$\n///\n",
    "block many": f"before\n\n/// details | Answer\nSo\n\n$$\n{MANY}\n$$\n///\n",
    "folded": f"before\n\n??? note\n\n{indent(LINES)}\n",
    "footnote": f"before[^1]\n\n[^1]: said\n\n{indent(LINES)}\n",
    "definition": f"before\n\nterm\n:   $$\n    {ONE}\n    $$\n",
    "division": f"before\n\n<div markdown>\n\n$$\n{ONE}\n$$\n\n</div>\n",
    "tight division": f'before\n\n<div markdown="1">\n$$\n{MANY}\n$$\n</div>\n',
    "brackets": f"before\n\n\\[\n{ONE}\n\\]\n",
    "brackets many": f"before\n\n\\[\n{MANY}\n\\]\n",
    "brackets in a line": f"before\n\n\\[ {ONE} \\]\n",
    "tight brackets": f"before\n\n\\[{ONE}\\]\n",
    "brackets inside a paragraph": f"before\n\\[\n{ONE}\n\\]\nafter\n",
    "brackets in a list": f"before\n\n- item\n\n{indent(BRACKETS)}\n",
    "brackets in a quotation": f"before\n\n> \\[ {ONE} \\]\n",
    "numbered list as on forges": f"before\n\n1. item\n   $$\n   {ONE}\n   $$\n2. other\n",
    "first in a list on lines": f"before\n\n- $$\n  {ONE}\n  $$\n- other\n",
    "numbered list in a quotation": f"before\n\n> 1. item\n>    $$\n>    {ONE}\n>    $$\n> 2. other\n",
    "brackets in a list as on forges": f"before\n\n1. item\n   \\[\n   {ONE}\n   \\]\n2. other\n",
    "with attributes": f"before\n\n$$\n{ONE}\n$$\n{{: .wide }}\n\nafter\n",
    "fence": f"before\n\n```math\n{ONE}\n```\n",
    "fence in braces": f"before\n\n```{{math}}\n:label: one\n{ONE}\n```\n",
    "fence many": f"before\n\n~~~ math\n{MANY}\n~~~\n",
    "fence in a list": f"before\n\n- item\n\n{indent('```math' + chr(10) + ONE + chr(10) + '```')}\n",
    "fence in a quotation": f"before\n\n> ```math\n> {ONE}\n> ```\n",
    "comment": f"before\n\n$$\n% why\n{ONE} % since\n$$\n",
    "comments in lines": "before\n\n$$\n" + MANY.replace("\n", " % so\n") + "\n$$\n",
    "comments in a quotation": "before\n\n" + indent(LINES_MANY.replace("\n", " % so\n"), "> ") + "\n",
    "comments in brackets": "before\n\n\\[\n% why\n" + ONE + "\n\\]\n",
}
ENVIRONMENTS = {
    "align": "a_1 &= b^*_1 \\\\\nc_2 &< d^*_2",
    "align*": "a_1 &= b^*_1 \\\\\nc_2 &< d^*_2",
    "equation": "a_1 = b^*_1",
    "equation*": "a_1 = b^*_1",
    "gather": "a_1 = b^*_1 \\\\\nc_2 < d^*_2",
    "eqnarray": "a_1 &=& b^*_1",
    "multline": "a_1 + b^*_1 \\\\\n+ c_2",
    "aligned": "a_1 &= b^*_1 \\\\\nc_2 &< d^*_2",
    "gathered": "a_1 = b^*_1 \\\\ % so\nc_2 < d^*_2",
}
BARE = {
    f"{name} {place}": "before\n\n" + around(f"\\begin{{{name}}}\n{body}\n\\end{{{name}}}") + "\n"
    for name, body in ENVIRONMENTS.items()
    for place, around in {
        "bare": lambda text: text,
        "in dollars": lambda text: f"$${text}$$",
        "in dollars on lines": lambda text: f"$$\n{text}\n$$",
        "in a list": lambda text: f"- item\n\n{indent(text)}",
    }.items()
}
INLINE = {
    "parentheses": rf"before \({ONE}\) after",
    "spaced parentheses": rf"before \( {ONE} \) after",
    "over a line’s end": "before $a_1^* +\n\\{b_2\\} < c_{*}\\,d$ after",
    "parentheses over a line’s end": "before \\(a_1^* +\n\\{b_2\\} < c_{*}\\,d\\) after",
    "emphasis": f"before **strong ${ONE}$ here** after",
    "link": f"before [the ${ONE}$ law](grow.md) after",
    "beside emphasis": f"before *x* ${ONE}$ *y* after_",
    "item": f"before\n\n- ${ONE}$\n- other",
    "with ticks": f"before $`{ONE}`$ after",
    "with ticks in a cell": f"before\n\n| a | b |\n| - | - |\n| $`{ONE}`$ | x |",
    "cell": f"before\n\n| a | b |\n| - | - |\n| ${ONE}$ | x |",
    "footnote text": f"before[^1]\n\n[^1]: so ${ONE}$ there",
    "summary": f"before\n\n/// details | The ${ONE}$ law\nx\n///",
    "admonition title": f'before\n\n!!! note "The ${ONE}$ law"\n\n    x',
    "tab title": f'before\n\n=== "The ${ONE}$ law"\n\n    x',
    "term": f"before\n\nThe ${ONE}$ law\n:   a law",
    "punctuation": f"before (${ONE}$), after",
    "sign between numbers": f"before ${ONE}$, 10$\\times$5 and 3$\\pm$1 after",
    "hyphen": f"before ${ONE}$-law",
    "caption": "before\n\n/// figure | grow.growth\nThe $" + ONE + "$ law.\n///",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, base_site):
    texts = {"reference": f"# R\n\nbefore\n\n$${ONE}$$\n\n$${FLAT}$$\n\n${ONE}$\n"}
    for kind, texts_of_kind in (("display", DISPLAYS), ("bare", BARE), ("inline", INLINE), ("text", TEXT)):
        for number, text in enumerate(texts_of_kind.values()):
            texts[f"{kind}{number}"] = f"# A page\n\n{text}\n"
    for kind, texts_of_kind in (
        ("attribute", ATTRIBUTES),
        ("odd", {name: text for name, (text, _) in BARS_AND_BRACES.items()}),
    ):
        for number, text in enumerate(texts_of_kind.values()):
            texts[f"{kind}{number}"] = f"# A page\n\n{text}\n"
    for number, text in enumerate(HEADS.values()):
        texts[f"head{number}"] = text
    for number, (text, _) in enumerate(LEFT_OVER.values()):
        texts[f"left{number}"] = text
    return share_pages(tmp_path_factory, base_site, "mathematics", texts)


def find_page(pages, kind, texts, name):
    return pages[f"{kind}{list(texts).index(name)}"]


def describe_shape(formula):
    """Return the names of a formula's elements and their text, without styles."""
    return [part.name for part in formula.find_all(True)], re.sub(r"\s", "", formula.get_text())


def extract_text(part):
    """Return the text of a part of a page, without formulas and code."""
    part = BeautifulSoup(str(part), "html.parser")
    for element in part.find_all(["math", "code", "pre", "script", "style", "textarea"]):
        element.decompose()
    for comment in part.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    return part.get_text()


def find_own_link(page):
    """Return the link to a page in its own navigation."""
    return page.soup.nav.find("a", href="./")


def is_clean(page):
    """Check that text and navigation of a page have no LaTeX and none of Markdown’s placeholders; return True."""
    for part in (page.main, find_own_link(page), page.soup.aside, page.soup.title):
        text = extract_text(part)
        assert not DELIMITER.search(text), text
        assert not re.search("[\x02\x03\ue000-\uf8ff]|wzxhzdk|klzzwxh", str(part)), str(part)
    return True


@pytest.mark.parametrize("name", DISPLAYS)
def test_display_formula_is_rendered_as_a_block(pages, name):
    page, reference = find_page(pages, "display", DISPLAYS, name), pages["reference"].main.find_all("math")
    (formula,) = page.main.find_all("math")
    assert describe_shape(formula) in [describe_shape(reference[0]), describe_shape(reference[1])]
    assert formula.get("display") == "block"
    assert is_clean(page) and "before" in extract_text(page.main)
    assert "{:" not in page.main.get_text() and len(page.main.find_all("ol")) <= 1, page.main
    assert not page.main.find_all(["em", "code"]), page.main


@pytest.mark.parametrize("name", BARE)
def test_environment_is_a_display_formula_without_numbers(pages, name):
    page = find_page(pages, "bare", BARE, name)
    (formula,) = page.main.find_all("math")
    assert is_clean(page)
    text = re.sub(r"\s", "", formula.get_text())
    assert text.startswith("a1") and "(1)" not in text and "(2)" not in text, text
    assert formula.get("display") == "block"


@pytest.mark.parametrize("name", INLINE)
def test_inline_formula_is_rendered(pages, name):
    page, reference = find_page(pages, "inline", INLINE, name), pages["reference"].main.find_all("math")[2]
    assert describe_shape(page.main.find("math")) == describe_shape(reference), page.main
    assert is_clean(page)


# Dollars and backslashes that are no mathematics stay text.

TEXT = {
    "prices": "$20/user (e.g., 7 users = $1680)",
    "a range": "$5.50/h–$6.10/h",
    "in brackets": '5$, 10$; $5; 5 USD ($); "$"; \'$\'; $?; "$x".',
    "behind numbers": "It costs 5 $ = 4 € and 6 $, US$ 5 + 3 $, 7 $ and 8 $.",
    "fence in a fence": "````\n```math\nx^2\n```\n````",
    "currencies": "US$5, A$7 and $10",
    "thousands": "between $1,000 and $2,000, and $3.",
    "variables": "$HOME and $PATH, ${USER}",
    "escaped": r"\$5 and \$6_x_",
    "strong": "**$5** or **$6**",
    "cells": "| a | b |\n| - | - |\n| $5 | $6 |",
    "tight cells": "|a|b|\n|-|-|\n|$5|$6|",
    "cells with words": "| from | to |\n| - | - |\n| $5 a month | $60 a year |",
    "a dollar": "a $ sign, and another $ sign",
    "a million": "$5M, then $6M",
    "in parentheses": "(from $5) to (at most $6)",
    "a query": "`$a` is $a in PHP",
    "code": "`$x^2$`, ``\\[ x \\]`` and `\\begin{align}`",
    "fence": "```latex\n$$\nx\n$$\n\\begin{align} x \\end{align}\n```",
    "indented code": "    $$ x $$\n    \\[ y",
    "fence in a list": "- item\n\n    ```\n    $$ x\n    ```",
    "pre": "<pre>\n$$ x $$\n</pre>",
    "textarea": "<textarea>\n$$ x $$\n</textarea>",
    "comment": "a <!-- $$ x, \\[ y --> b\n\n<!-- $$ -->",
    "script": "<script>\nlet a = '$$', b = `${x}`;\n</script>",
    "brackets that are escaped": "[not] a (link)",
    "windows": r"C:\temp and a \ b",
    "path of commands": r"C:\Users\alpha\text, D:\beta and \\server\share",
    "escaped pair": r"\$a and b\$, \$x_1\$",
    "numbers of notes": r"\[1\] and \[2\]",
    "somebody": "Thanks to [@somebody](https://example.org) and [@others][o], a@b.\n\n[o]: https://example.org",
    "short commands": r"a \d and \w+ and \n",
    "address": "<https://example.org/?a=$b$&c=$d$>",
}


@pytest.mark.parametrize("name", TEXT)
def test_text_with_dollars_is_no_formula(pages, name):
    page = find_page(pages, "text", TEXT, name)
    assert page.main.find_all("math") == []
    for word in re.findall(r"\$[\w{.,]+", TEXT[name]):
        assert word in page.main.get_text() or "script" in name or "comment" in name, page.main
    if "cells" in name:
        assert len(page.main.find_all("td")) == 2


# Delimiters that are left over are refused.

LEFT_OVER = {
    "no end": ("# A\n\ntext\n\n$$\nx = y\n\nmore\n", 5),
    "no end in a line": ("# A\n\ntext $$ x = y\n\nmore\n", 3),
    "no beginning": ("# A\n\ntext\n\nx = y\n$$\n", 6),
    "three": ("# A\n\n$$ x $$\n\nand $$ y\n", 5),
    "blank line inside": ("# A\n\n$$\nx\n\n= y\n", 3),
    "bracket without an end": ("# A\n\ntext\n\n\\[ x = y\n", 5),
    "bracket without a beginning": ("# A\n\ntext\nx = y \\]\n", 4),
    "parenthesis without an end": ("# A\n\ntext \\(x = y\n", 3),
    "environment without an end": ("# A\n\n\n\\begin{align}\nx = y\n\nmore\n", 4),
    "environment without a beginning": ("# A\n\ntext\n\\end{align}\n", 4),
    "environments of two names": ("# A\n\n\\begin{align}\nx\n\\end{equation}\n", 3),
    "one dollar before a command": ("# A\n\nThe rate $\\alpha is small.\n", 3),
    "in a list": ("# A\n\n- one\n- two $$ x\n", 4),
    "in a quotation": ("# A\n\n> one\n> $$ x\n", 4),
    "in a table": ("# A\n\n| a | b |\n| - | - |\n| $$ x | y |\n", 5),
    "after a head": ("---\ntitle: A\ndescription: B\n---\n\n# A\n\n$$ x\n", 8),
    "after a formula that is right": ("# A\n\n$$\nx\n$$\n\n$x$\n\n$$ y\n", 9),
    "after code that shows one": ("# A\n\n```\n$$ y\n```\n\n$$ y\n", 7),
    "with CRLF": ("# A\r\n\r\ntext\r\n\r\n$$ x\r\n", 5),
    "in raw HTML": ("# A\n\n<div>\n$$ x $$\n</div>\n", 4),
    "an unknown environment": ("# A\n\n\\begin{nonsense}\nx\n\\end{nonsense}\n", 3),
    "an unknown command": ("# A\n\n$$\n\\nonsense x\n$$\n", 3),
    "an unknown command in a list": ("# A\n\n- one\n\n    $$\n    \\nonsense x\n    $$\n", 5),
    "an unknown command inline": ("# A\n\ntext and $\\nonsense x$\n", 3),
    "after the same that is right": ("# A\n\n$$ x $$\n\ntext\n\n$$ x\n", 7),
    "after a code span that shows it": ("# A\n\n`$\\nonsense x$` is\n\n$\\nonsense x$\n", 5),
    "after a text area that shows it": ("# A\n\n<textarea>\n$$ x\n</textarea>\n\ntext\n\n$$ x\n", 9),
    "after a formula with the same command": ("# A\n\nThe $\\alpha$ law.\n\nSo \\alpha is\n", 5),
    "an unknown command in a quotation": ("# A\n\n> so\n> $\\nonsense x\n> + y$\n", 4),
    "an unknown command in a display in a quotation": ("# A\n\n> $$\n> \\nonsense x\n> + y\n> $$\n", 4),
    "dollars in raw HTML": ("# A\n\nthe $x$\n\n<div>so $x$ there</div>\n", 5),
    "dollars in a table of HTML": ("# A\n\n<table><tr>\n<td>a</td>\n<td>$a+b$</td>\n</tr></table>\n", 5),
    "dollars in a summary": ("# A\n\n<details>\n<summary>The $n$ law</summary>\n</details>\n", 4),
    "parentheses in raw HTML": ("# A\n\n<p>\nso \\(x\\)\n</p>\n", 4),
    "brackets in raw HTML": ("# A\n\n<p>\n\\[x+1\\]\n</p>\n", 4),
    "brackets that are escaped": ("# A\n\nso \\\\[y\\\\] is\n", 3),
    "a command in the text": ("# A\n\ntext\nso \\Gamma is\n", 4),
    "a command with an argument": ("# A\n\nsome \\textbf{bold} word\n", 3),
    "a command that nothing knows": ("# A\n\nas \\cite{knuth} says\n", 3),
    "a reference": ("# A\n\ntext\n\nsee \\eqref{eq:one}\n", 5),
    "a letter before a sign": ("# A\n\nso $x = 1 is\n\nand $y$\n", 3),
    "a letter in parentheses before a sign": ("# A\n\nso ($n > 3) and $y$\n", 3),
    "spaces at both ends": ("# A\n\nso $ x + y $ is\n", 3),
    "spaces around a letter": ("# A\n\ntext\n\nso $ n $ is\n", 5),
    "a price and a currency": ("# A\n\nfor $1,000 per month (US$ 20)\n", 3),
    "a price and a second one behind its number": ("# A\n\nfor $10, or **35$**\n", 3),
    "a definition in the text": ("# A\n\n\\newcommand{\\R}{\\mathbb{R}}\n\n$\\R$\n", 3),
    "an escape of YAML in a head": ('---\ntags: [a]\ntitle: "The $\\beta$ law"\n---\n\n# A\n\ntext\n', 3),
    "no escape of YAML in a head": ('---\ntitle: "The $\\lambda$ law"\n---\n\n# A\n\ntext\n', 2),
    "a space inside": ("# A\n\nso $ x_1$ is\n", 3),
    "in a head": ("---\ntitle: A $\\alpha law\n---\n\n# A\n", 2),
    "in a description": ("---\ntitle: A\ndescription: 'the $$x law'\n---\n\n# A\n\ntext\n", 3),
    "after indented code that shows it": ("# A\n\n    $$ y\n\ntext\n\n$$ y\n", 7),
    "a command after indented code": ("# A\n\n    $\\nonsense$\n\nso $\\nonsense$\n", 5),
    "a tag after indented code": ("# A\n\n    <b>\n\nso <b>\n", 5),
    "a command in a title": ('# A\n\ntext\n\n<i title="so \\frac{1}{2}">y</i>\n', 5),
    "a comment in a formula": ("# A\n\ntext\n\nso $50%$\n", 5),
    "several works": ("# A\n\ntext\n\nas [@one2020; @two2021] say\n", 5),
    "a work without its author": ("# A\n\ntext\n\nas they say [-@one2020]\n", 5),
    "a page of a work": ("# A\n\ntext\n\nsee [@one2020, p. 3]\n", 5),
    "in a list, and in no code": ("# A\n\n- item\n\n    so $\\nonsense$\n", 5),
}


@pytest.mark.parametrize("name", LEFT_OVER)
def test_delimiter_or_command_that_is_left_over_is_refused_with_its_line(pages, name):
    page, (_, line) = find_page(pages, "left", LEFT_OVER, name), LEFT_OVER[name]
    assert not page.html, page.main
    assert {lines for lines, _ in page.problems} <= {line, line + 1}, (
        page.problems
    )  # of the delimiter, or what is in it
    assert page.problems, page.output


# Attributes, headings and titles.

ATTRIBUTES = {
    "alternative": "![The density $p_1(x)$](a.svg)",
    "alternative with a display": "![The density $$p_1(x)$$](a.svg)",
    "alternative with parentheses": r"![The density \(p_1(x)\)](a.svg)",
    "alternative that breaks HTML": '![The density $p_1(x) < "1"$](a.svg)',
    "title": '![The density](a.svg "so $p_1(x)$ is")',
    "by reference": '![The density $p_1(x)$][one]\n\n[one]: a.svg "so $p_1(x)$ is"',
    "in a link": "[![The density $p_1(x)$](a.svg)](grow.md)",
    "title of a link": '[The density](grow.md "so $p_1(x)$ is")',
    "alternative in a table": "| a | b |\n| - | - |\n| ![The density $p_1(x)$](a.svg) | c |",
    "attributes": '![The density](a.svg){ title="so $p_1(x)$ is" }',
    "raw": '<img alt="The density $p_1(x)$" src="https://example.org/a.svg">',
    "abbreviation": "The density here.\n\n*[density]: the $p_1(x)$",
    "address": "[The density](https://example.org/?a=$b$&c=$d$)",
    "automatic address": "The density <https://example.org/?a=$b$&c=$d$>",
    "alternative with a command": "![The density $\\alpha$](a.svg)",
    "raw title": '<abbr title="The $p_1(x)$, \\(y\\)">density</abbr>',
    "alternative with a bound": "![The density $|x|$ and $\\alpha$](a.svg)",
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_formula_in_an_attribute_is_plain_text(pages, name):
    page = find_page(pages, "attribute", ATTRIBUTES, name)
    assert "density" in str(page.main)
    for element in page.main.find_all(["img", "abbr", "a"]):
        for attribute, text in element.attrs.items():
            assert "<" not in text or "p_1" in text or attribute == "alt", element
            assert not re.search("<math|<span|[\x02\x03]|wzxhzdk", str(text)), element
            assert attribute == "href" or "$" not in text, element
    pictures = page.main.find_all("img")
    assert len(pictures) == ATTRIBUTES[name].count("a.svg")
    for picture in pictures:
        assert picture["src"].endswith("a.svg") and picture["alt"].startswith("The density"), picture
        assert '=""' not in str(picture), picture  # what a quotation mark inside an attribute leaves
    if "address" in name:
        links = [link for link in page.main.find_all("a") if "example" in link.get("href", "")]
        assert [link["href"] for link in links] == ["https://example.org/?a=$b$&c=$d$"]
    assert "src=" not in page.main.get_text() and page.main.find_all("math") == []
    assert "command" not in name or "\\alpha" not in str(page.main), page.main


HEADS = {
    "heading": "# A\n\n## The $x_1^2$ law\n\ntext\n",
    "first heading": "# The $x_1^2$ law\n\ntext\n",
    "first heading in parentheses": "# The \\(x_1^2\\) law\n\ntext\n",
    "underlined heading": "The $x_1^2$ law\n===============\n\ntext\n",
    "command": "# The $\\alpha$ law\n\n## The $\\frac{\\alpha}{2}$ law\n\ntext\n",
    "comparison": "# The $a<b$ law\n\n## The $a < b$ & $c > d$ laws\n\ntext\n",
    "display": "# A\n\n## The $$x_1^2$$ law\n\ntext\n",
    "value": "# The $A = {{ grow.area | digits(1) }}$ law\n\ntext\n",
    "head": "---\ntitle: The $x_1^2$ law\n---\n\n# A\n\ntext\n",
    "head with a command": "---\ntitle: The $\\alpha$ law\n---\n\n# A\n\ntext\n",
    "head in parentheses": "---\ntitle: 'The \\(\\frac{a}{b}\\) law'\n---\n\n# A\n\ntext\n",
    "head with a display": "---\ntitle: 'The $$\\alpha_1$$ law'\n---\n\n# A\n\ntext\n",
    "head and description": "---\ntitle: B\ndescription: The $x_1^2$ law\n---\n\n# A\n\ntext\n",
}


@pytest.mark.parametrize("name", HEADS)
def test_formula_in_a_heading_is_plain_text_in_titles_and_anchors(pages, name):
    page = find_page(pages, "head", HEADS, name)
    assert is_clean(page) and " law" in page.html
    head = str(page.soup.head)
    assert "<math" not in head and "</span" not in head and "&lt;math" not in head, head
    for text in (head, str(page.soup.aside), str(find_own_link(page))):
        assert "$" not in text and "\\" not in text, text
    for heading in page.main.find_all(["h1", "h2"]):
        assert re.fullmatch(r"[\w-]+", heading["id"]) and "math" not in heading["id"], heading
    assert len(page.main.find_all("math")) == sum(
        len(re.findall(r"\$\$?[^$]+\$\$?|\\\(", line))
        for line in HEADS[name].split("\n")
        if "law" in line and not line.startswith(("title", "description"))
    )


def test_formula_is_unicode_text_where_no_markup_can_be(base_site, tmp_path):
    """Replace commands by characters in titles, descriptions and alternative texts, and expand the site’s macros."""
    site = copy_site(base_site, tmp_path / "site")
    head = "---\ntitle: The $\\E[x_1^2]$ law\ndescription: 'at \\(\\frac{a+b}{2}\\)'\n---\n\n"
    text = "# A\n\n## The $\\hat\\theta \\le \\sqrt{2}$ law\n\n![rate $\\log \\alpha \\le \\frac{1}{2}$](a.svg)\n"
    site.configure(plugins=[{"evidence": {"macros": {"E": r"\mathbb{E}"}}}]).write({"docs/a.md": head + text})
    site.check_build()
    page = site.soup("a/")
    assert page.title.string == "The 𝔼[x_1^2] law - World"
    assert page.find("meta", attrs={"name": "description"})["content"] == "at (a+b)/2"
    assert page.main.img["alt"] == "rate log α≤1/2" and "The θˆ≤√2 law" in page.aside.get_text()


# A long display formula can break over lines.

BREAKS = {
    r"a_1 + b_1 + c_1 = \frac{d_1 + e_1}{f_1 + g_1} \le h_1": "a_1+b_1 |+c_1 |=(d_1+e_1)/(f_1+g_1) |≤h_1",
    r"P[x_1 = y_1 + z_1] + p_2 < q_3 + r_4,\quad s_5 = 6": "P[x_1=y_1+z_1] |+p_2 |<q_3 |+r_4, | |s_5 |=6",
    r"a_1 + b_1 = -c_1 - (d_1 - e_1) - f_1 \cdot g_1": "a_1+b_1 |=−c_1 |−(d_1−e_1) |−f_1 |⋅g_1",
    r"x = y \qquad\Longrightarrow\qquad z_1 = x_2 + y_2 = p_1 + q_{1234}": "x |=y | |⟹z_1 |=x_2 |+y_2 |=p_1 |+q_(1234)",
    r"\left(a_1 + b_1 = c_1 + d_1 = e_1 + f_1 + g_1 + h_1\right)": None,
    r"\begin{aligned} a_1 &= b_1 + c_1 + d_1 \\ e_1 &= f_1 + g_1 + h_1 \end{aligned}": None,
    r"a_1 + b_1 = c_1": None,  # it is short
}


@pytest.mark.parametrize("latex", BREAKS)
def test_long_formula_breaks_at_wide_spaces_and_before_operators(latex):
    """It does not break inside of brackets."""
    html = Formulas().convert(latex, display=True)
    formula = BeautifulSoup(html, "html.parser").math
    parts = [describe_formula(str(part)) for part in formula.find_all(["mrow", "mspace"], recursive=False)]
    assert html.count("<math") == 1 and formula["display"] == "block"
    if BREAKS[latex]:
        assert " |".join(parts) == BREAKS[latex]
    else:
        assert not formula.get("style")


@pytest.mark.parametrize("latex", [latex for latex, parts in BREAKS.items() if parts])
def test_formula_with_breaks_has_the_elements_of_the_inline_formula(latex):
    """Compare without the elements around parts and the attributes that keep the space of operators."""
    whole, inline = (Formulas().convert(latex, display) for display in (True, False))
    assert describe_formula(whole) == describe_formula(inline)
    parts = re.sub('<(mrow|mspace) style="[^"]*"', r"<\1", whole).replace(' form="infix"', "")
    assert len(re.findall("<m[ions]", parts)) == len(re.findall("<m[ions]", inline))


def test_search_index_has_no_latex(base_site, tmp_path):
    site = copy_site(base_site, tmp_path / "site")
    site.write({"docs/a.md": "# The $\\alpha$ law\n\nSo $$\\beta_1 = 2$$\n\n## The $\\gamma$ law\n\n\\[ \\delta \\]\n"})
    site.check_build()
    index = (site.root / "site/search/search_index.json").read_text("utf-8")
    assert " law" in index and not re.search(r"\$|\\\\\\\\|alpha\b|\\u0002|wzxhzdk", index), index


# Bars in cells, braces, and values in formulas.

BARS_AND_BRACES = {
    "bars in cells": ("| a | b |\n| - | - |\n| $|3| = 3$ | two |\n| $P(A|B)$ | $|x|$ |", ["|3|=3", "P(A|B)", "|x|"]),
    "bars in a header": ("| $|a|$ | b |\n| - | - |\n| one | two |", ["|a|"]),
    "bars without outer ones": ("a | b\n- | -\n$|3|$ | two", ["|3|"]),
    "norms in cells": ("| a | b |\n| - | - |\n| $\\|x\\|$ | $\\left\\|x\\right\\|$ |", ["‖x‖", "‖x‖"]),
    "parentheses in cells": ("| a | b |\n| - | - |\n| \\(|3|\\) | $$|4|$$ |", ["|3|", "|4|"]),
    "bars beside prices": ("| a | b |\n| - | - |\n| $5 | $|x|$ |", ["|x|"]),
    "bars in cells in a list": ("- item\n\n    | a | b |\n    | - | - |\n    | $|3|$ | two |", ["|3|"]),
    "escaped bars": ("| a | b |\n| - | - |\n| $P(A\\|B)$ | two |", None),
    "two braces": (r"$\sqrt{{V_{bW}}^2}$", ["VbW2"]),
    "two braces twice": (r"$\frac{{P}_{2}}{{P}_1}$", ["P2P1"]),
    "three braces": (r"$\mathbb{{{x}}}$", ["𝕩"]),
    "brackets apart": (r"as $( ) ( ($ is", ["()(("]),
    "brackets alone": (r"The $($, $)$, $)($, $())($ and $[$ are brackets.", ["(", ")", ")(", "())(", "["]),
    "subequations": (r"$$\begin{subequations}\begin{align} a \end{align}\end{subequations}$$", ["a"]),
    "braces at the end": (r"$x_{a_{b}}$ and ${{x}}$", ["xab", "x"]),
    "braces with a number": (r"$2^{{10}}$", ["210"]),
    "braces in a display": ("$$\n\\frac{{a}}{{b}}\n$$", ["ab"]),
    "braces in an environment": ("\\begin{align*}\n\\frac{{a}}{{b}}\n\\end{align*}", ["ab"]),
    "braces of a hat": (r"$\hat{{\theta}}_{{n}}$", ["θˆn"]),
    "a value in braces": (r"$x^{{{ grow.area | digits(2) }}}$", ["x9.0"]),
    "a value in a fraction": (r"$\frac{{{ grow.area | digits(2) }}}{2}$", ["9.02"]),
    "a value beside braces": (r"$\frac{{a}}{2} = {{ grow.area | digits(2) }}$", ["a2=9.0"]),
    "a value in parentheses": (r"\( A = {{ grow.area | digits(2) }} \)", ["A=9.0"]),
    "a value in a display": ("$$\nA = {{ grow.area | digits(2) }}\n$$", ["A=9.0"]),
}


@pytest.mark.parametrize("name", BARS_AND_BRACES)
def test_bars_and_braces_stay_in_formulas(pages, name):
    page, formulas = find_page(pages, "odd", BARS_AND_BRACES, name), BARS_AND_BRACES[name][1]
    if formulas is None and not page.html:  # refused, with the notation to use
        return
    texts = [re.sub(r"\s", "", formula.get_text()) for formula in page.main.find_all("math")]
    plain = [text.replace("∣", "|").replace("∥", "‖").replace("x̂", "x^") for text in texts]
    assert formulas is None or plain == formulas, page.main
    assert is_clean(page) and "$" not in extract_text(page.main).replace("$5", ""), page.main
    if "cells" in name or "header" in name:
        cells = [len(row.find_all(["td", "th"])) for row in page.main.find_all("tr")]
        assert set(cells) == {2}, page.main


def test_only_equation_blocks_have_numbers(site):
    display = "$$\\begin{align} a &= b \\\\ c &= d \\end{align}$$"
    bare = "\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"
    block, last = "/// equation | grow.area\n///", "$$\\begin{equation} a = b \\end{equation}$$"
    text = "\n\n".join(["# A", display, bare, block, display, last, "See [@grow.area].\n"])
    site.write({"docs/a.md": text})
    site.check_build()
    main = site.soup("a/").main
    numbers = re.findall(r"\(\d+\)", main.get_text())
    assert numbers == ["(1)", "(1)"], numbers  # at the equation, and in the reference to it
    assert len(main.find_all("math")) == 5


# Macros and commands.

MACROS = {r"\E": r"\mathbb{E}", r"\norm": r"\lVert #1 \rVert", r"\bfx": r"\mathbf{x}", r"\tp": r"^\top"}
EXPANSIONS = {
    "a symbol": (r"$\E[x]$", r"$\mathbb{E}[x]$"),
    "an argument": (r"$\norm{x_1}$", r"$\lVert x_1 \rVert$"),
    "one in another": (r"$\norm{\E x}$", r"$\lVert \mathbb{E} x \rVert$"),
    "a display": ("$$\n\\bfx\\tp \\bfx\n$$", r"$$\mathbf{x}^\top \mathbf{x}$$"),
    "an environment": ("\\begin{align*}\n\\E &= 1\n\\end{align*}", "$$\\begin{align*}\\mathbb{E} &= 1\\end{align*}$$"),
    "not the beginning of another": (r"$\Eps$", None),
}


@pytest.fixture(scope="module")
def macros(tmp_path_factory, base_site):
    texts = {}
    for number, (short, long) in enumerate(EXPANSIONS.values()):
        texts[f"short{number}"], texts[f"long{number}"] = f"# A\n\n{short}\n", f"# A\n\n{long}\n"
    plugins = [{"evidence": {"seconds": 30, "macros": MACROS}}]
    return share_pages(tmp_path_factory, base_site, "macros", texts, plugins=plugins)


@pytest.mark.parametrize("name", EXPANSIONS)
def test_macro_is_expanded(macros, name):
    number = list(EXPANSIONS).index(name)
    short, long = macros[f"short{number}"], macros[f"long{number}"]
    if EXPANSIONS[name][1] is None:
        assert not short.html and short.problems[0][0] == 3, short.output
    else:
        assert describe_shape(short.main.math) == describe_shape(long.main.math)


@pytest.mark.parametrize(
    "macros",
    [{r"\E": r"\mathbb{"}, {r"\E": 3}, ["E"], {"": "x"}, {r"\E": r"\E"}, "text"],
    ids=lambda macros: repr(macros),
)
def test_invalid_macro_is_refused(site, macros):
    """The message names the option, or the page that uses the macro."""
    site.configure(plugins=[{"evidence": {"macros": macros}}]).write({"docs/a.md": "# A\n\n$\\E x$\n"})
    output = site.check_refusal()
    assert "macros" in output or "docs/a.md:3:" in output, output


def test_changed_macro_invalidates_cached_pages(site):
    site.write({"docs/a.md": "# A\n\n$\\E$\n"})
    for letter in ("B", "C"):
        site.configure(plugins=[{"evidence": {"macros": {r"\E": letter}}}, "page-cache"])
        site.check_build()
        assert site.soup("a/").main.math.get_text().strip() == letter


def test_macro_is_expanded_in_docstrings_of_equations(site):
    site.configure(plugins=[{"evidence": {"macros": {r"\area": "A"}}}])
    path = site.root / "snippets/grow.py"
    text = path.read_text().replace('r"""A = s^2"""', 'r"""\\area = s^2"""')
    path.write_text(text.replace('"A":', 'r"\\area":'))  # the letter is bound by its macro
    site.check_build()
    assert "A=s2" in re.sub(r"\s", "", site.soup("grow/").main.get_text())


COMMANDS = [
    r"\widetilde{x}", r"\sum_{\substack{i < j \\ k}} x", r"x_1, \dotsc, x_n", r"1 + \dotsb + n", r"\mbox{if } x",
    r"\begin{split} a &= b \\ &= c \end{split}", r"\begin{smallmatrix} a & b \end{smallmatrix}", r"\text{if $x_1$ is}",
    r"\text{a_b}", r"\text{50% of \{x\}}", "√2", r"a = b \label{eq:one}", r"a = b \tag{3}", r"a = b \nonumber",
    r"\nicefrac{1}{2}", r"\textrm{if $x$ and $y$}", r"\mathbb{1}", r"\bm{x}", r"\operatorname*{argmin}_x",
    r"\overset{!}{=}", r"\underbrace{a}_{b}", r"\boxed{x}", r"\dotsm", r"\dotsi", r"\dotso",
    r"\left< x \right>", r"\begin{alignedat}{2} a &= b \end{alignedat}", r"\begin{array}{@{}l@{}} a \end{array}",
    r"\pmb{x} \mathnormal{y} \hdots", r"\begin{multlined} a \\ b \end{multlined}", r"a &lt; b",
    r"\newcommand{\R}{\mathbb{R}} x \in \R", r"\newcommand*{\vec}[1]{\mathbf{#1}} \vec{x}",
    r"\renewcommand{\mine}[2]{#1_#2} \mine{x}{1}", r"\providecommand\other{x} \other", r"\varlimsup x",
    "∑_i x", "x ≤ y", "α → ∞", "x′", r"\begin{aligned} a &= b \\[2pt] c &= d \end{aligned}",
    r"\require{cancel} x", r"\hbox{if $x$ is}",
    r"\begin{array}{l@{\quad}r} a & b \end{array}",
    r"\begin{cases} 1 & x > 0 \\[0.5em] 0 & x \le 0 \end{cases}", r"\begin{matrix} a \\ [-3.5 ex] b \end{matrix}",
]  # fmt: skip


@pytest.fixture(scope="module")
def commands(tmp_path_factory, base_site):
    also = {command: f"\nIn text ${command}$.\n" if "$" in command else "" for command in COMMANDS}
    texts = {
        f"command{number}": f"# A\n\n$$\n{command}\n$$\n{also[command]}" for number, command in enumerate(COMMANDS)
    }
    return share_pages(tmp_path_factory, base_site, "commands", texts)


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_rendered(commands, command):
    page = commands[f"command{COMMANDS.index(command)}"]
    assert len(page.main.find_all("math")) >= 1 + ("$" in command) and is_clean(page)
    assert not re.search(r"\[.*(pt|em|ex)", page.main.get_text()), page.main


def test_contributing_explains_the_notation_of_mathematics():
    from world.sites import ROOT

    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for word in ("$$", r"\[", r"\(", r"\begin{align", "macros", r"\$"):
        assert word in text, word


def test_formula_in_texts_of_a_snippet_is_plain_text(site):
    """Check tooltips, alternative texts, and the page of the source."""
    path = site.root / "snippets/grow.py"
    text = path.read_text()
    value = re.search(r'"(Area of [^"]*)"', text)[1]
    text = text.replace(f'"{value}"', r'r"The $\alpha_1$ law."').replace('"""', r'"""The $\beta$ law. ', 1)
    text = re.sub(
        r'(def figure_growth.*?\n    )"""', lambda found: found[1] + r'r"""The $\gamma$ law. ', text, flags=re.S
    )
    path.write_text(text)
    site.check_build()
    page, source = site.soup("grow/").main, site.soup("evidence/grow/").main
    assert page.find("a", class_="value")["title"] == "The α_1 law."
    assert page.img["alt"].startswith("The γ law.")
    assert "The β law." in source.get_text() and "The α_1 law." in source.table.get_text()
    assert "$" not in source.find("p").get_text() and "\\alpha" not in source.table.get_text()
