"""From messages to token ids, such that text typed by people never becomes a control token."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.engine.base_model import ModelError

_PLAIN_TEMPLATE = (
    "{% for message in messages %}{{ message['role'] | capitalize }}: {{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For base models that come without a chat template."""


class PromptEncoder:
    """Encodes conversations with the tokenizer's chat template.

    The template is rendered with a placeholder for each content; the pieces between are the template's own and may hold
    control tokens, the contents are encoded with control tokens spelled out as text.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._template = None if tokenizer.chat_template else _PLAIN_TEMPLATE

    def encode(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the ids of the conversation, ready for the assistant's reply.

        Raises:
            ModelError: the model's chat template refuses the conversation.
        """
        marks = [f"\ue000{index}\ue001" for index in range(len(messages))]
        hollow = [{"role": message["role"], "content": mark} for message, mark in zip(messages, marks, strict=True)]
        try:
            rendered = self._tokenizer.apply_chat_template(
                hollow, chat_template=self._template, add_generation_prompt=True, tokenize=False
            )
        except Exception as error:
            raise ModelError(f"the model's chat template refuses this conversation: {error}") from error
        ids: list[int] = []
        for piece in re.split("(\ue000\\d+\ue001)", rendered):
            if piece.startswith("\ue000"):
                ids += self.text(messages[int(piece[1:-1])]["content"])
            elif piece:
                ids += self._tokenizer.encode(piece, add_special_tokens=False)
        if not ids:
            raise ModelError("the conversation is empty")
        return ids

    def text(self, content: str) -> list[int]:
        """Return the ids of plain text, control tokens spelled out."""
        clean = content.encode("utf-8", "replace").decode("utf-8")
        return list(self._tokenizer.encode(clean, add_special_tokens=False, split_special_tokens=True))

    def stop_ids(self, model: Any) -> frozenset[int]:
        """Return the ids that end a reply."""
        configured = getattr(model.generation_config, "eos_token_id", None)
        ids = configured if isinstance(configured, list) else [configured, self._tokenizer.eos_token_id]
        return frozenset(token for token in ids if token is not None)
