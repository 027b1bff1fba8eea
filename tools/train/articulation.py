"""Phones to mouth shapes, which the runtime shares, under its old name: see facerig.script.articulation."""

from facerig.script.articulation import *  # noqa: F403
