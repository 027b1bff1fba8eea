"""Headless previews: curves on a head, as a film, as pictures, or as one sheet beside the waveform."""

from facerig.preview.render import RenderReport, render
from facerig.preview.sheet import sheet

__all__ = ["RenderReport", "render", "sheet"]
