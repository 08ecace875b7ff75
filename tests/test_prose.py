"""Prose: no number is typed that a snippet could compute, and one way of spelling, on pages and in snippets."""

import ast
import re

import pytest

from conftest import ROOT
from evidence.project import Project

PROJECT = Project(ROOT)
PAGES = sorted((ROOT / "docs").rglob("*.md"))
HIDDEN = re.compile(
    r"\A---\n.*?^---$|^(```+).*?^\1$"  # front matter, code
    r"|^> .*$|^/// .*$|^[ ]*///$"  # readers' own words, the heads of blocks
    r"|`[^`\n]*`|\{\{.*?\}\}|\]\([^)\n]*\)|\[@[^\]]*\]|<[^>\n]*>",  # code, values, addresses, citations, markup
    re.M | re.S,
)
FORMULA = re.compile(r"(?<!\\)\$([^$]+)\$")
ALLOWED = re.compile(
    r"^\d+\. "  # the number of an exercise
    r"|(?<![\d.,])[−±+]?[01](?![\d.,]\d|\d)"  # the constants 0 and 1: the bias's input, labels, ranges
    r"|\b(sections?|lectures?|figures?|equations?|theorems?|corollar(?:y|ies)|layers?|tables?|chapters?|items?|pages?)"
    r" \(?[\d.]+[a-z]?\)?((,| and|–| to|,? or) \(?[\d.]+[a-z]?\)?)*"  # places in works that are cited
    r"|\b(19|20)\d\d\b"  # years
    r"|\b(CIFAR-100?|VGG|[0-9] × [0-9]|0 to 9|[0-9]…255|0 and 255|255)\b",  # names, shapes, and what a byte can hold
    re.I | re.M,
)
TYPED = re.compile(r"\d+\.\d|(?<![\d^{_.-])(?!10(?:\^|$))\d{2,}")  # in a formula: decimals, and numbers above nine
BRITISH = re.compile(
    r"\b\w*(behaviour|colour|neighbour|favour|centre[ds]?\b|centring|normalis|initialis|optimis|minimis|maximis|regularis"
    r"|parametris|generalis|labelled|modelling|analys(?:e|ed|ing)\b|grey\b|artefact)\w*",
    re.I,
)


def sentences(text):
    """(line, sentence) of what readers see as prose, formulas left out; then (line, formula)."""
    shown = HIDDEN.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    prose = FORMULA.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), shown)
    formulas = [(shown[: found.start()].count("\n") + 1, found[1]) for found in FORMULA.finditer(shown)]
    return list(enumerate(prose.splitlines(), 1)), formulas


def typed(text):
    """Numbers in a text that no snippet computes: (line, what stands there)."""
    prose, formulas = sentences(text)
    for line, sentence in prose:
        if found := re.search(r".{0,20}\d[\d.,]*.{0,12}", ALLOWED.sub("", sentence)):
            yield line, found[0].strip()
    yield from ((line, found.string) for line, formula in formulas if (found := TYPED.search(formula)))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_no_number_is_typed_in_a_page(page):
    assert list(typed(page.read_text("utf-8"))) == []


@pytest.mark.parametrize("name", PROJECT.names)
def test_no_number_is_typed_in_a_sentence_of_a_snippet(name):
    functions = (node for node in ast.parse(PROJECT.texts[name]).body if isinstance(node, ast.FunctionDef))
    said = {
        f.name: ast.get_docstring(f) or "" for f in functions if f.name.startswith(("claim_", "figure_", "explore_"))
    }
    assert {function: found for function, text in said.items() if (found := list(typed(text)))} == {}


@pytest.mark.parametrize(
    "text, found", [("it takes 12 steps", 1), ("from 0 to 1", 0), ("a mean of 2", 1), ("$x = 2.4$", 1)]
)
def test_typed_numbers_are_found(text, found):
    assert len(list(typed(text))) == found


@pytest.mark.parametrize("path", [*PAGES, *PROJECT.modules.values()], ids=lambda path: path.name)
def test_spelling_is_american(path):
    assert [found[0] for found in BRITISH.finditer(path.read_text("utf-8"))] == []
