"""Errors of learning from feedback."""

from assistant.errors import AssistantError


class PreferenceError(AssistantError):
    """Evidence, a state or a response model cannot be used; the message says why and what would do."""
