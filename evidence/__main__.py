"""Command line: build, list, check and new, with the settings of mkdocs.yml and without building the site."""

import argparse
import re
import sys
from pathlib import Path

from markdown import Markdown
from mkdocs.config import load_config

from evidence import links
from evidence.book import KINDS, Book
from evidence.problems import listed
from evidence.runner import refresh, stale


def main():
    parser = argparse.ArgumentParser(prog="python -m evidence", description="Runs snippets, checks pages against them.")
    commands = parser.add_subparsers(required=True)
    for command, words in (
        (build, "run what is stale"),
        (list_, "say what each snippet offers"),
        (check, "compare pages and results"),
        (new, "write a snippet and its page"),
    ):
        added = commands.add_parser(command.__name__.strip("_"), help=words)
        added.set_defaults(command=command)
    commands.choices["check"].add_argument("--explain", action="store_true", help="say which part of a key changed")
    commands.choices["new"].add_argument("question", help="a name, or a question in quotes")
    arguments = parser.parse_args()
    config = load_config("mkdocs.yml")
    project = config.plugins["evidence"].project_of(config)
    arguments.command(project, config, arguments)
    if project.problems:
        sys.exit(listed(project.problems))


def build(project, config, arguments):
    ran = refresh(project)
    print(f"{len(ran)} of {len(project.names)} snippets ran")


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
    name = re.sub(r"\W+", "_", arguments.question.lower()).strip("_")
    question = arguments.question if " " in arguments.question else f"{name.replace('_', ' ').capitalize()}?"
    files = {
        "snippet": project.root / project.snippets / f"{name}.py",
        "page": project.root / project.docs / f"{name}.md",
    }
    for path in files.values():
        if path.exists():
            sys.exit(f"{project.relative(path)} exists: choose another name")
    for template, path in files.items():
        text = Path(__file__).with_name("templates") / f"{template}.txt"
        path.write_text(text.read_text("utf-8").format(question=question, name=name), "utf-8")
        print(f"wrote {project.relative(path)}")
    print("add the page to nav in mkdocs.yml")


if __name__ == "__main__":
    main()
