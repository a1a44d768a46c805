"""Attributes, profiles and composition coefficients: the mathematics of voices, free of torch and of any I/O."""

from assistant.style.attributes import Attribute, AttributeSpecError, nearest
from assistant.style.composition import Compose, coefficients
from assistant.style.profile import DEFAULT_COMPOSE, DEFAULT_STRENGTH, Profile, ProfileError, parse_assignments
from assistant.style.safe import SafeRange

__all__ = [
    "DEFAULT_COMPOSE",
    "DEFAULT_STRENGTH",
    "Attribute",
    "AttributeSpecError",
    "Compose",
    "Profile",
    "ProfileError",
    "SafeRange",
    "coefficients",
    "nearest",
    "parse_assignments",
]
