"""Cards: the picture that goes with a page where it is shared, of its question and its first figure."""

import hashlib
from importlib import metadata, util
from io import BytesIO
from pathlib import Path

from mkdocs.structure.files import File
from mkdocs.utils import get_markdown_title

from evidence.shelf import Shelf

SIZE, MARGIN = (1200, 630), 60
MAKER = Path(__file__).read_bytes() + metadata.version("pillow").encode()
PAPER, INK, MUTED, MARK = "#fdfcf9", "#1d1c1a", "#5c5953", "#b3440d"


def on_page_content(html, page, config, files):
    book, where = config.mdx_configs["evidence.pages"]["book"], page.file.src_uri
    if where.startswith("evidence/"):
        return
    kind, shown = next(((kind, name) for kind, name in book.shown if kind in ("figure", "explore")), ("", ""))
    snippet, _, part = shown.partition(".")
    figure = book.results[snippet]["folder"] / f"{kind}_{part}.png" if shown else None
    panels = book.results[snippet][kind][part]["panels"] if shown else 1
    title = page.meta.get("title") or get_markdown_title(page.markdown) or page.title
    words = [title, page.meta.get("description", ""), config.site_name]
    key = hashlib.sha256(MAKER + "\0".join(words).encode())
    key.update(figure.read_bytes() if figure else b"")
    shelf = Shelf(book.project.folder(".kept/cards"))
    card = shelf.keep(f"{key.hexdigest()[:20]}.png", lambda: _draw(words, figure, panels))
    page.meta["card"] = f"assets/cards/{where.removesuffix('.md')}.png"
    files.append(File.generated(config, page.meta["card"], content=card))


def _draw(words, figure, panels):
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
    made = BytesIO()
    card.quantize(64).save(made, "PNG", optimize=True)
    return made.getvalue()


def _lines(text, font, width):
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            longer = word
        line = longer
    yield line
