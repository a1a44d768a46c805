"""Slash commands about the profile as a whole."""

from __future__ import annotations

from assistant.chat import wording
from assistant.chat.conversation_commands import nothing
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat


def profile(chat: Chat, argument: str) -> Outcome:
    """Run `/profile`: show it."""
    nothing(argument, "profile")
    text = wording.describe(chat.profile, chat.workspace.attributes)
    return Outcome(f"{chat.user.name}, revision {chat.revision.number}\n{text}")


def undo(chat: Chat, argument: str) -> Outcome:
    """Run `/undo`: take back the last change of the profile."""
    nothing(argument, "undo")
    before = chat.profile
    chat.undo()
    return Outcome(f"Undone: {wording.changes(before, chat.profile)}.")


def redo(chat: Chat, argument: str) -> Outcome:
    """Run `/redo`: make it again."""
    nothing(argument, "redo")
    before = chat.profile
    chat.redo()
    return Outcome(f"Done again: {wording.changes(before, chat.profile)}.")


def reset(chat: Chat, argument: str) -> Outcome:
    """Run `/reset`: back to the neutral profile."""
    nothing(argument, "reset")
    before = chat.profile
    chat.change(lambda _: chat.workspace.neutral, "/reset", kind="reset")
    return Outcome(f"Back to neutral: {wording.changes(before, chat.profile)}. /undo brings the old profile back.")
