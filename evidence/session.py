"""Session: one build of a site, the runs behind it and what its pages have in common."""

from collections.abc import Callable, Iterable, Mapping

from evidence.build import Build
from evidence.cache import find_state_folder, write_if_changed
from evidence.diagnostics import Diagnostic
from evidence.keys import digest_machinery
from evidence.project import Project, Script
from evidence.results import LabResult, Result, SnippetResult
from evidence.runs import Runs
from evidence.source import check_source
from evidence.usage import PageContext, Site, Usage, find_orphans

try:
    from evidence.extras.downloads import pack_downloads
except ImportError:  # left out
    pack_downloads = None  # type: ignore[assignment]

PAGE = "---\ntitle: {0}\nsearch: {{exclude: true}}\n---\n\n# {0}\n\n{1}\n///\n"
PACKER = digest_machinery("evidence.extras.downloads")
FOLDERS = {"lab": "labs", "snippet": "evidence"}  # of generated pages
LEDGER = "evidence/index.md"
FAILED_LAB = "# {}\n\nThis lab did not run.\n"


class Session:
    """The results of a project as pages ask for them, while runs go on."""

    def __init__(
        self,
        project: Project,
        macros: Mapping[str, str],
        say: Callable[[str], object],
        runs: Runs | None = None,
    ) -> None:
        """Look up what is stale; among `runs` are those of an earlier session."""
        self.project = project
        self.build = Build(project, say, runs)
        self.pages = find_state_folder(project.root) / "pages"
        self.pending = dict.fromkeys(
            [*project.names("lab"), *project.names("snippet")]
        )
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
            modules={
                name: project.scripts[name].file
                for name in project.names("module")
            },
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
        """Let the site have all results."""
        for name in list(self.pending):
            self.load(name)

    def write_pages(self) -> tuple[list[str], list[str]]:
        """Write the pages that are generated below `pages`.

        Returns the names of those of sources, and of the others: labs and the ledger.
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
        """Write the files of a result below `pages`; returns their names."""
        contents = dict(result.files) if result else {}
        pack, job = pack_downloads, self.build.jobs.get(name)
        if isinstance(result, SnippetResult) and pack and job:
            contents |= self.build.cache.get_or_create(
                f"downloads/{name}",
                f"{job.key}-{PACKER}",
                lambda: pack(result, job),
            )
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
        """Return the script behind a generated page, or None for another page."""
        folder, _, name = page.removesuffix(".md").partition("/")
        script = self.project.scripts.get(name)
        return script if script and FOLDERS.get(script.kind) == folder else None

    def read_lab(self, page: str) -> str | None:
        """Return the Markdown of a lab’s page, once it has run, or None for another page."""
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
        """Return the file behind a page, relative to the root: a script’s where there is one."""
        script = self.find_script(page)
        return (
            script.file
            if script
            else self.project.describe_path(self.site.docs / page)
        )

    def open_page(self, page: str, text: str) -> PageContext:
        """Return the context of a page; problems of a lab are found in its script."""
        script = self.find_script(page)
        return PageContext(
            self.site,
            page,
            script.text if script and script.kind == "lab" else text,
            self.find_file(page),
        )

    def check_page(self, page: str, text: str) -> PageContext:
        """Return the context of a page, in which is noted what makes it unreadable."""
        context = self.open_page(page, text)
        for fragment, message in check_source(text):
            context.report(fragment, message)
        return context

    def finish_runs(self) -> list[Diagnostic]:
        """Wait for what still runs, and return all that is wrong."""
        self.build.finish(self.patient)
        self.load_all()
        return self.collect_diagnostics()

    def collect_diagnostics(self) -> list[Diagnostic]:
        """Return what is wrong with runs and pages so far, and what no page shows."""
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
        """Return those of diagnostics that concern a page, its own and its snippets’."""
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
