"""A conversation as Markdown, to be read, copied or filed."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.store import Message

_ENDINGS = {"stopped": "stopped", "interrupted": "interrupted", "streaming": "being written", "failed": "failed"}


def as_markdown(title: str, person: str, messages: Sequence[Message]) -> str:
    """Return messages under a title, each with who said it and how its writing ended if not by itself."""
    parts = [f"# {title}"]
    for message in messages:
        speaker = person if message.role == "user" else message.role
        ending = _ENDINGS.get(message.status)
        parts.append(f"**{speaker}**{f' ({ending})' if ending else ''}\n\n{message.content}".rstrip())
    return "\n\n".join(parts) + "\n"
