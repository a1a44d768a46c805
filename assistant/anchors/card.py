"""The bank's card: what a bank holds and how it was made, readable without torch."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.anchors.foreign import pickled, refusal
from assistant.errors import AssistantError
from assistant.sealing import is_broken, sealed
from assistant.style import Attribute, SafeRange

FORMAT = 1
CARD_FILE = "card.json"
WEIGHTS_FILE = "anchors.safetensors"
_UNFIT = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a damaged card may raise."""
PART = ".new"
"""Folder, within an extended bank's, where the new anchors are trained before they are joined to the others."""


class BankError(AssistantError):
    """A bank cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Card:
    """Description of a bank of anchors for one base model."""

    model: str
    """Name of the base model that the anchors belong to."""
    attributes: tuple[Attribute, ...]
    """Attributes in the order of the stacked factors: (low, high) of the first, then of the second, …"""
    rank: int
    """Rank r of each anchor."""
    target_modules: tuple[str, ...]
    """Full names of the linear layers that the anchors change."""
    weights_sha256: str
    """Hash of the file of the factors."""
    training: dict[str, Any] = field(default_factory=dict)
    """Recipe, data hash and losses per anchor."""
    response: dict[str, Any] | None = None
    """Measured scores at places in the space of voices (`evaluate targets --into-card`); None where nobody measured."""
    safe: dict[str, Any] | None = None
    """How far voices can be carried (`evaluate extrapolation --into-card`); None where nobody measured."""
    controls: dict[str, Any] | None = None
    """Measured response matrix and base scores (`evaluate disentangle --into-card`); None where nobody measured."""
    format: int = FORMAT

    @property
    def safe_range(self) -> SafeRange | None:
        """The safe range, to be asked of profiles; None where nobody measured it."""
        return None if self.safe is None else SafeRange.from_dict(self.safe, self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the attributes, in order."""
        return tuple(attribute.name for attribute in self.attributes)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as stored."""
        return {
            "format": self.format,
            "model": self.model,
            "attributes": [attribute.as_dict() for attribute in self.attributes],
            "rank": self.rank,
            "target_modules": list(self.target_modules),
            "weights_sha256": self.weights_sha256,
            "training": self.training,
            "response": self.response,
            "safe": self.safe,
            **({} if self.controls is None else {"controls": self.controls}),
        }

    def write(self, folder: Path) -> None:
        """Write the card into `folder`."""
        text = json.dumps(sealed(json.loads(json.dumps(self.as_dict()))), indent=2, ensure_ascii=False) + "\n"
        partial = folder / f".{CARD_FILE}"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, folder / CARD_FILE)


def read_card(folder: Path) -> Card:
    """Read the card of the bank in `folder`.

    Raises:
        BankError: there is no bank, or its card is damaged or of another format.
    """
    path = folder / CARD_FILE
    if not path.is_file() and (found := pickled(folder)) is not None:
        raise BankError(refusal(found))
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if is_broken(raw):
            raise ValueError("it is not as it was written")
        if raw["format"] != FORMAT:
            raise BankError(
                f"the bank {folder} has format {raw['format']}; this program reads {FORMAT}: train it again"
            )
        card = Card(
            model=str(raw["model"]),
            attributes=tuple(Attribute.from_mapping(entry) for entry in raw["attributes"]),
            rank=int(raw["rank"]),
            target_modules=tuple(str(name) for name in raw["target_modules"]),
            weights_sha256=str(raw["weights_sha256"]),
            training=dict(raw.get("training", {})),
            response=None if raw.get("response") is None else dict(raw["response"]),
            safe=None if raw.get("safe") is None else dict(raw["safe"]),
            controls=None if raw.get("controls") is None else dict(raw["controls"]),
        )
        names = card.names
        if not names or len(set(names)) < len(names) or len(set(card.target_modules)) < len(card.target_modules):
            raise ValueError("no attributes, or the same name twice")
        if card.rank < 1:
            raise ValueError("no rank")
        _ = card.safe_range  # refuses what is damaged now, not in the middle of a chat
        return card
    except FileNotFoundError:
        raise BankError(
            f"there is no bank in {folder} ({CARD_FILE} is missing): make one with `assistant train`"
        ) from None
    except NotADirectoryError:
        raise BankError(f"{folder} is a file: a bank is a folder with {CARD_FILE} and {WEIGHTS_FILE}") from None
    except (*_UNFIT, OSError) as error:
        raise BankError(f"the card of the bank {folder} is damaged ({error}): restore it or train again") from error


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
