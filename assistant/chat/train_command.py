"""`/train`: a voice of one's own, trained beside the chat."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from assistant import locations
from assistant.anchors.card import CARD_FILE
from assistant.anchors.texts import read_texts
from assistant.chat import training_memory
from assistant.chat.outcome import Outcome
from assistant.chat.registry import Argument
from assistant.chat.session import Chat
from assistant.chat.training import Phase, Plan, standing
from assistant.errors import BadInput

_OURS = ("--attribute", "--extend", "--out")
"""Options of `assistant train` that are understood here; others are passed on."""
_TAKEN = ("--data", "--resume", "--progress")
"""Those that are set here."""


def train(chat: Chat, argument: str) -> Outcome:
    """Run `/train [FOLDER [OPTION …] | stop | resume | drop]`; alone, tell how the training stands.

    Raises:
        AssistantError: that cannot be done.
    """
    trainer = chat.trainer
    if not argument:
        return Outcome(standing(trainer.state if trainer.running else training_memory.recall()))
    if argument == "stop":
        if not trainer.stop():
            raise BadInput("no training is going on here")
        return Outcome("Stopping the training.")  # that it has ended is told by the trainer
    if argument == "resume":
        return Outcome(f"The training of {trainer.resume().title} goes on.")
    if argument == "drop":
        return Outcome(f"The unfinished training of {trainer.drop().title} is thrown away.")
    plan = planned(chat, argument)
    trainer.start(plan)
    return Outcome(
        f"Training {plan.title}, beside the chat: /train tells how far it is, /train stop ends it. "
        "When you leave, it ends, and can be gone on with."
    )


def values(chat: Chat) -> Iterator[Argument]:
    """Yield what may follow `/train` as things are."""
    if chat.trainer.running:
        yield Argument("stop", "end it; what it has learned is kept")
    elif training_memory.recall().phase is Phase.STOPPED:
        yield Argument("resume", "go on with the unfinished training")
        yield Argument("drop", "throw it away")


def planned(chat: Chat, argument: str) -> Plan:
    """Return the training that a person's words mean; their texts are read, so that faults are told at once.

    Raises:
        BadInput: the words or the texts cannot be used.
    """
    try:
        words = shlex.split(argument)
    except ValueError as error:
        raise BadInput(f"/train cannot read that ({error}): put names with spaces into quotes") from None
    if not words or words[0].startswith("-"):
        raise BadInput("/train needs the folder of the texts first, such as /train my-voices --epochs 12")
    given: dict[str, list[str]] = {name: [] for name in _OURS}
    options: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _TAKEN:
            raise BadInput(f"/train sets {name} itself: leave it out")
        if name not in given:
            options.append(word)
            continue
        if not equals:
            value = next(rest, "")
        if not value:
            raise BadInput(f"{name} needs a value after it")
        given[name].append(value)
    folder = locations.named(words[0])
    if not os.path.isdir(folder):  # unlike Path.is_dir, no error where the name is too long
        raise BadInput(f"there is no folder {folder}: /train needs one with attributes.toml, prompts and texts")
    texts = read_texts(folder, tuple(given["--attribute"]))
    names = tuple(each.name for each in texts.attributes)
    base = given["--extend"][-1] if given["--extend"] else str(chat.workspace.bank)
    if base == "shipped":
        base = str(locations.default_bank())
    out = locations.named(given["--out"][-1]) if given["--out"] else _unused(locations.banks() / "-".join(names))
    return Plan(str(folder), names, str(locations.named(base)), str(out), tuple(options))


def _unused(path: Path) -> Path:
    """Return the path, or one like it with a number, where no bank is yet."""
    found, number = path, 1
    while (found / CARD_FILE).exists():
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found.resolve()
