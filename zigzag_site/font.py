"""The mathematics font: STIX Two Math, cut to the signs that derivations use; `make font` writes it.

`python -m zigzag_site.font FILE` needs the requirements of the group `font`. The file is committed, so no build does.
"""

import sys
from importlib import util
from io import BytesIO
from pathlib import Path

ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E, *range(0x391, 0x3D7)]
SIGNS = "−±×·÷≤≥≈≠≡∝→←↦⟨⟩‖∣∥∂∇√∑∏∫∞…⋯⋮⋱⊤⊥⊗⊙∈∉⊂∪∩∀∃¬∧∨≪≫∼≃⌈⌉⌊⌋′ˆ˜¯⇒⇔∘𝔼ℝℕ𝟙ℒ𝒩ℙ⋆∗⋅″ℓϱϵϑ𝟎𝟏"
LINE = 0x332  # over and under what is longer than a letter
CHARACTERS = [*range(0x20, 0x7F), *ITALIC, *map(ord, SIGNS), LINE]


def cut_font() -> bytes:
    """Return the font as WOFF2; equal input gives equal bytes."""
    from fontTools import subset

    source = Path(util.find_spec("ziamath").origin).parent / "fonts/STIXTwoMath-Regular.ttf"
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 13, 14], flavor="woff2")
    options.drop_tables += ["FFTM", "GPOS", "DSIG"]
    with subset.load_font(str(source), options) as font:
        cut = subset.Subsetter(options)
        cut.populate(unicodes=CHARACTERS)
        cut.subset(font)
        font["MATH"].table.MathGlyphInfo.MathKernInfo = None  # browsers ignore it
        font["head"].modified = font["head"].created
        data = BytesIO()
        subset.save_font(font, data, options)
    return data.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(cut_font())
