"""Offline: what a copy of the site needs that is opened from a folder, where a page may load no data of its own."""

import json
import re
from collections.abc import Callable
from pathlib import Path

WORKER = "assets/iframe-worker.js"  # runs the search there; Material would load it from afar
EXPLORER = re.compile(
    r'(<evidence-explorer>.*?src="[^"]*?evidence/(\w+)/(explore_\w+)\.svg.*?)(</evidence-explorer>)', re.S
)


def embed_data(html: str, find: Callable[[str, str], Path | None]) -> str:
    """An article with the data of its explorers in it, and its pictures loaded at once, or a printer does not see them.

    `find(snippet, file)` is the path of a file that a snippet's run has made.
    """

    def fill(match: re.Match[str]) -> str:
        files = [find(match[2], f"{match[3]}.{kind}") for kind in ("svg", "json")]
        data = json.dumps([file.read_text("utf-8") for file in files if file], ensure_ascii=False)
        text = data.replace("</", r"<\/")
        return f'{match[1]}<script type="application/json">{text}</script>{match[4]}'

    return EXPLORER.sub(fill, html.replace(' loading="lazy"', ""))
