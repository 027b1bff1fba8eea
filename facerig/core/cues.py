"""What the voice tells the rest of the face, 100 times a second: the columns that travel beside the curves.

They are made by the stages that hear (lips, effort, prosody, the emotion of the voice), interpolated to
frames with the curves, and read by the layers of `facerig.performance`. Cues are as late as the mouth and no
later.
"""

from __future__ import annotations

from typing import Final

# cue                range      what it is
_TABLE: Final = """
seal                 0..1       how far lips are brought together for a p, b or m, also before a voice
contact              0..1       how far the lower lip is brought to the teeth for an f or v
voice                0..1       the mouth is awake: 0 in silence, 1 in speech
talking              0..1       the same, slower: gaps between words do not show
effort              -1..1       whisper to shout (facerig.features.effort)
hush                 0..1       under the voice just heard, by up to 24 dB
loudness            -1..1       level against this voice's running mean, 1 is 10 dB above; 0 in silence
pitch               -1..1       fundamental against its running mean, 1 is 12 semitones above; 0 unvoiced
voiced               0..1       how surely the glottis sounds
heard_arousal       -1..1       of the voice, smoothed over seconds (calm to excited)
heard_valence       -1..1       of the voice (bad to good)
heard_joy            0..1       shares of a mixture whose rest is neutral
heard_anger          0..1
heard_sadness        0..1
"""
CUES: Final = tuple(line.split()[0] for line in _TABLE.strip().splitlines())
N_CUES: Final = len(CUES)
LIP_CUES: Final = CUES[:4]  # what the lips tell; the rest is heard
CUE: Final = {name: i for i, name in enumerate(CUES)}
