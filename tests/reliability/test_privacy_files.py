"""Files and folders are their owner's alone, nothing is written elsewhere, and the log never holds what was said."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import __main__ as program
from assistant import locations
from assistant.chat.background import Background
from assistant.cli.log import open_log
from assistant.errors import AssistantError
from assistant.settings import SettingsFile
from assistant.store import Store
from assistant.store.errors import StoreError
from assistant.style import Profile
from tests.cli.conftest import Assistant, assistant  # noqa: F401 - a fixture
from tests.reliability.hostile import TEXTS

ROOT = Path(__file__).parents[2]
SECRET = "zqxsecret"


@pytest.fixture
def careless() -> Iterator[None]:
    """A person whose umask gives everything to everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(*folders: Path) -> list[str]:
    """The files and folders, among these and below them, that others can get at."""
    found = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    assert len(found) > len(folders)
    return [f"{stat.filemode(path.lstat().st_mode)} {path}" for path in found if path.lstat().st_mode & 0o077]


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run the program as its script does."""
    monkeypatch.setattr(sys, "argv", ["assistant", *arguments])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 0


def conversation(folder: Path, *contents: str) -> Path:
    """A file of a conversation, to be imported."""
    messages = [{"id": number, "role": "user", "content": text} for number, text in enumerate(contents)]
    path = folder / "conversation.json"
    path.write_text(json.dumps({"version": 1, "title": contents[0], "messages": messages}))
    return path


@pytest.mark.usefixtures("careless", "assistant")
def test_what_the_program_makes_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "deep" / "down" / "home"
    monkeypatch.setenv("ASSISTANT_HOME", str(place))
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    call(monkeypatch, "users", "add", "ann")
    call(monkeypatch, "conversations", "import", str(conversation(tmp_path, "hello")), "--user", "ann")
    call(monkeypatch, "conversations", "export", "1", "--user", "ann", "--file", str(out / "c.md"))
    call(monkeypatch, "profile", "export", "--user", "ann", "--file", str(out / "p.json"))
    call(monkeypatch, "users", "export", "ann", str(out / "all.json"))
    call(monkeypatch, "db", "backup")
    call(monkeypatch, "db", "backup", "--to", str(out / "mine.db"))
    with Store.open() as store:
        SettingsFile().change(temperature=0.7)
        (locations.copies() / "a.md").write_text("copied")
        logging.getLogger().removeHandler(open_log(locations.log_file()))
        store.users.add("bob", Profile.neutral(("formality",)))
        names = {path.name for path in place.iterdir()}
        assert {"assistant.db", "assistant.db-wal", "assistant.db-shm", "settings.toml", "copied"} <= names
        assert open_to_others(tmp_path / "deep", out) == []


@pytest.mark.usefixtures("careless")
def test_files_that_were_open_to_others_are_closed(home: Path) -> None:
    with Store.open() as store:
        store.users.add("ann", Profile.neutral(("formality",)))
        for path in home.iterdir():
            path.chmod(0o666)
        locations.log_file().touch(0o666)
        with Store.open():
            logging.getLogger().removeHandler(open_log(locations.log_file()))
            assert [each for each in open_to_others(home) if "lock" not in each and not each.startswith("d")] == []


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    handler = open_log(tmp_path / "a.log")
    yield tmp_path / "a.log"
    logging.getLogger().removeHandler(handler)
    handler.close()


def test_the_log_holds_places_and_types_but_no_words(log: Path, tmp_path: Path) -> None:
    def fail(kind: type[Exception]) -> Any:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise kind(f"cannot do this to {SECRET}") from error

    background = Background()
    for kind in (ValueError, AssistantError, UnicodeError, OSError):
        assert background.submit(lambda kind=kind: fail(kind)).result().level == "error"
    logging.getLogger("library.tokenization").warning("a text that is too long: %s", SECRET)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved: ValueError({SECRET!r})")
    with Store.open(tmp_path / "a.db") as store:
        person = store.users.add("ann", Profile.neutral(("formality",)))
        place = store.conversations.create(person.id)
        with store.database.transaction() as session:
            session.connection().exec_driver_sql("DROP TABLE message_search")
        with pytest.raises(StoreError) as failed:
            store.conversations.add(place.id, "user", SECRET)
        logging.getLogger("assistant.test").error("a write failed", exc_info=failed.value)
        assert SECRET not in str(failed.value)
    said = log.read_text()
    assert SECRET not in said
    assert "test_privacy_files.py" in said  # where it was
    assert "builtins.KeyError" in said
    assert "library.tokenization" in said
    assert said.count("\n") > 20


def watched(tmp_path: Path, *arguments: str, stdin: str = "", **environment: str) -> dict[str, Any]:
    """Run the program under an audit hook and return what it wrote elsewhere, asked of the network and started."""
    report, place = tmp_path / "report.json", tmp_path / "home"
    (tmp_path / "elsewhere").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.reliability.watched", str(report), str(place), "--", *arguments]
    command[4:4] = [environment["ASSISTANT_CACHE"]] if "ASSISTANT_CACHE" in environment else []
    # torch puts its own choice into the environment of the tests once one of them has imported it
    ours = {name: value for name, value in os.environ.items() if name != "TORCHINDUCTOR_CACHE_DIR"}
    done = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=280,
        cwd=tmp_path / "elsewhere",
        umask=0,
        env={**ours, **environment, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert report.exists(), done.stderr
    assert "Traceback" not in done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    temporary = Path(tempfile.gettempdir())  # where Python tries, by an empty file, whether it can write
    found["written"] = [each for each in found["written"] if Path(each).parent != temporary or Path(each).exists()]
    return found | {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def test_imports_write_nowhere_but_into_the_data_folder(tmp_path: Path) -> None:
    paths = ["../../../etc/cron.d/x", "/etc/passwd", str(tmp_path / "elsewhere" / "x"), "..\\..\\x"]
    for number, text in enumerate((*paths, *TEXTS[::6])):
        file = conversation(tmp_path, text, text)
        found = watched(tmp_path, "conversations", "import", str(file), "--user", f"mallory {number}")
        assert found["code"] == 0, found
        assert (found["written"], found["asked"], found["started"]) == ([], [], [])
        assert found["count"] > 0
        assert "\x1b" not in found["out"]
    for text in paths:
        found = watched(tmp_path, "users", "add", text)
        assert found["code"] == 2
        assert (found["written"], found["asked"], found["started"]) == ([], [], [])
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert open_to_others(tmp_path / "home") == []
