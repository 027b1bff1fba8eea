"""Faults made on purpose, each beside a witness that must have lost nothing by it."""
