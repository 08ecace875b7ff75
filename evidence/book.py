"""Book: all results as the pages read them, the page being read, and who uses what."""

import hashlib
import json
import re
from collections import defaultdict
from pathlib import Path

import yaml

from evidence.citations import references
from evidence.letters import read_letters
from evidence.problems import UNSEEN, Problem, unknown, unseen
from evidence.project import state
from evidence.values import PATTERN, look_up

FENCE = re.compile(r"^([ ]*)(`{3,}|~{3,})(?![`~])[^`\n]*$.*?(?:^\1\2[ ]*$|(\Z))", re.M | re.S)
BLOCK = re.compile(r"^[ ]*/{3,}[ ]*([\w-]+)(?:[ ]*\|[ ]*(\S.*?))?[ ]*$", re.M)
HEAD = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*$", re.M | re.S)
ALL = "*"  # in place of a snippet: all of them, and the pages where they are used
LINE, BRACKETS = 5000, 100  # characters of a line, and [ open in a paragraph, with which Markdown is done in seconds
KINDS = ("figure", "claim", "equation", "explore")


class Book:
    """Results of a project's snippets as pages read them: all, or, unless `whole`, those that are taken one by one."""

    def __init__(self, project, whole=True):
        self.project, self.problems, self.used = project, [], defaultdict(set)  # (snippet, kind, part): pages
        self.results, self.values, self.labs, self.missing = {}, {}, {}, set()
        self.users = defaultdict(set)  # page: the snippets that it uses, and ALL where it shows what others use
        self.homes, self.letters, self.bibliography, self.read = {}, {}, None, {}
        self.open("", "")
        if whole:
            self.take_all()

    def take(self, name):
        """Read the results of a snippet or a lab, those that held last where the present ones fail."""
        result = self.project.load(name) or self.project.latest(name)
        if name in self.project.labs:
            self.labs[f"labs/{name}.md"] = result or {}
        elif result:
            self.results[name] = result
            self.values[name] = {field: entry["value"] for field, entry in result["values"].items()}
        else:
            self.missing.add(name)  # failed and never held: told by the run, not by each page

    def take_all(self):
        """Read what has not been read, and put all in the order of the project."""
        for name in [*self.project.labs, *self.project.names]:
            if name not in self.results and name not in self.missing and f"labs/{name}.md" not in self.labs:
                self.take(name)
        self.results = {name: self.results[name] for name in self.project.names if name in self.results}

    def scan(self, pages=None):
        """Read pages (name to bytes, else all of `docs`) for the numbers of equations; returns name to text."""
        docs, texts = self.project.root / self.project.docs, {}
        if pages is None:
            files = [path for path in sorted(docs.rglob("*.md")) if path.is_file()]
            pages = {path.relative_to(docs).as_posix(): path.read_bytes() for path in files}
            pages |= {page: self.lab(page).encode() for page in self.labs}
        for page, data in pages.items():
            self.open(page, data.decode("utf-8-sig", "replace"))
            if "\ufffd" in self.source:
                self.report("\ufffd", "this is not UTF-8: save the page as UTF-8")
            elif not re.sub(r"\A---\n.*?^---$", "", self.source, flags=re.M | re.S).strip():
                self.report("", "the page is empty: write it, or remove it")
            elif wrong := unfit(self.source):
                self.report(*wrong)
            else:
                texts[page] = self.source
            self.letters |= read_letters(self.source)
            blocks = BLOCK.findall(FENCE.sub("", self.source))
            for number, name in enumerate((name for kind, name in blocks if kind == "equation"), 1):
                self.homes.setdefault(name, {}).setdefault(page, number)
            self.bibliography = next(
                ((page, name) for kind, name in blocks if kind == "bibliography"), self.bibliography
            )
        self.works = self._works()
        return texts

    def open(self, page, source):
        self.page, self.source, self.shown, self.seen = page, source, [], set()

    def lab(self, page):
        """The Markdown of a lab's page."""
        return self.labs[page].get("page", f"# {page}\n\nThis lab did not run.\n")

    def file(self, page):
        """The file behind a page: a lab's or a source's is the script; the ledger has none."""
        if page in self.labs or page.startswith("evidence/"):
            module = self.project.modules.get(Path(page).stem)
            return module and self.project.relative(module)
        return Path(self.project.docs, page).as_posix()

    def report(self, found, what):
        """A problem of the open page, at the line where the text `found` stands."""
        text = self.project.texts[Path(self.page).stem] if self.page in self.labs else self.source
        head = text.find(f"\n{found}") + 1  # at the head of a line, if it stands there
        at = (head or max(0, text.find(found))) if found else 0
        line = text[:at].count("\n") + 1
        self.problems.append(Problem(self.file(self.page), line, what))

    def offered(self, kind, name):
        """(results, entry) of `snippet.part`, noted as used; None where its snippet has just failed."""
        snippet, _, part = name.partition(".")
        self.users[self.page].add(snippet)
        if snippet in self.missing:
            return None
        if snippet not in self.results:
            raise ValueError(unknown("snippet", snippet, self.results))
        if part not in self.results[snippet][kind]:
            raise ValueError(unknown(f"{kind} of {snippet}", part, self.results[snippet][kind]))
        if (kind, name) in self.shown and kind != "code":
            raise ValueError(f"the {kind} ‘{name}’ stands on this page already: point to it")
        self.shown.append((kind, name))
        self._note(snippet, kind, part)
        return self.results[snippet], self.results[snippet][kind][part]

    def _note(self, *offer):
        self.used[offer].add(self.page)
        self.seen.add(offer)

    def noted(self):
        """What was noted about the open page while it was rendered, as JSON holds it."""
        return {"users": sorted(self.users[self.page]), "seen": sorted(self.seen), "shown": self.shown}

    def recall(self, noted):
        """Note the same again for the open page, which was rendered by an earlier build."""
        self.users[self.page] |= set(noted["users"])
        self.shown = [tuple(shown) for shown in noted["shown"]]
        for offer in noted["seen"]:
            self._note(*offer)

    def seal(self, name):
        """A digest of all that a page can take from a snippet; of ALL, everything but what the open page uses."""
        if name == ALL:
            used = sorted(
                (offer, sorted(others)) for offer, pages in self.used.items() if (others := pages - {self.page})
            )
            held = [(page, result.get("checked")) for page, result in self.labs.items()]
            return digest(used, held, [self.seal(snippet) for snippet in self.results])
        return self.results[name]["seal"] if name in self.results else ""

    def cited(self):
        """The bibliography's page, file and text."""
        path = self._bibtex()
        return *(self.bibliography or ("", "")), path.read_text("utf-8") if path.is_file() else ""

    def moved(self):
        """The BibTeX file, if it was written to since pages were scanned, though its text may be the same again."""
        return Path(self.project.docs, self.bibliography[1]).as_posix() if self._works() != self.works else ""

    def _works(self):
        path = self._bibtex()
        return (state(path), path.read_bytes()) if path.is_file() else None

    def _bibtex(self):
        return self.project.root / self.project.docs / (self.bibliography or ("", ""))[1]

    def number(self, equation):
        """(page, number) of an equation: on the open page if it stands there, else where it stands first."""
        homes = self.homes[equation]
        page = self.page if self.page in homes else min(homes)
        return page, homes[page]

    def references(self, file):
        """The entries of a BibTeX file, read once."""
        if file not in self.read:
            self.read[file] = references(self.project, file)
        return self.read[file]

    def value(self, expression):
        """(text, address, meaning) of what stands between {{ and }}."""
        snippet = expression.split(".")[0].strip()
        self.users[self.page].add(snippet)
        if snippet in self.missing:
            return "…", "#", ""
        text, snippet, name = look_up(expression, self.values)
        self._note(snippet, "value", name)
        entry = self.results[snippet]["values"][name]
        return text, address(snippet, entry), entry["about"]

    def qualified(self, text, snippet):
        """A docstring's `{{ area }}` as a page writes it: `{{ square.area }}`."""
        return PATTERN.sub(lambda found: "{{ " + snippet + "." + found[1].strip() + " }}", text)

    def plain(self, text, snippet):
        """A docstring with its values filled in, for where no markup can stand."""
        filled = PATTERN.sub(lambda found: self.value(found[1])[0], self.qualified(text, snippet))
        return " ".join(filled.split())

    def orphans(self):
        """Problems: what snippets offer and no page shows."""
        for name, result in self.results.items():
            offers = [(kind, part, entry) for kind in KINDS for part, entry in result[kind].items()]
            offers += [("value", part, entry) for part, entry in result["values"].items() if not entry["drawn"]]
            for kind, part, entry in offers:
                if (name, kind, part) not in self.used:
                    where = self.project.relative(self.project.modules[name])
                    yield Problem(where, entry["line"], f"no page shows the {kind} ‘{part}’: show it, or remove it")


def digest(*parts):
    """One name for values that JSON holds, and for others as they print."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def unfit(text):
    """What Markdown cannot read as it stands, or not within seconds, as (text of the place, what is wrong), or None."""
    if what := unseen(text):
        return UNSEEN.search(text)[0], f"the page {what}"
    if head := HEAD.match(text):
        try:
            said = yaml.safe_load(head[1])
        except yaml.YAMLError as error:
            said = getattr(error, "problem", error)
        if not isinstance(said, dict | None):  # MkDocs would show it as text
            return "", f"the head of the page is no YAML ({said}): put what holds a colon in quotes"
    if long := next((line for line in text.split("\n") if len(line) > LINE), None):
        return long, f"a line is longer than {LINE:,} characters: part it"
    if open := next((part for part in text.split("\n\n") if part.count("[") - part.count("]") > BRACKETS), None):
        return open, f"more than {BRACKETS} [ stand here without a ]: close them, or write \\["
    fence = next((found for found in FENCE.finditer(text) if found[3] is not None), None)
    return fence and (fence[0], f"‘{fence[2]}’ has no end: close it with {fence[2]}, indented alike")


def address(snippet, entry):
    """Where the line stands that computes, checks or draws an entry."""
    return f"/evidence/{snippet}.md#line-{entry['line']}"


def anchor(kind, name):
    """The id of what a block shows."""
    return f"{kind}-{name}".replace(".", "-").replace("_", "-")
