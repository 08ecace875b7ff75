"""History: when each page last changed and where it is edited, from one call of git; nothing where there is no git."""

import re
import subprocess
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

CHANGED = {}  # here and not in config.extra: a page depends on its own day only
ENTRY = re.compile(r"^\0(?P<day>\S+)\n\n(?P<files>[^\0]*)", re.M)


def on_pre_build(config):
    CHANGED.clear()
    CHANGED.update(_changed(Path(config.config_file_path).parent))


def on_page_markdown(markdown, page, config, files):
    file = config.mdx_configs["evidence.pages"]["book"].file(page.file.src_uri)
    page.edit_url = f"{config.extra['repository']}/edit/main/{file}" if file else None
    page.meta["updated"] = day = CHANGED.get(file, "")
    if day:
        page.update_date = day  # for the sitemap
        page.meta["pubdate"] = format_datetime(datetime.fromisoformat(day).replace(tzinfo=UTC))


def _changed(root):
    """File to the day of its last commit; files that git does not know are missing."""
    command = ["git", "log", "--format=%x00%cs", "--name-only", "--no-renames", "--relative"]
    try:
        said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    days = {}
    for entry in ENTRY.finditer(said):  # newest first
        for file in entry["files"].split("\n"):
            days.setdefault(file, entry["day"])
    return days
