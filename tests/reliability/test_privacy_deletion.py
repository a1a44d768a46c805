"""What is deleted for good is in no file any more: neither in tables, nor in the index, the log or our own copies."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.store import Store, backups, schema
from assistant.style import Profile
from tests.cli.conftest import Assistant, assistant  # noqa: F401 - a fixture

NEUTRAL = Profile.neutral(("formality", "sentiment"))
MARK = "zqxmark"


def holding(folder: Path, mark: str = MARK) -> list[str]:
    """The files below a folder whose bytes hold the mark, in upper or lower case."""
    found = [path for path in folder.rglob("*") if path.is_file() and mark.encode() in path.read_bytes().lower()]
    return sorted(path.name for path in found)


def talk(store: Store, chance: random.Random, rounds: int) -> tuple[int, int]:
    """Have Ann and Bob talk by turns; all that Ann's first conversation holds is marked. Return her ids."""
    ann, bob = (store.users.find(name) or store.users.add(name, NEUTRAL) for name in ("Ann", "Bob"))
    marked = store.conversations.create(ann.id, title=f"{MARK} title").id
    others = [store.conversations.create(person.id).id for person in (ann, bob, bob)]
    for number in range(rounds):
        place = chance.choice([marked, *others]) if number else marked
        word = MARK if place == marked else "plainword"
        text = " ".join(f"{word}{chance.randrange(999)}" for _ in range(chance.choice((2, 30, 400, 3000))))
        if chance.random() < 0.5:
            store.conversations.add(place, "user", text)
            continue
        reply = store.conversations.add(place, "assistant", "", status="streaming")
        for part in range(1, 6):
            store.conversations.extend(reply.id, text[: len(text) * part // 6], part)
        store.conversations.finish(reply.id, text, chance.choice(("complete", "stopped")), 9, 1.0)
    return ann.id, marked


@pytest.mark.parametrize("what", ["conversation", "person"])
def test_nothing_of_it_is_left_in_any_file(tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.db"
    with Store.open(path) as store:
        talk(store, random.Random(1), 12)
    schema.migrate(path, "0002")
    with Store.open(path) as store:  # upgrades, and keeps a copy of what was there before
        assert holding(tmp_path) == ["a.db", f"a.db.before-{schema.HEAD}.bak"]
        ann, marked = talk(store, random.Random(2), 12)
        store.conversations.delete(ann, marked)
        assert "a.db-wal" in holding(tmp_path)
        for each in [*store.conversations.list(ann), *store.conversations.list(ann, deleted=True)]:
            if each.title.startswith(MARK) and what == "conversation":
                assert store.conversations.purge(ann, each.id) == []
        if what == "person":
            assert store.users.delete("ann") == []
        assert holding(tmp_path) == []
        assert store.search(store.users.require("Bob").id, "plainword", 5)
    assert holding(tmp_path, "plainword") == ["a.db", f"a.db.before-{schema.HEAD}.bak"]
    with Store.open(tmp_path / f"a.db.before-{schema.HEAD}.bak") as copy:
        assert copy.database.check() == []


def test_what_is_deleted_with_a_way_back_goes_for_good_after_its_days(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        ann, marked = talk(store, random.Random(3), 6)
        store.conversations.delete(ann, marked)
        assert store.conversations.purge_old(1) == 0
        assert holding(tmp_path)
        assert store.conversations.purge_old(0) == 1
        assert holding(tmp_path) == []


def test_a_copy_that_was_killed_leaves_nothing_either(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db") as store:
        talk(store, random.Random(4), 6)
        backups.copy(tmp_path / "a.db", tmp_path / "copy")
        shutil.move(tmp_path / "copy", tmp_path / ".a.db-a.db.before-0003.bak.partial")
        store.users.delete("ann")
        assert holding(tmp_path) == []


KILLED = """
import os, sys
from pathlib import Path
from assistant.store import Store, deleting
setattr(deleting, sys.argv[1], lambda *_: os.kill(os.getpid(), 9))
Store.open(Path(sys.argv[2])).users.delete("ann")
"""


@pytest.mark.parametrize("moment", ["_clean", "_note"])
def test_a_deletion_that_was_killed_is_whole_or_not_at_all_and_ends_at_the_next_start(
    tmp_path: Path, moment: str
) -> None:
    path = tmp_path / "a.db"
    with Store.open(path) as store:
        talk(store, random.Random(6), 12)
    backups.copy(path, tmp_path / f"a.db.before-{schema.HEAD}.bak")
    assert subprocess.run([sys.executable, "-c", KILLED, moment, str(path)], check=False).returncode == -signal.SIGKILL
    done = moment == "_clean"
    with Store.open(path) as store:
        assert (store.users.find("ann") is None) == done
        assert holding(tmp_path)
        store.conversations.purge_old()
        left = [] if done else ["a.db", f"a.db.before-{schema.HEAD}.bak"]
        assert [name for name in holding(tmp_path) if not name.endswith("-wal")] == left
        assert list(tmp_path.glob(".*deleting*")) == []


@pytest.mark.parametrize("written", ["", '[["user", 1', '[["message", 1, "x"]]', '[["user", 1, "2000-01-01"]]', "[3]"])
def test_a_note_of_a_deletion_deletes_nothing_by_itself(tmp_path: Path, written: str) -> None:
    with Store.open(tmp_path / "a.db") as store:
        talk(store, random.Random(7), 6)
        (tmp_path / ".a.db.deleting-1").write_text(written)
        store.conversations.purge_old()
        assert store.users.find("ann") is not None
        assert store.search(store.users.require("ann").id, f"{MARK}", 5) is not None
        assert list(tmp_path.glob(".*deleting*")) == []


def test_copies_that_a_person_made_are_named_and_kept(assistant: Assistant, home: Path) -> None:  # noqa: F811
    with Store.open() as store:
        _, marked = talk(store, random.Random(5), 4)
    assert assistant("db", "backup", "--to", str(home / "assistant.db.mine")).code == 0
    (home / "assistant.db.broken").write_bytes(b"no database at all")
    done = assistant("conversations", "delete", str(marked), "--user", "ann", "--for-good", "--yes")
    assert done.code == 0
    assert "assistant.db.mine" in done.err
    assert "assistant.db.broken" in done.err  # who knows what is in it
    assert holding(home) == ["assistant.db.mine"]
    assert "assistant.db.mine" in assistant("users", "delete", "ann", "--yes").err
    (home / "assistant.db.mine").unlink()
    (home / "assistant.db.broken").unlink()
    assert assistant("users", "delete", "bob", "--yes").err == ""


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32))
def test_no_order_of_events_leaves_anything(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / str(seed)
    with Store.open(folder / "a.db") as store:
        talk(store, random.Random(seed), 60)
        store.users.delete("ann")
        assert holding(folder) == []
    shutil.rmtree(folder)
