"""A progress bar for what a command waits for: on the standard error, if a person sees that; else nothing."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from assistant.progress import Eta, Progress, Watch, left_words

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from assistant.chat.host import HostState


class Waiting:
    """Draws a bar from the first report of how far something is, and takes it away at the end."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._words = ""
        self._eta = Eta(window=20)
        self._seen = sys.stderr.isatty()

    @property
    def watch(self) -> Watch:
        """What is given along with the work."""
        return Watch(self._say, self._went)

    def host(self, state: HostState) -> None:
        """Take note of a state of the model's host."""
        if state.progress is None:
            self._say(state.detail)
        else:
            self._words = state.detail
            self._went(state.progress)

    def _say(self, words: str) -> None:
        """What begins now is not what the bar was for."""
        self.close()
        self._words = words

    def _went(self, progress: Progress) -> None:
        if not self._seen:
            return
        self._eta.add(progress)
        if self._bar is None:
            self._begin()
        assert self._bar is not None
        assert self._task is not None
        self._bar.update(
            self._task,
            total=progress.total or None,
            completed=progress.done,
            percent=progress.percent,
            left=left_words(self._eta.left()),
        )

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=14),
            TextColumn("{task.fields[percent]}", markup=False),
            TextColumn("{task.fields[left]}", markup=False),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._words, total=None, percent="", left="")
        self._bar.start()

    def close(self) -> None:
        """Take the bar away."""
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
