"""Scripts: those of this site as visitors load them, without comments and indentation."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

OURS = re.compile(r"assets/[\w-]+\.js")
LAYOUT = re.compile(r"^\s*//.*\n|\s+// .*$|^[ \t]+", re.M)


def shorten_scripts(config: Any, files: Files) -> None:
    """Replace the scripts of this site by shorter ones that do the same."""
    for file in [file for file in files if OURS.fullmatch(file.src_uri)]:
        files.remove(file)
        script = Path(file.abs_src_path or "").read_text("utf-8")
        files.append(File.generated(config, file.src_uri, content=LAYOUT.sub("", script)))
