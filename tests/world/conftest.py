"""What the tests of the real world share: a site that `python -m evidence new` began, and the list of what is pending.

`pending.txt` names the tests that today's machinery fails, a line each; such a test is expected to fail, and once it
passes the suite says so: its line goes.
"""

from pathlib import Path

import pytest

from world.sites import NAME, Site, copy_site, new_site, shared

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    lines = (HERE / "pending.txt").read_text("utf-8").splitlines()
    pending, unmet = {line for line in lines if line and not line.startswith("#")}, set()
    mine = {f"{item.path.name}::{item.nodeid.split('::', 1)[1]}": item for item in items if item.path.parent == HERE}
    for name, item in mine.items():
        if name in pending:
            item.add_marker(pytest.mark.xfail(reason="pending", strict=True))
    if not any("::" in argument for argument in config.args):
        files = {name.split("::")[0] for name in mine}
        unmet = {line for line in pending if line.split("::")[0] in files} - set(mine)
    if unmet:
        raise pytest.UsageError("pending.txt names tests that do not exist: " + ", ".join(sorted(unmet)))


@pytest.fixture(scope="session")
def grown(tmp_path_factory):
    """The README’s other site, with the results of its snippet; to be copied."""

    def make(folder):
        site = new_site(folder / "site")
        done = site.run("evidence", "new", "Why does it grow?", "--name", NAME)
        assert done.returncode == 0, done.stdout
        site.built()

    folder, _ = shared(tmp_path_factory, "grown", make)
    return Site(folder / "site")


@pytest.fixture
def site(grown, tmp_path):
    """A fresh copy of it."""
    return copy_site(grown, tmp_path / "project")


@pytest.fixture
def empty(tmp_path):
    """A site without pages and snippets."""
    return new_site(tmp_path / "project")
