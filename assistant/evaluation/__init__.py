"""Experiments: what is measured stands apart from how it is run; results are JSON first, tables second."""
