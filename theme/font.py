"""The mathematics font: STIX Two Math, cut to the signs that derivations use, made once and kept in .evidence/."""

from importlib import metadata, util
from io import BytesIO
from pathlib import Path

from mkdocs.structure.files import File

from evidence.keep import shelf

ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E, *range(0x391, 0x3D7)]
SIGNS = "−±×·÷≤≥≈≠≡∝→←↦⟨⟩‖∣∥∂∇√∑∏∫∞…⋯⋮⋱⊤⊥⊗⊙∈∉⊂∪∩∀∃¬∧∨≪≫∼≃⌈⌉⌊⌋′ˆ˜¯⇒⇔∘𝔼ℝℕ𝟙ℒ𝒩ℙ⋆∗"
CHARACTERS = [*range(0x20, 0x7F), *ITALIC, *map(ord, SIGNS)]


def on_files(files, config):
    version = metadata.version("ziamath")
    font = shelf(config, "font").keep(f"math-{version}-{len(CHARACTERS)}.woff2", _subset)
    files.append(File.generated(config, "assets/math.woff2", content=font))


def _subset():
    from fontTools import subset

    source = Path(util.find_spec("ziamath").origin).parent / "fonts/STIXTwoMath-Regular.ttf"
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[1, 2], flavor="woff2")
    options.drop_tables += ["FFTM", "GPOS", "DSIG"]
    font = subset.load_font(str(source), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=CHARACTERS)
    cut.subset(font)
    font["MATH"].table.MathGlyphInfo.MathKernInfo = None  # browsers ignore it
    font["head"].modified = font["head"].created
    made = BytesIO()
    subset.save_font(font, made, options)
    return made.getvalue()
