"""Every claim is as tight as the digits that it quotes."""

import re
from dataclasses import dataclass

import pytest

import tightness
from conftest import ROOT, sample
from evidence.project import Project
from zigzag_site.tightness import read_tightness

NAMES = Project(ROOT).names("snippet")
EXEMPTIONS = tightness.read_exemptions()
RECORD = read_tightness(ROOT / "docs")


@dataclass(frozen=True)
class Result:
    steps: tuple[int, ...]
    part: float


def claim_tight(result):
    """It takes {{ steps[1] }} steps, {{ part | percent }} of the others."""
    assert result.steps[1] == 62 and 0.4 < result.part < 0.5


def claim_one_sided(result):
    """It takes {{ steps[1] }} steps, {{ part | percent(1) }} of the others."""
    assert result.steps[1] > 50 and 0.4 < result.part < 0.5


def test_smallest_change_that_a_claim_notices_is_measured():
    result = Result((20, 62), 0.45)

    def measure(claim):
        return [tightness.measure_quote(claim, result, quote) for quote in tightness.find_quotes(claim.__doc__, result)]

    assert measure(claim_tight) == [1, 10] and measure(claim_one_sided) == [float("inf"), float("inf")]


@pytest.mark.sampled
@pytest.mark.parametrize("name", sample(NAMES, 16))
def test_claims_notice_ten_units_of_the_last_digit_and_their_record(name, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "snippets")
    assert tightness.describe_problems(name, EXEMPTIONS, RECORD.get(name, {})) == []


def test_claim_that_is_looser_than_its_record_is_a_problem(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "snippets")
    name = "bias"
    record = {claim: 1e-4 for claim in RECORD[name]}
    problems = tightness.describe_problems(name, EXEMPTIONS, record)
    assert problems and all(f"make tightness NAME={name}" in problem for problem in problems)


def test_ledger_shows_the_tightness_of_each_claim(zigzag):
    html = (zigzag.root / "site/evidence/index.html").read_text("utf-8")
    units_of_claims = sorted(f"{units:g}" for claims in RECORD.values() for units in claims.values() if units)
    assert (
        sorted(re.findall(r"asserted</a>, notices ([^<]+)</td>", html)) == units_of_claims
        and len(units_of_claims) > 100
    )


def test_exemptions_name_existing_snippets():
    assert [one.claim for one in EXEMPTIONS if one.claim.split(".")[0] not in NAMES] == []
