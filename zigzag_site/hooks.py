"""Hooks: what MkDocs' events need of this package; whatever Markdown can do is in `blocks`."""

import hashlib
import logging
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File
from mkdocs.utils import get_markdown_title, get_relative_url

import zigzag_site
from zigzag_site import evidence_access as evidence
from zigzag_site import thumbnails
from zigzag_site.blocks import expand
from zigzag_site.cards import digest_card, draw_card
from zigzag_site.history import read_days
from zigzag_site.offline import WORKER, embed_data
from zigzag_site.pages import read_site_once
from zigzag_site.policy import add_policy
from zigzag_site.scripts import shorten_scripts
from zigzag_site.search import mend_search
from zigzag_site.tightness import read_tightness

THUMBNAIL = re.compile(r'\bsrc="[^"]*evidence/(\w+)/((?:figure|explore)_\w+)\.svg#plot-(\d+)"')
log = logging.getLogger("mkdocs.plugins.zigzag_site")
days: dict[str, str] = {}  # file to the day of its last change; a page depends on its own only


def on_config(config: Any) -> None:
    config.mdx_configs["zigzag_site.blocks"] = {"root": str(_root(config))}
    if _is_offline(config):
        config.extra["polyfills"] = [WORKER]


def on_pre_build(config: Any) -> None:
    read_site_once.cache_clear()
    site = read_site_once(_root(config))
    for problem in site.problems():
        log.warning(problem)
    days.clear()
    days.update(read_days(_root(config)))
    # What pages depend on that neither their Markdown nor their results show.
    files = sorted(Path(zigzag_site.__file__).parent.glob("*.py"))
    sources = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    config.extra["zigzag_site"] = {"sources": sources, "terms": site.terms, "tightness": read_tightness(site.folder)}


def on_files(files: Any, config: Any) -> None:
    mend_search(config, files)
    shorten_scripts(config, files)


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    file = evidence.source_of(config, page.file.src_uri)
    page.edit_url = f"{config.extra.get('repository')}/edit/main/{file}" if file else None
    page.meta["updated"] = day = days.get(file, "")
    if day:
        page.update_date = day  # for the sitemap
        page.meta["pubdate"] = format_datetime(datetime.fromisoformat(day).replace(tzinfo=UTC))
    return expand(markdown, read_site_once(_root(config)))


@event_priority(50)
def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    if "material/tags" in page.file.content_string:
        page.meta.pop("plain", None)  # its list is made by Material, and is not in the Markdown
    _add_card(page, config, files)
    html = _use_thumbnails(html, page)
    if _is_offline(config):
        html = embed_data(html, lambda snippet, file: evidence.result_file(config, snippet, file))
    return html


@event_priority(-200)  # when all results are there
def on_env(env: Any, config: Any, files: Any) -> None:
    site = read_site_once(_root(config))
    for page in site.pages:
        if not page.is_question or not page.meta.get("thumbnail"):
            continue
        snippet, drawing, plot = page.thumbnail()
        if path := evidence.result_file(config, snippet, f"{drawing}.svg"):
            name = _thumbnail(snippet, drawing, plot)
            data = _small(config, name, path.read_text("utf-8"), plot)
            files.append(File.generated(config, name, content=data))
        elif not evidence.has_failed(config, snippet):
            log.warning(
                f"{site.folder.name}/{page.path}:1: ‘thumbnail’ names no drawing of {snippet}: write SNIPPET.FIGURE, "
                "or SNIPPET.explore_NAME"
            )


@event_priority(-100)  # last of all, so that no script comes later
def on_post_page(output: str, page: Any, config: Any) -> str:
    if evidence.is_serving(config) or _is_offline(config):
        return output  # the live server adds a script of its own, and a folder is no ‘self’
    return add_policy(output)


@event_priority(-100)
def on_post_template(output_content: str, template_name: str, config: Any) -> str:
    return on_post_page(output_content, None, config) if template_name.endswith(".html") else output_content


def _use_thumbnails(html: str, page: Any) -> str:
    """Return an article whose small pictures are separate files, lighter than the figures."""

    def use(match: re.Match[str]) -> str:
        return f'src="{get_relative_url(_thumbnail(match[1], match[2], int(match[3])), page.url)}"'

    return THUMBNAIL.sub(use, html)


def _thumbnail(snippet: str, drawing: str, plot: int) -> str:
    return f"assets/thumbnails/{snippet}-{drawing}-{plot}.svg"


def _small(config: Any, name: str, svg: str, plot: int) -> bytes:
    key = hashlib.sha256(f"{plot} {svg}".encode() + Path(thumbnails.__file__).read_bytes()).hexdigest()
    return evidence.cached(config, name, key, lambda: thumbnails.make_thumbnail(svg, plot).encode())


def _add_card(page: Any, config: Any, files: Any) -> None:
    """Return the picture for sharing a page; generated pages and the live server have none."""
    path = page.file.src_uri
    if path.startswith("evidence/") or evidence.is_serving(config):
        return
    picture, panels = evidence.first_picture(config, path)
    title = page.meta.get("title") or get_markdown_title(page.markdown) or page.title
    words = [title, page.meta.get("description", ""), config.site_name]
    name = page.meta["card"] = f"assets/cards/{path.removesuffix('.md')}.png"
    data = evidence.cached(config, name, digest_card(words, picture), lambda: draw_card(words, picture, panels))
    files.append(File.generated(config, name, content=data))


def _root(config: Any) -> Path:
    return Path(config.config_file_path).parent


def _is_offline(config: Any) -> bool:
    offline = config.plugins.get("material/offline")
    return bool(offline and offline.config.enabled)
