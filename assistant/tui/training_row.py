"""A row above the status line that is there while a voice is trained."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from assistant.chat.display import printable
from assistant.chat.trainer import Trainer
from assistant.chat.training import Phase, State, standing
from assistant.tui.theme import MUTED

_BAR = 24
"""Columns of the bar, where there is room for it."""
_HINT = "/train stop ends it"


class TrainingRow(Static):
    """How far the training is; when it ends, it says so and goes away."""

    class Changed(Message):
        """The training is in another state; posted from its thread."""

        def __init__(self, state: State) -> None:
            self.state = state
            super().__init__()

    class Ended(Message):
        """The training has ended, one way or another."""

        def __init__(self, text: str, failed: bool) -> None:
            self.text = text
            self.failed = failed
            super().__init__()

    def __init__(self, trainer: Trainer) -> None:
        super().__init__(markup=False, id="training")
        self._trainer = trainer
        self._state = trainer.state
        self.display = trainer.running

    def on_mount(self) -> None:
        """Listen to the trainer as long as the row is there."""
        self._forget = self._trainer.subscribe(self._heard)

    def _heard(self, state: State) -> None:
        self.post_message(self.Changed(state))

    def on_unmount(self) -> None:
        """Listen no more."""
        self._forget()

    def on_training_row_changed(self, event: Changed) -> None:
        """Show how far it is, or say how it ended."""
        event.stop()
        running = self._state.phase is Phase.RUNNING
        self._state = event.state
        self.display = event.state.phase is Phase.RUNNING
        if self.display:
            self.refresh()
        elif running and event.state.plan is not None:
            self.post_message(self.Ended(standing(event.state), event.state.phase is Phase.FAILED))

    def render(self) -> Content:
        """Draw what there is room for: the name and how far it is, then the bar, how to end it, and the losses."""
        room, state = self.size.width, self._state
        if state.plan is None or room < 1:
            return Content("")
        title = f"training {printable(state.plan.title)}"
        far = state.far or f"{printable(state.doing)} …"
        wanted = [len(title) + len(far) + 2, _BAR + 2, len(_HINT) + 3, len(state.losses) + 3]
        fits = [sum(wanted[: count + 1]) <= room for count in range(len(wanted))]
        line = Content.assemble(("◐ ", "$warning"), title, "  ")
        if fits[1] and state.progress is not None:
            full = round(state.progress.fraction * _BAR)
            line = Content.assemble(line, ("━" * full, "$primary"), ("─" * (_BAR - full), MUTED), "  ")
        line = Content.assemble(line, far)
        for shown, text in zip(fits[2:], (_HINT, state.losses), strict=True):
            if shown and text:
                line = Content.assemble(line, ("   ", ""), (text, MUTED))
        return line.truncate(room, ellipsis=True)
