"""The small site with each of the most used MkDocs plugins, listed before and after ours: `make matrix`.

Either the site builds, or one sentence names the conflict and the line to write; no plugin ends in a traceback.
"""

import base64
import json
import re
import struct
import zlib

import pytest
from bs4 import BeautifulSoup

from world.sites import NAME, Site, copy_site, find_broken_links, find_problems, git, new_site, snippet

V = "{{ " + NAME + ".area | digits(2) }}"
EQUATION = f"/// equation | {NAME}.area\n///"
MATERIAL = {"name": "material", "font": False}


def make_picture():
    """Return a PNG of noise, which has 20,000 characters in base64."""
    import random

    rows = b"".join(b"\0" + random.Random(n).randbytes(120) for n in range(120))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 120, 120, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def make_notebook():
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": base64.b64encode(make_picture()).decode()},
    }
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# A notebook\n", "With ``` and {{ braces }} and $x$."]},
        {"cell_type": "code", "metadata": {}, "source": ["print(1)"], "execution_count": 1, "outputs": [output]},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def find_main(site, page):
    soup = site.soup(page)
    return soup.find("article") or soup.find("main") or soup.find(role="main") or soup


def expect_texts(page, *texts):
    """Return a check that the main part of a page has some texts."""

    def check(site):
        text = str(find_main(site, page))
        for each in texts:
            assert each in text, (each, text[:3000])

    return check


def check_translation(site):
    assert "9.0" in str(find_main(site, "fr/more/")) and "page fran" in str(find_main(site, "fr/more/"))
    assert "9.0" in str(find_main(site, "more/")) and (site.root / "site/fr/grow/index.html").is_file()


def check_folders(site):
    for page in ("grow/", "fr/grow/"):
        assert ">9</a> square meters" in str(find_main(site, page))


def check_notebook(site):
    text = str(find_main(site, "demo/"))
    assert "A notebook" in text and "data:image/png;base64" in text and "{{ braces }}" in text


def check_blog(site):
    for page in ("blog/", "blog/2024/01/31/a-post/"):
        text = str(find_main(site, page))
        assert "9.0" in text and "figure_growth.svg" in text, text[-2000:]


def check_feeds(site):
    for name in ("feed_rss_created.xml", "feed_json_created.json"):
        text = (site.root / "site" / name).read_text()
        assert "More" in text and not re.search(r"\{\{|digits\(|\$x", text), text


def commit_files(site):
    git(site.root, "init", "-q")
    (site.root / ".gitignore").write_text(".evidence/\nsite/\n")
    git(site.root, "add", "-A")
    git(site.root, "commit", "-q", "-m", "source")


LIBRARY = '''"""A library with ``{{ braces }}`` and a price of $5."""


def f(x: int) -> int:
    """Double it."""
    return 2 * x
'''
MORE = f"# More\n\nArea {V}, $x_1$.\n\n{EQUATION}\n\nSee [@{NAME}.area].\n"
MORE_PARTS = {"parts/p.md": f"Area {V}.\n\n{EQUATION}\n"}
POST = f"""---
date: 2024-01-31
---

# A post

Area {V}.

/// figure | {NAME}.growth
Text.
///

<!-- more -->

Rest.
"""
MAKE_SCRIPT = f"import mkdocs_gen_files\n\nwith mkdocs_gen_files.open('made.md', 'w') as f:\n    f.write({MORE!r})\n"
TAGGED_PAGE = f"---\ntags: [one]\n---\n\n# T\n\n{V}\n"
LANGUAGES = [{"locale": "en", "default": True, "name": "English"}, {"locale": "fr", "name": "Français"}]
HOMES = {"docs/en/index.md": "# Home\n", "docs/fr/index.md": "# Maison\n", "docs/index.md": None, "docs/more.md": None}
# For each plugin: its entry in mkdocs.yml, files, a step before the build, a check of the site, more of mkdocs.yml.
PLUGINS = {
    "i18n": {
        "entry": {"i18n": {"docs_structure": "suffix", "languages": LANGUAGES}},
        "files": {"docs/more.fr.md": f"# Plus\n\nUne page française : {V}.\n"},
        "check": check_translation,
    },
    "i18n in folders": {
        "entry": {"i18n": {"docs_structure": "folder", "languages": LANGUAGES}},
        "files": {"docs/en/grow.md": "COPY", "docs/fr/grow.md": "COPY", "docs/grow.md": None} | HOMES,
        "check": check_folders,
    },
    "jupyter": {
        "entry": {"mkdocs-jupyter": {"execute": False}},
        "files": {"docs/demo.ipynb": make_notebook()},
        "check": check_notebook,
    },
    "macros": {"entry": "macros", "conflict": True},
    "macros with other marks": {
        "entry": {"macros": {"j2_variable_start_string": "[[", "j2_variable_end_string": "]]"}},
        "files": {"docs/named.md": f"# A\n\nThis is [[ config.site_name ]]: {V}.\n"},
        "check": expect_texts("named/", "This is World", "9.0"),
    },
    "blog": {
        "entry": "blog",
        "files": {"docs/blog/index.md": "# Blog\n", "docs/blog/posts/p.md": POST},
        "theme": MATERIAL,
        "check": check_blog,
    },
    "rss": {
        "entry": {"rss": {"use_git": False, "match_path": ".*", "abstract_chars_count": 200}},
        "check": check_feeds,
    },
    "git dates": {
        "entry": {"git-revision-date-localized": {"enable_creation_date": True}},
        "before": commit_files,
        "theme": MATERIAL,
    },
    "awesome-nav": {
        "entry": "awesome-nav",
        "files": {"docs/.nav.yml": "nav:\n  - grow.md\n  - more.md\n  - '*'\n"},
    },
    "literate-nav": {
        "entry": {"literate-nav": {"nav_file": "SUMMARY.md"}},
        "files": {"docs/SUMMARY.md": "* [Grow](grow.md)\n* [More](more.md)\n* [Checked](evidence/index.md)\n"},
    },
    "section-index": {
        "entry": "section-index",
        "more": {"nav": [{"Section": ["grow.md", {"More": "more.md"}]}, {"Checked": "evidence/index.md"}]},
        "theme": MATERIAL,
    },
    "gen-files": {
        "entry": {"gen-files": {"scripts": ["make.py"]}},
        "files": {"make.py": MAKE_SCRIPT},
        "check": expect_texts("made/", "9.0", "(1)"),
    },
    "redirects": {
        "entry": {"redirects": {"redirect_maps": {"old.md": "grow.md", "older.md": "more.md"}}},
        "check": lambda site: [site.html("old/"), site.html("older/")],
    },
    "glightbox": {"entry": "glightbox", "theme": MATERIAL},
    "minify": {"entry": {"minify": {"minify_html": True, "htmlmin_opts": {"remove_comments": True}}}},
    "tags": {
        "entry": "tags",
        "files": {"docs/tags.md": "# Tags\n\n<!-- material/tags -->\n", "docs/t.md": TAGGED_PAGE},
        "theme": MATERIAL,
        "check": expect_texts("tags/", "one"),
    },
    "meta": {
        "entry": "meta",
        "files": {"docs/sub/.meta.yml": "title: From the folder\n", "docs/sub/a.md": f"# A\n\n{V}\n"},
        "theme": MATERIAL,
        "check": expect_texts("sub/a/", "9.0"),
    },
    "mike": {"entry": "mike"},  # `mike deploy` itself is tried in tests/world/test_site_folder.py
    "print-site": {"entry": "print-site", "check": expect_texts("print_page/", "9.0")},
    "include-markdown": {
        "entry": "include-markdown",
        "files": MORE_PARTS | {"docs/inc.md": '# A\n\n{% include-markdown "../parts/p.md" %}\n\nSee [@grow.area].\n'},
        "check": expect_texts("inc/", "9.0", "(1)", '="#equation-grow-area"'),
    },
    "table-reader": {
        "entry": "table-reader",
        "files": {"docs/t.csv": "a,b\n1,2\n", "docs/tab.md": f"# A\n\n{{{{ read_csv('docs/t.csv') }}}}\n\nArea {V}.\n"},
        "check": expect_texts("tab/", "9.0", "<table>"),
    },
    "mkdocstrings": {
        "entry": {"mkdocstrings": {"handlers": {"python": {"paths": ["src"]}}}},
        "files": {"src/lib.py": LIBRARY, "docs/api.md": f"# API\n\nArea {V}.\n\n::: lib\n"},
        "check": expect_texts("api/", "9.0", "Double it", "{{ braces }}"),
    },
}
LAST = ("print-site", "before")  # it must be the last of all, and says so
CASES = [(name, order) for name in PLUGINS for order in ("before", "after") if (name, order) != LAST]


@pytest.fixture(scope="session")
def topic_site(tmp_path_factory):
    """The small site with one more topic, built once."""
    site = new_site(tmp_path_factory.mktemp("grow") / "site")
    result = site.run("evidence", "new", "Why does it grow?", "--name", NAME)
    assert result.returncode == 0, result.stdout
    site.check_build()
    return Site(site.root)


def is_conflict(output, name):
    """Return whether the output is one sentence that names the plugin and the file to edit, and no other problem."""
    messages = [line for line in output.splitlines() if name in line and "mkdocs.yml" in line]
    return len(messages) == 1 and "problems:" not in output


def read_visible_text(path):
    """Read what readers or programs find in a file, without code."""
    text = path.read_text("utf-8")
    if path.suffix == ".json":
        return json.dumps(
            [entry for entry in json.loads(text)["docs"] if not entry["location"].startswith("evidence/")]
        )
    if path.suffix == ".html":
        page = BeautifulSoup(text, "html.parser")
        for code in page.find_all(["code", "pre"]):
            code.decompose()
        return str(page)
    return text


@pytest.mark.parametrize(("name", "order"), CASES)
def test_site_builds_with_plugin_or_names_the_conflict(topic_site, tmp_path, name, order):
    plugin, site = PLUGINS[name], copy_site(topic_site, tmp_path / "project")
    entries = [plugin["entry"], {"evidence": {"seconds": 30}}]
    changes = {"plugins": ["search", *(entries if order == "before" else entries[::-1])]} | plugin.get("more", {})
    changes["theme"] = plugin.get("theme", {"name": "mkdocs"})
    page = (site.root / "docs/grow.md").read_text()
    site.configure(**changes).write({"docs/more.md": MORE, "docs/index.md": "# Home\n"})
    for path, text in plugin.get("files", {}).items():
        if text is None:
            (site.root / path).unlink()
        else:
            site.write({path: page if text == "COPY" else text})
    plugin.get("before", lambda site: None)(site)
    result = site.build()
    if result.returncode:
        assert plugin.get("conflict") and is_conflict(result.stdout, name), result.stdout
        return
    for path in ("grow/",):
        text = str(find_main(site, path))
        assert all(part in text for part in (">9</a>", "figure_growth.svg", "<math", "(1)")), text[:3000]
    assert find_broken_links(site) == []
    for path in site.files():
        if path.endswith((".html", ".xml", "search_index.json")):
            assert not re.search(r"\{\{ grow|digits\(", read_visible_text(site.root / "site" / path)), path
    plugin.get("check", lambda site: None)(site)
    result = site.run("evidence", "check")
    assert result.returncode in (0, 1), result.stdout


def test_site_builds_with_many_plugins_together(topic_site, tmp_path):
    site = copy_site(topic_site, tmp_path / "project")
    together = ["tags", "meta", "blog", "redirects", "glightbox", "minify", "include-markdown"]
    together += ["gen-files", "mkdocstrings", "mike"]
    entries = [PLUGINS[name]["entry"] for name in together]
    for name in together:
        site.write(PLUGINS[name].get("files", {}))
    site.write({"docs/more.md": MORE, "docs/index.md": "# Home\n"}).configure(
        theme=MATERIAL, plugins=["search", *entries, {"evidence": {}}]
    )
    site.check_build()
    assert find_broken_links(site) == [] and "9.0" in str(find_main(site, "inc/"))


def test_pandas_reads_only_files_that_the_snippet_names(topic_site, tmp_path):
    site = copy_site(topic_site, tmp_path / "project")
    imports = "from pathlib import Path\n\nimport pandas\n\n"
    body = 'value = len(pandas.read_csv(Path(__file__).with_name("points.csv")))'
    site.write({"snippets/points.csv": "a,b\n1,2\n3,4\n", "snippets/reads.py": snippet(body, imports)})
    site.write({"docs/a.md": "# A\n\n{{ reads.value }} rows\n"})
    messages = find_problems(site.check_refusal(), "snippets/reads.py")
    assert len(messages) == 1 and "DATA" in messages[0][1], messages
    site.write({"snippets/reads.py": snippet(body, imports + 'DATA = ["points.csv"]\n')})
    site.check_build()
    assert "2 rows" in find_main(site, "a/").get_text()
