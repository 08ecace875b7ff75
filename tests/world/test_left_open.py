"""What an author left open, or wrote for another tool: refused with its line; what only looks like it stays."""

import shutil

import pytest

from world.sites import find_problems, share_pages

REFUSED = {  # the text, and what is said of it
    "value in single braces": ("so {grow.area} is it", "single braces"),
    "with spaces": ("so { grow.area } is it", "single braces"),
    "with an index": ("so {grow.area[0]} is it", "single braces"),
    "with a wrong name": ("so {grow.aera} is it", "single braces"),
    "with a filter": ("so {grow.area | digits(1)} is it", "single braces"),
    "in a table": ("| a |\n| --- |\n| {grow.area} |", "single braces"),
    "raw": ("{% raw %}x{% endraw %}", "template language"),
    "include": ('{% include "a.html" %}', "template language"),
    "condition": ("{% if page %}\nyes\n{% endif %}", "template language"),
    "loop with dashes": ("{%- for x in y -%}\n- a\n{%- endfor -%}", "template language"),
    "in a list": ("- item {% note %}", "template language"),
    "factor in spaces": ("with $ 2x $ here", "spaces inside"),
    "function in spaces": ("with $ f(x) $ here", "spaces inside"),
    "factorial in spaces": ("with $ n! $ here", "spaces inside"),
    "pair in spaces": ("with $ x, y $ here", "spaces inside"),
    "order in spaces": ("with $ O(n) $ here", "spaces inside"),
    "price in spaces": ("| a |\n| --- |\n| $ \\$100(1.1) $ |", "spaces inside"),
    "equation in spaces": ("with $ x = 2 $ here", "spaces inside"),
    "citation with words": ("as [see @goh2017why, p. 3]", "cites no work"),
    "two with words": ("as [e.g., @goh2017; @a2018]", "cites no work"),
    "without its author": ("as [-@goh2017why]", "cites no work"),
}
KEPT = {  # the text, and what the page shows
    "code": ("so `{grow.area}` is it", "so {grow.area} is it"),
    "fence": ("```python\nprint(f'{grow.area}')\n```", "{grow.area}"),
    "other names": ("Put {user.name} and /users/{user.id}/posts.", "{user.name} and /users/{user.id}"),
    "raw in code": ("`{% raw %}` and\n\n```\n{% if x %}\n```", "{% raw %}"),
    "percent": ("sets {%} and 50{% a }", "sets {%} and 50{% a }"),
    "prices with spaces": ("It costs $ 5, $ 10 or $ 15.", "$ 5, $ 10 or $ 15"),
    "prices in a sentence": ("from $ 100 and $ 200 then", "$ 100 and $ 200"),
    "thousands": ("$ 5k, $ 10k", "$ 5k, $ 10k"),
    "prices behind": ("5 $ and 6 $ or 7 $", "5 $ and 6 $ or 7 $"),
    "handles": ("by [thanks @octocat] and [mail me@x2017.org]", "[thanks @octocat]"),
    "link with a handle": ("[by @b2020](grow.md)", "by @b2020"),
}
HEADS = {
    "null": "title:",
    "tilde": "title: ~",
    "quotes": 'title: ""',
    "list": "title: []",
    "single braces": "title: Area {grow.area}",
    "template": "description: So {% raw %} it is",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory, base_site):
    texts = {f"refused{n}": f"# A\n\ntext\n\n{text}\n" for n, (text, _) in enumerate(REFUSED.values())}
    texts |= {f"kept{n}": f"# A\n\ntext\n\n{text}\n" for n, (text, _) in enumerate(KEPT.values())}
    texts |= {f"head{n}": f"---\n{line}\n---\n\n# A\n\ntext\n" for n, line in enumerate(HEADS.values())}
    return share_pages(tmp_path_factory, base_site, "left", texts)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_left_open_is_refused(pages, name):
    text, said = REFUSED[name]
    outcome = pages[f"refused{[*REFUSED].index(name)}"]
    line = 5 + text[: text.find("$ \\$100") + 1 or text.find("| {grow") + 1].count("\n")
    assert outcome.problems and outcome.problems[0][0] == line and said in outcome.problems[0][1], outcome.output


@pytest.mark.parametrize("name", KEPT)
def test_what_only_looks_like_it_stays(pages, name):
    _, shown = KEPT[name]
    assert shown in pages[f"kept{[*KEPT].index(name)}"].main.get_text()


@pytest.mark.parametrize("name", HEADS)
def test_head_without_a_title(pages, name):
    """Readers would see None, nothing, or a value's name."""
    (found,) = pages[f"head{[*HEADS].index(name)}"].problems
    assert found[0] == 2 and ("is empty" in found[1]) == (name in ("null", "tilde", "quotes", "list")), found


ADDED = {
    "value": ("added {{ grow.nothing }} here", "no value of grow"),
    "block": ("/// figure | no.thing\n///", "no snippet is called ‘no’"),
    "reference": ("see [@nobody]", "‘nobody’"),
    "formula": ("it is $x_1 = and so on", "opens a formula"),
    "template": ("{% raw %}", "template language"),
}


@pytest.mark.parametrize("name", ADDED)
def test_problem_in_what_a_hook_adds_says_so(site, name):
    """It stands on no line of the file."""
    text, said = ADDED[name]
    hook = (
        f"def on_page_markdown(markdown, page, **_):\n    return markdown + {f'{chr(10)}{chr(10)}{text}{chr(10)}'!r}\n"
    )
    output = site.write({"hook.py": hook}).configure(hooks=["hook.py"]).check_refusal()
    found = find_problems(output, "docs/grow.md")
    assert found and all(said in what and "(in what an include, a plugin or a hook adds)" in what for _, what in found)


def test_problem_of_a_page_does_not_blame_others(site):
    found = find_problems(site.write({"docs/a.md": "# A\n\n{{ grow.nothing }}\n"}).check_refusal(), "docs/a.md")
    assert [line for line, _ in found] == [3] and "adds" not in found[0][1]


@pytest.mark.parametrize("folder", ["/proc/x", "/dev/null/x", "/proc/self/fd/a/b", "x" * 300])
@pytest.mark.parametrize("command", ["mkdocs", "evidence"])
def test_folder_for_results_that_cannot_be(site, folder, command):
    done = site.run(command, "build", EVIDENCE_CACHE=folder)
    assert done.returncode == 1 and folder[:9] in done.stdout and "name another folder" in done.stdout, done.stdout


def test_folder_for_results_at_home(site, tmp_path):
    """Files of settings expand no ~, as a shell does."""
    (tmp_path / "home").mkdir()
    done = site.run("mkdocs", "build", EVIDENCE_CACHE="~/kept", HOME=str(tmp_path / "home"))
    assert done.returncode == 0 and (tmp_path / "home/kept/cache").is_dir() and not (site.root / "~").exists()


@pytest.mark.parametrize("folder", ["snippets", "snippets/site", "snippets/a/../site", "linked"])
def test_site_inside_of_snippets_is_refused(site, folder):
    (site.root / "linked").symlink_to("snippets")
    output = site.configure(site_dir=folder).check_refusal()
    assert "snippets, where a build would mix up or remove files: name another site_dir" in output, output


@pytest.mark.parametrize("plugins", [[], ["search"], ["search", "evidence"]])
def test_extension_without_the_plugin(site, plugins):
    """One sentence; beside the plugin it may stand there as well."""
    done = site.configure(plugins=plugins, markdown_extensions=["evidence.extension"]).run("mkdocs", "build")
    if "evidence" in plugins:
        assert done.returncode == 0, done.stdout
    else:
        assert done.returncode == 1 and "evidence.extension needs the plugin: write ‘- evidence’" in done.stdout


def test_snippet_of_a_folder_imports_what_all_share(site):
    """`lib` and other modules of folders above, or beside."""
    text = (site.root / "snippets/grow.py").read_text()
    deep = text.replace("SIDE = 3.0", "import other\nfrom lib import sizes\n\nSIDE = sizes.SIDE + other.NOTHING")
    site.write({"snippets/lib/sizes.py": "SIDE = 3.0\n", "snippets/b/other.py": "NOTHING = 0\n"})
    site.write(
        {"snippets/a/deep.py": deep, "docs/deep.md": (site.root / "docs/grow.md").read_text().replace("grow.", "deep.")}
    )
    site.check_build()
    assert ">9</a>" in site.html("deep/")


@pytest.mark.parametrize("how", ["removed", "moved away"])
def test_server_follows_snippets_that_were_away(site, serve, how):
    """As another branch of a repository leaves them."""
    server, snippets, page = serve(site), site.root / "snippets", site.root / "docs/grow.md"
    server.wait(">9</a>", "sub/grow/")
    copy = shutil.copytree(snippets, site.root.parent / "copy")
    if how == "removed":
        shutil.rmtree(snippets)
    else:
        snippets.rename(site.root / "elsewhere")
    page.write_text(page.read_text() + "\nmore\n")
    server.wait("no snippet is called", "sub/grow/")
    shutil.copytree(copy, snippets)
    page.write_text(page.read_text() + "\nagain\n")
    server.wait(">9</a>", "sub/grow/")
    text = (snippets / "grow.py").read_text()
    (snippets / "grow.py").write_text(text.replace("Area against side, up", "Area over side, up"))
    server.wait("Area over side", "sub/grow/")
