"""The command line on a full disk, in a read-only home, and on a database that another program keeps."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from assistant.store import Store, backups
from tests.reliability.calling import Program, refused
from tests.reliability.disks import small_disk


@pytest.fixture
def program(home: Path, tmp_path: Path) -> Program:
    return Program(home, tmp_path)


def no_larger_than(size: int) -> None:
    """Let this process write no file beyond a size."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_is_said_and_costs_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        program = Program(disk.folder / "home", tmp_path)
        disk.fill()
        assert refused(program("users", "add", "ann")).startswith("the disk is full, nothing can be written to")
        disk.clear()
        assert program("profile", "set", "--user", "ann", "--alpha", "formality=0.9").returncode == 0
        disk.fill()
        line = refused(program("profile", "set", "--user", "ann", "--alpha", "formality=0.1"))
        assert line.endswith("assistant.db: free some space and try again")
        chatted = program("--plain", "--user", "ann", lines="hello\n")
        assert refused(chatted).startswith("the disk is full")
        copy = tmp_path / "copy.db"
        assert program("db", "backup", str(copy)).stdout.endswith(
            "1 person, 0 conversations, 0 messages, 2 profile revisions.\n"
        )
        disk.clear()
        assert program("db", "check").stdout == f"{program.database} is sound.\n"
        with Store.open(program.database) as store:
            assert store.profiles.current(store.users.require("ann").id).profile.alpha["formality"] == 0.9


def test_a_file_that_may_not_grow_is_said_and_costs_nothing(program: Program) -> None:
    """The same where nobody may mount a disk: the system refuses what goes beyond a size."""
    assert program("profile", "set", "--user", "ann", "--alpha", "formality=0.9").returncode == 0
    size = program.database.stat().st_size
    done = program("--plain", "--user", "ann", lines=f"{'long ' * size}\n/quit\n", before=lambda: no_larger_than(size))
    assert "error: the database" in done.stdout
    assert "check the disk that it is on" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert program("db", "check").stdout == f"{program.database} is sound.\n"
    assert program("--plain", "--user", "ann", lines="hello\n").stdout == "word0 word1 word2 \n"


def test_a_read_only_home_is_said_and_can_be_backed_up(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        program = Program(disk.folder / "home", tmp_path)
        program("users", "add", "ann")
        disk.read_only()
        for arguments in (
            ("users", "list"),
            ("--plain",),
            ("profile", "set", "--user", "ann", "--alpha", "formality=1"),
        ):
            assert refused(program(*arguments)).endswith(
                "is read-only: make it writable, or set ASSISTANT_HOME elsewhere"
            )
        assert program("db", "backup", str(tmp_path / "copy.db")).returncode == 0
        disk.read_only(False)
        assert program("users", "list").stdout.startswith("ann")


def test_a_log_that_cannot_be_written_is_said_and_the_chat_goes_on(program: Program) -> None:
    (program.home / "assistant.log").mkdir(parents=True)
    done = program("--plain", lines="hello\n")
    assert done.stdout == "word0 word1 word2 \n"
    assert (
        done.stderr
        == f"{program.home}/assistant.log cannot be written (Is a directory): this chat goes on without a log.\n"
    )


def test_a_database_that_another_program_keeps_is_waited_for_but_not_for_ever(program: Program) -> None:
    program("users", "add", "ann")
    with closing(sqlite3.connect(program.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE user SET name = name")
        for arguments in (("users", "list"), ("db", "backup")):
            began = time.monotonic()
            line = refused(program(*arguments))
            assert line == f"the database {program.database} is in use by another program: close it and try again"
            assert 4 < time.monotonic() - began < 60
    assert program("users", "list").returncode == 0


def test_a_backup_of_a_chat_that_writes_is_whole_and_private(program: Program, tmp_path: Path) -> None:
    chat = program.start("--plain", "--user", "ann", ASSISTANT_TEST_WORDS="400", ASSISTANT_TEST_PAUSE="0.01")
    assert chat.stdin is not None
    assert chat.stdout is not None
    chat.stdin.write("hello\nagain\n")
    chat.stdin.flush()
    chat.stdout.read(20)
    made = [program.home / "first.db", program.home / "second.db"]
    for each in made:
        backups.copy(program.database, each)
    cli = program("db", "backup")
    assert (cli.returncode, cli.stderr) == (0, "")
    restored = program("db", "restore", str(made[0]), "--yes")
    assert refused(restored).endswith("is open in a chat or another command: close it and try again")
    chat.communicate(timeout=200)
    assert chat.returncode == 0
    lengths = []
    for each in [*made, *program.home.glob("*.bak")]:
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
        with Store.open(each) as store:
            assert store.database.check() == []
            user = store.users.require("ann")
            lengths.append(
                sum(len(m.content) for m in store.conversations.messages(store.conversations.list(user.id)[0].id))
            )
    assert lengths == sorted(lengths)
    assert lengths[0] > 0
    with Store.open(program.database) as store:
        assert len(store.branches.path(1)) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said(program: Program) -> None:
    program("users", "add", "ann")
    program.home.chmod(0o500)
    try:
        assert "read-only" in refused(program("users", "list"))
    finally:
        program.home.chmod(0o700)
