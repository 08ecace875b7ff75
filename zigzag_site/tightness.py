"""Tightness: how small a change of a quoted number each claim notices, beside the claim in the ledger."""

import json
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

FILE = "tightness.json"  # in the pages' folder; `make tightness` writes it


def read_tightness(folder: Path) -> dict[str, dict[str, float]]:
    """Return, by snippet and claim, the smallest change that is noticed, in units of the last printed digit."""
    file = folder / FILE
    return json.loads(file.read_text("utf-8"))["claims"] if file.exists() else {}


class Tightness(Treeprocessor):
    """Adds to each claim of the ledger the smallest change that it notices of each number that it quotes."""

    def __init__(self, md: Markdown, folder: Path) -> None:
        super().__init__(md)
        self.folder = folder

    def run(self, root: Element) -> None:
        ledger = next((box for box in root.iter("div") if box.get("class") == "ledger"), ())
        if not len(ledger):
            return
        claims, record = {}, read_tightness(self.folder)
        for part in ledger:
            if part.tag == "h2":
                claims = record.get("".join(part.itertext()).strip().removesuffix(".py"), {})
            for row in part.iter("tr"):
                kind, name, how, *_ = row
                units = claims.get((name.text or "").replace(" ", "_"))
                if kind.text == "claim" and units:
                    how[-1].tail = f", notices {units:g}"
