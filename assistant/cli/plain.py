"""`assistant --plain`: the chat line by line, for screen readers, pipes and terminals that can do nothing else.

No colours, nothing is drawn twice, the cursor only moves forward.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TextIO

from assistant import progress
from assistant.chat import commands
from assistant.chat.display import one_line, printable
from assistant.chat.host import HostState, Phase
from assistant.chat.host_state import STOPPED
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.chat.turn import Turn
from assistant.cli.plain_training import PlainTraining
from assistant.errors import AssistantError
from assistant.store import WentOn

INTERRUPTED = 130
"""Exit status after Ctrl+C where nobody can type on."""


class PlainChat:
    """One chat on a pair of text streams."""

    def __init__(self, chat: Chat, lines: TextIO, out: TextIO, interactive: bool) -> None:
        """Prepare.

        Args:
            chat: what is talked with.
            lines: what the person types, a message or a command per line.
            out: where replies go.
            interactive: whether a person sits there: then each side is named, and what happens is told.
        """
        self._chat = chat
        self._lines = lines
        self._out = out
        self._interactive = interactive
        self._failed = False
        self._unsent = ""
        self._milestones = progress.Milestones()
        self._training = PlainTraining(chat.trainer, self._say)
        self._reopening: Path | None = None

    def run(self) -> int | Path:
        """Talk until the input ends or the person quits.

        Returns:
            0; 1 when the last reply failed; 130 after Ctrl+C where nobody can type on; or the bank with which the chat
            is to be opened anew.
        """
        with self._training.told():
            return self._run()

    def _run(self) -> int | Path:
        if self._interactive:
            messages = len(self._chat.messages())
            self._say(
                f"Hello {one_line(self._chat.user.name)}. Type a message, or /help for the commands; Ctrl+D leaves."
            )
            if messages:
                title = one_line(self._chat.require().title)
                self._say(f"This goes on with “{title}”, {messages} messages; /new begins anew.")
            self._chat.host.subscribe(self._loading)
        self._chat.host.start()
        overdue = self._chat.overdue()
        while True:
            if self._interactive and overdue is not None and overdue.done():
                self._told(overdue.result())
                overdue = None
            try:
                line = self._read()
            except KeyboardInterrupt:
                if not self._interactive:
                    return INTERRUPTED
                self._say("\nCtrl+D or /quit leaves.")
                continue
            if line is None or not self._heed(line):
                break
        if overdue is not None:
            outcome = overdue.result()
            if self._interactive or outcome.level == "error":
                self._told(outcome)
        if self._reopening is not None:
            return self._reopening
        if line is None and not self._interactive:
            self._failed |= self._training.waited()
        return int(self._failed)

    def _read(self) -> str | None:
        """Return the next line, None at the end of the input."""
        if self._interactive:
            self._out.write(f"{one_line(self._chat.user.name)}: ")
            self._out.flush()
        line = self._lines.readline()
        if not line and self._interactive:
            self._out.write("\n")
        return line.rstrip("\n") if line else None

    def _heed(self, line: str) -> bool:
        """Answer a message or run a command; return whether to go on."""
        if not line.strip():
            line = self._unsent
        if not line.strip():
            return True
        self._failed = False
        if commands.is_command(line):
            outcome = commands.run(self._chat, line)
            self._told(outcome)
            self._reopening = outcome.bank
            return outcome.action not in ("quit", "reopen")
        self._unsent = line
        self._answered([lambda: self._asked(line)])
        if self._unsent and self._interactive:
            self._say("Not sent: an empty line sends it again.")
        return True

    def _asked(self, line: str) -> Turn:
        """Ask what a line says; where that fails, the line is kept."""
        turn = self._chat.ask(commands.literal(line))
        self._unsent = ""
        return turn

    def _catch_up(self) -> None:
        """Write what was said in the conversation in another window."""
        seen = self._chat.last_seen
        self._chat.look()
        for message in self._chat.messages():
            if message.id > seen:
                name = self._chat.user.name if message.role == "user" else "assistant"
                self._say(f"{name}: {message.content}")

    def _told(self, outcome: Outcome) -> None:
        """Say what a command did, run the replies that it asks for, and wait for what is learned from it."""
        if outcome.level == "error":
            self._failed = not self._interactive
        if outcome.text:
            self._say(outcome.text)
        if outcome.turns:
            whole = self._answered(list(outcome.turns), numbered=outcome.comparing)
            if outcome.comparing and whole:
                self._say("/pick 1 or /pick 2 goes on from the one that you like better.")
        if outcome.later is not None:
            later = outcome.later.result()
            self._told(later)
            if later.reasons:
                self._say(f"What was wrong? {', '.join(f'/bad {why.words}' for why in later.reasons)}")

    def _answered(self, begins: list[Callable[[], Turn]], numbered: bool = False) -> bool:
        """Write replies as they come; return whether all ended by themselves."""
        for number, begin in enumerate(begins, 3 - len(begins)):  # of two that are compared, the first may be there
            try:
                turn = begin()  # what the person said is saved before anything is heard of it
                if numbered:
                    self._say(f"Reply {number}:")
                elif self._interactive:
                    self._out.write("assistant: ")
                    self._out.flush()
                self._stream(turn)
            except AssistantError as error:
                if isinstance(error, WentOn):
                    self._catch_up()
                self._say(f"error: {error}")
                self._failed = True
                return False
            self._after(turn)
            if turn.reply.status != "complete":
                return False
        return True

    def _stream(self, turn: Turn) -> None:
        """Write a reply piece by piece; Ctrl+C stops it, and what there is stays."""
        try:
            with _interrupting(turn.stop), self._training.silent():
                for piece in turn.stream():
                    self._out.write(printable(piece))
                    self._out.flush()
        finally:
            self._out.write("\n")
            self._out.flush()

    def _after(self, turn: Turn) -> None:
        """Say how a reply ended where it did not by itself, and what it could not take into account."""
        if turn.reply.status == "stopped":
            self._say("(stopped)")
        notice = turn.notice()
        if notice is not None:
            self._say(f"({notice.text})")
        if self._interactive:
            later = self._chat.finished(turn.reply)
            if later is not None:
                self._told(later.result())

    def _loading(self, state: HostState) -> None:
        """Tell what a slow start does, and now and then how far it is."""
        if state.phase is Phase.STOPPED:
            self._say(f"({STOPPED})")
        elif state.phase is Phase.LOADING and state.progress is not None:
            if self._milestones.passed(state.progress):
                self._say(f"({state.detail}: {progress.words(state.progress, state.left)}; /load stop ends it)")
        elif state.phase is Phase.LOADING and state.detail:
            self._milestones = progress.Milestones()
            self._say(f"({state.detail})")

    def _say(self, text: str) -> None:
        self._out.write(f"{printable(text)}\n")
        self._out.flush()


@contextmanager
def _interrupting(stop: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl+C call `stop` instead of raising."""

    def heard(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
