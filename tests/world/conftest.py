"""Fixtures for tests of the practices of other sites: a site that `python -m evidence new` created."""

import pytest

from world.sites import NAME, Site, copy_site, new_site, share_folder


@pytest.fixture(scope="session")
def base_site(tmp_path_factory):
    """The README’s other site, with the results of its snippet, to be copied."""

    def make(folder):
        site = new_site(folder / "site")
        result = site.run("evidence", "new", "Why does it grow?", "--name", NAME)
        assert result.returncode == 0, result.stdout
        site.check_build()

    folder, _ = share_folder(tmp_path_factory, "base_site", make)
    return Site(folder / "site")


@pytest.fixture
def site(base_site, tmp_path):
    """A fresh copy of the README’s other site."""
    return copy_site(base_site, tmp_path / "project")


@pytest.fixture
def empty(tmp_path):
    """A site without pages and snippets."""
    return new_site(tmp_path / "project")
