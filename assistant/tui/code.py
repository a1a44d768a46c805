"""Code blocks of a text in Markdown."""

from __future__ import annotations

from markdown_it import MarkdownIt

_PARSER = MarkdownIt("commonmark")


def blocks(text: str) -> list[str]:
    """Return the text of each code block, in order; one that was never closed counts, too."""
    if "```" not in text and "~~~" not in text and "    " not in text:
        return []
    return [each.content.rstrip("\n") for each in _PARSER.parse(text) if each.type in ("fence", "code_block")]
