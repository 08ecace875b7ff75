"""Syntax: each form that authors write in a page, as one regular expression."""

import re

HEAD = re.compile(
    r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.M | re.S
)
CODE = re.compile(
    r"^[ \t>]*(`{3,}|~{3,})[^`\n]*\n.*?^[ \t>]*\1[ \t]*$|<!--.*?-->"
    r"|(?<![`\\])(`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)\2(?!`)"
    r"|<(pre|textarea|code)\b.*?</\3>",
    re.M | re.S,
)
INCLUDE = re.compile(r"^[ \t]*(?:-{1,}8<-{1,}|\{%-? *include|\{!).*", re.M)
BLOCK = re.compile(
    r"^([ \t>]*)/{3,}[ \t]*([\w-]*)(?:[ \t]*\|[ \t]*(.*?))?[ \t]*$\n?", re.M
)
OPTIONS = re.compile(
    r"^([ \t>]*)(/{3,}[ \t]*[\w-]+.*)(?:\n\1 {4,}[\w-]+:.*)+", re.M
)
LETTERS = re.compile(
    r"^([ \t>]*)(/{3,})([ \t]*equation\b.*\n)"
    r"(?:(?!\1\2[ \t]*$).*\n)+(?=\1\2[ \t]*$)",
    re.M,
)
LIMITS = re.compile(r"^[ \t>]*={3,}[ \t]*$", re.M)
# Not a link whose text begins with @
REFERENCE = re.compile(r"(?<!\\)\[@([\w.:/+-]+)\](?!\(|\[(?!@))")
VALUE = re.compile(r"\{\{((?:(?!\{\{|\n\s*\n)[\s\S])+?)\}\}")
INNER = r"\\(?:text|[mh]box)\w*\{[^{}$\n]*(?:\$[^{}$\n]+\$[^{}$\n]*)+\}"
# No price: no punctuation begins it, and no digit follows, except a sign as in 2$\times$3
DOLLAR = (
    rf"""(?<![\\$])\$(?![\s$]|["'),;.?!]+ )((?:{INNER}|[^$\\\n]|\\.|\n(?!\n))+?)(?<!\s)(?<!\w \()"""
    r"\$(?!\$)(?:(?!\d)|(?<=\\times\$)|(?<=\\cdot\$)|(?<=\\pm\$)|(?<=\\sim\$)|(?<=\\approx\$))"
)
DISPLAY = r"(?<![\\$])\$\$(?!\$)\s*((?:[^$\\]|\\.|\$(?!\$))+?)\s*\$\$(?!\$)"
ROUND = r"\\{1,2}\((?=\S|\s\S)(.+?)\\{1,2}\)"
TICKS = r"\$`([^`\n]+)`\$"  # an inline formula as GitHub and GitLab write it
FORMULA = re.compile(f"{DISPLAY}|{ROUND}|{DOLLAR}", re.S)


def write_head(kind: str, name: str) -> str:
    """Return the first line of a block, as most authors write it."""
    return f"/// {kind} | {name}" if name else f"/// {kind}"
