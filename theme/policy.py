"""Policy: a page runs the scripts of its site and the few that the theme writes into it, each named by its digest."""

import base64
import hashlib
import re

from mkdocs.plugins import event_priority

SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>(.*?)</script>", re.S)
TEXT = re.compile(r"<article.*</article>", re.S)  # what a page says brings no script
CHARSET = '<meta charset="utf-8">'
POLICY = (
    "default-src 'self'; script-src 'self' {}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)


@event_priority(-100)  # last of all, so that no script comes later
def on_post_page(output, page, config):
    plugins = config.plugins
    if plugins["evidence"].serving or plugins["material/offline"].config.enabled:
        return output  # the live server adds a script of its own, and a folder is no ‘self’
    digests = {hashlib.sha256(script.encode()).digest() for script in SCRIPT.findall(TEXT.sub("", output))}
    allowed = " ".join(sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(allowed)}">'
    return output.replace(CHARSET, CHARSET + meta, 1)


@event_priority(-100)
def on_post_template(output_content, template_name, config):
    return on_post_page(output_content, None, config) if template_name.endswith(".html") else output_content
