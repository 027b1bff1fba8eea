"""The parts of tools/build_head.py: reading, cutting, smoothing, eyes, hair, paint, measures."""
