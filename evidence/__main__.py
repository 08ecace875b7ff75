"""Command line: build, list, check and new, with the settings of mkdocs.yml and without building the site."""

import argparse
import sys
from pathlib import Path

from mkdocs.config import load_config

from evidence.book import KINDS, Book
from evidence.problems import Refused
from evidence.runner import refresh, stale

SNIPPET = '''"""{question}

The answer in one sentence, with its number.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    answer: float
    "What it is, and its unit."


def compute() -> Result:
    return Result(answer=6 * 7)


def claim_answer(result: Result) -> None:
    """The answer is {{{{ answer | digits }}}}."""
    assert result.answer == sum([7] * 6)  # a second route
'''
PAGE = """# {question}

The answer is {{{{ {name}.answer | digits }}}}.

/// claim | {name}.answer
///
"""


def main():
    parser = argparse.ArgumentParser(prog="python -m evidence", description="Runs snippets and checks pages against them.")
    parser.add_argument("--root", default=".", help="the project's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="run every snippet whose results are stale")
    commands.add_parser("list", help="say what each snippet offers")
    check = commands.add_parser("check", help="say what is stale, and whether pages and results agree")
    check.add_argument("--explain", action="store_true", help="say which part of a stale key changed")
    new = commands.add_parser("new", help="write a snippet and its page")
    new.add_argument("name")
    arguments = parser.parse_args()
    config = load_config(str(Path(arguments.root) / "mkdocs.yml"))
    project = config.plugins["evidence"].project_of(config)
    try:
        globals()[f"_{arguments.command}"](project, arguments, config)
    except Refused as refusal:
        sys.exit(str(refusal))


def _build(project, arguments, config):
    ran = refresh(project)
    if project.problems:
        raise Refused(project.problems)
    print(f"{len(ran)} of {len(project.names)} snippets ran")


def _list(project, arguments, config):
    for name, result in Book(project).results.items():
        print(name, "—", result["title"])
        for kind in KINDS:
            print(f"  {kind}: {', '.join(result[kind]) or 'none'}")
        print(f"  value: {', '.join(result['values'])}")


def _check(project, arguments, config):
    from markdown import Markdown

    for name in stale(project):
        project.report(project.modules[name], 1, "is stale: run python -m evidence build")
        if arguments.explain:
            print(f"{name}: {', '.join(project.explain(name))}")
    book, docs = Book(project), project.root / project.docs
    pages = {path.relative_to(docs).as_posix(): path.read_text("utf-8") for path in sorted(docs.rglob("*.md"))}
    book.scan(pages)
    for page, text in pages.items():
        book.open(page, text)
        configs = config.mdx_configs | {"evidence.pages": {"book": book}}
        Markdown(extensions=[*config.markdown_extensions, "evidence.pages"], extension_configs=configs).convert(text)
    if problems := [*project.problems, *book.problems, *book.orphans()]:
        raise Refused(problems)
    print(f"{len(pages)} pages and {len(project.names)} snippets agree")


def _new(project, arguments, config):
    name = arguments.name
    question = f"{name.replace('_', ' ').capitalize()}?"
    for path, text in ((project.snippets, SNIPPET), (project.docs, PAGE)):
        path = project.root / path / f"{name}{'.py' if text is SNIPPET else '.md'}"
        if path.exists():
            sys.exit(f"{path} exists: choose another name")
        path.write_text(text.format(question=question, name=name), "utf-8")
        print(f"wrote {path.relative_to(project.root)}")


if __name__ == "__main__":
    main()
