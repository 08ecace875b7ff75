"""Continuous integration: jobs that may write run no project code, and changed numbers are reported."""

import json
import re
import subprocess
import sys

import pytest
import yaml

from conftest import ROOT
from evidence.cache import Cache

WORKFLOWS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / ".github/workflows").glob("*.yml")}
JOBS = [(name, job) for name, flow in WORKFLOWS.items() for job in flow["jobs"]]


@pytest.mark.parametrize("flow, name", JOBS)
def test_jobs_with_write_permission_run_no_project_code(flow, name):
    job = WORKFLOWS[flow]["jobs"][name]
    assert WORKFLOWS[flow]["permissions"] == {} and "secrets" not in str(job)
    uses = [step["uses"] for step in job.get("steps", []) if "uses" in step]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) for action in uses)
    if job["permissions"] == {"contents": "read"}:
        checkouts = [step for step in job.get("steps", []) if "/checkout@" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    else:  # without the checkout there is nothing of the project to run
        assert not any("/checkout@" in action for action in uses)
    assert "uses" in job or job["timeout-minutes"] <= 180


def test_changed_numbers_are_reported_and_rounding_is_ignored(tmp_path):
    def store(folder, frames, **values):
        fields = {name: {"value": value} for name, value in values.items()}
        files = {
            "result.json": json.dumps({"name": "layer", "values": fields}).encode(),
            "explore_width.json": json.dumps({"texts": {"steps": frames}}).encode(),
            "figure_a.svg": b"<svg/>",
        }
        Cache(tmp_path / folder / "cache").put("layer", "0" * 20, {"result.json": b'{"name": "layer"}'})
        Cache(tmp_path / folder / "cache").put("layer", "1" * 20, files)
        Cache(tmp_path / folder / "cache").put("articles/a.md", "2" * 20, {"article.json": b"{}"})

    store("old", ["1", "2"], kappa=[1.0, 3.0], noise=1e-16, gone=1, nothing=float("nan"))
    store("new", ["1", "4"], kappa=[1.0 + 1e-9, 3.1], noise=3e-15, added=True, nothing=float("nan"))
    command = [sys.executable, ROOT / ".github/changed.py", tmp_path / "old"]

    def compare_with(other):
        result = subprocess.run([*command, tmp_path / other], capture_output=True, text=True, check=True)
        return result.stdout.splitlines()[2:]

    assert compare_with("old") == []
    assert compare_with("new") == [
        "| `layer.added` | – | True |",
        "| `layer.explore_width.steps[1]` | 2 | 4 |",
        "| `layer.gone` | 1 | – |",
        "| `layer.kappa[1]` | 3.0 | 3.1 |",
    ]
