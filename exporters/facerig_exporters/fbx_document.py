"""What every FBX file holds around its scene: header, settings, definitions, objects and their connections.

    document = Document(Clock(fps, 0, n_frames))
    head = document.add("Model", "head", "LimbNode", [...])
    document.connect(head, ROOT)
    write_fbx(path, document.nodes())
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facerig_exporters.fbx_binary import CREATION_TIME, FILE_ID, Node, Row, properties, version_for

Id = np.int64
ROOT: Final = np.int64(0)  # the scene itself
_FIRST_ID: Final = 1_000_000
TAKE: Final = "facerig"

TICKS_PER_SEC: Final = 46_186_158_000  # KTime: whole at 24, 25, 30, 48, 50, 60, 100 and 120 fps
CUSTOM_RATE: Final = 14
# FbxTime::EMode of the FBX SDK; a wrong one puts keys between frames. Other rates are CUSTOM_RATE.
_TIME_MODES: Final = {
    Fraction(24): 11,  # film
    Fraction(25): 10,  # PAL
    Fraction(30): 6,
    Fraction(48): 5,
    Fraction(50): 4,
    Fraction(60): 3,
    Fraction(72): 16,
    Fraction(96): 15,
    Fraction(100): 2,
    Fraction(120): 1,
    Fraction(1000): 12,
    Fraction(24000, 1001): 13,
    Fraction(30000, 1001): 9,  # NTSC, no frame dropped
    Fraction(60000, 1001): 17,
    Fraction(120000, 1001): 18,
}
# The class in an object's name, where it is not the object's kind.
_CLASSES: Final = {"AnimationStack": "AnimStack", "AnimationLayer": "AnimLayer",
                   "AnimationCurveNode": "AnimCurveNode", "AnimationCurve": "AnimCurve"}
_SUB_DEFORMERS: Final = ("Cluster", "BlendShapeChannel")


@dataclass(frozen=True, slots=True)
class Clock:
    """Frames as FBX's ticks. `first`: the frame number of the first of `n_frames`; keys are at the timecode's
    own time, as motion capture files have them, so that a program's timeline shows the timecode."""

    fps: Fraction
    first: int
    n_frames: int

    def ticks(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ticks of the frames `offsets` after the first, each rounded by itself: none is off by more than
        half a tick (1e-11 s), and nothing accumulates."""
        whole, rest = divmod(TICKS_PER_SEC * self.fps.denominator, self.fps.numerator)  # stays within 64 bits
        frames = offsets.astype(np.int64) + self.first
        twice = 2 * self.fps.numerator
        return np.asarray(frames * whole + (2 * frames * rest + self.fps.numerator) // twice, np.int64)

    def frame(self, number: int) -> np.int64:
        """Ticks of the frame that has this number."""
        return np.int64(self.ticks(np.array([number - self.first]))[0])

    @property
    def start(self) -> np.int64:
        """Ticks of the first frame."""
        return self.frame(self.first)

    @property
    def stop(self) -> np.int64:
        """Ticks of the last frame."""
        return self.frame(self.first + max(self.n_frames - 1, 0))

    @property
    def mode(self) -> int:
        """FbxTime::EMode."""
        return _TIME_MODES.get(self.fps, CUSTOM_RATE)


class Document:
    """Objects and connections as they are added, and the file around them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._objects: list[Node] = []
        self._connections: list[Node] = []
        self._kinds: Counter[str] = Counter()

    def add(self, kind: str, name: str, subclass: str, children: list[Node]) -> Id:
        """A new object; its id."""
        id_ = np.int64(_FIRST_ID + len(self._objects))
        class_ = "SubDeformer" if subclass in _SUB_DEFORMERS else _CLASSES.get(kind, kind)
        self._objects.append(Node(kind, (id_, f"{name}\0\1{class_}", subclass), children))
        self._kinds[kind] += 1
        return id_

    def connect(self, child: Id, parent: Id, to: str | None = None) -> None:
        """`child` belongs to `parent`, or to its property `to`."""
        kind, more = ("OO", ()) if to is None else ("OP", (to,))
        self._connections.append(Node("C", (kind, child, parent, *more)))

    def nodes(self) -> list[Node]:
        """The top level of the file."""
        return [*_header(version_for(self._objects)), _settings(self.clock), _documents(),
                Node("References", (), []), self._definitions(), Node("Objects", (), self._objects),
                Node("Connections", (), self._connections), _takes(self.clock)]

    def _definitions(self) -> Node:
        kinds = {"GlobalSettings": 1, **self._kinds}
        return Node("Definitions", (), [
            Node("Version", (100,)), Node("Count", (sum(kinds.values()),)),
            *(Node("ObjectType", (kind,), [Node("Count", (count,))]) for kind, count in kinds.items())])


def time_property(name: str, ticks: np.int64) -> Row:
    """A row of `properties` that is a time."""
    return name, "KTime", "Time", "", ticks


def _header(file_version: int) -> list[Node]:
    stamp = zip(("Version", "Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond"),
                (1000, 1970, 1, 1, 10, 0, 0, 0), strict=True)
    made_by = f"facerig {_version()}"
    return [
        Node("FBXHeaderExtension", (), [
            Node("FBXHeaderVersion", (1003,)), Node("FBXVersion", (file_version,)),
            Node("EncryptionType", (0,)),
            Node("CreationTimeStamp", (), [Node(key, (value,)) for key, value in stamp]),
            Node("Creator", (made_by,)),
            Node("SceneInfo", ("GlobalInfo\0\1SceneInfo", "UserData"), [
                Node("Type", ("UserData",)), Node("Version", (100,)),
                properties(("Original", "Compound", "", ""),
                           ("Original|ApplicationVendor", "KString", "", "", "facerig"),
                           ("Original|ApplicationName", "KString", "", "", "facerig"),
                           ("Original|ApplicationVersion", "KString", "", "", _version()))])]),
        Node("FileId", (FILE_ID,)), Node("CreationTime", (CREATION_TIME,)), Node("Creator", (made_by,))]


def _version() -> str:
    try:
        return version("facerig")
    except PackageNotFoundError:
        return "0"


def _settings(clock: Clock) -> Node:
    """Right-handed, y up, z to the front, centimetres."""
    integers = (("UpAxis", 1), ("UpAxisSign", 1), ("FrontAxis", 2), ("FrontAxisSign", 1), ("CoordAxis", 0),
                ("CoordAxisSign", 1), ("OriginalUpAxis", 1), ("OriginalUpAxisSign", 1))
    custom = float(clock.fps) if clock.mode == CUSTOM_RATE else -1.0
    return Node("GlobalSettings", (), [Node("Version", (1000,)), properties(
        *((name, "int", "Integer", "", value) for name, value in integers),
        ("UnitScaleFactor", "double", "Number", "", 1.0),
        ("OriginalUnitScaleFactor", "double", "Number", "", 1.0),
        ("TimeMode", "enum", "", "", clock.mode), ("TimeProtocol", "enum", "", "", 2),
        ("SnapOnFrameMode", "enum", "", "", 0),
        time_property("TimeSpanStart", clock.start), time_property("TimeSpanStop", clock.stop),
        ("CustomFrameRate", "double", "Number", "", custom))])


def _documents() -> Node:
    scene = properties(("SourceObject", "object", "", ""), ("ActiveAnimStackName", "KString", "", "", TAKE))
    return Node("Documents", (), [Node("Count", (1,)), Node(
        "Document", (np.int64(_FIRST_ID - 1), "", "Scene"), [scene, Node("RootNode", (ROOT,))])])


def _takes(clock: Clock) -> Node:
    return Node("Takes", (), [Node("Current", (TAKE,)), Node("Take", (TAKE,), [
        Node("FileName", (f"{TAKE}.tak",)), Node("LocalTime", (clock.start, clock.stop)),
        Node("ReferenceTime", (clock.start, clock.stop))])])
