"""Training of the emotion heard in the voice: `python -m tools.train.voice_emotion --data ../shared/data`."""
