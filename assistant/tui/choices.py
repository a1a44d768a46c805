"""A line of one-key answers to a question that may be left unanswered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widgets import Static

from assistant.settings.keys import keys_of, spoken
from assistant.tui.links import link
from assistant.tui.theme import MUTED

MOST = 5
"""Answers that have a key."""


class Choices(Static, can_focus=False):
    """Shown above the prompt; it goes away when an answer is given, with Esc, or with the next message."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.keys: dict[str, str] = {}
        """Keys that the person chose."""
        self._acts: tuple[Callable[[], None], ...] = ()
        self.display = False

    @property
    def asking(self) -> bool:
        """Whether a question stands."""
        return bool(self._acts)

    def ask(self, question: str, answers: Sequence[tuple[str, Callable[[], None]]]) -> None:
        """Show a question with at most as many answers as there are keys, and what each does."""
        answers = answers[:MOST]
        self._acts = tuple(act for _, act in answers)
        parts: list[Content] = [Content.styled(question, MUTED)]
        for number, (label, _) in enumerate(answers):
            key = spoken(keys_of(f"choose_{number + 1}", self.keys))
            shown = Content.assemble((key, "$primary"), f" {label}")
            parts.append(link(shown, f"choose({number})"))
        self.update(Content("   ").join(parts))
        self.display = self.asking

    def close(self) -> None:
        """Take the question away."""
        self._acts = ()
        self.display = False

    def choose(self, number: int) -> None:
        """Give an answer; nothing when there is none of that number."""
        if number < len(self._acts):
            act = self._acts[number]
            self.close()
            act()
