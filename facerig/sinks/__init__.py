"""Curves out: the exporter contract, which exporter writes what, and files that are there whole or not at all."""
