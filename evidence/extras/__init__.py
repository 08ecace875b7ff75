"""Extras: what the core runs without."""
