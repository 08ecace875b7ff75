"""Scripts: those of the site and of its theme as visitors load them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

OURS = re.compile(r"assets/[\w-]+\.js")
LAYOUT = re.compile(r"^\s*//.*\n|\s+// .*$|^[ \t]+", re.M)


def replace_scripts(config: Any, files: Files, name: re.Pattern[str], change: Callable[[str], str]) -> None:
    """Replace each script whose address matches `name` by what `change` makes of its text."""
    for file in [file for file in files if name.fullmatch(file.src_uri)]:
        files.remove(file)
        script = Path(file.abs_src_path or "").read_text("utf-8")
        files.append(File.generated(config, file.src_uri, content=change(script)))


def shorten_scripts(config: Any, files: Files) -> None:
    """Remove comments and indentation from the scripts of this site."""
    replace_scripts(config, files, OURS, lambda script: LAYOUT.sub("", script))
