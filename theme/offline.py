"""Offline: what a copy of the site needs that is opened from a folder, where a page may load no data of its own."""

import json
import re

from mkdocs.plugins import event_priority

EXPLORER = re.compile(
    r'(<evidence-explorer>.*?src="[^"]*?evidence/(\w+)/(explore_\w+)\.svg.*?)(</evidence-explorer>)', re.S
)


def on_config(config):
    if _offline(config):
        config.extra["polyfills"] = ["assets/iframe-worker.js"]  # the search worker; Material would load it from afar


@event_priority(50)
def on_page_content(html, page, config, files):
    """The data of explorers into the page; pictures at once, or a printer does not see them."""
    if not _offline(config):
        return html
    results = config.mdx_configs["evidence.pages"]["book"].results

    def filled(found):
        stem = results[found[2]]["folder"] / found[3]
        held = [stem.with_suffix(".svg").read_text("utf-8"), stem.with_suffix(".json").read_text("utf-8")]
        data = json.dumps(held, ensure_ascii=False).replace("</", r"<\/")
        return f'{found[1]}<script type="application/json">{data}</script>{found[4]}'

    return EXPLORER.sub(filled, html.replace(' loading="lazy"', ""))


def _offline(config):
    return config.plugins["material/offline"].config.enabled
