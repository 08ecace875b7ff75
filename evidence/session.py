"""Session: one build of a site, the runs behind it and what its pages have in common."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from evidence.build import Build
from evidence.cache import find_state_folder, write_if_changed
from evidence.diagnostics import Diagnostic
from evidence.keys import digest_machinery
from evidence.project import Project
from evidence.results import LabResult, Result, SnippetResult
from evidence.usage import Site, find_orphans

try:
    from evidence.extras.downloads import pack_downloads
except ImportError:  # left out
    pack_downloads = None  # type: ignore[assignment]

PAGE = "---\ntitle: {0}\nsearch: {{exclude: true}}\n---\n\n# {0}\n\n{1}\n///\n"
PACKER = digest_machinery("evidence.extras.downloads")
LEDGER = "evidence/index.md"


class Session:
    """The results of a project as pages ask for them, while runs go on."""

    def __init__(
        self,
        project: Project,
        macros: Mapping[str, str],
        say: Callable[[str], object],
        previous: "Session | None" = None,
    ) -> None:
        """Look up what is stale; with `previous`, runs of an earlier session go on."""
        self.project = project
        self.build = Build(project, say, previous.build if previous else None)
        self.pages = find_state_folder(project.root) / "pages"
        self.pending = dict.fromkeys([*project.names("lab"), *project.names("snippet")])
        self.patient = True
        "Whether pages wait for runs; else they show the results that held last."
        self.on_files: Callable[[list[str]], object] = lambda files: None
        "Called with the names of files, below `pages`, of each result that has come."
        self.site = Site(
            docs=(project.root / project.docs).resolve(),
            cache=self.build.cache,
            has_downloads=bool(pack_downloads),
            macros=dict(macros),
            load=self.load,
        )

    def load(self, name: str) -> None:
        """Let the site have the results of a name, once its run has ended."""
        if name not in self.pending:
            return
        del self.pending[name]
        if self.patient or self.build.is_edited(name):
            self.build.wait(name)
        result = self.build.get_result(name)
        if name in self.project.names("lab"):
            self.site.labs[name] = result.date if result else ""
        elif isinstance(result, SnippetResult):
            self.site.results[name] = result
        else:
            self.site.failed.add(name)  # its run says why, not each page
        self.on_files(self.write_files(name, result))

    def load_all(self) -> None:
        """Let the site have all results, in the order of the project."""
        for name in list(self.pending):
            self.load(name)
        results = self.site.results
        self.site.results = {name: results[name] for name in self.build.jobs if name in results}

    def write_pages(self) -> tuple[list[str], list[str]]:
        """Write the pages that are generated below `pages`.

        Returns the names of those of sources, and of the others: labs and the ledger.
        """
        sources = {
            f"evidence/{name}.md": PAGE.format(f"{name}.py", f"/// source | {name}")
            for name in self.project.names("snippet")
        }
        labs = {
            f"labs/{name}.md": f"# {name}\n\nThis lab did not run.\n"
            for name in self.project.names("lab")
        }
        ledger = {LEDGER: PAGE.format("How it was checked", "/// ledger")}
        for file, text in (sources | ledger).items():
            write_if_changed(self.pages / file, text.encode())
        for file, text in labs.items():
            if not (self.pages / file).exists():
                write_if_changed(self.pages / file, text.encode())
        return list(sources), [*labs, *ledger]

    def write_files(self, name: str, result: Result | None) -> list[str]:
        """Write the files of a result below `pages`; returns their names."""
        contents = dict(result.files) if result else {}
        pack = pack_downloads
        if isinstance(result, SnippetResult) and pack:
            job = self.build.jobs[name]
            key = f"{job.key}-{PACKER}"
            contents |= self.build.cache.get_or_create(
                f"downloads/{name}", key, lambda: pack(result, job)
            )
        files = {f"evidence/{name}/{file}": data for file, data in contents.items()}
        for file, data in files.items():
            write_if_changed(self.pages / file, data)
        if isinstance(result, LabResult):
            write_if_changed(self.pages / f"labs/{name}.md", result.page.encode())
        return list(files)

    def read_lab(self, page: str) -> str | None:
        """Return the Markdown of a lab’s page, once it has run, or None for another page."""
        name = Path(page).stem
        if name not in self.project.names("lab") or page != f"labs/{name}.md":
            return None
        self.load(name)
        result = self.build.get_result(name)
        if not isinstance(result, LabResult):
            return f"# {name}\n\nThis lab did not run.\n"
        return result.page

    def find_file(self, page: str) -> str:
        """Return the file behind a page, relative to the root: a script’s where there is one."""
        script = self.project.scripts.get(Path(page).stem)
        if script and page in (f"labs/{script.name}.md", f"evidence/{script.name}.md"):
            return script.file
        return self.project.describe_path(self.site.docs / page)

    def find_text(self, page: str, text: str) -> str:
        """Return the text in which a page’s problems are found: a lab’s is its script."""
        script = self.project.scripts.get(Path(page).stem)
        return script.text if script and page == f"labs/{script.name}.md" else text

    def finish(self) -> list[Diagnostic]:
        """Wait for what still runs, and return all that is wrong."""
        if self.patient:
            self.build.finish()
        else:
            self.build.collect_finished()
        self.load_all()
        return self.collect_diagnostics()

    def collect_diagnostics(self) -> list[Diagnostic]:
        """Return what is wrong with runs and pages so far, and what no page shows."""

        def file_of(name: str) -> str:
            return self.project.scripts[name].file

        orphans = find_orphans(self.site, file_of)
        return [*self.project.diagnostics, *self.site.diagnostics, *orphans]

    def select_diagnostics(self, page: str, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return those of diagnostics that concern a page, its own and its snippets’."""
        usage = self.site.usages.get(page)
        names = {name for name in (usage.snippets if usage else ()) if name in self.project.scripts}
        files = {self.project.scripts[name].file for name in names} | {self.find_file(page)}
        return [each for each in dict.fromkeys(diagnostics) if each.file in files]

    def order_names(self, texts: Iterable[str]) -> list[str]:
        """Return the names of snippets in the order in which texts mention them."""
        order: dict[str, None] = {}
        for text in texts:
            found = [(text.find(name), name) for name in self.pending]
            order |= dict.fromkeys(name for at, name in sorted(found) if at >= 0)
        return list(order)
