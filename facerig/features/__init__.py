"""Streaming features: what the encoder hears."""
