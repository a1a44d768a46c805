"""Taking up an earlier message of the person to be worded anew."""

from __future__ import annotations

from assistant.chat.session import Chat
from assistant.store import Message
from assistant.tui.prompt import Prompt


def take_up(prompt: Prompt, message: Message) -> None:
    """Have the field hold a message as the person would have typed it."""
    prompt.reword(message.id, f"/{message.content}" if message.content.startswith("/") else message.content)
    prompt.focus()


def take_up_earlier(prompt: Prompt, chat: Chat) -> None:
    """Take up the person's last message, or the one before that which is taken up."""
    own = [each for each in chat.messages() if each.role == "user"]
    here = next((index for index, each in enumerate(own) if each.id == prompt.editing), len(own))
    if here > 0:
        take_up(prompt, own[here - 1])
