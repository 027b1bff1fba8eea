"""What somebody should know about the wishes on a command line: how they were taken, and which do nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from facerig.cli.acting import Acting, timed

if TYPE_CHECKING:
    from facerig.performance.settings import Performance

#  what is switched off   the wishes that it leaves without effect, by field of Acting
SILENCED: Final = (
    ("no_emotion", ("emotion", "emotion_at", "voice_emotion")),
    ("no_blinks",  ("blink_at",)),
    ("no_gaze",    ("gaze", "gaze_at")),
)


def remarks_on(acting: Acting, chosen: Performance) -> tuple[str, ...]:
    """How free text was taken, wishes without effect, and targets that no eye can reach."""
    return (*_words(chosen), *_idle(acting, chosen), *_behind(chosen))


def late(acting: Acting, seconds: float) -> tuple[str, ...]:
    """Wishes of the command line for times behind the end of a sound of `seconds`."""
    times = [(option, timed(option, item)[0])
             for option, items in (("--emotion-at", acting.emotion_at), ("--gaze-at", acting.gaze_at))
             for item in items or ()]
    times += [("--blink-at", at) for at in acting.blink_at or ()]
    return tuple(f"{option} {at:g} s lies behind the end of the sound, {seconds:.2f} s"
                 for option, at in times if at >= seconds)


def corrected(source: Path, chosen: Performance, *, corrections: bool) -> tuple[str, ...]:
    """That an animator's file beside the sound counts."""
    from facerig.performance.control.overrides_file import overrides_beside

    beside = overrides_beside(source) if corrections and chosen.overrides is None else None
    return () if beside is None else (f"with the corrections of {beside.name}",)


def _words(chosen: Performance) -> list[str]:
    told = [f"emotion: {chosen.emotion.words}"] if chosen.emotion.words else []
    return told + [f"emotion at {one.at_secs:g} s: {one.emotion.words}" for one in chosen.directions
                   if one.emotion is not None and one.emotion.words]


def _idle(acting: Acting, chosen: Performance) -> list[str]:
    told = [f"--{_option(wish)} does nothing with --{_option(off)}" for off, wishes in SILENCED
            if getattr(acting, off) for wish in wishes if getattr(acting, wish) is not None]
    if acting.attitude is not None and chosen.mode != "listen":
        told.append("--attitude does nothing without --listen: it is a listener's")
    return told


def _option(name: str) -> str:
    return name.replace("_", "-")


def _behind(chosen: Performance) -> list[str]:
    looks = [chosen.gaze, *(one.gaze for one in chosen.directions if one.gaze is not None)]
    places = dict.fromkeys((t.x, t.y, t.z) for targets in looks for t in targets if t.z <= 0)
    return [f"gaze {x:g},{y:g},{z:g}: {'behind' if z < 0 else 'beside'} the head: z is ahead"
            for x, y, z in places]
