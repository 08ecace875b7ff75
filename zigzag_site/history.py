"""History: the day on which each file last changed, from one call of git; nothing where there is no git."""

import re
import subprocess
from pathlib import Path

ENTRY = re.compile(r"^\0(?P<day>\S+)\n\n(?P<files>[^\0]*)", re.M)


def read_days(root: Path) -> dict[str, str]:
    """Return each file that git tracks, relative to the root, to the day of its last commit."""
    command = "git -c core.quotepath=off log --format=%x00%cs --name-only --no-renames --relative".split()
    try:
        log = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    days: dict[str, str] = {}
    for entry in ENTRY.finditer(log):  # newest first
        for file in entry["files"].splitlines():
            days.setdefault(file, entry["day"])
    return days
