"""Learning a person's profile from feedback: evidence, a belief about what they want, and a planned next step."""

from assistant.preference.errors import PreferenceError
from assistant.preference.evidence import (
    Command,
    Complaint,
    Event,
    Lock,
    Pick,
    Reason,
    Retraction,
    Sample,
    Silence,
    Thumb,
    Weak,
    event_from_dict,
)
from assistant.preference.learner import Advice, Learner, Options
from assistant.preference.response import Response
from assistant.preference.saving import restored, state

__all__ = [
    "Advice",
    "Command",
    "Complaint",
    "Event",
    "Learner",
    "Lock",
    "Options",
    "Pick",
    "PreferenceError",
    "Reason",
    "Response",
    "Retraction",
    "Sample",
    "Silence",
    "Thumb",
    "Weak",
    "event_from_dict",
    "restored",
    "state",
]
