"""Emotion by choice and from the voice: poses of action units, mixtures, words for them, and the layer."""

from facerig.performance.emotion.layer import EmotionLayer, EmotionSettings, EmotionState
from facerig.performance.emotion.mixture import NONE, Feeling, parse_feeling
from facerig.performance.emotion.poses import EMOTIONS, REGIONS, posture

__all__ = ["EMOTIONS", "NONE", "REGIONS", "EmotionLayer", "EmotionSettings", "EmotionState", "Feeling",
           "parse_feeling", "posture"]
