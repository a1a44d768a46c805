"""How the store fails, in one line each."""

from __future__ import annotations

from assistant.errors import AssistantError, BadInput


class StoreError(AssistantError):
    """The database cannot be used."""


class StoreInputError(BadInput):
    """What was asked of the store does not exist or is not allowed."""


class WentOn(StoreInputError):
    """A conversation was continued elsewhere since it was last looked at."""


class LearnedAlready(StoreInputError):
    """A lesson is owed no longer: it was learned in another window, or the person has said something else since."""


class NothingToUndo(StoreInputError):
    """No change of the profile is left to take back."""


class NothingToRedo(StoreInputError):
    """No change of the profile was taken back."""
