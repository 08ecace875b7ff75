"""Cards: the picture that goes with a page where it is shared, of its question and its first figure."""

import hashlib
from collections.abc import Iterator
from importlib import metadata, util
from io import BytesIO
from pathlib import Path
from typing import Any

SIZE, MARGIN = (1200, 630), 60
PAPER, INK, MUTED, MARK = "#fdfcf9", "#1d1c1a", "#5c5953", "#b3440d"


def digest_card(words: list[str], figure: Path | None) -> str:
    """Return a digest of everything that a card depends on."""
    key = hashlib.sha256(Path(__file__).read_bytes() + metadata.version("pillow").encode())
    key.update("\0".join(words).encode())
    key.update(figure.read_bytes() if figure else b"")
    return key.hexdigest()


def draw_card(words: list[str], figure: Path | None, panels: int) -> bytes:
    """Return a PNG with title, description and site name beside the first panel of a figure."""
    from PIL import Image, ImageDraw, ImageFont

    fonts = Path(util.find_spec("font_source_sans_pro").origin).parent / "files"
    card = Image.new("RGB", SIZE, PAPER)
    draw, width = ImageDraw.Draw(card), SIZE[0] - 2 * MARGIN
    if figure:
        with Image.open(figure) as whole:
            panel = whole.convert("RGB").crop((0, 0, whole.width // panels, whole.height))
        panel.thumbnail((480, SIZE[1] - 2 * MARGIN))
        card.paste(panel, (SIZE[0] - MARGIN - panel.width, (SIZE[1] - panel.height) // 2))
        width -= panel.width + MARGIN // 2
    top = MARGIN
    for text, face, size, color in ((words[0], "Semibold", 58, INK), (words[1], "Regular", 32, MUTED)):
        font = ImageFont.truetype(str(fonts / f"SourceSansPro-{face}.ttf"), size)
        for line in _lines(text, font, width):
            draw.text((MARGIN, top), line, color, font)
            top += round(1.2 * size)
        top += size // 2
    font = ImageFont.truetype(str(fonts / "SourceSansPro-Semibold.ttf"), 32)
    draw.text((MARGIN, SIZE[1] - MARGIN), words[2], MARK, font, anchor="ls")
    data = BytesIO()
    card.quantize(64, Image.Quantize.MAXCOVERAGE).save(data, "PNG")
    return data.getvalue()


def _lines(text: str, font: Any, width: float) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line
