"""Blocks: figures, explorers, claims, equations and code on a page; the source and the ledger behind them."""

from xml.etree.ElementTree import SubElement

from markdown.util import AtomicString
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pymdownx.blocks.block import Block

from evidence.book import KINDS, address
from evidence.citations import references

PART = "\ue001"  # stands for the === that parts a caption's reading from its limits


def anchor(kind, name):
    return f"{kind}-{name}".replace(".", "-").replace("_", "-")


def add(parent, tag, text=None, **attributes):
    """A new element at the end of `parent`; `class_` is class, `aria_label` is aria-label."""
    made = SubElement(parent, tag, {key.strip("_").replace("_", "-"): str(value) for key, value in attributes.items()})
    made.text = text if text is None or "$" in text or "{{" in text else AtomicString(text)
    return made


class _Shown(Block):
    """A block that shows something: `show` fills its box, `self.body` takes what the author writes in it."""

    ARGUMENT = True
    TAG = "div"

    def on_create(self, parent):
        self.box = self.body = add(parent, self.TAG, class_=self.NAME)
        self.snippet, _, self.part = (self.argument or "").partition(".")
        try:
            self.fill()
        except ValueError as error:
            self.md.book.report(f"/// {self.NAME} | {self.argument}", str(error))
            add(self.box, "strong", str(error), class_="failed")
        return self.box

    def fill(self):
        if offer := self.md.book.offered(self.NAME, self.argument):
            self.result, self.entry = offer
            self.box.set("id", anchor(self.NAME, self.argument))
            self.show()

    def on_add(self, block):
        return self.body

    def stash(self, parent, html):
        parent.text = AtomicString(self.md.htmlStash.store(html))


class Equation(_Shown):
    NAME = "equation"

    def show(self):
        number = self.md.book.homes[self.argument][self.md.book.page]
        self.stash(add(self.box, "div"), self.md.mathml(self.entry["text"], display=True))
        mark = add(self.box, "span", class_="mark", data_search_exclude="")
        add(mark, "a", f"({number})", class_="number", href=f"#{self.box.get('id')}", aria_label=f"Equation {number}")
        add(mark, "a", _how(self.entry), class_="check", href=address(self.snippet, self.entry))


class Claim(_Shown):
    NAME = "claim"

    def show(self):
        add(self.box, "p").text = self.md.book.qualified(self.entry["text"], self.snippet)
        href = address(self.snippet, self.entry)
        add(self.box, "a", _checked(self.result), class_="check", href=href, data_search_exclude="")


class Figure(_Shown):
    NAME, TAG = "figure", "figure"
    FILES = {"svg": "SVG", "png": "PNG", "csv": "data"}

    def show(self):
        self.box.set("class", "figure wide" if self.entry["panels"] > 1 else "figure")
        self.plates(self.box)
        self.body = add(self.box, "figcaption")

    def plates(self, parent):
        entry, box = self.entry, add(parent, "div", class_="plates")
        size = {"width": entry["width"], "height": entry["height"]}
        size["style"] = "aspect-ratio:{width}/{height}".format(**size)  # or a view keeps the whole file's proportions
        size |= {"loading": "lazy"} if self.md.book.seen else {}  # all but the first figure of a page
        self.md.book.seen = True
        alt = self.md.book.plain(entry["text"], self.snippet)
        for panel in range(1, entry["panels"] + 1):
            view = f"#panel-{panel}" if entry["panels"] > 1 else ""
            add(box, "img", src=self.file("svg") + view, alt=alt if panel == 1 else "", **size)

    def file(self, kind):
        return f"/evidence/{self.snippet}/{self.NAME}_{self.part}.{kind}"

    def on_end(self, block):
        if self.body is self.box:  # nothing was shown
            return
        limits = False
        for part in list(self.body):
            if part.text == PART:
                limits = not self.body.remove(part)
            elif limits:
                part.set("class", "limits")
        links = add(self.body, "p", class_="links", data_search_exclude="")
        add(links, "a", "source", href=address(self.snippet, self.entry))
        for kind, words in self.FILES.items():
            links[-1].tail = " · "
            add(links, "a", words, href=self.file(kind))


class Explore(Figure):
    """A figure whose marked artists follow a slider; without scripts, the frame that the sweep starts with."""

    NAME = "explore"

    def show(self):
        texts, name = self.entry["texts"], f"{self.box.get('id')}-slider"
        parameter, *others = texts
        self.box.set("class", "figure explorer")
        alive = add(self.box, "evidence-explorer")
        self.plates(alive)
        side = add(alive, "div", class_="side")
        controls = add(side, "div", class_="controls")
        add(controls, "label", parameter, for_=name)
        add(controls, "output", texts[parameter], data_text=parameter, for_=name)
        span = {"min": 0, "max": self.entry["frames"] - 1, "value": self.entry["start"], "autocomplete": "off"}
        spoken = ", ".join(f"{word} {text}" for word, text in texts.items())
        add(controls, "input", id=name, type="range", aria_valuetext=spoken, **span)
        rows = add(side, "dl")
        for word in others:
            row = add(rows, "div")
            add(row, "dt", word), add(row, "dd", texts[word], data_text=word)
        add(add(side, "div", class_="controls"), "button", "Reset", type="button")
        self.body = add(self.box, "figcaption")


class Code(_Shown):
    NAME = "code"

    def show(self):
        lines = self.result["source"].splitlines()[self.entry[0] - 1 : self.entry[1]]
        self.stash(self.box, highlight("\n".join(lines), PythonLexer(), HtmlFormatter(wrapcode=True)))


class Source(_Shown):
    """A snippet's values and its text, every line with an address."""

    NAME = "source"

    def fill(self):
        result = self.md.book.results[self.snippet]
        add(self.box, "p", _checked(result))
        rows = [(name, v["about"], (f"line {v['line']}", f"#line-{v['line']}")) for name, v in result["values"].items()]
        _table(self.box, ("value", "what it is", "computed in"), rows)
        box = add(add(self.box, "div", class_="highlight"), "pre")
        add(box, "span")  # or the code is highlighted again
        code = add(box, "code")
        lines = highlight(result["source"], PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
        for number, line in enumerate(lines, 1):
            self.stash(add(code, "span", id=f"line-{number}"), line + "\n")


class Ledger(_Shown):
    """Everything that was checked: how, when, and by which lines."""

    NAME, ARGUMENT = "ledger", False

    def fill(self):
        results = self.md.book.results
        equations = [entry for result in results.values() for entry in result["equation"].values()]
        printed, claims = sum(entry["draws"] > 0 for entry in equations), sum(len(r["claim"]) for r in results.values())
        text = f"{claims} claims hold. Of {len(equations)} equations {printed} are checked as printed, {{}} beside."
        add(self.box, "p", text.format(len(equations) - printed))
        for name, result in results.items():
            add(add(self.box, "h2", id=anchor("of", name)), "a", f"{name}.py", href=f"/evidence/{name}.md")
            add(self.box, "p", _checked(result))
            offers = [(kind, part, entry) for kind in KINDS for part, entry in result[kind].items()]
            rows = [(kind, part.replace("_", " "), (_how(entry), address(name, entry))) for kind, part, entry in offers]
            _table(self.box, ("kind", "name", "how"), rows)


class Bibliography(_Shown):
    NAME = "bibliography"

    def fill(self):
        box = add(self.box, "ul", class_="references")
        for key, (_, html) in references(self.md.book.project, self.argument).items():
            self.stash(add(box, "li", id=key), html)


def _checked(result):
    return f"checked {result['checked']}, " + ", ".join(
        f"{name} {version}" for name, version in result["versions"].items()
    )


def _how(entry):
    if "draws" in entry:
        return "checked as printed" if entry["draws"] else "checked beside"
    return "drawn" if "panels" in entry else "asserted"


def _table(parent, names, rows):
    """A table of texts; a pair (text, address) becomes a link."""
    box = add(parent, "table")
    head, body = add(add(box, "thead"), "tr"), add(box, "tbody")
    for name in names:
        add(head, "th", name)
    for row in rows:
        line = add(body, "tr")
        for cell in row:
            add(add(line, "td"), "a", cell[0], href=cell[1]) if isinstance(cell, tuple) else add(line, "td", cell)


BLOCKS = [Equation, Claim, Figure, Explore, Code, Source, Ledger, Bibliography]
