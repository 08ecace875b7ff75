"""Scaffold: a new topic, that is a snippet, its page, and a line of nav in mkdocs.yml."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import util
from keyword import iskeyword
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig

from evidence.diagnostics import SiteError, describe_unknown
from evidence.project import Project

LONGEST = 60  # characters of a name that is made of a question
OURS = Path(__file__).parent.parent / "templates"
THEIRS = ".github/templates"  # of a site, if there are such


def write_topic(
    project: Project,
    config: MkDocsConfig,
    question: str,
    name: str | None = None,
    section: str | None = None,
) -> Iterator[str]:
    """Write a snippet and its page from templates, and yield what was done.

    Raises SiteError where the name cannot be used, or where nav has no such section.
    """
    slug = re.sub(r"\W+", "_", question.lower())
    name = name or slug[:LONGEST].strip("_")
    if " " not in question:
        question = f"{name.replace('_', ' ').capitalize()}?"
    files = {
        "snippet.py": project.root / project.snippets / f"{name}.py",
        "page.md": project.root / project.docs / f"{name}.md",
    }
    if not name.isidentifier() or iskeyword(name) or name == "index":
        raise SiteError(
            f"‘{name}’ cannot be imported: choose another name, of letters, digits and _, "
            "with --name NAME"
        )
    exists = name in project.scripts or util.find_spec(name)
    if exists or any(path.exists() for path in files.values()):
        raise SiteError(
            f"there is a ‘{name}’ already, here or among Python’s modules: "
            "choose another, --name NAME"
        )
    title = name.replace("_", " ").capitalize()
    file = Path(config.config_file_path or "")
    navigation = ""
    if config.nav is not None:
        navigation, section = insert_page(
            file.read_bytes().decode(), title, f"{name}.md", section
        )
    elif section:
        raise SiteError(
            "there is no nav in mkdocs.yml, so there are no sections: leave --section out"
        )
    folder = project.root / THEIRS
    folder = folder if folder.is_dir() else OURS
    words = {"QUESTION": question, "NAME": name}
    for template, path in files.items():
        text = (folder / template).read_text("utf-8")
        text = text.replace(
            "title: QUESTION", f"title: {_quote_scalar(question)}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            re.sub(r"\b(QUESTION|NAME)\b", lambda match: words[match[0]], text),
            "utf-8",
        )
        yield f"wrote {project.describe_path(path)}"
    if navigation:
        file.write_bytes(navigation.encode())
        place = f"in the section ‘{section}’" if section else "at the end"
        yield f"added ‘{title}’ to nav in mkdocs.yml, {place}: move and rename it as you like"


def insert_page(
    text: str, title: str, page: str, section: str | None = None
) -> tuple[str, str | None]:
    """Return the text of a mkdocs.yml in which a page stands last in a section of nav.

    By default that is the first section; without sections the page stands last of all. Comments
    and layout stay. Raises SiteError if there is no such section, or no place for a line.
    """
    entry = f"{_quote_scalar(title)}: {page}"
    with suppress(
        AttributeError, LookupError, TypeError, ValueError, yaml.YAMLError
    ):
        tree: Any = yaml.compose(text, yaml.SafeLoader)
        nav = {name.value: node for name, node in tree.value}["nav"]
        sections = dict(_list_sections(nav))
        if section and section not in sections:
            raise SiteError(
                describe_unknown(
                    "section of nav in mkdocs.yml", section, sections
                )
            )
        section = section or next(iter(sections), None)
        last = inside = sections[section] if section else nav
        while isinstance(last, yaml.CollectionNode):
            last = last.value[-1]
            last = last[1] if isinstance(last, tuple) else last
        lines = text.splitlines(keepends=True)
        at = last.end_mark.line + bool(last.end_mark.column)
        ending = "\r\n" if lines[at - 1].endswith("\r\n") else "\n"
        lines[at - 1] = lines[at - 1].rstrip("\r\n") + ending
        indent = " " * inside.start_mark.column
        lines.insert(at, f"{indent}- {entry}{ending}")
        inside.value.append(yaml.compose(entry))
        made = "".join(lines)
        if _simplify(yaml.compose(made, yaml.SafeLoader)) == _simplify(tree):
            return made, section
    raise SiteError(
        f"nav in mkdocs.yml is no list with a line for each entry: add {page} by hand"
    )


def _list_sections(nav: Any) -> Iterator[tuple[str, Any]]:
    """Yield the title and the list of each section of nav, in their order."""
    for entry in nav.value:
        for name, below in entry.value if entry.id == "mapping" else ():
            if below.id == "sequence" and not below.flow_style:
                yield name.value, below
                yield from _list_sections(below)


def _simplify(node: Any) -> Any:
    """Return the content of YAML without its layout."""
    if isinstance(node, yaml.ScalarNode):
        return node.tag, node.value
    parts = node if isinstance(node, tuple) else node.value
    return [_simplify(part) for part in parts]


def _quote_scalar(text: str) -> str:
    """Return a string as YAML reads it back: plain where it can be."""
    try:
        if yaml.safe_load(f"title: {text}") == {"title": text}:
            return text
    except yaml.YAMLError:
        pass
    return json.dumps(text, ensure_ascii=False)
