"""Command line: build, list, check and new, with the settings of mkdocs.yml and without building the site."""

import argparse
import json
import os
import re
import sys
from importlib import util
from keyword import iskeyword
from pathlib import Path

import yaml
from markdown import Markdown
from mkdocs.config import load_config
from mkdocs.exceptions import ConfigurationError, PluginError

from evidence import links
from evidence.book import KINDS, Book
from evidence.navigation import with_page
from evidence.problems import denied, listed
from evidence.runner import refresh, stale

PARTS = ("compute", "checks", "draw", "save", "other")  # of a run, as `contract` times them


def main():
    parser = argparse.ArgumentParser(prog="python -m evidence", description="Runs snippets, checks pages against them.")
    commands = parser.add_subparsers(required=True)
    for command, words in (
        (build, "run what is stale"),
        (list_, "say what each snippet offers"),
        (check, "compare pages and results"),
        (new, "write a snippet, its page and the entry in nav"),
    ):
        added = commands.add_parser(command.__name__.strip("_"), help=words)
        added.set_defaults(command=command)
    commands.choices["build"].add_argument("--timings", action="store_true", help="say what took how many seconds")
    commands.choices["check"].add_argument("--explain", action="store_true", help="say which part of a key changed")
    commands.choices["new"].add_argument("question", help="a name, or a question in quotes")
    commands.choices["new"].add_argument("--name", help="of snippet and page, instead of one made from the question")
    commands.choices["new"].add_argument("--section", help="of nav in mkdocs.yml, instead of the first")
    arguments = parser.parse_args()
    try:
        config = load_config("mkdocs.yml")
    except ConfigurationError as error:
        sys.exit(f"{error} Run this in the folder of a site’s mkdocs.yml.")
    if "evidence" not in config.plugins:
        sys.exit("mkdocs.yml does not name the plugin: write ‘- evidence’ under ‘plugins:’")
    try:
        project = config.plugins["evidence"].project_of(config)
    except PluginError as error:
        sys.exit(str(error))
    if strays := list(project.strays()):
        sys.exit(listed(strays))
    try:
        arguments.command(project, config, arguments)
    except BrokenPipeError:  # who reads the list has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if not (what := denied(error)):
            raise
        sys.exit(what)
    if project.problems:
        sys.exit(listed(project.problems))


def build(project, config, arguments):
    ran = refresh(project)
    print(f"{len(ran)} of {len(project.names) + len(project.labs)} snippets ran")
    if arguments.timings:
        took = {name: project.timings(name) for name in [*project.names, *project.labs]}
        rows = sorted(((name, *_seconds(parts)) for name, parts in took.items() if parts), key=lambda row: -row[-1])
        total = ("sum", *map(sum, zip(*(row[1:] for row in rows))))
        print(f"{'seconds':24}{''.join(f'{part:>9}' for part in (*PARTS, 'sum'))}")
        for name, *numbers in [*rows, *[total] * bool(rows)]:
            print(f"{name:24}{''.join(f'{number:9.2f}' for number in numbers)}")


def _seconds(parts):
    return [*(parts.get(part, 0) for part in PARTS), sum(parts.values())]


def list_(project, config, arguments):
    for name, result in Book(project).results.items():
        print(f"{name}: {result['title'].splitlines()[0]}")
        for kind in ("values", *KINDS):
            print(f"    {kind}: {', '.join(result[kind]) or 'none'}")


def check(project, config, arguments):
    for name in stale(project):
        project.report(project.modules[name], 1, "its results are stale: run python -m evidence build")
        if arguments.explain:
            print(f"{name}: {', '.join(project.explain(name))}")
    book = Book(project)
    pages, configs, made = book.scan(), config.mdx_configs | {"evidence.pages": {"book": book}}, {}
    for page, text in pages.items():
        book.open(page, text)
        markdown = Markdown(extensions=[*config.markdown_extensions, "evidence.pages"], extension_configs=configs)
        made[page] = markdown.convert(text)
    links.compare(book, pages, made, [config.docs_dir, *config.theme.dirs])
    project.problems += [*book.problems, *book.orphans()]
    print(f"{len(pages)} pages and {len(project.names)} snippets read")


def new(project, config, arguments):
    name = arguments.name or re.sub(r"\W+", "_", arguments.question.lower()).strip("_")
    question = arguments.question if " " in arguments.question else f"{name.replace('_', ' ').capitalize()}?"
    files = {
        "snippet.py": project.root / project.snippets / f"{name}.py",
        "page.md": project.root / project.docs / f"{name}.md",
    }
    if not name.isidentifier() or iskeyword(name):
        sys.exit(f"‘{name}’ cannot be imported: choose a name that begins with a letter, --name NAME")
    if name in project.modules or util.find_spec(name) or any(path.exists() for path in files.values()):
        sys.exit(f"there is a ‘{name}’ already, here or among Python’s modules: choose another, --name NAME")
    try:
        navigation, section = _navigation(config, f"{name}.md", arguments.section)
    except ValueError as error:
        sys.exit(str(error))
    templates = project.root / project.templates if project.templates else Path(__file__).with_name("templates")
    words = {"QUESTION": question, "NAME": name}
    for template, path in files.items():
        text = (templates / template).read_text("utf-8").replace("title: QUESTION", f"title: {_scalar(question)}")
        path.parent.mkdir(exist_ok=True)
        path.write_text(re.sub(r"\b(QUESTION|NAME)\b", lambda found: words[found[0]], text), "utf-8")
        print(f"wrote {project.relative(path)}")
    if navigation:
        Path(config.config_file_path).write_text(navigation, "utf-8", newline="")
        place = f"in the section ‘{section}’" if section else "at the end"
        print(f"added {name}.md to nav in mkdocs.yml, {place}: move it as you like")


def _navigation(config, page, section):
    """The new text of mkdocs.yml and the section where the page stands; no text where MkDocs finds pages by itself."""
    if config.nav is None:
        if section:
            raise ValueError("there is no nav in mkdocs.yml, so there are no sections: leave --section out")
        return None, None
    with open(config.config_file_path, encoding="utf-8", newline="") as file:
        return with_page(file.read(), page, section)


def _scalar(text):
    """A string as YAML reads it back: plain where it can be."""
    try:
        plain = yaml.safe_load(f"title: {text}") == {"title": text}
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    main()
