"""Theme cache: templates compiled once, and what MkDocs logs while pages are made."""

import logging
import re
from pathlib import Path

from jinja2 import BytecodeCache, Environment, FileSystemLoader
from jinja2.bccache import Bucket
from mkdocs.theme import Theme

from evidence.cache import Cache
from evidence.mkdocs_support import LogCounter
from evidence.project import list_visible

SKIPPED = re.compile("Page skipped: '(.+)'")


class CompiledTemplates(BytecodeCache):
    """Templates compiled by an earlier build, which takes longer than all that is left to do."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache

    def get_bucket(
        self,
        environment: Environment,
        name: str,
        filename: str | None,
        source: str,
    ) -> Bucket:
        """Return the bucket of a template, and of what hooks may set that compiling depends on."""
        source = (
            f"{environment.trim_blocks} {environment.lstrip_blocks} {environment.autoescape} "
            f"{environment.keep_trailing_newline} {sorted(environment.extensions)} {source}"
        )
        return super().get_bucket(environment, name, filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        if files := self.cache.get(f"templates/{bucket.key}", bucket.checksum):
            bucket.bytecode_from_string(files["bytecode"])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.cache.try_put(
            f"templates/{bucket.key}",
            bucket.checksum,
            {"bytecode": bucket.bytecode_to_string()},
        )


class VisibleLoader(FileSystemLoader):
    """Lists no hidden files, such as Material’s thousands of icons, which MkDocs ignores, too."""

    def list_templates(self) -> list[str]:
        return sorted(
            {
                path.relative_to(top).as_posix()
                for top in self.searchpath
                for path in list_visible(Path(top), folders=False)
            }
        )


class CachedTheme(Theme):
    """A theme whose templates are compiled once."""

    cache: Cache

    def get_env(self) -> Environment:
        env = super().get_env()
        env.loader = VisibleLoader(self.dirs)
        env.bytecode_cache = CompiledTemplates(self.cache)
        return env


class PageLog(LogCounter):
    """Counts what MkDocs and plugins log: pages about which something was logged are not cached."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.finished: set[str] = set()
        logging.getLogger("mkdocs.commands.build").addFilter(self.is_news)

    def is_silent_since(self, count: int) -> bool:
        """Whether no message was logged, and none was suppressed either."""
        return self.count == count and logging.getLogger("mkdocs").isEnabledFor(
            logging.INFO
        )

    def is_news(self, record: logging.LogRecord) -> bool:
        """Whether a record is worth printing: not that a page taken from the cache is empty."""
        match = SKIPPED.match(record.getMessage())
        return not (match and match[1] in self.finished)
