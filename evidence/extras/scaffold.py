"""Scaffold: a new topic, that is a snippet, its page, and a line of nav in mkdocs.yml."""

import json
import re
from collections.abc import Iterator
from importlib import util
from keyword import iskeyword
from pathlib import Path

import yaml
from mkdocs.config.defaults import MkDocsConfig

from evidence.diagnostics import SiteError, describe_unknown
from evidence.project import Project

NAV = re.compile(r"nav:\s*(#.*)?$")
ENTRY = re.compile(
    r"""(?P<indent>\s*)- +(?P<quote>["']?)(?P<title>.*?)(?P=quote)(?P<colon>:?)\s*(#.*)?$"""
)
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
    and layout stay. Raises SiteError where there is no such section, or no list to add a line to.
    """
    lines = text.splitlines(keepends=True)
    count = len(lines)
    heads = [i for i in range(count) if NAV.match(lines[i])]
    start = heads[0] + 1 if heads else count
    ends = [i for i in range(start, count) if re.match(r"[^\s#-]", lines[i])]
    end = ends[0] if ends else count
    matches = {i: ENTRY.match(lines[i]) for i in range(start, end)}
    entries = {i: match for i, match in matches.items() if match}
    sections = {
        match["title"]: i for i, match in entries.items() if match["colon"]
    }
    if section and section not in sections:
        raise SiteError(
            describe_unknown("section of nav in mkdocs.yml", section, sections)
        )
    if not entries:
        raise SiteError(
            f"nav in mkdocs.yml is no list of one entry a line: add {page} by hand"
        )
    section = section or next(iter(sections), None)
    inside = list(entries)
    if section is not None:
        head = sections[section]
        depth = len(entries[head]["indent"])
        after = [i for i in entries if i > head]
        closed = [i for i in after if len(entries[i]["indent"]) <= depth]
        inside = [i for i in after if i < (closed or [end])[0]]
        if not inside:
            raise SiteError(
                f"the section ‘{section}’ of nav in mkdocs.yml is empty: add {page} by hand"
            )
    last, indent = inside[-1], entries[inside[0]]["indent"]
    ending = "\r\n" if lines[last].endswith("\r\n") else "\n"
    lines[last] = lines[last].rstrip("\r\n") + ending
    lines.insert(last + 1, f"{indent}- {_quote_scalar(title)}: {page}{ending}")
    return "".join(lines), section


def _quote_scalar(text: str) -> str:
    """Return a string as YAML reads it back: plain where it can be."""
    try:
        if yaml.safe_load(f"title: {text}") == {"title": text}:
            return text
    except yaml.YAMLError:
        pass
    return json.dumps(text, ensure_ascii=False)
