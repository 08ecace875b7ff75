"""Blocks: figures, explorers, claims, equations and code on a page; the source and the ledger behind them."""

from markdown.util import AtomicString
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from evidence.citations import references
from evidence.pages import PART, Shown, add, anchor, link, mathml


class Equation(Shown):
    NAME = "equation"

    def show(self):
        number = self.md.book.homes[self.argument][self.md.book.page]
        self.stash(add(self.box, "div"), mathml(self.entry["latex"], display=True))
        mark = add(self.box, "span", class_="mark", data_search_exclude="")
        add(mark, "a", f"({number})", class_="number", href=f"#{self.box.get('id')}", aria_label=f"Equation {number}")
        add(mark, "a", how(self.entry), class_="check", href=link(self.snippet, self.entry["line"]))


class Claim(Shown):
    NAME = "claim"

    def show(self):
        add(self.box, "p", self.md.book.qualified(self.entry["text"], self.snippet))
        href = link(self.snippet, self.entry["line"])
        add(self.box, "a", checked(self.result), class_="check", href=href, data_search_exclude="")


class Figure(Shown):
    NAME, TAG = "figure", "figure"
    FILES = {"svg": "SVG", "png": "PNG", "csv": "data"}

    def show(self):
        if self.entry["panels"] > 1:
            self.box.set("class", "figure wide")
        self.plates(self.box)
        self.body = add(self.box, "figcaption")

    def plates(self, parent):
        alt, width, height = self.md.book.plain(self.entry["alt"], self.snippet), self.entry["width"], self.entry["height"]
        box = add(parent, "div", class_="plates")
        for panel in range(1, self.entry["panels"] + 1):
            view = f"#panel-{panel}" if self.entry["panels"] > 1 else ""
            image = add(box, "img", src=self.file("svg") + view, alt=alt if panel == 1 else "", width=width, height=height)
            image.set("style", f"aspect-ratio:{width}/{height}")  # a view keeps the file's proportions otherwise
            if self.tracker.setdefault("first", self.argument) != self.argument:
                image.set("loading", "lazy")

    def file(self, kind):
        return f"/evidence/{self.snippet}/{self.NAME}_{self.part}.{kind}"

    def on_end(self, block):
        if self.body is self.box:
            return
        marks = [i for i, part in enumerate(self.body) if part.text == PART]
        for part in self.body[marks[0] + 1 :] if marks else ():
            part.set("class", "limits")
        for i in marks:
            self.body.remove(self.body[i])
        links = add(self.body, "p", class_="links", data_search_exclude="")
        add(links, "a", "source", href=link(self.snippet, self.entry["line"]))
        for kind, words in self.FILES.items():
            links[-1].tail = " · "
            add(links, "a", words, href=self.file(kind))


class Explore(Figure):
    """A figure whose marked artists follow a slider; without scripts, the frame that the sweep starts with."""

    NAME = "explore"

    def show(self):
        texts, name = dict(self.entry["texts"]), f"{self.box.get('id')}-slider"
        parameter = next(iter(texts))
        self.box.set("class", "figure explorer")
        alive = add(self.box, "evidence-explorer")
        self.plates(alive)
        side = add(alive, "div", class_="side")
        controls = add(side, "div", class_="controls")
        add(controls, "label", parameter, for_=name)
        add(controls, "output", texts[parameter], data_text=parameter, for_=name)
        slider = {"min": 0, "max": self.entry["frames"] - 1, "value": self.entry["start"], "autocomplete": "off"}
        spoken = ", ".join(f"{word} {text}" for word, text in texts.items())
        add(controls, "input", id=name, type="range", aria_valuetext=spoken, **slider)
        rows = add(side, "dl")
        for word, text in list(texts.items())[1:]:
            row = add(rows, "div")
            add(row, "dt", word), add(row, "dd", text, data_text=word)
        add(add(side, "div", class_="controls"), "button", "Reset", type="button")
        self.body = add(self.box, "figcaption")


class Thumbnail(Figure):
    """A figure's first plot alone, small and decorative: what stands beside a question on the home page."""

    NAME, TAG = "thumbnail", "div"

    def fill(self):
        self.result, self.entry = self.md.book.offered("figure", self.argument, used=False) or (None, None)
        if self.entry:
            width, height = self.entry["plot"]
            src = f"/evidence/{self.snippet}/figure_{self.part}.svg#plot-1"
            add(self.box, "img", src=src, alt="", width=width, height=height, style=f"aspect-ratio:{width}/{height}")
            self.body = add(self.box, "div")

    def on_end(self, block):
        pass


class Code(Shown):
    NAME = "code"

    def show(self):
        first, last = self.entry
        lines = self.result["source"].splitlines()[first - 1 : last]
        self.stash(self.box, highlight("\n".join(lines), PythonLexer(), HtmlFormatter(wrapcode=True)))


class Source(Shown):
    """A snippet's values and its text, every line with an address."""

    NAME = "source"

    def fill(self):
        result = self.md.book.results[self.snippet]
        add(self.box, "p", result["title"])
        add(self.box, "p", checked(result))
        rows = [(name, v["about"], ("line " + str(v["line"]), f"#line-{v['line']}")) for name, v in result["values"].items()]
        table(self.box, ("value", "what it is", "computed in"), rows)
        box = add(add(self.box, "div", class_="highlight"), "pre")
        code = add(box, "span") is not None and add(box, "code")  # a lone code would be highlighted again
        lines = highlight(result["source"], PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
        for number, line in enumerate(lines, 1):
            self.stash(add(code, "span", id=f"line-{number}"), line + "\n")


class Ledger(Shown):
    """Everything that was checked: how, when, and by which lines."""

    NAME, ARGUMENT = "ledger", False

    def fill(self):
        results = self.md.book.results
        equations = [entry for result in results.values() for entry in result["equation"].values()]
        printed = sum(bool(entry["draws"]) for entry in equations)
        claims = sum(len(result["claim"]) for result in results.values())
        counts = f"{claims} claims hold. Of {len(equations)} equations {printed} are checked as printed, {len(equations) - printed} beside."
        add(self.box, "p", counts)
        for name, result in results.items():
            add(add(self.box, "h2", id=anchor(name)), "a", f"{name}.py", href=f"/evidence/{name}.md")
            add(self.box, "p", checked(result))
            rows = [
                (kind, part.replace("_", " "), (how(entry), link(name, entry["line"])))
                for kind in ("claim", "equation", "figure", "explore")
                for part, entry in result[kind].items()
            ]
            table(self.box, ("kind", "name", "how"), rows)


class Bibliography(Shown):
    NAME = "bibliography"

    def fill(self):
        rows = add(self.box, "ul", class_="references")
        for key, (_, html) in references(self.md.book.project, self.argument).items():
            self.stash(add(rows, "li", id=key), html)


def checked(result):
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return f"checked {result['checked']}, {versions}"


def how(entry):
    """How an entry of a snippet was checked, as its mark says."""
    if "draws" in entry:
        return "checked as printed" if entry["draws"] else "checked beside"
    return "asserted" if "text" in entry else "drawn"


def table(parent, names, rows):
    """A table of texts; a pair (text, address) becomes a link."""
    box = add(parent, "table")
    head, body = add(add(box, "thead"), "tr"), add(box, "tbody")
    for name in names:
        add(head, "th", name)
    for row in rows:
        line = add(body, "tr")
        for cell in row:
            place = add(line, "td")
            add(place, "a", cell[0], href=cell[1]) if isinstance(cell, tuple) else setattr(place, "text", AtomicString(cell))


BLOCKS = [Equation, Claim, Figure, Explore, Thumbnail, Code, Source, Ledger, Bibliography]
