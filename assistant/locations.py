"""The only module that knows where anything lies on disk."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

from assistant.errors import AssistantError, BadInput

_PACKAGE = Path(__file__).resolve().parent
_DIRS = PlatformDirs("assistant", appauthor=False)


SCORERS_FILE = "scorers.json"
"""Name of the heads, in the shipped data and beside the weights of a bank with attributes of its own."""


class LocationError(AssistantError):
    """A folder of the program cannot be made or written; the message says which and what to do."""


def _shipped(name: str) -> Path:
    """Return a shipped folder: inside the package when installed from a wheel, beside it in a checkout."""
    installed = _PACKAGE / f"_{name}"
    return installed if installed.is_dir() else _PACKAGE.parent / name


def data() -> Path:
    """Folder of the shipped data: attributes.toml, prompts, texts and the trained bank."""
    return _shipped("data")


def migrations() -> Path:
    """Folder of the Alembic migrations."""
    return _shipped("migrations")


def default_bank() -> Path:
    """Folder of the bank that ships for the embedded model."""
    return data() / "banks" / "smollm2-135m-instruct"


def scorers(bank: Path | None = None) -> Path:
    """File of the attribute scorers' heads: the bank's own if its folder holds some, else the shipped one."""
    own = None if bank is None else bank / SCORERS_FILE
    return own if own is not None and own.is_file() else data() / SCORERS_FILE


def _private(path: Path) -> Path:
    """Create `path` readable by its owner alone and return it.

    Raises:
        LocationError: the folder cannot be created.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LocationError(
            f"cannot create the folder {path} ({error.strerror}): make it writable, or set ASSISTANT_HOME elsewhere"
        ) from error
    return path


def _folder(variable: str, otherwise: str) -> Path:
    """Return the folder that an environment variable names, else the system's.

    Raises:
        LocationError: the variable names the home folder of somebody unknown.
    """
    found = os.path.expanduser(os.environ.get(variable) or otherwise)
    if found.startswith("~"):
        raise LocationError(f"{variable} names a home folder that there is not ({found}): name the folder in full")
    return Path(found)


def named(words: str) -> Path:
    """Return the absolute path that a person wrote, "~" at its beginning resolved.

    Raises:
        BadInput: no file can have that name, or it begins in the home folder of somebody unknown.
    """
    try:
        return Path(words).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise BadInput(f"{words!r} is no name for a file or folder ({error})") from None


def home() -> Path:
    """Folder of the database and logs: $ASSISTANT_HOME, else the system's place for user data."""
    return _private(_folder("ASSISTANT_HOME", _DIRS.user_data_dir))


def settings_file() -> Path:
    """File of the person's settings: in $ASSISTANT_HOME if it is set, else in the system's place for settings."""
    return _folder("ASSISTANT_HOME", _DIRS.user_config_dir) / "settings.toml"


def copies() -> Path:
    """Folder of what was copied where the terminal takes nothing into its clipboard."""
    return _private(home() / "copied")


def database() -> Path:
    """File of the SQLite database."""
    return home() / "assistant.db"


def banks() -> Path:
    """Folder of the banks that were trained from the chat."""
    return _private(home() / "banks")


def training_file() -> Path:
    """File of the training that is unfinished, if there is one."""
    return home() / "training.json"


def log_file() -> Path:
    """File of the program's log; it never holds message text."""
    return home() / "assistant.log"


def cache() -> Path:
    """Folder of what can be rebuilt: $ASSISTANT_CACHE, else the system's place for caches."""
    return _private(_folder("ASSISTANT_CACHE", _DIRS.user_cache_dir))
