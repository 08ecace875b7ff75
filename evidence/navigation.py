"""Navigation: a page put into the text of mkdocs.yml, whose comments and layout stay."""

import re

from evidence.problems import unknown

NAV = re.compile(r"nav:\s*(#.*)?$")
ENTRY = re.compile(r"""(?P<indent>\s*)- +(?P<quote>["']?)(?P<title>.*?)(?P=quote)(?P<colon>:?)\s*(#.*)?$""")


def with_page(text, page, section=None):
    """(text, section): the page stands last in that section, by default in the first, or last of all if there is none.

    Raises ValueError with a sentence for the author where there is no such section, or no list to add a line to.
    """
    lines = text.splitlines(keepends=True)
    start = next((i for i, line in enumerate(lines, 1) if NAV.match(line)), len(lines))
    end = next((i for i in range(start, len(lines)) if re.match(r"[^\s#-]", lines[i])), len(lines))
    entries = {i: found for i in range(start, end) if (found := ENTRY.match(lines[i]))}
    sections = {found["title"]: i for i, found in entries.items() if found["colon"]}
    if section and section not in sections:
        raise ValueError(unknown("section of nav in mkdocs.yml", section, sections))
    if not entries:
        raise ValueError(f"nav in mkdocs.yml is no list of one entry a line: add {page} to it by hand")
    section = section or next(iter(sections), None)
    head, inside = sections.get(section), list(entries)
    if head is not None:
        depth = len(entries[head]["indent"])
        after = [i for i in entries if i > head]
        closed = next((i for i in after if len(entries[i]["indent"]) <= depth), end)
        inside = [i for i in after if i < closed]
        if not inside:
            raise ValueError(f"the section ‘{section}’ of nav in mkdocs.yml is empty: add {page} to it by hand")
    last, indent = inside[-1], entries[inside[0]]["indent"]
    ending = "\r\n" if lines[last].endswith("\r\n") else "\n"
    lines[last] = lines[last].rstrip("\r\n") + ending
    lines.insert(last + 1, f"{indent}- {page}{ending}")
    return "".join(lines), section
