"""Curves out: the exporter contract, who writes which format, and files that are there whole or not at all."""
