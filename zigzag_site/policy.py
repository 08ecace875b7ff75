"""Policy: a page runs the scripts of its site and the few that the theme writes into it, each named by its digest."""

import base64
import hashlib
import re

SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.S)
TEXT = re.compile(r"<article.*</article>", re.S)  # what a page says brings no script
CHARSET = '<meta charset="utf-8">'
POLICY = (
    "default-src 'self'; script-src 'self' {}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)


def add_policy(html: str) -> str:
    """Return a page with its content security policy in the head."""
    digests = {hashlib.sha256(script.encode()).digest() for script in SCRIPT.findall(TEXT.sub("", html))}
    sources = " ".join(sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(sources)}">'
    return html.replace(CHARSET, CHARSET + meta, 1)
