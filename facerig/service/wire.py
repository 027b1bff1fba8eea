"""The wire: everything that clients and the service say to each other, and nothing else knows its bytes.

Control is a ZeroMQ ROUTER socket: one frame, a msgpack map whose `type` says what it is. Curves come from
an XPUB socket: two frames, the topic (the subject's name and a zero byte) and a `Frame`, or the `Schema` that
tells what the values of frames mean. Numbers are little-endian.

Parsers are total: any bytes give a message or a ProtocolError that says where it is wrong. The tables of
engine_bridges/PROTOCOL.md and the constants of the other languages are made from this module
(tools/protocol.py).
"""

from __future__ import annotations

import re
import struct
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from facerig.errors import ProtocolError

VERSION: Final = 1
CONTROL_PORT, CURVES_PORT = 15680, 15681
LARGEST_MESSAGE: Final = 1 << 20  # bytes: 5 s of 48 kHz float
LONGEST_NAME: Final = 64
MOST_CURVES: Final = 2000
TOPIC_END: Final = b"\0"  # a topic is a prefix: without it "bob" would also hear "bobby"

Samples = NDArray[np.float32]

# --- what a field may hold

Subject = Annotated[str, Meta(
    min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f/\\=+@-][^\x00-\x1f\x7f/\\]*$",
    description="name of the character; begins with no - = + or @, holds no slash, no control character")]
SessionId = Annotated[int, Meta(ge=1, le=2**31 - 1, description="of the session, as `opened` gave it")]
Token = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$",
                            description="proves that a session is the client's own")]
Sample = Annotated[int, Meta(ge=0, le=2**62,
                             description="sample of the client's sound, counted from `open`")]
Epoch = Annotated[int, Meta(ge=0, le=2**31 - 1, description="how often the session was interrupted")]
Text = Annotated[str, Meta(max_length=20_000)]
Word = Annotated[str, Meta(max_length=200)]
Number = Annotated[float, Meta(ge=-1e6, le=1e6)]
Detail = Literal[1, 2, 4]
Chunk = Annotated[bytes, Meta(max_length=LARGEST_MESSAGE, description="the sound")]


class _Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
               omit_defaults=True):
    """A map whose unknown keys are refused."""


# --- from clients


class Open(_Message, tag="open", frozen=True, kw_only=True):
    """Begin a session. Answer: `opened`, or `error`."""

    version: Annotated[int, Meta(ge=1, le=255,
                                 description="of the protocol that the client speaks")] = VERSION
    subject: Subject
    sample_rate: Annotated[int, Meta(ge=8_000, le=48_000, description="of the sound, Hz")] = 16_000
    encoding: Annotated[str, Meta(pattern="^(s16|f32|opus)$",
                                  description="s16, f32 (mono, little-endian) or opus (a packet a message)"
                                  )] = "s16"
    fps: Annotated[str, Meta(max_length=40, description="frames a second: 60, 29.97, 30000/1001")] = "60"
    rig: Annotated[str, Meta(max_length=LONGEST_NAME, pattern=r"^[a-z0-9][a-z0-9_-]*$",
                             description="whose curves come: livelink, arkit, metahuman, ...")] = "livelink"
    pace: Annotated[str, Meta(pattern="^(realtime|burst)$",
                              description="realtime: frames leave when their sound plays; burst: at once"
                              )] = "realtime"
    model: Annotated[str, Meta(pattern="^(live|live-40)$",
                               description="live, or live-40: later sound counts for 80 or 30 ms")] = "live"
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="of the character's chance")] = 0
    mode: Annotated[str, Meta(pattern="^(speak|listen)$", description="whose voice the sound is")] = "speak"
    emotion: Annotated[Word, Meta(description="joy:0.6, a mixture, or plain words")] = ""
    alive: Annotated[bool, Meta(description="frames come in silence too: blinks, glances, breath")] = True
    detail: Annotated[Detail, Meta(description="every so many frames of the rate come: 1, 2 or 4")] = 1


class Resume(_Message, tag="resume", frozen=True, kw_only=True):
    """Take a session over after a lost connection. Answer: `opened`; `received`: as far as sound has come."""

    token: Token


class Audio(_Message, tag="audio", frozen=True, kw_only=True):
    """Sound of a session. What was received before is passed over, so sending again is safe; a gap is an
    error."""

    session: SessionId
    epoch: Epoch = 0
    at: Sample
    data: Chunk


class Direct(_Message, tag="direct", frozen=True, kw_only=True):
    """Change how the character acts, from a sample on."""

    session: SessionId
    at: Annotated[int, Meta(ge=-1, le=2**62, description="sample of the sound; -1: now")] = -1
    emotion: Word | None = None
    gaze: Annotated[Annotated[list[Number], Meta(min_length=3, max_length=3)] | Word | None,
                    Meta(description="[x, y, z] in metres: left, up, ahead of the eyes; "
                                     '"camera" or "none"')] = None
    blink: Annotated[bool, Meta(description="one blink, at that sample")] = False
    mode: Annotated[str | None, Meta(description="speak or listen")] = None
    attitude: Annotated[str | None, Meta(description="of a listener: positive, neutral, negative")] = None
    layers: Annotated[dict[Word, Number],
                      Meta(max_length=16, description="strength of layers by name")] | None = None
    style: Annotated[Text | None, Meta(description="a style file's text (TOML)")] = None
    transition_secs: Annotated[float, Meta(ge=0, le=60, description="on the way there")] | None = None
    detail: Annotated[Detail | None, Meta(
        description="every so many frames of the rate come, from now on: 1, 2 or 4 (far away)")] = None


class Say(_Message, tag="say", frozen=True, kw_only=True):
    """Speak a text with the service's voice: sound (`spoken`) and curves come back on one clock."""

    session: SessionId
    text: Annotated[str, Meta(min_length=1, max_length=20_000)]
    voice: Word = ""


class Interrupt(_Message, tag="interrupt", frozen=True, kw_only=True):
    """Stop now: sound that has not played is dropped, the epoch rises, the mouth comes to rest within
    150 ms."""

    session: SessionId


class Flush(_Message, tag="flush", frozen=True, kw_only=True):
    """The sentence is over: what the look-ahead holds back comes out as if silence followed."""

    session: SessionId


class Close(_Message, tag="close", frozen=True, kw_only=True):
    """End a session; `closed` answers once its frames have left."""

    session: SessionId


class Ping(_Message, tag="ping", frozen=True, kw_only=True):
    """Answer: `pong` with the same number."""

    number: Annotated[int, Meta(ge=0, le=2**62)] = 0


class AskStatistics(_Message, tag="statistics", frozen=True, kw_only=True):
    """Answer: `statistics`."""


Request = Open | Resume | Audio | Direct | Say | Interrupt | Flush | Close | Ping | AskStatistics

# --- from the service


class Curve(_Message, frozen=True, kw_only=True):
    """A curve of the rig: its name and range."""

    name: Annotated[str, Meta(max_length=200)]
    low: Number = 0.0
    high: Number = 1.0


class Schema(_Message, tag="schema", frozen=True, kw_only=True):
    """What frames of a subject mean. Sent on the curves' socket at subscription and when it changes."""

    subject: Subject
    rig: str
    fps: Annotated[list[int], Meta(min_length=2, max_length=2, description="numerator and denominator")]
    sample_rate: int
    latency_samples: Annotated[int, Meta(
        ge=0, description="look-ahead: a frame's sound must have come so much further")]
    curves: Annotated[list[Curve], Meta(max_length=MOST_CURVES)]


class Opened(_Message, tag="opened", frozen=True, kw_only=True):
    """A session has begun, or goes on."""

    session: SessionId
    token: Token
    schema: Schema
    epoch: Epoch = 0
    received: Annotated[Sample, Meta(description="sound has come up to here")] = 0
    credit: Annotated[int, Meta(ge=0, description="samples that sound may run ahead of what was animated")]


class Progress(_Message, tag="progress", frozen=True, kw_only=True):
    """How far a session is; `received + credit` is what may be sent."""

    session: SessionId
    epoch: Epoch = 0
    received: Annotated[Sample, Meta(description="sound has come up to here")] = 0
    animated: Annotated[Sample, Meta(description="sound was animated up to here")] = 0
    credit: Annotated[int, Meta(description="samples beyond `received` that may be sent")] = 0


class Spoken(_Message, tag="spoken", frozen=True, kw_only=True):
    """Sound of a `say`: 16-bit mono from sample `at` of the session on; `last` with the end of the text."""

    session: SessionId
    epoch: Epoch = 0
    at: Sample
    data: Chunk
    last: bool = False


class Interrupted(_Message, tag="interrupted", frozen=True, kw_only=True):
    """The epoch that counts from now on, and the sample that its sound begins at."""

    session: SessionId
    epoch: Epoch
    at: Sample


class Closed(_Message, tag="closed", frozen=True, kw_only=True):
    """The session is over; why: client, idle, replaced (its client is gone and another opened the subject),
    fault (of the service's own), shutdown."""

    session: SessionId
    reason: str = "client"


class Pong(_Message, tag="pong", frozen=True, kw_only=True):
    """Answers `ping`; `clock_ns`: the service's monotonic clock."""

    number: int = 0
    clock_ns: int = 0


class Statistics(_Message, tag="statistics", frozen=True, kw_only=True):
    """Figures of the service by name, as its metrics have them."""

    figures: dict[str, float]


class Refusal(_Message, tag="error", frozen=True, kw_only=True):
    """What could not be done: the field that was wrong, and the way out."""

    code: str
    what: str
    where: str = ""
    fix: str = ""
    session: int = 0  # 0: of no session


Reply = Opened | Progress | Spoken | Interrupted | Closed | Pong | Statistics | Refusal

# --- frames of curves


class Frame(msgspec.Struct, frozen=True):
    """One frame of curves. `sample`: of the session's sound that it belongs to; -1 in silence nobody sent;
    `step`: how many indices the frame before it lies back, more than 1 where `detail` is.

        magic   4s  b"FRIG"
        version u8
        flags   u8   1: the last of the sound before a flush, 2: nobody speaks (idle), 12: 4 * (step - 1)
        count   u16  of values
        epoch   u32
        index   u64  of the frame in its session; a gap of more than `step` is frames that were lost
        sample  i64
        values  f32[count]
    """

    MAGIC: ClassVar[bytes] = b"FRIG"
    HEADER: ClassVar[struct.Struct] = struct.Struct("<4sBBHIQq")
    LAST: ClassVar[int] = 1
    IDLE: ClassVar[int] = 2
    STEP: ClassVar[int] = 12
    LONGEST_STEP: ClassVar[int] = 4

    epoch: int
    index: int
    sample: int
    values: Samples
    flags: int = 0

    @property
    def step(self) -> int:
        """How many indices the frame before it lies back, 1 to 4."""
        return 1 + ((self.flags & self.STEP) >> 2)

    @classmethod
    def step_flag(cls, step: int) -> int:
        """`step` as flags have it."""
        return min(step, cls.LONGEST_STEP) - 1 << 2

    def packed(self) -> bytes:
        """As bytes."""
        head = self.HEADER.pack(self.MAGIC, VERSION, self.flags, len(self.values), self.epoch, self.index,
                                self.sample)
        return head + np.asarray(self.values, "<f4").tobytes()

    @classmethod
    def unpacked(cls, data: bytes) -> Frame:
        """Raises ProtocolError for anything that is not a frame."""
        if len(data) < cls.HEADER.size or data[:4] != cls.MAGIC:
            raise ProtocolError(f"{len(data)} bytes are no frame of curves", where="frame",
                                fix="check the topic")
        _, version, flags, count, epoch, index, sample = cls.HEADER.unpack_from(data)
        if version != VERSION:
            raise ProtocolError(f"version {version} is not known here", where="frame.version",
                                fix=f"speak version {VERSION}")
        if count > MOST_CURVES or len(data) != cls.HEADER.size + 4 * count:
            raise ProtocolError(f"{len(data)} bytes do not hold {count} values", where="frame.count",
                                fix=f"send {cls.HEADER.size} + 4 * count bytes")
        if sample < -1:
            raise ProtocolError(f"sample {sample} is none", where="frame.sample", fix="send -1 in silence")
        values = np.frombuffer(data, "<f4", count, cls.HEADER.size)
        if not np.isfinite(values).all():
            raise ProtocolError("a value is not finite", where="frame.values", fix="send numbers")
        return cls(epoch, index, sample, values.astype(np.float32), flags)


_REQUESTS: Final = msgspec.msgpack.Decoder(Request)
_REPLIES: Final = msgspec.msgpack.Decoder(Reply)
_SCHEMAS: Final = msgspec.msgpack.Decoder(Schema)
_ENCODER: Final = msgspec.msgpack.Encoder()


def encoded(message: Any) -> bytes:
    """A message as bytes."""
    return _ENCODER.encode(message)


def request(data: bytes) -> Request:
    """A client's message. Raises ProtocolError."""
    message: Request = _decoded(_REQUESTS, data)
    return message


def reply(data: bytes) -> Reply:
    """The service's message. Raises ProtocolError."""
    message: Reply = _decoded(_REPLIES, data)
    return message


def published(data: bytes) -> Frame | Schema:
    """The second frame of what the curves' socket sends. Raises ProtocolError."""
    if data[:4] == Frame.MAGIC:
        return Frame.unpacked(data)
    schema: Schema = _decoded(_SCHEMAS, data)
    return schema


def topic(subject: str) -> bytes:
    """What to subscribe to."""
    return subject.encode() + TOPIC_END


# what msgspec says of a field with a pattern of plain words
_CHOICE: Final = re.compile(r"Expected `str` matching regex '\^\(([a-z0-9|-]+)\)\$'")


def _decoded(decoder: msgspec.msgpack.Decoder[Any], data: bytes) -> Any:
    if len(data) > LARGEST_MESSAGE + 4096:
        raise ProtocolError(f"a message of {len(data)} bytes", where="message",
                            fix=f"send {LARGEST_MESSAGE} bytes of sound at most")
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, ValueError) as problem:
        what, _, where = str(problem).partition(" - at ")
        what = _CHOICE.sub(lambda found: f"Expected one of {found[1].replace('|', ', ')}", what)
        raise ProtocolError(what or "is no msgpack", where=where.strip("`") or "message",
                            fix="see PROTOCOL.md") from None
