"""Search: lunr, which Material's search calls, with a fault mended that numbers bring to light."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

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
    """Replace the theme's search script by one that highlights whole words."""
    for file in [file for file in files if SCRIPT.fullmatch(file.src_uri)]:
        files.remove(file)
        script = Path(file.abs_src_path or "").read_text("utf-8")
        files.append(File.generated(config, file.src_uri, content=script + MENDED))
