"""The errors that a person can cause or meet: each is one clear line, never a traceback."""


class AssistantError(Exception):
    """A failure that the message explains in one line, with what to do about it."""

    exit_code = 1
    """Exit status of the command line."""


class BadInput(AssistantError):
    """What was typed or given cannot be used."""

    exit_code = 2


class Stopped(AssistantError):
    """Somebody ended the work, who knows it."""
