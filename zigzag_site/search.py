"""Search: lunr, which Material's search calls, with a ranking of ours, and a fault mended that numbers show."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import Files

from zigzag_site.scripts import LAYOUT, replace_scripts

SCRIPT = re.compile(r"assets/javascripts/workers/search\.\w+\.min\.js")
# lunr names a state of its automaton by the letters and numbers of its edges, one behind the other. Where a letter is a
# digit, two states may get one name: they are merged, words that no page has are accepted, and the search fails.
MENDED = """
self.lunr.TokenSet.prototype.toString = function () {
  const edges = Object.keys(this.edges).sort().map((letter) => `${letter}${this.edges[letter].id};`);
  return this._str || `${this.final ? 1 : 0}${edges.join("")}`;
};
"""


def mend_search(config: Any, files: Files) -> None:
    """Append to the theme's search script our ranking, and a naming of states under which no two share a name."""
    ranking = LAYOUT.sub("", Path(__file__).with_suffix(".js").read_text("utf-8"))
    replace_scripts(config, files, SCRIPT, lambda script: script + MENDED + ranking)
