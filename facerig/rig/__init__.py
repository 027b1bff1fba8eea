"""Canonical curves to other rigs. Nothing is here yet: ARKit and Live Link Face are the canonical curves
themselves."""
