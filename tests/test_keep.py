"""A build that takes pages over from the last one makes the site that a fresh one makes, byte for byte."""

import random
import re
import shutil

import pytest

from conftest import SNIPPET

CONFIG = """site_name: Small
theme: {name: material, font: false, custom_dir: theme}
plugins:
  - search
  - tags
  - evidence: {seconds: 8, megabytes: 512, keep: true}
hooks: [theme/hook.py]
validation:
  links: {absolute_links: relative_to_docs, anchors: warn}
markdown_extensions: [tables, attr_list, pymdownx.superfences, {toc: {permalink: true}}]
"""
HOOK = """from pathlib import Path
def on_pre_build(config):
    config.extra["motto"] = Path(config.docs_dir, "motto.txt").read_text()
def on_page_content(html, page, config, files):
    return html + config.extra["motto"] if html else html
"""
MAIN = """{% extends "base.html" %}
{% block footer %}<p>last words</p>{{ super() }}{% endblock %}
"""

LISTINGS = """# Listings

Text with $x^2$ and $y < 3$ and `code`.

```python
def half(x):  # no more
    return x / 2 < 1
```

## Numbered

```{.python linenums="1" hl_lines="2"}
for i in range(3):

    print("<b>")
```

<p>See <span data-search-exclude>nothing</span> <math data-search-exclude><mi>z</mi></math> <span>here</span>.</p>

<pre><span class="a">one</span> <span data-search-exclude>two</span></pre>

1. $a$ $b$

    ```
    plain
    ```
"""
THREE = ("one", "two", "three")


@pytest.fixture
def keeping(warm):
    """The small site with Material, more pages, a hook and a template of its own."""
    (warm.root / "theme").mkdir()
    (warm.root / "mkdocs.yml").write_text(CONFIG)
    (warm.root / "theme/hook.py").write_text(HOOK)
    (warm.root / "theme/main.html").write_text(MAIN)
    (warm.root / "docs/motto.txt").write_text("<p>A motto.</p>")
    (warm.root / "docs/other.md").write_text("# Other\n\nSee [@square.area] and [squares](index.md#squares).\n")
    (warm.root / "docs/tags.md").write_text("# By subject\n\n<!-- material/tags -->\n")
    tagged = "---\ntags: [area]\n---\n# Tagged\n\nThe area is {{ square.area | digits(2) }}.\n"
    (warm.root / "docs/tagged.md").write_text(tagged)
    return warm


def edits(site, rng):
    """What a contributor may change; each call of one changes something."""
    docs, number = site.root / "docs", rng.randrange(10**6)

    def change(file, old, new):
        site.edit(file, old, new)

    def append(file, text):
        path = site.root / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    def numbered():
        """One more equation, before or after the one that another page refers to."""
        text = (docs / "index.md").read_text("utf-8")
        limit = "/// equation | square.limit\n///\n\n"
        place = "/// equation" if text.index(limit) > text.index("square.area\n///") else "See [@"
        text = text.replace(limit, "").replace(place, f"{limit}{place}", 1)
        (docs / "index.md").write_text(text, "utf-8")

    def page():
        if (docs / "more.md").exists():
            (docs / "more.md").unlink()
        else:
            (docs / "more.md").write_text(f"# More {number}\n\nWords.\n")

    return [
        lambda: append("docs/other.md", f"\nSentence {number}.\n"),
        lambda: append("docs/index.md", f"\nSentence {number}.\n"),
        lambda: append("docs/other.md", f"\n## Heading {number}\n\n[up](#heading-{number})\n"),
        lambda: append("docs/tagged.md", f"\n{{{{ square.sides[{number % 3}] | digits(2) }}}}\n"),
        lambda: change("docs/tagged.md", "# Tagged", f"# Tagged {number},"),
        lambda: change("docs/tagged.md", "tags: [", f"tags: [tag{number}, "),
        lambda: change("docs/motto.txt", "motto", f"motto {number}"),
        lambda: change("theme/main.html", "last words", f"last words {number}"),
        lambda: change("mkdocs.yml", "site_name: Small", f"site_name: Small {number}"),
        lambda: change("snippets/square.py", "The largest of them", f"The largest of them, {number}"),
        lambda: change("snippets/shared.py", "to a whole power", f"to a whole power {number}"),
        numbered,
        page,
    ]


def both(site):
    """The site as a build makes it that keeps pages, and as one makes it that has none."""
    done = site.run("mkdocs", "build", "--strict", SOURCE_DATE_EPOCH="1700000000")
    assert done.returncode == 0, done.stdout
    kept = site.bytes()
    shutil.rmtree(site.root / ".evidence/.kept/build")
    assert site.run("mkdocs", "build", "--strict", SOURCE_DATE_EPOCH="1700000000").returncode == 0
    return kept, site.bytes()


def test_after_each_edit_and_after_fifty_random_ones_a_kept_build_is_a_fresh_one(keeping):
    """Each alone, since one that changes all pages would hide what another was not seen to change."""
    rng = random.Random(0)
    both(keeping)
    alone = [[number] for number in range(len(edits(keeping, rng)))]
    for numbers in [*alone, *(rng.choices(range(len(alone)), k=10) for _ in range(5))]:
        for number in numbers:
            edits(keeping, rng)[number]()
        kept, fresh = both(keeping)
        assert [name for name in kept | fresh if kept.get(name) != fresh.get(name)] == [], numbers


@pytest.mark.parametrize(
    "linenums", ["", "{linenums: true}", "{linenums: true, linenums_style: table}", "{anchor_linenums: true}"]
)
def test_a_build_that_keeps_pages_makes_the_site_of_one_that_keeps_none(keeping, linenums):
    """Also what the search finds, though it is told less of listings and formulas."""
    (keeping.root / "docs/listings.md").write_text(LISTINGS)
    config = CONFIG.replace("[tables", f"[{{pymdownx.highlight: {linenums}}}, tables") if linenums else CONFIG
    (keeping.root / "mkdocs.yml").write_text(config)
    assert keeping.build(SOURCE_DATE_EPOCH="1700000000").returncode == 0
    kept = keeping.bytes()
    (keeping.root / "mkdocs.yml").write_text(config.replace("keep: true", "keep: false"))
    assert keeping.build(SOURCE_DATE_EPOCH="1700000000").returncode == 0
    none = keeping.bytes()
    assert [name for name in kept | none if kept.get(name) != none.get(name)] == []


def test_a_page_that_did_not_change_is_not_rendered(keeping):
    """Seen by a hook that is asked to work on rendered pages only."""
    with (keeping.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_page_markdown(markdown, page, config, files):\n    page.read = True\n")
        hook.write("def on_post_page(output, page, config):\n    print('made', page.file.src_uri) if output else 0\n")
    assert "made other.md" in keeping.build().stdout
    keeping.edit("docs/other.md", "See", "Do see")
    made = {line for line in keeping.build().stdout.splitlines() if line.startswith("made")}
    assert "made other.md" in made
    assert not made & {"made index.md", "made tagged.md", "made evidence/square.md"}


def test_what_stands_beside_the_pages_of_sources_is_made_for_each_where_it_differs(keeping):
    for name in THREE:
        (keeping.root / f"snippets/{name}.py").write_text(SNIPPET.replace("VALUE", "1"))
    with (keeping.root / "docs/tagged.md").open("a") as page:
        page.write("\n{{ one.answer }} {{ two.answer }} {{ three.answer }}\n")
    for beside in ("{{ page.title }}", "the same"):
        main = f"{MAIN}{{% block site_nav %}}<nav>{beside}</nav>{{% endblock %}}"
        (keeping.root / "theme/main.html").write_text(main)
        assert keeping.build().returncode == 0
        made = [(keeping.root / f"site/evidence/{name}/index.html").read_text() for name in (*THREE, "square")]
        said = [re.search("<nav>(.*?)</nav>", page)[1] for page in made]
        assert said == [beside.replace("{{ page.title }}", f"{name}.py") for name in (*THREE, "square")]


def test_a_hook_sets_how_templates_are_read_though_they_were_compiled_before(keeping):
    template = keeping.root / "theme/main.html"
    template.write_text(MAIN.replace("{% block footer %}", "{% block footer %}{% if true %}\n{% endif %}"))
    assert keeping.build().returncode == 0
    assert "\n<p>last words" in (keeping.root / "site/other/index.html").read_text()
    with (keeping.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_env(env, config, files):\n    env.trim_blocks = True\n")
    for _ in range(2):
        assert keeping.build().returncode == 0
        page = (keeping.root / "site/other/index.html").read_text()
        assert "<p>last words" in page and "\n<p>last words" not in page
        shutil.rmtree(keeping.root / ".evidence/.kept")


def test_what_was_said_about_a_page_is_said_again(keeping):
    (keeping.root / "docs/other.md").write_text("# Other\n\n[nowhere](nowhere.md)\n")
    keeping.run("mkdocs", "build", "-q")
    for _ in range(2):
        assert "nowhere.md" in keeping.run("mkdocs", "build").stdout


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-40], lambda data: data.replace(b"Other", b"0ther"), lambda data: b""]
)
@pytest.mark.parametrize("files", [".evidence/.kept/**/*", "site/**/index.*"])
def test_a_damaged_page_is_made_again(keeping, spoil, files):
    """Also one that was changed in the site, whose files are those on the shelf."""
    assert keeping.build(SOURCE_DATE_EPOCH="1700000000").returncode == 0
    assert keeping.build(SOURCE_DATE_EPOCH="1700000000").returncode == 0  # shares them
    good = keeping.bytes()
    for path in keeping.root.glob(files):
        if path.is_file():
            path.write_bytes(spoil(path.read_bytes()))
    done = keeping.build(SOURCE_DATE_EPOCH="1700000000")
    assert done.returncode == 0, done.stdout
    assert keeping.bytes() == good
