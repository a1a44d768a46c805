"""Anchors: the texts they learn from, their training, and the bank that packs them for composition."""
