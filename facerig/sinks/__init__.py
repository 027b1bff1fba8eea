"""Curves out: the exporter contract, who writes which format, and files that are whole or not there."""
