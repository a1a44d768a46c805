"""The person's settings: one schema that gives defaults, validation, documentation, and the settings screen."""

from __future__ import annotations

from assistant.settings.file import SettingsError, SettingsFile
from assistant.settings.schema import Settings

__all__ = ["Settings", "SettingsError", "SettingsFile"]
