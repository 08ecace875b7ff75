"""Small sites in folders of their own, and the commands that somebody types there: nothing of `evidence` is imported.

A site here is the README's “Another site”: a page and a snippet that `python -m evidence new` wrote, and what a test
adds. Its theme has no looks, so that a build takes half a second.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
NAME = "grow"  # of the snippet that every site has; its area is 9.0
ADDRESS = "https://example.org/sub/"
THEME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ page.title }} - {{ config.site_name }}</title>
{% if page.meta.description %}<meta name="description" content="{{ page.meta.description }}">{% endif %}
</head><body>
<nav>{% for item in nav.pages %}<a href="{{ item.url | url }}">{{ item.title }}</a> {% endfor %}</nav>
<aside>{% for item in page.toc recursive %}<a href="{{ item.url }}">{{ item.title }}</a>
{{ loop(item.children) }}{% endfor %}</aside>
<main>{{ page.content }}</main>
</body></html>
"""
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9"/></svg>\n'
EXTENSIONS = [
    "tables",
    "attr_list",
    "md_in_html",
    "def_list",
    "footnotes",
    "abbr",
    "admonition",
    {"toc": {"permalink": True}},
    "pymdownx.superfences",
    "pymdownx.details",
    {"pymdownx.tabbed": {"alternate_style": True}},
    "pymdownx.blocks.admonition",
    "pymdownx.blocks.details",
]
OURS = {"evidence": {"seconds": 30}}
CONFIG = {
    "site_name": "World",
    "site_url": ADDRESS,
    "theme": {"name": None, "custom_dir": "theme", "static_templates": []},
    "plugins": ["search", OURS],
    "validation": {"links": {"absolute_links": "relative_to_docs", "anchors": "warn"}},
    "markdown_extensions": EXTENSIONS,
}
# Names one value, `value`; what stands before and in compute() is a test's.
SNIPPET = '''"""What is the value?"""

from dataclasses import dataclass
{imports}

@dataclass(frozen=True)
class Result:
    value: object
    "A value."


def compute() -> Result:
    {body}
    return Result(value=value)
'''
PROBLEM = re.compile(r"([\w./-]+\.(?:md|py|yml|yaml|ipynb)):(\d+): (.+)")


class Site:
    """A site's folder, and the commands that somebody types there."""

    def __init__(self, root):
        self.root = Path(root)

    def write(self, files):
        """Write files, by name; a text keeps its line ends."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def configure(self, **changes):
        """Write mkdocs.yml, which as JSON is YAML, too."""
        return self.write({"mkdocs.yml": json.dumps(CONFIG | changes, indent=1)})

    def run(self, *arguments, where=".", before=(), **environment):
        """Run `python -m …` in the site’s folder; the process has both streams in `stdout`, and shows no traceback."""
        done = self.attempt(*arguments, where=where, before=before, **environment)
        assert "Traceback (most recent call last)" not in done.stdout, done.stdout
        return done

    def attempt(self, *arguments, where=".", before=(), **environment):
        """The same, where a traceback is another program’s."""
        program = [sys.executable, "-m"] if arguments[0] != "mike" else []  # which is a script only
        command = [*before, *program, *arguments]
        settings = clean_environment() | environment
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        return subprocess.run(
            command,
            cwd=self.root / where,
            env=settings,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
            **streams,
        )

    def build(self, *arguments, **how):
        """The finished strict build."""
        return self.run("mkdocs", "build", "--strict", *arguments, **how)

    def check_build(self, *arguments, **how):
        """Build, which succeeds, and return what it printed."""
        done = self.build(*arguments, **how)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def check_refusal(self, *arguments, **how):
        """Build, which fails with problems, and return what it printed."""
        done = self.build(*arguments, **how)
        assert done.returncode == 1, done.stdout
        return done.stdout

    def html(self, page, folder="site"):
        """The HTML of a page, named by its address: `grow/`."""
        path = self.root / folder / page
        return (path / "index.html" if page.endswith("/") or not page else path).read_text("utf-8")

    def soup(self, page, folder="site"):
        return BeautifulSoup(self.html(page, folder), "html.parser")

    def files(self, folder="site"):
        """Relative paths of all files of a folder, hidden ones included."""
        top = self.root / folder
        return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}


def clean_environment():
    """The environment without what belongs to whoever runs the tests."""
    ours = ("EVIDENCE_", "PYTEST", "COVERAGE", "SOURCE_DATE_EPOCH", "MPL", "GIT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    identity = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
    identity |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org"}
    identity |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])  # mike calls mkdocs by its name
    return (
        kept | {"PATH": path} | identity | threads | {"NO_MKDOCS_2_WARNING": "1", "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
    )


def git(folder, *arguments):
    """What git prints, without the settings of whoever runs the tests."""
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def new_site(root, **changes):
    """An empty site."""
    (root / "docs").mkdir(parents=True)
    return Site(root).write({"theme/main.html": THEME, "docs/a.svg": PICTURE}).configure(**changes)


def snippet(body, imports=""):
    """A snippet whose compute() sets `value` with these lines."""
    return SNIPPET.format(imports=imports, body=body.strip("\n").replace("\n", "\n    "))


def line_of(text, part):
    """The number of the line where a text holds `part`."""
    assert part in text, part
    return text[: text.index(part)].count("\n") + 1


def problems(output, file):
    """(line, sentence) of each problem of a file in what a build printed."""
    found = PROBLEM.findall(output)
    return [(int(line), what) for name, line, what in found if name == file or name.endswith(f"/{file}")]


# Many pages of one site, each of which is taken or refused.


@dataclass
class Outcome:
    """What became of a page: its HTML and its copy in Markdown where it was built, else what was printed."""

    html: str = ""
    copy: str = ""
    printed: str = ""
    problems: list = field(default_factory=list)

    @property
    def main(self):
        assert self.html, self.printed
        return self.soup.main

    @functools.cached_property
    def soup(self):
        return BeautifulSoup(self.html, "html.parser")


def build_pages(site, pages, *, always=()):
    """Build a site with these pages, name to text; name to Outcome.

    A page that is refused is taken out, and the others are built again; where nobody can say which page it was, each
    half is built alone. `always` are pages that stay.
    """
    outcomes = {}
    for name in pages:
        (site.root / "docs" / f"{name}.md").unlink(missing_ok=True)
    _build_some(site, pages, list(pages), outcomes, always)
    return outcomes


def _build_some(site, pages, names, outcomes, always):
    if not names:
        return
    docs = site.root / "docs"
    site.write({f"docs/{name}.md": pages[name] for name in names})
    done = site.attempt("mkdocs", "build", "--strict")
    if done.returncode == 0:
        for name in names:
            page = site.root / "site" / name
            copy = page / "index.md"
            outcomes[name] = Outcome((page / "index.html").read_text("utf-8"), copy.read_text("utf-8"))
        return
    for name in names:
        (docs / f"{name}.md").unlink()
    named = {name: problems(done.stdout, f"docs/{name}.md") for name in names}
    warned = {name for name in names if re.search(rf"(WARNING|ERROR).*'{re.escape(name)}\.md'", done.stdout)}
    blamed = [name for name in names if named[name] or name in warned]
    if "Traceback" in done.stdout:
        blamed = []
    if len(names) == 1:
        outcomes[names[0]] = Outcome(printed=done.stdout, problems=named[names[0]])
    elif blamed:
        for name in blamed:
            outcomes[name] = Outcome(printed=done.stdout, problems=named[name])
        _build_some(site, pages, [name for name in names if name not in blamed], outcomes, always)
    else:
        middle = len(names) // 2
        _build_some(site, pages, names[:middle], outcomes, always)
        _build_some(site, pages, names[middle:], outcomes, always)


# What all workers of a test run share.


def shared(tmp_path_factory, name, make):
    """The folder `name` of this test run, which `make(folder)` filled in one of its workers, and what that returned."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, answer = base / "world" / name, base / "world" / f"{name}.json"
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        until = time.monotonic() + 240
        while not answer.exists():
            assert time.monotonic() < until, f"another worker did not make {name}"
            time.sleep(0.1)
    else:
        made = {"error": "it could not be made"}
        try:
            made = {"made": make(folder)}
        finally:
            answer.with_suffix(".new").write_text(json.dumps(made, default=vars), "utf-8")
            answer.with_suffix(".new").replace(answer)
    made = json.loads(answer.read_text("utf-8"))
    assert "error" not in made, made["error"]
    return folder, made["made"]


def shared_pages(tmp_path_factory, grown, name, pages, **changes):
    """The Outcome of each page of a site that all workers share; it has the page and the snippet of every site."""

    def make(folder):
        site = copy_site(grown, folder / "site").configure(**changes)
        return build_pages(site, pages)

    _, made = shared(tmp_path_factory, name, make)
    return {
        page: Outcome(**{key: outcome[key] for key in ("html", "copy", "printed", "problems")})
        for page, outcome in made.items()
    }


def copy_site(site, root):
    """A copy of a site with its results."""
    return Site(shutil.copytree(site.root, root, symlinks=True, dirs_exist_ok=True))


# Links of a built site.


def broken_links(site, folder="site", pages="**/*.html"):
    """(page, link) of every link and picture of the built pages that leads to no file of the site."""
    top, broken = site.root / folder, []
    for path in sorted(top.glob(pages)):
        if path.name == "404.html":
            continue
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for element in page.find_all(href=True) + page.find_all(src=True):
            link = urlsplit(element.get("href") or element.get("src"))
            if link.scheme or link.netloc or not link.path or element.name == "base":
                continue
            if link.path.startswith("/"):
                broken.append((path.relative_to(top).as_posix(), link.path))  # the site stands under /sub/
                continue
            target = path.parent / unquote(link.path)
            if not (target.is_file() or (target / "index.html").is_file()):
                broken.append((path.relative_to(top).as_posix(), link.geturl()))
    return broken
