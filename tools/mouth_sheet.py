"""A sheet of mouths, one for every phone, to look at what lips and tongue do.

    python -m tools.mouth_sheet line.wav --phones line.json -o mouths.png
    python -m tools.mouth_sheet -o docs/mouths.png                # the bundled clip, third sentence

PHONES.json is [[label, start_s, end_s], ...], ARPABET or anything short; those of the bundled clip come with
this tool (pocketsphinx, its words given). Each tile shows the middle of a phone, with its label, its time and
the gap between the lips in mm; the line under a tile is blue where the lips are sealed and orange where the
lower lip touches the teeth.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import facerig_assets
from facerig.animation import AnimateSettings, stream
from facerig.core.clock import parse_fps
from facerig.core.curves import CurveClip
from facerig.core.mouth import mouth_geometry
from facerig.mesh.head import Head, Part
from facerig.preview.plot import Canvas
from facerig.preview.render import load_head
from facerig.preview.studio import Studio
from facerig.preview.video import save_png

BUNDLED: Final = facerig_assets.path("speech", "hello.flac")
BUNDLED_PHONES: Final = Path(__file__).with_name("hello.phones.json")
BUNDLED_SPAN: Final = (4.2, 7.5)  # "Five brave people, above the blue moon, wave back to you."
SILENT: Final = ("SIL", "SP", "_", "PAU")
VIEWS: Final = ("front", "three-quarter")
TILE: Final = (150, 132)  # px of one view
COLUMNS: Final = 7  # tiles in a row
HALF_MM: Final = 27.0  # of the mouth's surroundings that a view shows
LABEL_PX, RULE_PX, GAP_PX = 24, 4, 6
SEAL_MM, CONTACT_MM, APART_MM = 1.0, 2.5, 1.2  # as lips are judged

INK, PAPER, SEALED, TOUCHING = (32, 36, 42), (250, 250, 248), (52, 110, 200), (226, 130, 40)
Phone = tuple[str, float, float]
Array = NDArray[np.float32]


class MouthHead(Head):
    """A head of which a picture shows the mouth."""

    def frame_box(self, close: bool = False) -> tuple[Array, Array]:
        """Around the teeth."""
        teeth = self.rest[self.parts == Part.TEETH]
        middle = (teeth.min(0) + teeth.max(0)) / 2
        middle[2] = teeth[:, 2].max()
        return middle - np.float32(HALF_MM), middle + np.float32(HALF_MM)


def mouth_of(head: Head) -> MouthHead:
    """The same head, framed for its mouth."""
    return MouthHead(**{field.name: getattr(head, field.name) for field in fields(head)})


def read_phones(path: Path, span: tuple[float, float]) -> list[Phone]:
    """The sounding phones of a file whose middle lies in `span`, s."""
    labels = json.loads(path.read_text("utf-8"))
    phones = [(str(label), float(start), float(end)) for label, start, end in labels]
    return [p for p in phones if p[0].upper() not in SILENT and span[0] <= (p[1] + p[2]) / 2 < span[1]]


def frame_of(phone: Phone, clip: CurveClip) -> int:
    """The frame that shows a phone best: the nearest to its middle."""
    middle = (phone[1] + phone[2]) / 2
    return min(len(clip) - 1, max(0, round(middle * float(clip.fps)) - clip.start))


def sheet(clip: CurveClip, phones: Sequence[Phone], head: Head) -> NDArray[np.uint8]:
    """The picture: a tile for every phone, in rows of COLUMNS."""
    mouth = mouth_geometry()
    width = len(VIEWS) * TILE[0] + GAP_PX
    height = LABEL_PX + TILE[1] + RULE_PX + GAP_PX
    rows = -(-len(phones) // COLUMNS)
    canvas = Canvas(COLUMNS * width + GAP_PX, rows * height + GAP_PX, PAPER)
    with Studio(mouth_of(head), views=VIEWS, size=TILE, renderer="software") as studio:
        for number, phone in enumerate(phones):
            values = clip.values[frame_of(phone, clip)]
            left = GAP_PX + number % COLUMNS * width
            top = GAP_PX + number // COLUMNS * height
            gaps, teeth = mouth.gaps_mm(values), float(mouth.teeth_mm(values))
            canvas.text((left + 2, top), phone[0], INK, 16, bold=True)
            words = f"{(phone[1] + phone[2]) / 2:.2f} s   {gaps[2]:.1f} mm"
            canvas.text((left + width - GAP_PX - 2, top + 4), words, INK, 12, anchor="end")
            canvas.image((left, top + LABEL_PX), studio.picture(values))
            rule = _rule(float(gaps.max()), float(gaps[2]), teeth)
            below = top + LABEL_PX + TILE[1]
            canvas.box((left, below, left + width - GAP_PX, below + RULE_PX), rule)
    return canvas.picture()


def _rule(widest_mm: float, middle_mm: float, teeth_mm: float) -> tuple[int, int, int]:
    if widest_mm <= SEAL_MM:
        return SEALED
    return TOUCHING if teeth_mm <= CONTACT_MM and middle_mm >= APART_MM else PAPER


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.mouth_sheet", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sound", type=Path, nargs="?", help="any sound file; without it the bundled clip")
    parser.add_argument("--phones", type=Path, help="phones of the sound")
    parser.add_argument("--span", type=float, nargs=2, metavar=("START", "END"), help="only these seconds")
    parser.add_argument("--model", default="live", help="live, offline or the path of an .onnx file")
    parser.add_argument("--fps", default="60")
    parser.add_argument("--head", type=Path, help="male, female or a glTF")
    parser.add_argument("-o", "--out", type=Path, required=True)
    options = parser.parse_args()
    if options.sound and not options.phones:
        parser.error("--phones is needed with a sound of your own")
    span = tuple(options.span or ((0.0, np.inf) if options.sound else BUNDLED_SPAN))
    settings = AnimateSettings(fps=parse_fps(options.fps), model=options.model)
    clip = CurveClip.joined(list(stream(options.sound or BUNDLED, settings)))
    phones = read_phones(options.phones or BUNDLED_PHONES, (span[0], span[1]))
    save_png(sheet(clip, phones, load_head(options.head)), options.out)
    print(f"{options.out}: {len(phones)} phones")


if __name__ == "__main__":
    main()
