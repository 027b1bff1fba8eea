"""kill -9, and sleep: of a client, of the service."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import Final

from facerig.service import wire
from facerig.service.client import Character, Client
from tools.bench.faults.outcome import Outcome
from tools.bench.faults.victim import SUBJECT
from tools.bench.plain_client import PlainClient
from tools.bench.serving import REPO, Serving, calm, environment
from tools.bench.witness import FPS, PATIENCE_SECS, PIECE_SECS, RATE_HZ, Witness, compared, pieces, sound

SPOKEN_SECS: Final = 2  # by the client that is killed
LINE_SECS: Final = 5.0
RESTART_AT: Final = 2 * FPS  # frames


def client_killed() -> Outcome:
    """A client dies in the middle of a word; another process takes its session over by the token and says
    the rest."""
    with calm() as serving, Witness(serving.connect) as witness:
        token = _killed_client(serving)
        began = time.monotonic()
        with PlainClient(serving.control_port, serving.curves_port, SUBJECT) as heir:
            opened = heir.open(wire.Resume(token=token))
            back_secs = time.monotonic() - began
            whole = sound(LINE_SECS)
            at = opened.received
            while at < len(whole):
                at = heir.say(opened.session, whole[at : at + RATE_HZ // 4], at)
                heir.hear(lambda: False, 0.25)
            heir.tell(wire.Flush(session=opened.session))
            heir.hear(lambda: bool(heir.frames) and bool(heir.frames[-1].flags & wire.Frame.LAST))
            frames = heir.frames
        witness.wait_for(FPS)
        testimony = witness.testify()
    first = frames[0].index if frames else 0
    lost, twice, wrong = compared(frames, LINE_SECS)
    gone = lost - first  # beyond those that the dead one was sent
    return Outcome(
        fault="kill -9 of a client", mended=bool(frames) and not (gone or wrong), witness=testimony,
        happened=f"another process took it over by its token in {back_secs:.2f} s, sound was there up to "
                 f"{opened.received / RATE_HZ:.2f} s, and said the rest; of frames {first} to the last "
                 f"{gone} lost, {wrong} other than undisturbed ({twice} were sent again)",
        figures={"back_secs": back_secs, "received": opened.received, "lost": gone, "wrong": wrong,
                 "first": first})


def _killed_client(serving: Serving) -> str:
    """A client that has spoken for a while and is dead; its token."""
    with _victim(serving) as victim:
        lines = iter(victim.stdout or ())
        token = next(lines).strip()
        for _ in range(SPOKEN_SECS):
            next(lines)
        victim.kill()
    return token


def _victim(serving: Serving) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tools.bench.faults.victim", str(serving.control_port),
               str(serving.curves_port)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=REPO,
                            env=environment())


def service_killed() -> Outcome:
    """The service dies in the middle of a line, and another begins on its ports."""
    with (Serving() as beside, calm() as serving, Witness(beside.connect) as witness,
          serving.connect() as client):
        frames, dead_secs = _line_over_a_death(serving, client)
        losses = client.losses
        witness.wait_for(FPS)
        testimony = witness.testify()
    step, samples = RATE_HZ / FPS, [frame.sample for frame in frames]
    lost = sum(max(0, round((b - a) / step) - 1) for a, b in pairwise(samples))
    lost += max(0, round((LINE_SECS * RATE_HZ - samples[-1]) / step) - 1)
    twice = sum(b - a < step / 2 for a, b in pairwise(samples))
    return Outcome(
        fault="kill -9 of the service", mended=not (lost or twice) and losses >= 1, witness=testimony,
        happened=f"gone for {dead_secs:.1f} s; the client opened the session anew by itself and sent the "
                 f"sound that had no face yet: {lost} frames of {len(frames)} lost, {twice} twice",
        figures={"dead_secs": dead_secs, "losses": losses, "lost": lost, "twice": twice,
                 "frames": len(frames)})


def _line_over_a_death(serving: Serving, client: Client) -> tuple[list[wire.Frame], float]:
    """A line spoken in real time whose service is killed on the way; its frames."""
    anna = client.open("anna", sample_rate=RATE_HZ, fps=FPS, pace="burst", alive=False,
                       timeout_secs=PATIENCE_SECS)
    speaking = threading.Thread(target=_speak, args=(anna,), daemon=True)
    speaking.start()
    frames, dead_secs = [], 0.0
    for frame in anna.frames(forever=True, timeout_secs=PATIENCE_SECS):
        frames.append(frame)
        if len(frames) == RESTART_AT:
            serving.kill()
            began = time.monotonic()
            serving.start()
            dead_secs = time.monotonic() - began
        if frame.flags & wire.Frame.LAST:
            break
    speaking.join()
    return frames, dead_secs


def _speak(character: Character) -> None:
    """LINE_SECS in real time."""
    began = time.monotonic()
    for count, piece in enumerate(pieces(), 1):
        character.say_sound(piece, flush=False)
        if count >= round(LINE_SECS / PIECE_SECS):
            break
        time.sleep(max(0.0, began + count * PIECE_SECS - time.monotonic()))
    character.flush()


def service_asleep(secs: float = 5.0) -> Outcome:
    """SIGSTOP and SIGCONT: as a machine that swaps, or a laptop whose lid was shut. The witness is hit as
    well."""
    with calm() as serving, Witness(serving.connect) as witness:
        witness.wait_for(FPS)
        serving.pause()
        time.sleep(secs)
        serving.go_on()
        began, before = time.monotonic(), witness.frames
        witness.wait_for(1)
        back_secs = time.monotonic() - began
        witness.wait_for(2 * FPS)
        testimony = witness.testify()
    return Outcome(
        fault=f"the service asleep for {secs:g} s", mended=testimony.unharmed, witness=testimony,
        happened=f"frames came again {back_secs:.2f} s after it woke, the sound of the meantime among them; "
                 f"{testimony.losses} connections lost and made again",
        figures={"back_secs": back_secs, "before": before, "losses": testimony.losses})


def client_asleep(secs: float = 4.0) -> Outcome:
    """A client that is stopped reads nothing and says nothing; woken, it goes on."""
    with calm() as serving, Witness(serving.connect) as witness:
        with _victim(serving) as victim:
            lines = iter(victim.stdout or ())
            next(lines), next(lines)
            victim.send_signal(signal.SIGSTOP)
            time.sleep(secs)
            victim.send_signal(signal.SIGCONT)
            went_on = next(lines).strip()
            victim.kill()
        witness.wait_for(FPS)
        testimony = witness.testify()
    return Outcome(fault=f"a client asleep for {secs:g} s", mended=went_on.isdecimal(), witness=testimony,
                   happened=f"it went on at second {int(went_on) // RATE_HZ} of its sound", figures={})
