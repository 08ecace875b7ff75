"""Command line: build, list, check and new, configured by mkdocs.yml."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext

from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import ConfigurationError, PluginError

from evidence.blocks import TEMPLATES
from evidence.cache import lock_project
from evidence.diagnostics import (
    SiteError,
    describe_disk_error,
    format_diagnostics,
)
from evidence.extension import render
from evidence.mkdocs_support import (
    create_project,
    describe_conflict,
    find_root,
)
from evidence.results import KINDS
from evidence.session import Session
from evidence.usage import resolve_references


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; exit with a message if something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m evidence",
        description="Run snippets and check pages against them.",
    )
    commands = parser.add_subparsers(required=True)

    def add_command(
        command: Callable, name: str, about: str
    ) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=about)
        subparser.add_argument(
            "-f", "--config-file", help="the site’s mkdocs.yml"
        )
        subparser.set_defaults(command=command)
        return subparser

    add_command(build_results, "build", "run what is stale")
    add_command(list_offers, "list", "say what each snippet offers")
    add_command(check_pages, "check", "compare pages and results")
    new = add_command(
        create_topic, "new", "write a snippet, its page and the entry in nav"
    )
    new.add_argument("question", help="a name, or a question in quotes")
    new.add_argument(
        "--name",
        help="of snippet and page, instead of one made from the question",
    )
    new.add_argument(
        "--section", help="of nav in mkdocs.yml, instead of the first"
    )
    options = parser.parse_args(arguments)
    try:
        config = load_config(options.config_file)
        if "evidence" not in config.plugins:
            sys.exit(
                "mkdocs.yml does not name the plugin: write ‘- evidence’ under ‘plugins:’"
            )
        if message := describe_conflict(config):
            raise PluginError(message)
        root = find_root(config)
        # Wait for another build, so that nothing runs twice
        with (
            lock_project(root, print)
            if options.command is build_results
            else nullcontext()
        ):
            project = create_project(config)
            if problems := list(project.check_docs()):
                raise SiteError(format_diagnostics(problems))
            session = Session(
                project, config.plugins["evidence"].config["macros"], print
            )
            with closing(session.build.runs):
                options.command(session, config, options)
    except ConfigurationError as error:
        sys.exit(
            f"{error} Run this in the folder of a site’s mkdocs.yml, or name it with -f."
        )
    except (PluginError, SiteError) as error:
        sys.exit(str(error))
    # The reader of the output has closed it, as head does
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if not (message := describe_disk_error(error)):
            raise
        sys.exit(message)
    if project.diagnostics:
        sys.exit(format_diagnostics(project.diagnostics))


def build_results(
    session: Session, config: MkDocsConfig, options: argparse.Namespace
) -> None:
    """Run all stale scripts, and print their number."""
    build = session.build
    build.start()
    build.finish()
    print(f"{len(build.stale)} of {len(build.jobs)} scripts ran")


def list_offers(
    session: Session, config: MkDocsConfig, options: argparse.Namespace
) -> None:
    """Print what each snippet offers to pages."""
    print(
        TEMPLATES.get_template("list.txt").render(
            results=session.build.results, kinds=KINDS
        )
    )


def check_pages(
    session: Session, config: MkDocsConfig, options: argparse.Namespace
) -> None:
    """Check pages against cached results; run nothing."""
    project, site = session.project, session.site
    for name in session.build.stale:
        file = project.root / project.scripts[name].file
        why = ", ".join(session.build.explain(name))
        project.report(
            file,
            1,
            f"its results are stale ({why}): run python -m evidence build",
        )
    session.load_all()
    pages = site.read_pages()
    for name in site.labs:
        pages[f"labs/{name}.md"] = session.read_lab(f"labs/{name}.md") or ""
    contexts = {
        page: session.check_page(page, text) for page, text in pages.items()
    }
    html = {
        page: render(
            pages[page],
            site,
            page,
            [
                name
                for name in config.markdown_extensions
                if name != "evidence.extension"
            ],
            config.mdx_configs,
            context.source,
            context.file,
        ).html
        for page, context in contexts.items()
        if not context.diagnostics
    }
    for page, context in contexts.items():
        _, unknown = resolve_references(
            html.get(page, ""), page, site, lambda target, page: target
        )
        for key, message in unknown:
            context.report(f"[@{key}]", message)
        context.submit()
    project.diagnostics = session.collect_diagnostics()
    print(
        f"{len(html)} pages and {len(project.names('snippet'))} snippets read"
    )


def create_topic(
    session: Session, config: MkDocsConfig, options: argparse.Namespace
) -> None:
    """Write a snippet, its page and its entry in the navigation."""
    try:
        from evidence.extras.scaffold import write_topic
    except ImportError:
        raise SiteError(
            "evidence/extras, which has ‘new’, is left out"
        ) from None
    for line in write_topic(
        session.project,
        config,
        options.question,
        options.name,
        options.section,
    ):
        print(line)
