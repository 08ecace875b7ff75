"""Blocks: figures, explorers, claims, equations and code on a page; the source and the ledger behind them."""

import json
import re
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, fromstring

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown.util import AtomicString
from math_core import LatexError, LatexToMathML
from pymdownx.blocks.block import Block, type_boolean, type_string

from evidence.book import ALL, address, anchor
from evidence.letters import describe_letters
from evidence.problems import unknown

LESS = "\ue002"  # stands for a < in what a snippet says, where Markdown would take it for HTML
PART = "\ue001"  # stands for the === that parts a caption's reading from its limits
MATHML = LatexToMathML(fancy_error=False)
MATH = re.compile("</?math[^>]*>")
LONGEST = 2000  # characters of a formula: what nests deeper than its stack ends the process
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    undefined=StrictUndefined,
)


def mathml(formula, display=False):
    """MathML of a formula, kept out of the search index; raises ValueError with the place of the error."""
    if len(formula) > LONGEST:
        raise ValueError(f"‘{formula:.40}…’ is longer than {LONGEST} characters: part it")
    try:
        made = MATHML.convert_with_local_state(formula, displaystyle=display)
    except LatexError as error:
        raise ValueError(f"‘{formula}’ cannot be shown: {error}: mend the LaTeX") from None
    low = r'<msqrt><mpadded height="0.72em" depth="0.12em">\1</mpadded></msqrt>'  # or the root hangs below the line
    made = re.sub(r"<msqrt>(<m[in]>[^<]*</m[in]>)</msqrt>", low, made)
    made = made.replace("<mo>′</mo>", '<mo class="prime">′</mo>')  # raised already: as an exponent it is too small
    return made.replace("<math", "<math data-search-exclude", 1)


def checked(result):
    """When and with which versions the results were made."""
    return f"checked {result['checked']}, " + ", ".join(
        f"{name} {number}" for name, number in result["versions"].items()
    )


TEMPLATES.filters["checked"] = checked


class Evidence(Block):
    """A block whose template shows what a snippet offers; what the author writes in it goes into the caption."""

    ARGUMENT = True

    def on_create(self, parent):
        self.box = self.body = SubElement(parent, "div")
        try:
            if offer := self.offer():
                parent.remove(self.box)
                parent.append(self.fill(offer))
        except ValueError as error:
            self.md.book.report(f"/// {self.NAME} | {self.argument}", str(error))
            SubElement(self.box, "strong", {"class": "failed"}).text = AtomicString(str(error))
        return self.box

    def offer(self):
        """What the template is filled with, or None where the snippet has just failed."""
        book, (snippet, _, part) = self.md.book, self.argument.partition(".")
        if not (found := book.offered(self.NAME, self.argument)):
            return None
        result, entry = found
        shown = {"result": result, "entry": entry, "checked": checked(result), "id": anchor(self.NAME, self.argument)}
        shown["file"] = f"/evidence/{snippet}/{self.NAME}_{part}"
        return shown | ({} if self.NAME == "code" else {"line": address(snippet, entry)})

    def fill(self, offer):
        self.box = fromstring(TEMPLATES.get_template(f"{self.NAME}.html").render(offer))
        for part in self.box.iter():
            part.text, part.tail = (text and AtomicString(text.strip("\n")) for text in (part.text, part.tail))
        self.body = self.box.find("figcaption") if self.box.tag == "figure" else self.box
        return self.box

    def on_add(self, block):
        return self.body

    def stash(self, part, html):
        part.text = AtomicString(self.md.htmlStash.store(html))


class Equation(Evidence):
    """A numbered equation; where its letters are numbers, readers can try it, and lines in it name the letters.

    With `open: true` it can be tried at once; of a `group` one is open at a time.
    """

    NAME = "equation"
    OPTIONS = {"open": [False, type_boolean], "group": ["", type_string]}

    def offer(self):
        offer = super().offer()
        return offer and offer | {"number": self.md.book.number(self.argument)[1]}

    def fill(self, offer):
        box = super().fill(offer)
        self.stash(box[0], mathml(offer["entry"]["text"], display=True))
        self.live = offer["entry"].get("live")
        return box

    def on_end(self, block):
        if self.body.get("class") != "equation":  # nothing is shown
            return
        equation, mark, *lines = self.body
        self.body[:] = [equation, mark]
        try:
            self.body.extend(self.build_live("\n".join(line.text or "" for line in lines)))
        except ValueError as error:
            self.md.book.report(f"/// equation | {self.argument}", str(error))

    def build_live(self, text):
        """The element, if any, with which readers try the equation; `text` names its letters."""
        if not self.live:
            if text:
                raise ValueError("letters are named where readers can try an equation: here not all are numbers")
            return []
        letters = describe_letters(self.live["letters"], self.md.book.letters, self.md.book.page, text)
        shown = [[letter, MATH.sub("", mathml(letter)), *values] for letter, values in letters.items()]
        data = {"letters": shown, "chains": self.live["chains"], "near": self.live["near"]}
        attributes = {"data": json.dumps(data, ensure_ascii=False, separators=(",", ":"))}
        attributes |= {"open": "", "style": f"--letters: {len(letters)}"} if self.options["open"] else {}
        attributes |= {"group": group} if (group := self.options["group"]) else {}
        live = Element("live-equation", attributes)
        SubElement(live, "button", {"type": "button", "hidden": ""}).text = AtomicString("try it")  # shown by a script
        return [live]


class Claim(Evidence):
    NAME = "claim"

    def fill(self, offer):
        box = super().fill(offer)
        said = self.md.book.qualified(offer["entry"]["text"], offer["result"]["name"])  # Markdown, with values
        box[0].text = said.replace("<", LESS)
        return box


class Figure(Evidence):
    NAME = "figure"

    def fill(self, offer):
        book = self.md.book
        offer["alt"] = book.plain(offer["entry"]["text"], offer["result"]["name"])
        pictures = [name for kind, name in book.shown if kind in ("figure", "explore")]
        offer["later"] = len(pictures) > 1  # the first of a page loads at once
        return super().fill(offer)

    def on_end(self, block):
        if self.body is self.box:  # nothing is shown
            return
        links, *parts = self.body
        marks = [i for i, part in enumerate(parts) if part.text == PART] or [len(parts)]
        for part in parts[marks[0] :]:
            part.set("class", "limits")
        self.body[:] = [part for part in parts if part.text != PART] + [links]


class Explore(Figure):
    """A figure whose marked artists follow a slider; without scripts, the frame that the sweep starts with."""

    NAME = "explore"


class Code(Evidence):
    NAME = "code"

    def fill(self, offer):
        box, (first, last) = super().fill(offer), offer["entry"]
        lines = "\n".join(offer["result"]["lines"][first - 1 : last])
        self.stash(box, f'<div class="highlight"><pre><span></span><code>{lines}\n</code></pre></div>\n')
        return box


class Source(Evidence):
    """A snippet's values and its text, every line with an address."""

    NAME = "source"

    def offer(self):
        book = self.md.book
        book.users[book.page].add(self.argument)
        if self.argument in book.missing:
            return None
        if not (result := book.results.get(self.argument)):
            raise ValueError(unknown("snippet", self.argument, book.results))
        return {"result": result, "checked": checked(result)}

    def fill(self, offer):
        box = super().fill(offer)
        for part, line in zip(box.iter("span"), ["", *offer["result"]["lines"]]):
            self.stash(part, line + "\n")
        return box


class Ledger(Evidence):
    """Everything that was checked: how, when, and by which lines."""

    NAME, ARGUMENT = "ledger", False

    def offer(self):
        book = self.md.book
        book.users[book.page].add(ALL)
        places = {offer: sorted(pages - {book.page}) for offer, pages in book.used.items()}
        return {"results": book.results, "labs": book.labs, "places": places, "anchor": anchor}


class Bibliography(Evidence):
    NAME = "bibliography"

    def offer(self):
        return {"references": self.md.book.references(self.argument)}

    def fill(self, offer):
        box = super().fill(offer)
        for item, (_, html) in zip(box, offer["references"].values()):
            self.stash(item, html)
        return box


BLOCKS = [Equation, Claim, Figure, Explore, Code, Source, Ledger, Bibliography]
