"""Misconceptions: what people get wrong, gathered from all pages in the order of the navigation."""

import re

PAGES = []  # in the order of the navigation
MARK = "<!-- misconceptions -->"
TITLE = re.compile(r"^title: \"?(.+?)\"?$", re.M)
WRONG = re.compile(r"^/// wrong \| (.+)\n(.+(?::\n.+)?)", re.M)


def on_nav(nav, config, files):
    PAGES[:] = [page.file for page in nav.pages]


def on_page_markdown(markdown, page, config, files):
    return markdown.replace(MARK, _gathered(PAGES)) if MARK in markdown else markdown


def _gathered(pages):
    """A section for each page that corrects something: what people say, and the first sentence of the answer."""
    sections = []
    for file in pages:
        text = file.content_string
        if found := WRONG.findall(text):
            lines = [f"## [{TITLE.search(text)[1]}]({file.src_uri})\n"]
            sections.append("\n".join([*lines, *(f"**{said}**\n{answer}\n" for said, answer in found)]))
    return "\n".join(sections)
