"""The page cache: a build that reuses pages of the last one makes the site of a fresh build, byte for byte."""

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
def site(warm):
    """The small site with Material, more pages, a hook and a custom template."""
    (warm.root / "theme").mkdir()
    (warm.root / "mkdocs.yml").write_text(CONFIG)
    (warm.root / "theme/hook.py").write_text(HOOK)
    (warm.root / "theme/main.html").write_text(MAIN)
    (warm.root / "docs/motto.txt").write_text("<p>A motto.</p>")
    (warm.root / "docs/other.md").write_text("# Other\n\nSee [@square.area] and [squares](index.md#squares).\n")
    (warm.root / "docs/tags.md").write_text("# By subject\n\n<!-- material/tags -->\n")
    text = "---\ntags: [area]\n---\n# Tagged\n\nThe area is {{ square.area | digits(2) }}.\n"
    (warm.root / "docs/tagged.md").write_text(text)
    return warm


def list_edits(site, rng):
    """List functions that each make one edit, as a contributor might."""
    docs, number = site.root / "docs", rng.randrange(10**6)

    def change(file, old, new):
        site.edit(file, old, new)

    def append(file, text):
        path = site.root / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    def move_equation():
        """Put one more equation before or after the one that another page refers to."""
        text = (docs / "index.md").read_text("utf-8")
        limit = "/// equation | square.limit\n///\n\n"
        place = "/// equation" if text.index(limit) > text.index("square.area\n///") else "See [@"
        text = text.replace(limit, "").replace(place, f"{limit}{place}", 1)
        (docs / "index.md").write_text(text, "utf-8")

    def toggle_page():
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
        move_equation,
        toggle_page,
    ]


def forget_pages(site):
    """Remove the page cache, and keep the results."""
    for kind in ("articles", "pages", "entries", "templates"):
        shutil.rmtree(site.root / ".evidence/cache" / kind)


def build_twice(site):
    """Return the site built with pages of the cache, and the site built without them."""
    site.check_build(**EPOCH)
    again = site.bytes()
    forget_pages(site)
    site.check_build(**EPOCH)
    return again, site.bytes()


def test_site_after_edits_is_that_of_a_fresh_build(site):
    """Make each edit alone, since one that changes all pages would hide a fault of another, then fifty at random."""
    rng = random.Random(0)
    build_twice(site)
    alone = [[number] for number in range(len(list_edits(site, rng)))]
    for numbers in [*alone, *(rng.choices(range(len(alone)), k=10) for _ in range(5))]:
        for number in numbers:
            list_edits(site, rng)[number]()
        again, fresh = build_twice(site)
        assert [name for name in again | fresh if again.get(name) != fresh.get(name)] == [], numbers


@pytest.mark.parametrize(
    "linenums", ["", "{linenums: true}", "{linenums: true, linenums_style: table}", "{anchor_linenums: true}"]
)
def test_site_and_search_index_are_those_of_a_build_without_the_plugin(site, linenums):
    (site.root / "docs/listings.md").write_text(LISTINGS)
    config = CONFIG.replace("[tables", f"[{{pymdownx.highlight: {linenums}}}, tables") if linenums else CONFIG
    (site.root / "mkdocs.yml").write_text(config)
    site.check_build(**EPOCH)
    ours = site.bytes()
    (site.root / "mkdocs.yml").write_text(config.replace("  - page-cache\n", ""))
    site.check_build(**EPOCH)
    theirs = site.bytes()
    assert [name for name in ours | theirs if ours.get(name) != theirs.get(name)] == []


def test_unchanged_page_is_not_rendered(site):
    """Use a hook that reports the pages that are rendered."""
    with (site.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_page_markdown(markdown, page, config, files):\n    page.read = True\n")
        hook.write("def on_post_page(output, page, config):\n    print('made', page.file.src_uri) if output else 0\n")
    assert "made other.md" in site.build().stdout
    site.edit("docs/other.md", "See", "Do see")
    messages = {line for line in site.build().stdout.splitlines() if line.startswith("made")}
    assert "made other.md" in messages
    assert not messages & {"made index.md", "made tagged.md", "made evidence/square.md"}


def test_text_that_a_hook_adds_is_on_cached_pages_once(site):
    with (site.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_post_page(output, page, config):\n    return output + '<!-- the end -->'\n")
    pages = [site.root / f"site/{name}.html" for name in ("index", "other/index", "evidence/square/index")]
    assert site.build().returncode == 0
    before = [page.read_text() for page in pages]
    assert all(page.count("<!-- the end -->") == 1 and "</html>" in page for page in before)
    assert site.build().returncode == 0
    assert all(page.read_text() == text for page, text in zip(pages, before))


def test_files_changed_in_the_site_are_written_again(site):
    assert site.build().returncode == 0
    names = ("other/index.html", "other/index.md", "evidence/square/figure_growth.svg", "evidence/square/square.zip")
    files = [site.root / "site" / name for name in names]
    before = [file.read_bytes() for file in files]
    for file in files:
        with file.open("r+b") as stream:  # in place, so that a hard link in the cache changes too
            stream.write(b"changed")
    assert site.build().returncode == 0
    assert [file.read_bytes() for file in files] == before


def test_navigation_of_source_pages_is_shared_only_if_it_is_the_same(site):
    for name in THREE:
        (site.root / f"snippets/{name}.py").write_text(SNIPPET.replace("VALUE", "1"))
    with (site.root / "docs/tagged.md").open("a") as page:
        page.write("\n{{ one.answer }} {{ two.answer }} {{ three.answer }}\n")
    for text in ("{{ page.title }}", "the same"):
        main = f"{MAIN}{{% block site_nav %}}<nav>{text}</nav>{{% endblock %}}"
        (site.root / "theme/main.html").write_text(main)
        assert site.build().returncode == 0
        pages = [(site.root / f"site/evidence/{name}/index.html").read_text() for name in (*THREE, "square")]
        navigation = [re.search("<nav>(.*?)</nav>", page)[1] for page in pages]
        assert navigation == [text.replace("{{ page.title }}", f"{name}.py") for name in (*THREE, "square")]


def test_hook_that_changes_the_template_environment_invalidates_compiled_templates(site):
    template = site.root / "theme/main.html"
    template.write_text(MAIN.replace("{% block footer %}", "{% block footer %}{% if true %}\n{% endif %}"))
    assert site.build().returncode == 0
    assert "\n<p>last words" in (site.root / "site/other/index.html").read_text()
    with (site.root / "theme/hook.py").open("a") as hook:
        hook.write("def on_env(env, config, files):\n    env.trim_blocks = True\n")
    for _ in range(2):
        assert site.build().returncode == 0
        page = (site.root / "site/other/index.html").read_text()
        assert "<p>last words" in page and "\n<p>last words" not in page
        forget_pages(site)


def test_warnings_of_a_cached_page_are_repeated(site):
    (site.root / "docs/other.md").write_text("# Other\n\n[nowhere](nowhere.md)\n")
    site.run("mkdocs", "build", "-q")
    for _ in range(2):
        assert "nowhere.md" in site.run("mkdocs", "build").stdout


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-40], lambda data: data.replace(b"Other", b"0ther"), lambda data: b""]
)
@pytest.mark.parametrize("files", [".evidence/cache/**/*", "site/**/index.*"])
def test_damaged_pages_in_cache_or_site_are_rendered_again(site, spoil, files):
    site.check_build(**EPOCH)
    site.check_build(**EPOCH)  # from the cache
    good = site.bytes()
    for path in site.root.glob(files):
        if path.is_file() and path.parent.name != "square":  # new results would have another date
            path.write_bytes(spoil(path.read_bytes()))
    site.check_build(**EPOCH)
    assert site.bytes() == good


def test_edited_extension_of_the_project_invalidates_pages(site):
    (site.root / "shouting.py").write_text(EXTENSION)
    site.edit("mkdocs.yml", "markdown_extensions: [", "markdown_extensions: [shouting, ")
    site.check_build()
    assert re.search("<h1[^>]*>OTHER<", site.bytes()["other/index.html"].decode())
    site.edit("shouting.py", "upper()", "lower()")
    site.check_build()
    assert re.search("<h1[^>]*>other<", site.bytes()["other/index.html"].decode())


def test_nothing_is_cached_beside_a_plugin_that_may_read_every_page(site):
    site.edit("mkdocs.yml", "  - page-cache\n", "  - page-cache\n  - print-site\n")
    site.check_build()
    assert not (site.root / ".evidence/cache/articles").exists()
