"""Reading the anchor texts: attributes.toml, the prompts, and one file of reply pairs per attribute.

Everything is checked on the way in; the first fault is reported with its file and line.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from assistant.errors import BadInput
from assistant.style import Attribute, nearest
from assistant.style.attributes import AttributeSpecError

Pole = Literal["low", "high"]
POLES: tuple[Pole, Pole] = ("low", "high")
SPLITS = ("anchors", "validation", "scorers", "heldout")
"""Uses of a prompt: training the anchors, choosing their best epoch, training the scorers, and final measurement."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something a person types, after earlier turns if there were any."""

    id: str
    split: str
    kind: str
    topic: str
    prompt: str
    history: tuple[Mapping[str, str], ...] = ()
    """Earlier turns as {"role", "content"}, alternating user and assistant."""

    def messages(self) -> list[Mapping[str, str]]:
        """Return the conversation up to and including the prompt."""
        return [*self.history, {"role": "user", "content": self.prompt}]


@dataclass(frozen=True, slots=True)
class Texts:
    """Prompts, and the reply of each pole of each attribute to every prompt."""

    attributes: tuple[Attribute, ...]
    prompts: tuple[Prompt, ...]
    replies: Mapping[str, Mapping[str, Mapping[str, str]]]
    """replies[attribute][prompt id][pole]."""

    def split(self, *names: str) -> list[Prompt]:
        """Return the prompts of the named splits, in file order."""
        return [prompt for prompt in self.prompts if prompt.split in names]

    def pairs(self, attribute: str, pole: Pole, *splits: str) -> list[tuple[Prompt, str]]:
        """Return (prompt, reply in that pole's voice) for the named splits."""
        return [(prompt, self.replies[attribute][prompt.id][pole]) for prompt in self.split(*splits)]


def read_attributes(folder: Path) -> tuple[dict[str, tuple[Attribute, Path]], Path]:
    """Read `attributes.toml`: attributes with the file of their texts, in order, and the file of the prompts.

    Raises:
        BadInput: the file is missing or not usable.
    """
    path = folder / "attributes.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"{path} is missing: the folder of texts needs one (see data/README.md)") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    found: dict[str, tuple[Attribute, Path]] = {}
    for entry in table.get("attribute", []):
        try:
            attribute = Attribute.from_mapping(entry)
        except AttributeSpecError as error:
            raise BadInput(f"{path}: {error}") from error
        if attribute.name in found:
            raise BadInput(f"{path}: attribute {attribute.name} comes twice")
        found[attribute.name] = (attribute, folder / str(entry.get("texts", f"texts/{attribute.name}.jsonl")))
    if not found:
        raise BadInput(f"{path}: there is no [[attribute]] in it")
    return found, folder / str(table.get("prompts", "prompts.jsonl"))


def read_texts(folder: Path, only: tuple[str, ...] = ()) -> Texts:
    """Read and check a folder of texts.

    Args:
        folder: holds `attributes.toml` and the files it names.
        only: names of the attributes to read; all when empty.

    Raises:
        BadInput: something is missing or not usable; the message names the file and, within it, the line.
    """
    known, prompts_file = read_attributes(folder)
    for name in only:
        if name not in known:
            guess = nearest(name, known)
            raise BadInput(
                f"{folder / 'attributes.toml'} has no attribute {name!r}"
                + (f"; did you mean {guess}?" if guess else f"; it has {', '.join(known)}")
            )
    prompts = tuple(_prompts(prompts_file))
    chosen = [known[name] for name in only or known]
    replies = {attribute.name: _replies(path, [prompt.id for prompt in prompts]) for attribute, path in chosen}
    return Texts(tuple(attribute for attribute, _ in chosen), prompts, replies)


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield ("file:line", object) for each line that is not blank."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror})") from error
    for number, line in enumerate(raw.split(b"\n"), 1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8"))
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise BadInput(f"{where}: not a line of JSON in UTF-8 ({error})") from error
        if not isinstance(row, dict):
            raise BadInput(f"{where}: each line must be a JSON object")
        yield where, row


def _text(row: dict[str, object], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{where}: {key!r} must be a text that is not empty")
    return value


def _prompts(path: Path) -> Iterator[Prompt]:
    seen: dict[str, str] = {}
    for where, row in _rows(path):
        prompt = Prompt(
            id=_text(row, "id", where),
            split=_text(row, "split", where),
            kind=_text(row, "kind", where),
            topic=_text(row, "topic", where),
            prompt=_text(row, "prompt", where),
            history=_history(row.get("history", []), where),
        )
        if prompt.split not in SPLITS:
            raise BadInput(f"{where}: split must be one of {', '.join(SPLITS)}, not {prompt.split!r}")
        if prompt.id in seen:
            raise BadInput(f"{where}: id {prompt.id} is used already at {seen[prompt.id]}")
        seen[prompt.id] = where
        yield prompt
    if not seen:
        raise BadInput(f"{path}: there is no prompt in it")


def _history(value: object, where: str) -> tuple[Mapping[str, str], ...]:
    turns = cast("list[dict[str, object]]", value)
    expected = ("user", "assistant")
    if (
        not isinstance(value, list)
        or len(turns) % 2
        or not all(isinstance(turn, dict) and turn.get("role") == expected[i % 2] for i, turn in enumerate(turns))
    ):
        raise BadInput(f"{where}: history must alternate user and assistant turns, and end with the assistant")
    return tuple({"role": expected[i % 2], "content": _text(turn, "content", where)} for i, turn in enumerate(turns))


def _replies(path: Path, ids: list[str]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    expected = set(ids)
    for where, row in _rows(path):
        key = _text(row, "id", where)
        if key not in expected:
            raise BadInput(f"{where}: there is no prompt {key!r}")
        if key in found:
            raise BadInput(f"{where}: the replies to {key} come twice")
        pair: dict[str, str] = {pole: _text(row, pole, where) for pole in POLES}
        if pair["low"].strip() == pair["high"].strip():
            raise BadInput(f"{where}: the two poles have the same text")
        found[key] = pair
    missing = [key for key in ids if key not in found]
    if missing:
        raise BadInput(f"{path}: no replies to {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}")
    return found
