"""What this site derives from its pages, without MkDocs: lists, links and names."""

import base64
import os
import re
import subprocess
from hashlib import sha256

import pytest
from markdown import Markdown
from mkdocs.exceptions import PluginError

import evidence
from conftest import ROOT
from zigzag_site.blocks import expand
from zigzag_site.history import read_days
from zigzag_site.pages import Page, Site, anchor_of, read_site
from zigzag_site.policy import add_policy
from zigzag_site.public_names import document_package
from zigzag_site.words import describe_runs

SITE = read_site(ROOT)
SETTINGS = """site_name: Two
nav:
  - Start: index.md
  - Valleys:
      - Steep: steep.md
      - Flat: flat.md
  - Words: words.md
  - Marks: marks.md
plugins: !ENV [SOMETHING, []]
"""
STEEP = """---
title: Why is it steep?
description: It is.
tags: [valley]
asked:
  - Is it steep?
  - "So it is steep: why?": why
  - Why so steep?
answer: "Because of [the mean](flat.md)."
thumbnail: steep.paths#2
explains: [valley, {slope: why}]
---

# Why is it steep?

/// answer
Because.
///

## Why

A valley, two valleys and a zig-zag; `a valley`, and [a slope](flat.md), and a slope.

/// wrong | “It is $f(x)$ flat.”
It is [steep](#why).
///
"""
WORDS = """---
title: Words
unlinked: [gain]
---

# Words

/// glossary

valley

:   A long *hollow*. It is dry.

gain

:   A factor.

slope

:   How steep it is.

///
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mkdocs.yml").write_text(SETTINGS)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/steep.md").write_text(STEEP)
    (tmp_path / "docs/flat.md").write_text("# Flat\n\n/// answer\nIt is.\n///\n")
    (tmp_path / "docs/words.md").write_text(WORDS)
    (tmp_path / "docs/index.md").write_text("# Start\n")
    (tmp_path / "docs/marks.md").write_text("/// survivors | list.yml\n///\n")
    (tmp_path / "docs/list.yml").write_text("- {in: a.f, line: x < 1, becomes: [x <= 1], why: It is the same.}\n")
    return tmp_path


def make_reader(folder):
    extensions = ["attr_list", "md_in_html", "def_list", "toc", "pymdownx.superfences", "pymdownx.blocks.admonition"]
    configs = {
        "zigzag_site.blocks": {"root": str(folder)},
        "pymdownx.blocks.admonition": {"types": [{"name": "wrong", "title": "Wrong"}, {"name": "answer", "title": ""}]},
    }
    return Markdown(extensions=[*extensions, "zigzag_site.blocks"], extension_configs=configs)


def render(folder, text):
    return make_reader(folder).convert(text)


def test_lists_of_the_site_are_derived_from_front_matter_and_navigation(folder):
    """A page with its front matter yields a card, a question in each wording, and a misconception."""
    site = read_site(folder)
    cards = expand("/// cards\n///\n", site)
    assert "## Valleys" in cards and "### [Why is it steep?](/steep.md)" in cards
    assert "](/evidence/steep/figure_paths.svg#plot-2)" in cards and "Because of [the mean](flat.md)." in cards
    questions = expand("/// questions\n///\n", site)
    assert "- [So it is steep: why?](/steep.md#why)" in questions and "- [Is it steep?](/steep.md)" in questions
    corrections = expand("/// misconceptions\n///\n", site)
    assert (
        "/// wrong | [“It is $f(x)$ flat.”](/steep.md#wrong-it-is-flat)\nIt is [steep](/steep.md#why).\n///"
        in corrections
    )
    (folder / "docs/flat.md").write_text("---\ntitle: Why flat?\nanswer: It is.\nthumbnail: a.b\n---\n")
    assert "### [Why flat?](/flat.md)" in expand("/// cards\n///\n", read_site(folder))


def test_correction_has_the_id_that_the_list_links_to(folder):
    html = render(folder, STEEP.split("---\n")[2])
    assert re.search(r'<div class="admonition wrong" id="wrong-it-is-flat">', html)


def test_glossary_links_to_the_pages_that_explain_its_terms(folder):
    html = render(folder, WORDS.split("---\n")[2])
    assert '<dt id="valley">' in html and '<a href="/steep.md">More</a>' in html
    assert '<a href="/steep.md#why">More</a>' in html and html.count(">More<") == 2
    assert 'class="term"' not in html


def test_term_is_linked_once_outside_of_links_and_code(folder):
    html = render(folder, STEEP.split("---\n")[2])
    links = re.findall(r'<a class="term" href="([^"]+)" title="([^"]+)">([^<]+)</a>', html)
    assert links == [
        ("/words.md#valley", "A long hollow.", "valley"),
        ("/words.md#slope", "How steep it is.", "slope"),
    ]
    assert "<code>a valley</code>" in html and '<a href="flat.md">a slope</a>' in html
    text = re.sub("<[^>]+>", "", html)  # linking must not lose a word
    assert "A valley, two valleys and a zig-zag; a valley, and a slope, and a slope.\n" in text
    assert 'class="term"' not in render(folder, "A gain.")  # the glossary lists it as unlinked


def test_zig_zag_does_not_break_at_its_hyphen(folder):
    markdown = make_reader(folder)
    html = markdown.convert("# Why it zig-zags\n\n## The zig-zag of it\n\nIt *zig-zags*, `zig-zag`.\n")
    assert html.count('<span class="unbroken">zig-zags</span>') == 2 and "<code>zig-zag</code>" in html
    assert markdown.toc_tokens[0]["children"][0]["name"] == "The zig\u2011zag of it" and "zig\u2011zag" not in html


def test_runs_are_described_with_dates_and_versions():
    versions = {"numpy": "2.4", "Python": "3.11"}
    assert describe_runs([("2026-11-02", versions)]) == "Checked 2026-11-02 with Python 3.11, numpy 2.4."
    assert "from 2026-11-01 to 2026-11-02 with" in describe_runs([("2026-11-02", versions), ("2026-11-01", versions)])


def test_policy_allows_scripts_of_the_theme_only():
    html = '<meta charset="utf-8"><script>ours()</script><article><script>theirs()</script></article>'
    ours, theirs = (base64.b64encode(sha256(text).digest()).decode() for text in (b"ours()", b"theirs()"))
    assert ours in add_policy(html) and theirs not in add_policy(html)


def test_date_of_a_file_is_that_of_its_last_commit(tmp_path):
    """Read the dates of one folder only, whatever characters the names of files have."""
    for day, name in (("2026-11-01", "a.md"), ("2026-11-02", "é.md"), ("2026-11-03", "a.md")):
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / name).write_text(day)
        commit = "git init -q . && git add -A && git -c user.name=A -c user.email=a@b commit -qm 1"
        environment = os.environ | {"GIT_COMMITTER_DATE": f"{day}T12:00:00Z"}
        subprocess.run(commit, cwd=tmp_path, shell=True, check=True, env=environment)
    assert read_days(tmp_path / "site") == {"a.md": "2026-11-03", "é.md": "2026-11-02"}


def test_blocks_in_code_are_not_expanded(folder):
    text = "```\n/// cards\n///\n```\n"
    assert expand(text, read_site(folder)) == text


def test_survivors_are_listed_by_script_and_linked_from_the_ledger(folder):
    survivors = expand("/// survivors | list.yml\n///\n", read_site(folder))
    assert "### `a.py`" in survivors and "<code>x &lt; 1</code>" in survivors and "It is the same." in survivors
    ledger = expand("/// ledger\n///\n", read_site(folder))
    assert "[a page of its own](/marks.md)" in ledger
    assert expand(ledger, read_site(folder)) == ledger  # the hook and the extension both expand a page


@pytest.mark.parametrize(
    "text, message",
    [
        ("- in: a.b\n  line: <<<\n<<<<<<< HEAD\n", "docs/list.yml:4: this is no YAML"),
        ("- {in: a.b, line: x}\n", "docs/list.yml:1: the entry of a.b lacks becomes, why: add it"),
    ],
)
def test_invalid_list_of_survivors_is_reported_with_its_line(folder, text, message):
    (folder / "docs/list.yml").write_text(text)
    with pytest.raises(PluginError, match=message):
        expand("/// survivors | list.yml\n///\n", read_site(folder))


def test_missing_front_matter_is_reported_with_file_and_cure(folder):
    problems = read_site(folder).problems()
    assert "docs/flat.md:1: the page has no ‘asked’: write it into its head, as in zigzag.md" in problems
    assert len(problems) == 6 and all(problem.startswith("docs/flat.md:1: ") for problem in problems)
    (folder / "docs/flat.md").write_text(STEEP.replace("  - Why so steep?\n", "").replace("valley, {", "vale, {"))
    messages = read_site(folder).problems()
    assert any("‘asked’ has fewer than 3 wordings" in problem for problem in messages)
    assert any("no term of the glossary is called ‘vale’" in problem for problem in messages)


def test_site_without_settings_has_no_pages(tmp_path):
    assert read_site(tmp_path) == Site(tmp_path) and Page("a.md", "", {}, "").asked() == []


def test_every_question_page_has_distinct_wordings_and_a_short_answer():
    assert SITE.problems() == []
    for page in SITE.pages:
        if page.is_question:
            words = [words for words, _ in page.asked()]
            assert len(set(words)) == len(words), page.path
            assert page.meta["answer"].count(". ") <= 1 and page.meta["answer"].endswith((".", "?")), page.path


def test_corrections_of_a_page_have_distinct_ids():
    for page in SITE.pages:
        ids = [anchor_of(statement) for statement, _ in page.misconceptions()]
        assert len(set(ids)) == len(ids), page.path


# Words that refer to the text around a correction, which the list of misconceptions does not show.
ELSEWHERE = re.compile(
    r"\b(?:runs?|limits?|examples?|equations?|numbers?|figures?|sections?|said|see|as) (?:above|below)\b"
    r"|\b(?:the|this|that|these|those) (?:tables?|figures?|sections?|page|thread|answer)\b(?! (?:on|of|about)\b)"
    r"|\bhere(?=[.,;:]|$)",
    re.I | re.M,
)


@pytest.mark.parametrize("text", ["as the table says", "in the runs above", "It is slow here.", "this section"])
def test_words_that_refer_to_the_surroundings_are_noticed(text):
    assert ELSEWHERE.search(text)


def test_no_correction_refers_to_its_surroundings():
    matches = {
        f"{page.path}: {statement}": match[0]
        for page in SITE.pages
        for statement, truth in page.misconceptions()
        if (match := ELSEWHERE.search(re.sub(r"\[[^\]]*\]\([^)]*\)", "", truth)))
    }
    assert matches == {}


def test_public_names_are_documented_in_their_order():
    """Functions are documented with types, and classes with a table of their fields."""
    text = document_package("evidence")
    assert re.findall(r"^### `(?:class )?(\w+)", text, re.M) == evidence.__all__
    assert re.search(r"^### `run\(job: Job\) -> Outcome`$", text, re.M)
    assert "| `kind: str` | `snippet` or `lab`. |\n| `file: str` | Its path among `files`. |" in text
