"""Every claim is as tight as the digits that it quotes."""

from dataclasses import dataclass

import pytest

import tightness
from conftest import ROOT, sample
from evidence.project import Project

NAMES = Project(ROOT).names("snippet")
EXEMPTIONS = tightness.read_exemptions()


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


def test_the_smallest_change_that_is_noticed_is_found():
    result = Result((20, 62), 0.45)
    assert [one.units for one in tightness.measure_claim("planted", claim_tight, result)] == [1, 10]
    assert [one.units for one in tightness.measure_claim("planted", claim_one_sided, result)] == [float("inf"), 100]


@pytest.mark.sampled
@pytest.mark.parametrize("name", sample(NAMES, 16))
def test_claims_notice_ten_units_of_the_last_digit(name, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "snippets")
    assert tightness.describe_problems(name, EXEMPTIONS) == []


def test_an_exemption_names_a_claim_or_a_snippet():
    assert [one.claim for one in EXEMPTIONS if one.claim.split(".")[0] not in NAMES] == []
