"""Session: one build of a site: its runs, its pages, and what the pages share."""

from collections.abc import Callable, Iterable, Mapping

from evidence.build import Build
from evidence.cache import find_state_folder, write_if_changed
from evidence.diagnostics import Diagnostic
from evidence.project import Project, Script
from evidence.results import LabResult, Result, SnippetResult
from evidence.runs import Runs
from evidence.source import check_source
from evidence.usage import PageContext, Site, Usage, find_orphans

try:
    from evidence.extras.downloads import find_downloads
except ImportError:  # left out
    find_downloads = None  # type: ignore[assignment]

PAGE = "---\ntitle: {0}\nsearch: {{exclude: true}}\n---\n\n# {0}\n\n{1}\n///\n"
FOLDERS = {"lab": "labs", "snippet": "evidence"}  # of generated pages
LEDGER = "evidence/index.md"
FAILED_LAB = "# {}\n\nThis lab did not run.\n"


class Session:
    """The results of a project, given to pages while runs are still in progress."""

    def __init__(
        self,
        project: Project,
        macros: Mapping[str, str],
        log: Callable[[str], object],
        runs: Runs | None = None,
    ) -> None:
        """Look up what is stale; `runs` may hold runs of an earlier session."""
        self.project = project
        self.build = Build(project, log, runs)
        self.pages = find_state_folder(project.root) / "pages"
        self.pending = dict.fromkeys(
            [*project.names("lab"), *project.names("snippet")]
        )
        self.waits_for_runs = True
        "Whether pages wait for runs; otherwise they show the last valid results."
        self.on_files: Callable[[list[str]], object] = lambda files: None
        "Called with the names, relative to `pages`, of the files of each new result."
        self.site = Site(
            docs=(project.root / project.docs).resolve(),
            cache=self.build.cache,
            has_downloads=bool(find_downloads),
            macros=dict(macros),
            load=self.load,
            modules={
                name: project.scripts[name].file
                for name in project.names("module")
            },
        )

    def load(self, name: str) -> None:
        """Hand the result of a name to the site, waiting for its run if need be."""
        if name not in self.pending:
            return
        del self.pending[name]
        if self.waits_for_runs or self.build.is_edited(name):
            self.build.wait(name)
        result = self.build.get_result(name)
        if name in self.project.names("lab"):
            self.site.labs[name] = result.date if result else ""
        elif isinstance(result, SnippetResult):
            self.site.results[name] = result
        else:
            self.site.failures.add(name)  # its run says why, not each page
        self.on_files(self.write_files(name, result))

    def load_all(self) -> None:
        """Hand all results to the site."""
        for name in list(self.pending):
            self.load(name)

    def write_pages(self) -> tuple[list[str], list[str]]:
        """Write the generated pages into the folder `pages`.

        Returns the names of the source pages, and of the others: labs and the ledger.
        """
        sources = {
            f"evidence/{name}.md": PAGE.format(
                f"{name}.py", f"/// source | {name}"
            )
            for name in self.project.names("snippet")
        }
        ledger = {LEDGER: PAGE.format("How it was checked", "/// ledger")}
        labs = {
            f"labs/{name}.md": FAILED_LAB.format(name)
            for name in self.project.names("lab")
        }
        for file, text in (sources | ledger | labs).items():
            if file not in labs or not (self.pages / file).exists():
                write_if_changed(self.pages / file, text.encode())
        return list(sources), [*labs, *ledger]

    def write_files(self, name: str, result: Result | None) -> list[str]:
        """Write the files of a result into the folder `pages`; return their names."""
        contents = dict(result.files) if result else {}
        job = self.build.jobs.get(name)
        if isinstance(result, SnippetResult) and find_downloads and job:
            contents |= find_downloads(result, job, self.build.cache)
        files = {
            f"evidence/{name}/{file}": data for file, data in contents.items()
        }
        for file, data in files.items():
            write_if_changed(self.pages / file, data)
        if isinstance(result, LabResult):
            write_if_changed(
                self.pages / f"labs/{name}.md", result.page.encode()
            )
        return list(files)

    def find_script(self, page: str) -> Script | None:
        """Return the script behind a generated page, or None for other pages."""
        folder, _, name = page.removesuffix(".md").partition("/")
        script = self.project.scripts.get(name)
        return script if script and FOLDERS.get(script.kind) == folder else None

    def read_lab(self, page: str) -> str | None:
        """Return the Markdown of a lab’s page, after its run, or None for other pages."""
        script = self.find_script(page)
        if not script or script.kind != "lab":
            return None
        self.load(script.name)
        result = self.build.get_result(script.name)
        return (
            result.page
            if isinstance(result, LabResult)
            else FAILED_LAB.format(script.name)
        )

    def find_file(self, page: str) -> str:
        """Return the path of the file behind a page, relative to the root: its script, if any."""
        script = self.find_script(page)
        return (
            script.file
            if script
            else self.project.describe_path(self.site.docs / page)
        )

    def open_page(self, page: str, text: str) -> PageContext:
        """Return the context of a page; for a lab, problems refer to lines of its script."""
        script = self.find_script(page)
        return PageContext(
            self.site,
            page,
            script.text if script and script.kind == "lab" else text,
            self.find_file(page),
        )

    def check_page(self, page: str, text: str) -> PageContext:
        """Return the context of a page, with diagnostics if its text cannot be read."""
        context = self.open_page(page, text)
        for fragment, message in check_source(text):
            context.report(fragment, message)
        return context

    def finish_runs(self) -> list[Diagnostic]:
        """Wait for all runs, and return all diagnostics."""
        self.build.finish(self.waits_for_runs)
        self.load_all()
        return self.collect_diagnostics()

    def collect_diagnostics(self) -> list[Diagnostic]:
        """Return the diagnostics of runs and pages so far, and of orphans."""
        return [
            *self.project.diagnostics,
            *self.site.diagnostics,
            *find_orphans(
                self.site, lambda name: self.project.scripts[name].file
            ),
        ]

    def select_diagnostics(
        self, page: str, diagnostics: Iterable[Diagnostic]
    ) -> list[Diagnostic]:
        """Return the diagnostics that concern a page: its own, and those of its snippets."""
        scripts = self.project.scripts
        files = {
            self.find_file(page),
            *(
                scripts[part].file
                for name in self.site.usages.get(page, Usage(page)).snippets
                for part in self.project.transitive_imports(name)
            ),
        }
        return [
            each for each in dict.fromkeys(diagnostics) if each.file in files
        ]
