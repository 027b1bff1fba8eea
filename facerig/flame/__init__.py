"""FLAME both ways: a rig fitted to a user's copy of the model, and FLAME's parameters as ARKit curves.

FLAME's licence keeps the model out of this package: everything here works on the user's own file.
"""
