"""Text to speech: voices as plugins, and what makes a text ready for them.

    from facerig.voices import open_voice, speak

    speech = speak("Hello there.", voice="hibari")      # checked now, spoken as it is iterated
    for piece in speech:                                # float32 [n] at speech.sample_rate
        ...

`Speaking` does the same in the background, for a service. `voice.py` says what a voice is and how a package
brings one; `facerig.saying` gives it a face.
"""

from facerig.voices.catalogue import Voices, open_voice, voices
from facerig.voices.command import CommandVoice
from facerig.voices.speaking import Speaking
from facerig.voices.speech import Speech, speak
from facerig.voices.voice import Voice
from facerig.voices.voice_file import read_voice

__all__ = ["CommandVoice", "Speaking", "Speech", "Voice", "Voices", "open_voice", "read_voice", "speak",
           "voices"]
