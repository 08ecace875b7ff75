"""Command line: build, list, check and new, with the settings of mkdocs.yml."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError, PluginError

from evidence.cache import lock_project
from evidence.diagnostics import SiteError, describe_disk_error, format_diagnostics
from evidence.extension import render
from evidence.mkdocs_support import find_root
from evidence.results import KINDS, SnippetResult
from evidence.session import Session
from evidence.source import check_source
from evidence.usage import resolve_references

PARTS = ("compute", "checks", "draw", "save", "other")  # of a run, as the worker measures them


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exits with a message where something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m evidence", description="Run snippets and check pages against them."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("-f", "--config-file", help="the site’s mkdocs.yml")
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="run what is stale", parents=[common])
    build.add_argument("--timings", action="store_true", help="say what took how many seconds")
    build.set_defaults(command=build_results)
    offers = commands.add_parser("list", help="say what each snippet offers", parents=[common])
    offers.set_defaults(command=list_offers)
    check = commands.add_parser("check", help="compare pages and results", parents=[common])
    check.add_argument("--explain", action="store_true", help="say which inputs changed")
    check.set_defaults(command=check_pages)
    new = commands.add_parser(
        "new", help="write a snippet, its page and the entry in nav", parents=[common]
    )
    new.add_argument("question", help="a name, or a question in quotes")
    new.add_argument("--name", help="of snippet and page, instead of one made from the question")
    new.add_argument("--section", help="of nav in mkdocs.yml, instead of the first")
    new.add_argument("--templates", help="folder of page.md and snippet.py, instead of ours")
    new.set_defaults(command=create_topic)
    options = parser.parse_args(arguments)
    try:
        config = load_config(options.config_file or _find_config())
        if "evidence" not in config.plugins:
            sys.exit("mkdocs.yml does not name the plugin: write ‘- evidence’ under ‘plugins:’")
        root = find_root(config)
        runs = options.command is build_results  # what another build runs need not run again
        with lock_project(root, print) if runs else nullcontext():
            session = _open_session(config)
            options.command(session, config, options)
    except ConfigurationError as error:
        sys.exit(f"{error} Run this in the folder of a site’s mkdocs.yml, or name it with -f.")
    except (PluginError, SiteError) as error:
        sys.exit(str(error))
    except BrokenPipeError:  # whoever reads the list has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if not (message := describe_disk_error(error)):
            raise
        sys.exit(message)
    if session.project.diagnostics:
        sys.exit(format_diagnostics(session.project.diagnostics))


def _find_config() -> str | None:
    found = [name for name in ("mkdocs.yml", "mkdocs.yaml") if Path(name).is_file()]
    return found[0] if found else None


def _open_session(config: MkDocsConfig) -> Session:
    plugin: Any = config.plugins["evidence"]
    project = plugin.create_project(config)
    if wrong := list(project.check_docs()):
        raise SiteError(format_diagnostics(wrong))
    return Session(project, plugin.config["macros"], print)


def build_results(session: Session, config: MkDocsConfig, options: argparse.Namespace) -> None:
    """Run what is stale, and print how many scripts ran."""
    build = session.build
    build.start()
    build.finish()
    print(f"{len(build.stale)} of {len(build.jobs)} scripts ran")
    if options.timings:
        timings = {name: build.timings(name) for name in build.jobs}
        rows = [(name, _list_seconds(parts)) for name, parts in timings.items() if parts]
        rows.sort(key=lambda row: -row[1][-1])
        if rows:
            rows.append(("sum", [sum(column) for column in zip(*(row[1] for row in rows))]))
        print(f"{'seconds':24}{''.join(f'{part:>9}' for part in (*PARTS, 'sum'))}")
        for name, numbers in rows:
            print(f"{name:24}{''.join(f'{number:9.2f}' for number in numbers)}")


def _list_seconds(parts: dict[str, float]) -> list[float]:
    return [*(parts.get(part, 0.0) for part in PARTS), sum(parts.values())]


def list_offers(session: Session, config: MkDocsConfig, options: argparse.Namespace) -> None:
    """Print what each snippet offers to pages."""
    for name, result in session.build.results.items():
        if isinstance(result, SnippetResult):
            print(f"{name}: {result.title.splitlines()[0]}")
            print(f"    values: {', '.join(result.values) or 'none'}")
            for kind in KINDS:
                print(f"    {kind}: {', '.join(result.offers(kind)) or 'none'}")


def check_pages(session: Session, config: MkDocsConfig, options: argparse.Namespace) -> None:
    """Compare pages and results, without running anything."""
    project, site = session.project, session.site
    for name in session.build.stale:
        file = project.root / project.scripts[name].file
        project.report(file, 1, "its results are stale: run python -m evidence build")
        if options.explain:
            print(f"{name}: {', '.join(session.build.explain(name))}")
    session.load_all()
    pages = {
        path.relative_to(site.docs).as_posix(): path.read_text("utf-8-sig", "replace")
        for path in sorted(site.docs.rglob("*.md"))
        if path.is_file()
    }
    labs = {f"labs/{name}.md": session.read_lab(f"labs/{name}.md") for name in site.labs}
    rendered = {}
    for page, text in (pages | {page: text or "" for page, text in labs.items()}).items():
        file = session.find_file(page)
        if wrong := list(check_source(text)):
            for fragment, message in wrong:
                project.report(project.root / file, _find_line(text, fragment), message)
            continue
        extensions, configs = config.markdown_extensions, config.mdx_configs
        extensions = [name for name in extensions if name != "evidence.extension"]
        source = session.find_text(page, text)
        rendered[page] = render(text, site, page, extensions, configs, source=source, file=file)
    for page, result in rendered.items():
        _, unknown = resolve_references(result.html, page, site, lambda target, page: target)
        for key, message in unknown:
            line = _find_line(session.find_text(page, pages.get(page, "")), f"[@{key}]")
            project.report(project.root / session.find_file(page), line, message)
    project.diagnostics = session.collect_diagnostics()
    print(f"{len(rendered)} pages and {len(project.names('snippet'))} snippets read")


def _find_line(text: str, fragment: str) -> int:
    return text[: max(0, text.find(fragment))].count("\n") + 1


def create_topic(session: Session, config: MkDocsConfig, options: argparse.Namespace) -> None:
    """Write a snippet, its page and its entry in the navigation."""
    from evidence.extras.scaffold import write_topic

    for line in write_topic(
        session.project,
        config,
        options.question,
        name=options.name,
        section=options.section,
        templates=options.templates,
    ):
        print(line)
