"""Small sites in folders of their own, and the commands that a user types there; nothing of `evidence` is imported.

A site here is the README's “Another site”, a page and a snippet that `python -m evidence new` wrote, with what a test
adds. Its theme has no styles, so that a build takes half a second.
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
NAME = "grow"  # the snippet that every site has; its area is 9.0
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
# Has one value, `value`; a test adds imports and the body of compute().
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
    """A site's folder, and the commands that a user types there."""

    def __init__(self, root):
        self.root = Path(root)

    def write(self, files):
        """Write files, by name; the line ends of a text stay."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def configure(self, **changes):
        """Write mkdocs.yml as JSON, which is YAML."""
        return self.write({"mkdocs.yml": json.dumps(CONFIG | changes, indent=1)})

    def run(self, *arguments, where=".", before=(), **environment):
        """Run `python -m …` in the site’s folder with both streams in `stdout`, and check that it has no traceback."""
        result = self.attempt(*arguments, where=where, before=before, **environment)
        assert "Traceback (most recent call last)" not in result.stdout, result.stdout
        return result

    def attempt(self, *arguments, where=".", before=(), **environment):
        """Run `python -m …` in the site’s folder, where other programs may print a traceback."""
        program = [sys.executable, "-m"] if arguments[0] != "mike" else []  # mike has no module to run
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
        """Build strictly, and return the finished process."""
        return self.run("mkdocs", "build", "--strict", *arguments, **how)

    def check_build(self, *arguments, **how):
        """Build strictly, check that it succeeds, and return the output."""
        result = self.build(*arguments, **how)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def check_refusal(self, *arguments, **how):
        """Build strictly, check that it fails, and return the output."""
        result = self.build(*arguments, **how)
        assert result.returncode == 1, result.stdout
        return result.stdout

    def html(self, page, folder="site"):
        """Read the HTML of a page at an address such as `grow/`."""
        path = self.root / folder / page
        return (path / "index.html" if page.endswith("/") or not page else path).read_text("utf-8")

    def soup(self, page, folder="site"):
        return BeautifulSoup(self.html(page, folder), "html.parser")

    def files(self, folder="site"):
        """Return the relative paths of all files of a folder, hidden ones included."""
        top = self.root / folder
        return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}


def clean_environment():
    """Return the environment without the settings of the user who runs the tests."""
    ours = ("EVIDENCE_", "PYTEST", "COVERAGE", "SOURCE_DATE_EPOCH", "MPL", "GIT_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    identity = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
    identity |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org"}
    identity |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL")}
    path = os.pathsep.join(
        [str(Path(sys.executable).parent), environment.get("PATH", "")]
    )  # mike calls mkdocs by its name
    return (
        environment
        | {"PATH": path}
        | identity
        | threads
        | {"NO_MKDOCS_2_WARNING": "1", "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
    )


def git(folder, *arguments):
    """Run git without the settings of the user who runs the tests, and return its output."""
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    result = subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def new_site(root, **changes):
    """Create a site without pages and snippets."""
    (root / "docs").mkdir(parents=True)
    return Site(root).write({"theme/main.html": THEME, "docs/a.svg": PICTURE}).configure(**changes)


def snippet(body, imports=""):
    """Return the text of a snippet whose compute() sets `value` with these lines."""
    return SNIPPET.format(imports=imports, body=body.strip("\n").replace("\n", "\n    "))


def find_line(text, part):
    """Return the number of the first line that has `part`."""
    assert part in text, part
    return text[: text.index(part)].count("\n") + 1


def find_problems(output, file):
    """Return (line, message) for each problem of a file in the output of a build."""
    matches = PROBLEM.findall(output)
    return [(int(line), what) for name, line, what in matches if name == file or name.endswith(f"/{file}")]


# Many pages of one site, each of which is built or refused.


@dataclass
class Outcome:
    """A page after a build: its HTML and its Markdown copy if it was built, else the output and its problems."""

    html: str = ""
    copy: str = ""
    output: str = ""
    problems: list = field(default_factory=list)

    @property
    def main(self):
        assert self.html, self.output
        return self.soup.main

    @functools.cached_property
    def soup(self):
        return BeautifulSoup(self.html, "html.parser")


def build_pages(site, pages, *, always=()):
    """Build a site with these pages (name to text), and return an Outcome for each name.

    A page that is refused is removed, and the others are built again; if the output names no page, each half is built
    alone.
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
    result = site.attempt("mkdocs", "build", "--strict")
    if result.returncode == 0:
        for name in names:
            page = site.root / "site" / name
            copy = page / "index.md"
            outcomes[name] = Outcome((page / "index.html").read_text("utf-8"), copy.read_text("utf-8"))
        return
    for name in names:
        (docs / f"{name}.md").unlink()
    problems_by_name = {name: find_problems(result.stdout, f"docs/{name}.md") for name in names}
    warnings = {name for name in names if re.search(rf"(WARNING|ERROR).*'{re.escape(name)}\.md'", result.stdout)}
    suspects = [name for name in names if problems_by_name[name] or name in warnings]
    if "Traceback" in result.stdout:
        suspects = []
    if len(names) == 1:
        outcomes[names[0]] = Outcome(output=result.stdout, problems=problems_by_name[names[0]])
    elif suspects:
        for name in suspects:
            outcomes[name] = Outcome(output=result.stdout, problems=problems_by_name[name])
        _build_some(site, pages, [name for name in names if name not in suspects], outcomes, always)
    else:
        middle = len(names) // 2
        _build_some(site, pages, names[:middle], outcomes, always)
        _build_some(site, pages, names[middle:], outcomes, always)


# Folders that all workers of a test run share.


def share_folder(tmp_path_factory, name, make):
    """Return a folder that `make(folder)` fills in one worker of this test run, and the value that `make` returned."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, file = base / "world" / name, base / "world" / f"{name}.json"
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        until = time.monotonic() + 240
        while not file.exists():
            assert time.monotonic() < until, f"another worker did not make {name}"
            time.sleep(0.1)
    else:
        record = {"error": "it could not be made"}
        try:
            record = {"value": make(folder)}
        finally:
            file.with_suffix(".new").write_text(json.dumps(record, default=vars), "utf-8")
            file.with_suffix(".new").replace(file)
    record = json.loads(file.read_text("utf-8"))
    assert "error" not in record, record["error"]
    return folder, record["value"]


def share_pages(tmp_path_factory, base_site, name, pages, **changes):
    """Build pages beside those of every site, once for all workers, and return an Outcome for each."""

    def make(folder):
        site = copy_site(base_site, folder / "site").configure(**changes)
        return build_pages(site, pages)

    _, outcomes = share_folder(tmp_path_factory, name, make)
    return {
        page: Outcome(**{key: outcome[key] for key in ("html", "copy", "output", "problems")})
        for page, outcome in outcomes.items()
    }


def copy_site(site, root):
    """Copy a site with its results."""
    return Site(shutil.copytree(site.root, root, symlinks=True, dirs_exist_ok=True))


# Links of a built site.


def find_broken_links(site, folder="site", pages="**/*.html"):
    """Return (page, link) for every link and image of the built pages that leads to no file of the site."""
    top, links = site.root / folder, []
    for path in sorted(top.glob(pages)):
        if path.name == "404.html":
            continue
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for element in page.find_all(href=True) + page.find_all(src=True):
            link = urlsplit(element.get("href") or element.get("src"))
            if link.scheme or link.netloc or not link.path or element.name == "base":
                continue
            if link.path.startswith("/"):
                links.append((path.relative_to(top).as_posix(), link.path))  # the site is below /sub/
                continue
            target = path.parent / unquote(link.path)
            if not (target.is_file() or (target / "index.html").is_file()):
                links.append((path.relative_to(top).as_posix(), link.geturl()))
    return links
