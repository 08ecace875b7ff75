"""The mathematics font: STIX Two Math, cut to the signs that derivations use, made once and kept in .evidence/."""

import os
from importlib import metadata, util
from pathlib import Path

from mkdocs.structure.files import File

ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E, *range(0x391, 0x3D7)]
SIGNS = "−±×·÷≤≥≈≠≡∝→←↦⟨⟩‖∣∥∂∇√∑∏∫∞…⋯⋮⋱⊤⊥⊗⊙∈∉⊂∪∩∀∃¬∧∨≪≫∼≃⌈⌉⌊⌋′ˆ˜¯⇒⇔∘𝔼ℝℕ𝟙ℒ𝒩ℙ⋆∗"
CHARACTERS = [*range(0x20, 0x7F), *ITALIC, *map(ord, SIGNS)]


def on_files(files, config):
    version = metadata.version("ziamath")
    kept = Path(config.config_file_path).parent / f".evidence/math-{version}-{len(CHARACTERS)}.woff2"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        made = kept.with_suffix(f".{os.getpid()}")
        _subset(Path(util.find_spec("ziamath").origin).parent / "fonts/STIXTwoMath-Regular.ttf", made)
        made.replace(kept)
    files.append(File.generated(config, "assets/math.woff2", abs_src_path=str(kept)))


def _subset(source, target):
    from fontTools import subset

    options = subset.Options(layout_features=[], hinting=False, name_IDs=[1, 2], flavor="woff2")
    options.drop_tables += ["FFTM", "GPOS", "DSIG"]
    font = subset.load_font(str(source), options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=CHARACTERS)
    cut.subset(font)
    font["MATH"].table.MathGlyphInfo.MathKernInfo = None  # browsers ignore it
    font["head"].modified = font["head"].created
    subset.save_font(font, str(target), options)
