"""`/export`: the conversation as a file, Markdown to read or JSON with everything."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from assistant.chat.outcome import Outcome
from assistant.chat.registry import Argument
from assistant.chat.session import Chat
from assistant.chat.transcript import as_markdown
from assistant.errors import BadInput

FORMS = {"markdown": ".md", "json": ".json"}
"""Forms of the file, each with the ending of its name."""
VALUES = (Argument("markdown", "the branch that you are on, to read"), Argument("json", "all branches, to import"))
_LONGEST = 60
"""Characters of a name that is made from a title; at most four bytes each, and file systems take 255."""
_MOST = 1000
"""Files with the same name and a number that are tried."""


def export(chat: Chat, argument: str) -> Outcome:
    """Run `/export [markdown | json] [FILE]`: write the conversation to a new file, and say where it is.

    Without a file it goes to where the program was started, under its title. The ending .json means JSON as the word
    does. No file is ever overwritten.

    Raises:
        BadInput: nothing was said yet, or the file exists or cannot be written.
    """
    word, _, rest = argument.partition(" ")
    form, name = (word.lower(), rest.strip()) if word.lower() in FORMS else ("", argument)
    form = form or ("json" if name.lower().endswith(".json") else "markdown")
    store = chat.workspace.store
    # As it is stored: its first message gave it a title.
    conversation = store.conversations.get(chat.user.id, chat.require().id)
    if form == "json":
        values = store.exchange.dump(chat.user.id, conversation.id)
        text = json.dumps(values, ensure_ascii=False, indent=2) + "\n"
    else:
        text = as_markdown(conversation.title, chat.user.name, chat.messages())
    return Outcome(f"Exported to {_write(_names(name, conversation.title, FORMS[form]), text)}")


def _names(given: str, title: str, ending: str) -> Iterator[Path]:
    """Yield the file that a person named; else the one named for the title, and that with numbers, while taken."""
    try:
        path = Path(given).expanduser()
        if given and not path.is_dir():
            yield path
            return
    except (OSError, ValueError, RuntimeError) as error:  # a name that no file can have, or nobody's home
        raise BadInput(f"{given!r} is no name for a file ({error})") from None
    stem = "-".join("".join(each if each.isalnum() else " " for each in title).split())[:_LONGEST].rstrip("-")
    for number in chain([""], (f"-{each}" for each in count(2))):
        yield path / f"{stem or 'conversation'}{number}{ending}"


def _write(names: Iterator[Path], text: str) -> Path:
    """Write a text to the first file of a row that is not there yet, readable by its owner alone, and return it."""
    path = Path()
    for path, _ in zip(names, range(_MOST), strict=False):
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            continue
        except (OSError, ValueError) as error:
            raise BadInput(
                f"{path} cannot be written ({getattr(error, 'strerror', None) or error}): name another file"
            ) from None
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise BadInput(f"{path} cannot be written ({error.strerror}): name another file") from None
        return path.absolute()
    raise BadInput(f"{path} exists already: name another file")
