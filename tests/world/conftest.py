"""What the tests of the real world share: a site that `python -m evidence new` began."""

import pytest

from world.sites import NAME, Site, copy_site, new_site, shared


@pytest.fixture(scope="session")
def grown(tmp_path_factory):
    """The README’s other site, with the results of its snippet; to be copied."""

    def make(folder):
        site = new_site(folder / "site")
        done = site.run("evidence", "new", "Why does it grow?", "--name", NAME)
        assert done.returncode == 0, done.stdout
        site.check_build()

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
