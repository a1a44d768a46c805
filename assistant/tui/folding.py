"""Long texts in the field: a label stands for each, so that typing stays quick and nothing is lost."""

from __future__ import annotations

LONG = 20_000
"""Characters from which on a text is folded away."""
EDITABLE = 200_000
"""Characters up to which a message that is worded anew stands in the field in full."""
SHOWN = 4_000
"""Characters of a long message that the transcript shows."""


class Folded:
    """Texts that labels in the field stand for."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """Return a text as the field shows it: a long one as a label that stands for it."""
        if len(text) < LONG:
            return text
        for label, known in self._texts.items():
            if known == text:
                return label
        label = f"[long text {len(self._texts) + 1}: {len(text):,} characters]"
        self._texts[label] = text
        return label

    def damaged(self, text: str) -> bool:
        """Return whether a label was changed, so that it no longer stands for its text."""
        for label in self._texts:
            text = text.replace(label, "")
        return any(part in text for label in self._texts for part in label.split(": "))

    def unfold(self, text: str) -> str:
        """Return what the field means: each label replaced by its text."""
        for label, long in self._texts.items():
            if label in text:
                text = text.replace(label, long)
        return text


def shortened(text: str) -> str:
    """Return a message as the transcript shows it: of a long one the beginning, and how much more there is."""
    if len(text) < LONG:
        return text
    return f"{text[:SHOWN]} …\n({len(text) - SHOWN:,} more characters, which are kept and were sent)"
