"""Other ways to decode under control, behind one small interface, so that they can be timed and judged beside ours.

Each is given what it needs to be fast: one batched pass per token, and keys and values kept.
"""
