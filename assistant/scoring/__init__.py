"""Scorers: a number in [0, 1] per attribute on a text, from sentence embeddings and surface features."""
