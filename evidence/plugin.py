"""Plugin: MkDocs runs what is stale, reads pages with evidence in them, and refuses what does not balance."""

import logging
import os
import shutil
from html import escape
from pathlib import Path

from mkdocs.config import config_options as option
from mkdocs.config.base import Config
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, InclusionLevel

from evidence.book import Book
from evidence.problems import Refused
from evidence.project import Project
from evidence.runner import refresh

log = logging.getLogger("mkdocs.plugins.evidence")
PAGE = "---\ntitle: {0}\nsearch: {{exclude: true}}\n---\n# {0}\n\n{1}\n///\n"


class Options(Config):
    snippets = option.Type(str, default="snippets")
    seconds = option.Type(int, default=60)
    megabytes = option.Type(int, default=2048)


class EvidencePlugin(BasePlugin[Options]):
    """Thin: all that it does, `python -m evidence` does without MkDocs."""

    def on_startup(self, *, command, dirty):
        self.serving, self.whole, self.staged = command == "serve", False, None

    def project_of(self, config):
        root = Path(config.config_file_path).parent
        return Project(root, docs=Path(config.docs_dir).relative_to(root).as_posix(), **self.config)

    def on_config(self, config):
        self.project = self.project_of(config)
        config.watch.append(str(self.project.root / self.project.snippets))
        config.markdown_extensions.append("evidence.pages")
        if not self.serving:  # the last good site stays until this one is whole
            self.site = Path(config.site_dir)
            self.staged = self.site.with_name(f".{self.site.name}-{os.getpid()}")
            config.site_dir = str(self.staged)
        return config

    def on_pre_build(self, config):
        refresh(self.project, log.info)
        self.book = Book(self.project)
        config.mdx_configs["evidence.pages"] = {"book": self.book}

    def on_files(self, files, config):
        self.sources = {}
        for file in list(files.documentation_pages()):
            try:
                self.sources[file.src_uri] = file.content_bytes.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = error.object[: error.start].count(b"\n") + 1
                self.project.report(file.abs_src_path, line, "this is not UTF-8: save the page as UTF-8")
                files.remove(file)
                files.append(File.generated(config, file.src_uri, content="# Not UTF-8\n"))
        self.book.scan(self.sources)
        for name, result in self.book.results.items():
            text = PAGE.format(f"{name}.py", f"/// source | {name}")
            hidden = InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, f"evidence/{name}.md", content=text, inclusion=hidden))
            for path in sorted(result["folder"].glob("*_*.*")):
                files.append(File.generated(config, f"evidence/{name}/{path.name}", abs_src_path=str(path)))
        files.append(File.generated(config, "evidence/index.md", content=PAGE.format("How it was checked", "/// ledger")))
        return files

    def on_page_markdown(self, markdown, *, page, config, files):
        self.book.open(page.file.src_uri, self.sources.get(page.file.src_uri, markdown))

    def on_page_content(self, html, *, page, config, files):
        """While serving, a page says what is wrong with it or with a snippet that it uses."""
        here = f"{self.project.docs}/{page.file.src_uri}"
        mine = {self.project.relative(self.project.modules[name]) for name in self.book.users[page.file.src_uri] & set(self.project.modules)}
        wrong = [p for p in [*self.project.problems, *self.book.problems] if p.where == here or p.where in mine]
        listed = "".join(f"<p>{escape(str(problem))}</p>" for problem in wrong)
        return f'<div class="admonition failure">{listed}</div>{html}' if wrong else html

    def on_env(self, env, *, config, files):
        problems = [*self.project.problems, *self.book.problems, *self.book.orphans()]
        if problems and self.serving:
            log.error(str(Refused(problems)))
        elif problems:
            raise PluginError(str(Refused(problems)))

    def on_post_build(self, config):
        self.whole = True

    def on_build_error(self, *, error):
        self.whole = False  # also where a warning ends a strict build

    def on_shutdown(self):
        if self.staged and self.whole:
            old = self.staged.with_name(f"{self.staged.name}-old")
            if self.site.exists():
                os.replace(self.site, old)
            os.replace(self.staged, self.site)
            shutil.rmtree(old, ignore_errors=True)
        elif self.staged:
            shutil.rmtree(self.staged, ignore_errors=True)
