"""The command line with hostile texts in its database, its arguments, its files and its environment."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.chat.answers import Answer
from assistant.chat.outcome import Outcome
from assistant.cli import ask, files
from assistant.cli.plain import PlainChat
from assistant.engine.sampling import Sampling
from assistant.store import Store
from assistant.style import Profile
from tests import fake
from tests.cli.conftest import Assistant, assistant  # noqa: F401 - a fixture
from tests.reliability.hostile import SEEN, TEXTS

ROOT = Path(__file__).parents[2]
STEERING = [chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F))]


def harmless(text: str) -> bool:
    """Whether none of it can steer a terminal."""
    return not any(character in text for character in STEERING)


@pytest.fixture
def full(home: Path) -> list[int]:
    """A database whose only person, titles, messages, causes and voices are hostile; gives the conversations."""
    with Store.open() as store:
        neutral = Profile.neutral(("formality", "sentiment"))
        person = store.users.add("tester", neutral)
        made = []
        for text in TEXTS:
            place = store.conversations.create(person.id, title=text, model=text)
            store.conversations.add(place.id, "user", text)
            store.conversations.add(place.id, "assistant", text, profile=neutral, model=text)
            store.profiles.change(person.id, lambda profile: profile.with_alpha({"formality": 0.1}), "set", text)
            made.append(place.id)
        with store.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE user SET name = ?", (f"tes\u202eter\x1b]0;{SEEN}\x07",))
    return made


def test_what_is_stored_is_printed_harmless(assistant: Assistant, full: list[int], tmp_path: Path) -> None:  # noqa: F811
    calls = [
        ["conversations", "list"],
        ["conversations", "search", SEEN],
        ["users", "list"],
        ["profile", "show"],
        ["profile", "history"],
        ["profile", "voice"],
        ["profile", "export"],
        ["db", "check"],
    ]
    calls += [["conversations", "show", str(number)] for number in full[::3]]
    calls += [[*each, "--json"] for each in calls[:5]]
    shown = ""
    for each in calls:
        done = assistant(*each)
        assert done.code == 0, done.err
        assert harmless(done.out + done.err), each
        shown += done.out
    assert shown.count(SEEN) > 4 * len(TEXTS)
    for line in assistant("conversations", "list").out.splitlines():
        assert line.split()[0].isdigit()  # no title begins a line of its own
    assert assistant("conversations", "delete", str(full[0])).code == 0
    assert harmless(assistant("conversations", "list", "--deleted").out)
    done = assistant("conversations", "delete", str(full[1]), "--for-good", stdin="n\n")
    assert harmless(done.out + done.err)


@pytest.mark.parametrize("text", TEXTS[::5])
def test_errors_quote_it_harmless_and_in_one_line(assistant: Assistant, text: str, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "x.json").write_text(json.dumps({"messages": [{"id": 1, "role": text, "content": ""}]}))
    text = text.replace("\0", "")
    calls = [
        ["users", "delete", text],
        ["profile", "set", "--alpha", text],
        ["profile", "show", "--user", text],
        ["profile", "as", text],
        ["conversations", "show", text],
        ["conversations", "import", text],
        ["conversations", "import", str(tmp_path / "x.json")],
        ["profile", "import", text],
        ["ask", "--file", text],
        [text],
        [f"--{text}"],
    ]
    for each in calls:
        done = assistant(*each)
        assert done.code in (1, 2), each
        assert done.err.startswith("error: "), each
        assert done.err.count("\n") == 1, each
        assert harmless(done.out + done.err), each


def test_replies_are_printed_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    neutral = Profile.neutral(("formality",))
    for text in TEXTS:
        answer = Answer(text, text, "ann", neutral, Sampling(seed=1), text, 1, 1.0)
        ask._print(iter([*text, answer]), named=False)
        ask._print(iter([answer]), named=True)
    said = capsys.readouterr()
    assert said.out.count(SEEN) > 2 * len(TEXTS)
    assert harmless(said.out + said.err)


def test_the_plain_chat_writes_harmless_text(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("\n".join(TEXTS)))
    with chat.workspace.store.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE user SET name = 'a\u202enn'")
    chat.switch_user("ann")
    chat.host.start()
    out = io.StringIO()
    lines = [text.replace("\n", " ") for text in TEXTS]
    lines += [f"/{text}" for text in lines] + ["/users", "/sessions", f"/search {SEEN}", "/sibling", "/user", "/quit"]
    plain = PlainChat(chat, io.StringIO("\n".join(lines[-len(TEXTS) - 6 :])), out, interactive=True)
    assert plain.run() == 0
    chat.ask("\n".join(TEXTS))
    plain._told(Outcome("\n".join(TEXTS)))
    plain._answered([lambda: chat.ask(TEXTS[0])])
    chat.host.close()
    assert out.getvalue().count(SEEN) > 2 * len(TEXTS)
    assert harmless(out.getvalue())


def archives(folder: Path) -> Iterator[Path]:
    """Archives that unpack to much, or elsewhere."""
    bomb = json.dumps({"messages": []}).encode() + b" " * 20_000_000
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversation.json", bomb)
        archive.writestr("../../../../tmp/escaped.json", "{}")
    with tarfile.open(folder / "a.tar", "w") as tar:
        member = tarfile.TarInfo("../../escaped.json")
        tar.addfile(member, io.BytesIO(b""))
    (folder / "a.json.gz").write_bytes(gzip.compress(bomb))
    (folder / "a.json").write_bytes(gzip.compress(bomb))
    (folder / "utf16.json").write_text("{}", encoding="utf-16")
    (folder / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    (folder / "digits.json").write_text('{"messages": ' + "9" * 10_000 + "}")
    yield from sorted(folder.iterdir())
    yield folder


def test_archives_are_refused_in_one_line(assistant: Assistant, tmp_path: Path, home: Path) -> None:  # noqa: F811
    folder = tmp_path / "archives"
    folder.mkdir()
    for path in archives(folder):
        for command in (["conversations", "import"], ["profile", "import"]):
            done = assistant(*command, str(path))
            assert done.code == 2, done
            assert done.err.count("\n") == 1
            assert len(done.err) < 600
            assert harmless(done.err)
    assert not home.exists()  # nothing was read far enough to be stored
    assert {path.name for path in tmp_path.iterdir()} == {"archives", "bank"}


def test_what_is_too_long_is_refused(
    assistant: Assistant,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(files, "LARGEST", 1000)
    for command in (["conversations", "import"], ["profile", "import"], ["profile", "fit"], ["ask", "--file"]):
        done = assistant(*command, "/dev/zero")
        assert done.code == 2
        assert "too long: 1,000 characters" in done.err
        assert "too long" in assistant(*command, "-", stdin="x" * 1001).err


def program(*arguments: str, stdin: bytes | None = b"", shell: str = "", **environment: str) -> tuple[int, str, str]:
    """Run the program in a process of its own, by a shell if something is to be done to its streams."""
    command = [sys.executable, "-m", "assistant", *arguments]
    done = subprocess.run(
        ["sh", "-c", f'"$@" {shell}', "sh", *command],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
    )
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def test_any_terminal_and_any_stream_will_do(home: Path) -> None:
    assert program("users", "add", "\U0001f600 Zoë")[0] == 0
    for encoding in ("ascii", "latin-1", "utf-8", "cp437"):
        code, _, err = program("users", "list", PYTHONIOENCODING=encoding)
        assert (code, err) == (0, "")
    for shell in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        code, _, err = program("users", "list", shell=shell)
        assert code == 0
        assert "Traceback" not in err
    code, _, err = program("ask", shell="<&-")
    assert (code, err.count("\n")) == (2, 1)
    code, _, err = program("ask", "-", stdin=b"\xff\xfe\x00", PYTHONIOENCODING="utf-8:strict")
    assert code == 2
    assert err.startswith("error: the standard input cannot be read as text")
    for variable in ("ASSISTANT_HOME", "ASSISTANT_CACHE"):
        code, _, err = program("doctor" if "CACHE" in variable else "users", "list", **{variable: "~nobody-at-all/x"})
        assert code in (1, 2)
        assert "Traceback" not in err
    assert program("users", "list", shell="| true")[0] == 0
