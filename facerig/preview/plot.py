"""Drawing for the sheet, with Pillow: smooth lines, boxes, text, pictures. Coordinates are pixels from the
top left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facerig.errors import ConfigError

SHARPER: Final = 3  # lines are drawn so much larger, then averaged: Pillow itself draws them jagged
# Sans fonts with phonetic letters, where the system has one; else the one inside Pillow.
FONTS: Final = {False: ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "segoeui.ttf",
                        "Arial.ttf"),
                True: ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "segoeuib.ttf", "Arial Bold.ttf",
                       "arialbd.ttf")}
ANCHORS: Final = {"start": "la", "middle": "ma", "end": "ra"}

Colour = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """A horizontal band of the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left


class Canvas:
    """A picture under construction. Lines and boxes lie under pictures and text."""

    def __init__(self, width: int, height: int, paper: Colour) -> None:
        self._image, self._draw, self._font = _pillow()
        self.width, self.height = int(width), int(height)
        self._layer = self._image.new("RGBA", (self.width * SHARPER, self.height * SHARPER), (*paper, 255))
        self._pen = self._draw.Draw(self._layer, "RGBA")
        self._images: list[tuple[tuple[int, int], NDArray[np.uint8]]] = []
        self._texts: list[tuple[tuple[float, float], str, Colour, int, str, bool]] = []

    def line(self, points: Sequence[tuple[float, float]], rgb: Colour, width: float) -> None:
        """A line through `points`; a fourth value of `rgb` makes it see-through."""
        self._pen.line([(x * SHARPER, y * SHARPER) for x, y in points], fill=rgb,
                       width=max(1, round(width * SHARPER)), joint="curve")

    def box(self, corners: tuple[float, float, float, float], rgb: Colour) -> None:
        """A filled box: left, top, right, bottom."""
        left, top, right, bottom = (v * SHARPER for v in corners)
        self._pen.rectangle((left, top, max(left, right), bottom), fill=rgb)

    def image(self, place: tuple[float, float], picture: NDArray[np.uint8]) -> None:
        """An RGB picture with its top left corner at `place`."""
        self._images.append(((round(place[0]), round(place[1])), picture))

    def text(self, place: tuple[float, float], words: str, rgb: Colour, size: int, *, anchor: str = "start",
             bold: bool = False) -> None:
        """Words whose top edge starts, centres or ends at `place`."""
        self._texts.append((place, words, rgb, size, anchor, bold))

    def picture(self) -> NDArray[np.uint8]:
        """The finished picture, RGB [height, width, 3]."""
        flat = self._layer.convert("RGB").reduce(SHARPER)
        for place, picture in self._images:
            flat.paste(self._image.fromarray(picture), place)
        pen = self._draw.Draw(flat)
        for (x, y), words, rgb, size, anchor, bold in self._texts:
            pen.text((round(x), round(y)), words, fill=rgb, font=self._face(size, bold),
                     anchor=ANCHORS[anchor])
        return np.asarray(flat, np.uint8)

    def _face(self, size: int, bold: bool) -> Any:
        for name in FONTS[bold]:
            try:
                return self._font.truetype(name, size)
            except OSError:
                continue
        return self._font.load_default(size)


def _pillow() -> tuple[Any, Any, Any]:
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise ConfigError("Pillow is not installed", where="preview",
                          fix='pip install "facerig[preview]"') from None
    return Image, ImageDraw, ImageFont
