"""A chat program for the terminal whose way of speaking belongs to the person who uses it."""

__version__ = "0.1.0"
