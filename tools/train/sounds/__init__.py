"""Sounds that are no speech, made from nothing but numbers: what `tools.train.nonspeech` draws from."""
