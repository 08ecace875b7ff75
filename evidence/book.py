"""Book: all results as the pages read them, the page being read, and who uses what."""

import re
from collections import defaultdict

from evidence.citations import reference
from evidence.problems import Problem, unknown
from evidence.values import PATTERN, look_up

FENCE = re.compile(r"^([ ]*)(```+|~~~+).*?^\1\2[ ]*$", re.M | re.S)
BLOCK = re.compile(r"^///[ ]*([\w-]+)(?:[ ]*\|[ ]*(\S.*?))?[ ]*$", re.M)
KINDS = ("figure", "claim", "equation", "explore")


class Book:
    """Results of a project's snippets (those that held last, where the present ones fail) as pages read them."""

    def __init__(self, project):
        self.project, self.problems, self.used = project, [], set()
        found = {name: project.load(name) or project.latest(name) for name in project.names}
        self.results = {name: result for name, result in found.items() if result}
        self.missing = set(found) - set(self.results)  # what failed and never held: its problem is told elsewhere
        self.values = {n: {f: v["value"] for f, v in r["values"].items()} for n, r in self.results.items()}
        self.homes, self.bibliography, self.page, self.source = {}, None, "", ""
        self.users = defaultdict(set)  # page: the snippets that it uses

    def scan(self, pages):
        """Note on which page, and with which number there, each equation stands; `pages` maps page to text."""
        for page, text in pages.items():
            blocks = BLOCK.findall(FENCE.sub("", text))
            for number, name in enumerate((name for kind, name in blocks if kind == "equation"), 1):
                self.homes.setdefault(name, {}).setdefault(page, number)
            self.bibliography = next(((page, name) for kind, name in blocks if kind == "bibliography"), self.bibliography)
            if not re.sub(r"\A---\n.*?^---$", "", text, flags=re.M | re.S).strip():
                self.problems.append(Problem(f"{self.project.docs}/{page}", 1, "the page is empty: write it or remove it"))

    def open(self, page, source):
        self.page, self.source = page, source

    def report(self, found, what):
        """A problem of the open page, at the line where the text `found` stands."""
        line = self.source[: max(0, self.source.find(found))].count("\n") + 1
        self.problems.append(Problem(f"{self.project.docs}/{self.page}", line, what))

    def offered(self, kind, name, used=True):
        """(results, entry) of `snippet.part`, noted as used; None where its snippet has just failed."""
        snippet, _, part = name.partition(".")
        self.users[self.page].add(snippet)
        if snippet in self.missing:
            return None
        if snippet not in self.results:
            raise ValueError(unknown("snippet", snippet, list(self.results)))
        entries = self.results[snippet]["lines" if kind == "code" else kind]
        if part not in entries:
            raise ValueError(unknown(f"{kind} of {snippet}", part, list(entries)))
        if used:
            self.used.add((snippet, kind, part))
        return self.results[snippet], entries[part]

    def value(self, expression):
        """(text, address, meaning) of what stands between {{ and }}; None where its snippet has just failed."""
        snippet = expression.split(".")[0].strip()
        self.users[self.page].add(snippet)
        if snippet in self.missing:
            return None
        text, snippet, name = look_up(expression, self.values)
        self.used.add((snippet, "value", name))
        entry = self.results[snippet]["values"][name]
        return text, f"/evidence/{snippet}.md#line-{entry['line']}", entry["about"]

    def reference(self, key):
        """(text, address) of `snippet.equation` or of an entry of the bibliography."""
        if key in self.homes:
            page = self.page if self.page in self.homes[key] else min(self.homes[key])
            return f"({self.homes[key][page]})", f"/{page}#equation-{re.sub('[._]', '-', key)}"
        if "." in key:
            raise ValueError(unknown("equation on any page", key, list(self.homes)))
        if not self.bibliography:
            raise ValueError("no page has a bibliography: write ‘/// bibliography | FILE.bib’ on one")
        page, file = self.bibliography
        return reference(self.project, file, key)[0], f"/{page}#{key}"

    def qualified(self, text, snippet):
        """A docstring's `{{ steps[0] }}` as a page writes it: `{{ zigzag.steps[0] }}`."""
        return PATTERN.sub(lambda m: "{{ " + snippet + "." + m[1].strip() + " }}", text)

    def plain(self, text, snippet):
        """A docstring with its values filled in, for where no markup can stand."""
        return PATTERN.sub(lambda m: self.value(m[1])[0], " ".join(self.qualified(text, snippet).split()))

    def orphans(self):
        """Problems: what snippets offer and no page shows."""
        for name, result in self.results.items():
            offers = [(kind, part, entry["line"]) for kind in KINDS for part, entry in result[kind].items()]
            offers += [("value", part, v["line"]) for part, v in result["values"].items() if not v["drawn"]]
            for kind, part, line in offers:
                if (name, kind, part) not in self.used:
                    where = self.project.relative(self.project.modules[name])
                    yield Problem(where, line, f"no page shows the {kind} ‘{part}’: show it, or remove it")
