"""Other plugins beside ours: generated pages are real files, and links and Markdown copies are right.

`make matrix` builds with the plugins themselves; here hooks do what they do.
"""

import base64
import json
import random
import re
import struct
import zlib
from urllib.parse import unquote, urlsplit

import pytest

from world.sites import ADDRESS, EXTENSIONS, NAME, OURS, Site, copy_site, find_broken_links, share_folder

V = "{{ " + NAME + ".area | digits(2) }}"
EQUATION = f"/// equation | {NAME}.area\n///"
MATERIAL = {"name": "material", "font": False}

# What plugins do with files and pages: they use their paths, read them, and ask when they changed.
FILES = """
import os
from pathlib import Path
from mkdocs.plugins import event_priority

def check_files(files, config, when):
    for file in files:
        if file.inclusion.is_excluded():
            continue
        path = Path(file.abs_src_path)
        assert path.is_absolute() and path.is_file(), (when, file.src_uri, path)
        assert os.path.getmtime(path) > 0 and file.content_bytes == path.read_bytes(), (when, file.src_uri)
        path.is_relative_to(config.docs_dir)
        os.path.relpath(path, config.docs_dir)
        assert file.src_dir is not None or file.generated_by, (when, file.src_uri)
        assert not file.src_uri.endswith(".ipynb") or not file.is_documentation_page(), (when, file.src_uri)
    return files

@event_priority(PRIORITY)
def on_files(files, config):
    return check_files(files, config, "files")

@event_priority(PRIORITY)
def on_nav(nav, config, files):
    check_files(files, config, "nav")
    for page in nav.pages:
        Path(page.file.abs_src_path).read_text("utf-8")
    return nav

@event_priority(PRIORITY)
def on_page_markdown(markdown, page, config, files):
    assert Path(page.file.abs_src_path).is_file(), page.file.src_uri
    page.file.edit_uri
    return markdown

@event_priority(PRIORITY)
def on_env(env, config, files):
    check_files(files, config, "env")
    return env
"""


@pytest.mark.parametrize("priority", [500, 0, -500])
def test_every_file_has_a_path_and_content_for_other_plugins(site, priority):
    """Plugins for translations, dates and feeds read them."""
    site.write({"hook.py": FILES.replace("PRIORITY", str(priority))}).configure(hooks=["hook.py"])
    result = site.attempt("mkdocs", "build", "--strict")
    assert result.returncode == 0, result.stdout[-3000:]


def test_generated_pages_are_outside_of_docs(site):
    """Otherwise the server would rebuild for ever, and generated files could be committed."""
    before = site.files("docs")
    site.check_build()
    assert site.files("docs") == before


REPLACE_FILES = """
from mkdocs.structure.files import File, Files

def on_files(files, config):
    copies = []
    for file in files:
        if file.is_documentation_page() and file.generated_by is None:
            copies.append(File(file.src_uri, file.src_dir, file.dest_dir, file.use_directory_urls))
        else:
            copies.append(file)
    return Files(copies)
"""
ADD_PAGE = """
from mkdocs.structure.files import File

def on_files(files, config):
    files.append(File.generated(config, "made.md", content=TEXT))
    return files
"""
CHANGE_MARKDOWN = """
def on_page_markdown(markdown, page, config, files):
    return markdown + "\\n\\nAdded AREA.\\n" if page.file.src_uri == "grow.md" else markdown
"""


def test_site_is_whole_with_a_plugin_that_replaces_files(site):
    site.write({"hook.py": REPLACE_FILES}).configure(hooks=["hook.py"]).check_build()
    assert "9" in site.soup("grow/").main.get_text() and find_broken_links(site) == []


def test_page_added_by_a_plugin_has_values_equations_and_references(site):
    text = f"# Made\n\nArea {V}, $x_1$.\n\n{EQUATION}\n\nSee [@{NAME}.area].\n"
    site.write({"hook.py": ADD_PAGE.replace("TEXT", repr(text))}).configure(hooks=["hook.py"]).check_build()
    main = site.soup("made/").main
    assert "Area 9.0" in main.get_text() and main.get_text().count("(1)") == 2 and len(main.find_all("math")) == 2


def test_value_added_by_a_plugin_is_filled_in_page_and_copy(site):
    site.write({"hook.py": CHANGE_MARKDOWN.replace("AREA", V)}).configure(hooks=["hook.py"]).check_build()
    assert "Added 9.0." in site.soup("grow/").main.get_text()
    assert "Added 9.0." in (site.root / "site/grow/index.md").read_text()


REWRITES = {  # what other plugins do with the HTML of a page
    "reorders": r"re.sub(r'<a (class=\"reference\") ([^>]*)>', r'<a \2 \1>', html)",
    "leaves quotation marks out": r"re.sub(r'=\"([\w.-]+)\"', r'=\1', html)",
    "adds a class": "html.replace('class=\"reference\"', 'class=\"reference external\"')",
    "adds lines": "html.replace('<a ', '\\n<a ').replace('</a>', '\\n</a>')",
}


@pytest.mark.parametrize("how", REWRITES)
def test_references_are_resolved_after_a_plugin_that_rewrites_html(site, how):
    hook = f"import re\n\n\ndef on_page_content(html, page, config, files):\n    return {REWRITES[how]}\n"
    site.write({"hook.py": hook, "docs/a.md": f"# A\n\nSee [@{NAME}.area], [so [@{NAME}.area]](grow.md).\n"})
    site.configure(hooks=["hook.py"]).check_build()
    assert site.soup("a/").main.get_text().count("(1)") == 2, site.soup("a/").main
    assert "data-key" not in site.html("a/")


KEEP_HTML = """
from pathlib import Path
pages = {}

def on_page_content(html, page, config, files):
    pages[page.file.src_uri] = html, Path(page.file.abs_dest_path)

def on_post_build(config):
    html, path = pages["a.md"]
    assert "A page" in path.read_text()
    path.with_suffix(".txt").write_text("text")
    path.with_name("print.html").write_text(html)
"""


def test_plugin_may_write_html_of_pages_after_the_build(site):
    site.write({"hook.py": KEEP_HTML, "docs/a.md": f"# A page\n\nSee [@{NAME}.area].\n"}).configure(
        hooks=["hook.py"]
    ).check_build()
    assert (site.root / "site/a/index.txt").read_text() == "text"
    page = site.html("a/print.html")
    assert 'href="../grow/#equation-grow-area">(1)</a>' in page and "data-key" not in page, page
    assert not (site.root / ".evidence/site").is_symlink()


CONVERT_TEXT = """
from markdown import Markdown

def on_page_content(html, page, config, files):
    md = Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs)
    return html + md.convert("More AREA and $x_1$.")
"""


def test_plugin_may_convert_texts_with_our_extension(site):
    site.write({"hook.py": CONVERT_TEXT.replace("AREA", V), "docs/a.md": "# A\n\ntext\n"}).configure(hooks=["hook.py"])
    site.check_build()
    assert "More 9.0 and" in site.soup("a/").main.get_text() and site.soup("a/").main.math


def test_plugin_listed_twice_is_refused(site):
    site.configure(plugins=[OURS, OURS])
    result = site.run("mkdocs", "build")
    assert result.returncode == 1 and "mkdocs.yml names the plugin evidence twice: remove one" in result.stdout


# Notebooks as pages.


def make_notebook():
    rows = b"".join(b"\0" + random.Random(n).randbytes(120) for n in range(120))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 120, 120, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts]
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode()
    output = {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}
    text = ["# A notebook\n", "\n", "With {{ braces }} and ``` in a line, /// too.\n"]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": text},
        {"cell_type": "code", "metadata": {}, "source": ["x = {}"], "execution_count": 1, "outputs": [output]},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize("order", ["before", "after"])
def test_notebook_page_keeps_its_text_and_picture(site, order):
    """The notebooks that we offer for download are no pages."""
    pytest.importorskip("mkdocs_jupyter")
    plugins = [{"mkdocs-jupyter": {"execute": False}}, OURS]
    site.write({"docs/demo.ipynb": make_notebook(), "docs/a.md": f"# A\n\n{V} [demo](demo.ipynb)\n"})
    site.configure(plugins=plugins if order == "before" else plugins[::-1], theme={"name": "mkdocs"}).check_build()
    text = site.html("demo/")
    assert "A notebook" in text and "data:image/png;base64" in text and "{{ braces }}" in text
    assert "9.0" in site.html("a/")
    (path,) = [name for name in site.files() if name.startswith("evidence/") and name.endswith(".ipynb")]
    assert json.loads((site.root / "site" / path).read_text())["cells"]
    assert not any(name.startswith("demo/") and name.endswith(".md") for name in site.files()) or (
        "cell_type" not in (site.root / "site/demo/index.md").read_text()
    )


def test_notebook_without_a_plugin_is_copied(site):
    site.write({"docs/demo.ipynb": make_notebook(), "docs/a.md": f"# A\n\n{V} [demo](demo.ipynb)\n"}).check_build()
    assert (site.root / "site/demo.ipynb").read_text() == make_notebook()


# Material’s blog.

POST = f"""---
date: 2024-01-31
---

# A post

Area {V}, $x_1^2$, see [@{NAME}.area].

/// figure | {NAME}.growth
Text.
///

/// claim | {NAME}.area
///

<!-- more -->

Rest {V}.
"""


@pytest.fixture(scope="module")
def blog(tmp_path_factory, base_site):
    def make(folder):
        site = copy_site(base_site, folder / "site")
        site.write({"docs/blog/index.md": "# Blog\n", "docs/blog/posts/p.md": POST, "docs/index.md": "# Home\n"})
        site.configure(theme=MATERIAL, plugins=["blog", "tags", "meta", "search", OURS])
        result = site.run("mkdocs", "build", "--strict")
        return {"code": result.returncode, "output": result.stdout}

    folder, record = share_folder(tmp_path_factory, "blog", make)
    assert record["code"] == 0, record["output"]
    return Site(folder / "site")


@pytest.mark.parametrize("page", ["blog/", "blog/2024/01/31/a-post/", "blog/archive/2024/"])
def test_list_of_posts_has_values_figures_and_formulas(blog, page):
    article = blog.soup(page).find(class_="md-content")
    assert "Area 9.0" in article.get_text() and article.find("math") and article.find("figure"), page
    assert "{{" not in str(article) and "<!-- more" not in article.get_text()


def test_links_of_a_blog_are_not_broken(blog):
    assert find_broken_links(blog) == []


# Addresses and copies.

PAGE = f"""# Page

[home](../../index.md), [up](../index.md), [grow](../../grow.md#why-does-it-grow), [beside](other.md) {V} [@{NAME}.area]

![picture](../../a.svg) ![mine](mine.svg)

[by name][one]

[out](https://example.org/x.md) [mail](mailto:a@example.org) [anchor](#page)

[one]: ../../grow.md 'Title'
"""
PAGES = {
    "docs/index.md": "# Home\n\n[Deep](deep/er/page.md) [Grow](grow.md)\n",
    "docs/deep/er/page.md": PAGE,
    "docs/deep/er/other.md": "# Other\n\n[page with spaces](<a page.md>) [数学](数学.md)\n\n`[code](index.md)`\n",
    "docs/deep/er/a page.md": "# A page\n\ntext\n",
    "docs/deep/er/数学.md": "# 数学\n\ntext\n",
    "docs/deep/er/mine.svg": "<svg/>",
    "docs/deep/index.md": "# Deep\n\n[er](er/page.md)\n\n- [in a list](er/other.md)\n\n> [quoted](er/page.md)\n",
}


@pytest.fixture(scope="module", params=[True, False], ids=["folders", "files"])
def addresses(request, tmp_path_factory, base_site):
    def make(folder):
        site = copy_site(base_site, folder / "site").write(PAGES)
        result = site.configure(use_directory_urls=request.param).run("mkdocs", "build")
        return {"code": result.returncode, "output": result.stdout}

    folder, record = share_folder(tmp_path_factory, f"addresses{request.param}", make)
    assert record["code"] == 0, record["output"]
    return Site(folder / "site")


def test_links_of_pages_are_not_broken(addresses):
    assert find_broken_links(addresses) == []


def test_links_of_markdown_copies_are_full_addresses_of_existing_files(addresses):
    links, top = [], addresses.root / "site"
    for path in top.rglob("*.md"):
        text = re.sub(r"`[^`\n]*`|^(```|~~~).*?^\1", "", path.read_text("utf-8"), flags=re.M | re.S)
        targets = re.findall(r"\]\(<?([^)>\s]+(?: [^)>\"']*)?)>?(?: [\"'][^)]*)?\)", text)
        targets += re.findall(r"^\[\w+\]: <?(\S+)", text, re.M)
        links += [(path.relative_to(top).as_posix(), link) for link in targets]
    assert len(links) > 15
    failures = []
    for page, link in links:
        parts = urlsplit(link)
        if parts.scheme == "mailto" or link == "https://example.org/x.md" or link.startswith("#"):
            continue
        target = top / unquote(link.removeprefix(ADDRESS).split("#")[0])
        is_address = link.startswith(ADDRESS) and "//" not in link.removeprefix("https://")
        if not is_address or not (
            target.is_file() or (link.split("#")[0].endswith("/") and (target / "index.html").is_file())
        ):
            failures.append((page, link))
    assert failures == []


def test_links_of_copies_with_queries_parentheses_and_titles(site):
    """Links in code must not change."""
    text = "# A\n\n[q](grow.md?x=1#why-does-it-grow) [p](b_(c).md) ![t](a.svg 'so (it) is') [m\nn](grow.md \"T\")\n\n"
    text += f"`[code](grow.md) {V}` and ``[x](grow.md)``, {V}\n"
    site.write({"docs/a.md": text, "docs/b_(c).md": "# B\n\ntext\n"}).check_build()
    copy = (site.root / "site/a/index.md").read_text()
    for link in ("grow/?x=1#why-does-it-grow)", "b_%28c%29/)", "a.svg 'so (it) is')", 'grow/ "T")'):
        assert ADDRESS + link in copy or ADDRESS + unquote(link) in copy, copy
    assert f"`[code](grow.md) {V}` and ``[x](grow.md)``, 9.0" in copy, copy


def test_links_of_copies_with_absolute_paths_and_over_lines(site):
    text = "# A\n\n[a](/grow.md#why-does-it-grow) ![p](</a.svg>) [b][one] [c][two] [d](https://example.org/x.md)\n\n"
    site.write({"docs/deep/a.md": text + "[one]:\n    ../grow.md\n[two]: /grow.md 'T'\n"}).check_build()
    copy = (site.root / "site/deep/a/index.md").read_text()
    assert copy.count(f"{ADDRESS}grow/") == 3 and "/grow.md" not in copy and "https://example.org/x.md" in copy, copy


def test_commands_for_arithmatex_are_built_or_refused_by_name(site):
    for generic in (True, False):
        site.configure(markdown_extensions=[*EXTENSIONS, {"pymdownx.arithmatex": {"generic": generic}}])
        site.write({"docs/a.md": "# A\n\n$\\alpha_1$ and \\(\\beta\\)\n\n$$\n\\frac{a}{b}\n$$\n\n<b>x</b>\n"})
        result = site.build()
        assert result.returncode == 0 or "arithmatex" in result.stdout, result.stdout


def test_links_work_without_site_url(site):
    site.configure(site_url="").write(
        PAGES | {"docs/deep/er/page.md": "# Page\n\n[home](../../index.md)\n"}
    ).check_build()
    assert find_broken_links(site) == []
    text = (site.root / "site/deep/er/page/index.md").read_text()
    assert "//" not in re.findall(r"\]\((.*?)\)", text)[0].removeprefix("https://")


def test_links_work_with_the_offline_plugin(site):
    site.write({"docs/index.md": "# Home\n"}).configure(theme=MATERIAL, plugins=["offline", "search", OURS])
    site.check_build()
    assert find_broken_links(site) == []


# Braces of other programs.

JINJA = """
from jinja2 import Environment

def on_page_markdown(markdown, page, config, files):
    return Environment(variable_start_string="[[", variable_end_string="]]").from_string(markdown).render(name="Ann")
"""


def test_templates_with_other_delimiters_work_beside_values(site):
    site.write({"hook.py": JINJA, "docs/a.md": f"# A\n\nHello [[ name ]]: {V}.\n"}).configure(
        hooks=["hook.py"]
    ).check_build()
    assert "Hello Ann: 9.0." in site.soup("a/").main.get_text()


def test_formulas_beside_arithmatex_are_rendered_once_or_refused_by_name(site):
    site.configure(markdown_extensions=[*EXTENSIONS, {"pymdownx.arithmatex": {"generic": True}}])
    site.write({"docs/a.md": "# A\n\n$x_1$ and\n\n$$\ny_1\n$$\n"})
    result = site.build()
    assert result.returncode == 0 or "arithmatex" in result.stdout
    if result.returncode == 0:
        article = site.soup("a/").main
        assert len(article.find_all("math")) + len(article.select(".arithmatex")) == 2


def test_custom_fences_are_left_alone(site):
    fences = [{"name": "mermaid", "class": "mermaid", "format": "!!python/name:pymdownx.superfences.fence_code_format"}]
    site.configure()
    text = (site.root / "mkdocs.yml").read_text()
    fence = json.dumps({"pymdownx.superfences": {"custom_fences": fences}})
    name = "!!python/name:pymdownx.superfences.fence_code_format"
    fence = fence.replace(f'"{name}"', f"{name} ''")
    site.write({"mkdocs.yml": text.replace('"pymdownx.superfences"', fence)})
    site.write({"docs/a.md": "# A\n\n```mermaid\ngraph LR\n  A{{ x }} --> B[$$y$$]\n```\n\ntext\n"}).check_build()
    assert "A{{ x }}" in site.soup("a/").main.get_text()
