"""A checksum inside a JSON file, which tells a flipped digit from the one that was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

KEY = "seal"


def sealed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with its seal."""
    return {**values, KEY: _seal(values)}


def is_broken(values: Mapping[str, Any]) -> bool:
    """Return whether an object is not what was sealed; one without a seal, of an earlier version, is taken as it is."""
    return KEY in values and values[KEY] != _seal(values)


def _seal(values: Mapping[str, Any]) -> str:
    text = json.dumps({name: value for name, value in values.items() if name != KEY}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
