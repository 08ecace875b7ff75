"""The page cache: a build that takes pages over from the last one makes the site of a fresh one, byte for byte."""

import random
import re
import shutil

import pytest

from conftest import EPOCH, SNIPPET

CONFIG = """site_name: Small
theme: {name: material, font: false, custom_dir: theme}
plugins:
  - search
  - tags
  - evidence: {seconds: 8, megabytes: 512}
  - page-cache
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
EXTENSION = """from markdown import Extension
from markdown.treeprocessors import Treeprocessor

class Shouting(Treeprocessor):
    def run(self, root):
        for head in root.iter("h1"):
            head.text = (head.text or "").upper()

class Shout(Extension):
    def extendMarkdown(self, md):
        md.treeprocessors.register(Shouting(md), "shouting", 30)

def makeExtension(**options):
    return Shout(**options)
"""
THREE = ("one", "two", "three")


@pytest.fixture
def cached(warm):
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


def forget_pages(site):
    """Lose what the page cache holds, and keep results."""
    for kind in ("articles", "pages", "entries", "templates"):
        shutil.rmtree(site.root / ".evidence/cache" / kind)


def build_twice(site):
    """The site as a build makes it that takes pages over, and as one makes it that has none to take over."""
    site.built(**EPOCH)
    again = site.bytes()
    forget_pages(site)
    site.built(**EPOCH)
    return again, site.bytes()


def test_after_each_edit_and_after_fifty_random_ones_the_site_is_that_of_a_fresh_build(cached):
    """Each alone, since one that changes all pages would hide what another was not seen to change."""
    rng = random.Random(0)
    build_twice(cached)
    alone = [[number] for number in range(len(edits(cached, rng)))]
    for numbers in [*alone, *(rng.choices(range(len(alone)), k=10) for _ in range(5))]:
        for number in numbers:
            edits(cached, rng)[number]()
        again, fresh = build_twice(cached)
        assert [name for name in again | fresh if again.get(name) != fresh.get(name)] == [], numbers


@pytest.mark.parametrize(
    "linenums", ["", "{linenums: true}", "{linenums: true, linenums_style: table}", "{anchor_linenums: true}"]
)
def test_the_site_is_that_of_a_build_without_the_plugin(cached, linenums):
    """Also what the search finds, though it is told less of listings and formulas."""
    (cached.root / "docs/listings.md").write_text(LISTINGS)
    config = CONFIG.replace("[tables", f"[{{pymdownx.highlight: {linenums}}}, tables") if linenums else CONFIG
    (cached.root / "mkdocs.yml").write_text(config)
    cached.built(**EPOCH)
    ours = cached.bytes()
    (cached.root / "mkdocs.yml").write_text(config.replace("  - page-cache\n", ""))
    cached.built(**EPOCH)
    theirs = cached.bytes()
    assert [name for name in ours | theirs if ours.get(name) != theirs.get(name)] == []


def test_a_page_that_did_not_change_is_not_rendered(cached):
    """Seen by a hook that is asked to work on rendered pages only."""
    with (cached.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_page_markdown(markdown, page, config, files):\n    page.read = True\n")
        hook.write("def on_post_page(output, page, config):\n    print('made', page.file.src_uri) if output else 0\n")
    assert "made other.md" in cached.build().stdout
    cached.edit("docs/other.md", "See", "Do see")
    made = {line for line in cached.build().stdout.splitlines() if line.startswith("made")}
    assert "made other.md" in made
    assert not made & {"made index.md", "made tagged.md", "made evidence/square.md"}


def test_what_a_hook_adds_to_every_page_stands_on_pages_taken_over_too(cached):
    with (cached.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_post_page(output, page, config):\n    return output + '<!-- the end -->'\n")
    pages = [cached.root / f"site/{name}.html" for name in ("index", "other/index", "evidence/square/index")]
    assert cached.build().returncode == 0
    before = [page.read_text() for page in pages]
    assert all(page.count("<!-- the end -->") == 1 and "</html>" in page for page in before)
    assert cached.build().returncode == 0
    assert all(page.read_text() == text for page, text in zip(pages, before))


def test_files_that_somebody_changed_in_the_site_are_made_again(cached):
    assert cached.build().returncode == 0
    names = ("other/index.html", "other/index.md", "evidence/square/figure_growth.svg", "evidence/square/square.zip")
    files = [cached.root / "site" / name for name in names]
    before = [file.read_bytes() for file in files]
    for file in files:
        with file.open("r+b") as opened:  # in place, so that a second name of the file sees it, too
            opened.write(b"changed")
    assert cached.build().returncode == 0
    assert [file.read_bytes() for file in files] == before


def test_what_stands_beside_the_pages_of_sources_is_made_for_each_where_it_differs(cached):
    for name in THREE:
        (cached.root / f"snippets/{name}.py").write_text(SNIPPET.replace("VALUE", "1"))
    with (cached.root / "docs/tagged.md").open("a") as page:
        page.write("\n{{ one.answer }} {{ two.answer }} {{ three.answer }}\n")
    for beside in ("{{ page.title }}", "the same"):
        main = f"{MAIN}{{% block site_nav %}}<nav>{beside}</nav>{{% endblock %}}"
        (cached.root / "theme/main.html").write_text(main)
        assert cached.build().returncode == 0
        made = [(cached.root / f"site/evidence/{name}/index.html").read_text() for name in (*THREE, "square")]
        said = [re.search("<nav>(.*?)</nav>", page)[1] for page in made]
        assert said == [beside.replace("{{ page.title }}", f"{name}.py") for name in (*THREE, "square")]


def test_a_hook_sets_how_templates_are_read_though_they_were_compiled_before(cached):
    template = cached.root / "theme/main.html"
    template.write_text(MAIN.replace("{% block footer %}", "{% block footer %}{% if true %}\n{% endif %}"))
    assert cached.build().returncode == 0
    assert "\n<p>last words" in (cached.root / "site/other/index.html").read_text()
    with (cached.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_env(env, config, files):\n    env.trim_blocks = True\n")
    for _ in range(2):
        assert cached.build().returncode == 0
        page = (cached.root / "site/other/index.html").read_text()
        assert "<p>last words" in page and "\n<p>last words" not in page
        forget_pages(cached)


def test_what_was_said_about_a_page_is_said_again(cached):
    (cached.root / "docs/other.md").write_text("# Other\n\n[nowhere](nowhere.md)\n")
    cached.run("mkdocs", "build", "-q")
    for _ in range(2):
        assert "nowhere.md" in cached.run("mkdocs", "build").stdout


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-40], lambda data: data.replace(b"Other", b"0ther"), lambda data: b""]
)
@pytest.mark.parametrize("files", [".evidence/cache/**/*", "site/**/index.*"])
def test_a_damaged_page_is_made_again(cached, spoil, files):
    """Also one that was changed in the site."""
    cached.built(**EPOCH)
    cached.built(**EPOCH)  # takes them over
    good = cached.bytes()
    for path in cached.root.glob(files):
        if path.is_file() and path.parent.name != "square":  # whose results would be of another day
            path.write_bytes(spoil(path.read_bytes()))
    cached.built(**EPOCH)
    assert cached.bytes() == good


def test_an_extension_of_the_project_makes_pages_anew(cached):
    """Its text is part of what a page is made from."""
    (cached.root / "shouting.py").write_text(EXTENSION)
    cached.edit("mkdocs.yml", "markdown_extensions: [", "markdown_extensions: [shouting, ")
    cached.built()
    assert re.search("<h1[^>]*>OTHER<", cached.bytes()["other/index.html"].decode())
    cached.edit("shouting.py", "upper()", "lower()")
    cached.built()
    assert re.search("<h1[^>]*>other<", cached.bytes()["other/index.html"].decode())


def test_beside_a_plugin_that_may_read_every_page_nothing_is_cached(cached):
    cached.edit("mkdocs.yml", "  - page-cache\n", "  - page-cache\n  - print-site\n")
    cached.built()
    assert not (cached.root / ".evidence/cache/articles").exists()
