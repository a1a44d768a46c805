"""The file of the settings: read forgivingly, written so that the person's comments survive."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import ParseError

from assistant import locations
from assistant.errors import BadInput
from assistant.settings.schema import Settings


class SettingsError(BadInput):
    """A setting cannot be taken or written; the message says why."""


class SettingsFile:
    """`settings.toml` of this person.

    A file that cannot be read gives the defaults and is never written to; a setting that cannot be used has its
    default, and the others count.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Prepare to read `path`, by default the one in the folder of settings."""
        self.path = path or locations.settings_file()
        self.problem = ""
        """What is wrong with the file, in one line; empty when nothing is."""
        self.settings = self._read()

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def _read(self) -> Settings:
        try:
            values: dict[str, Any] = tomlkit.parse(self._text()).unwrap()
        except (OSError, UnicodeDecodeError, ParseError) as error:
            what = " ".join(str(error).split())
            self.problem = f"{self.path} cannot be read ({what}): the defaults are used, and the file is left as it is."
            return Settings()
        wrong: list[str] = []
        while True:
            try:
                found = Settings.model_validate(values)
            except ValidationError as error:
                wrong += [_said(each) for each in error.errors()]
                for name in {str(each["loc"][0]) if each["loc"] else "keys" for each in error.errors()}:
                    values.pop(name, None)
            else:
                break
        if wrong:
            self.problem = f"{self.path}: {'; '.join(wrong)}. What cannot be used has its default."
        return found

    def change(self, **values: Any) -> Settings:
        """Set some settings and write them; everything else in the file stays as the person wrote it.

        Raises:
            SettingsError: a value cannot be used, or the file cannot be read or written; nothing is changed.
        """
        try:
            changed = Settings.model_validate({**self.settings.model_dump(), **values})
        except ValidationError as error:
            raise SettingsError("; ".join(_said(each) for each in error.errors())) from None
        try:
            document = tomlkit.parse(self._text())
            for name, value in values.items():
                if isinstance(value, dict):
                    table = document.setdefault(name, tomlkit.table())
                    for gone in set(table) - set(value):
                        del table[gone]
                    table.update(value)
                else:
                    document[name] = value
            self._write(tomlkit.dumps(document))
        except (OSError, UnicodeDecodeError, ParseError) as error:
            raise SettingsError(f"{self.path} cannot be changed ({' '.join(str(error).split())})") from error
        self.settings = changed
        return changed

    def _write(self, text: str) -> None:
        """Replace the file as a whole, so that a crash leaves the old one or the new one."""
        path = self.path.resolve()  # a link to a file elsewhere stays a link
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


def _said(error: Any) -> str:
    """Return an error of pydantic's in words."""
    name = ".".join(str(each) for each in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"there is no setting {name}"
    text = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {text[:1].lower()}{text[1:]}" if name else text
