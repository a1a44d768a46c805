"""Files that were cut off or have flipped bits: one line says so; what can be made anew is, the rest is kept."""

from __future__ import annotations

import io
import random
import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from assistant import locations
from assistant.anchors.bank import load_bank
from assistant.anchors.card import CARD_FILE, WEIGHTS_FILE, BankError, Card, read_card
from assistant.cli.app import run
from assistant.engine import carrier, embedded
from assistant.scoring.embedder import ScorerError
from assistant.scoring.heads import load_heads
from assistant.store import Store
from tests import fake
from tests.reliability import flips, scripted_program
from tests.reliability.disks import small_disk
from tests.store import fixtures

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command line in this process; its chat answers by a script."""
    bank = tmp_path / "bank"
    bank.mkdir()
    Card("tiny", fake.ATTRIBUTES, 4, ("q",), "0" * 64).write(bank)
    monkeypatch.setenv("ASSISTANT_BANK", str(bank))
    scripted_program.script(monkeypatch.setattr)

    def called(*arguments: str, lines: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


@pytest.fixture
def database(home: Path) -> Path:
    home.mkdir(mode=0o700)
    return fixtures.load(fixtures.revisions()[-1], home / "assistant.db")


def spoil(path: Path) -> bytes:
    """Write noise over pages of a database, and return what it is now."""
    content = bytearray(path.read_bytes())
    content[2 * flips.PAGE : 9 * flips.PAGE] = random.Random(5).randbytes(7 * flips.PAGE)
    path.write_bytes(content)
    return bytes(content)


def test_a_damaged_database_is_kept_and_the_newest_sound_backup_comes_back(database: Path, call: Call) -> None:
    code, out, _ = call("db", "backup")
    assert code == 0
    backup = next(database.parent.glob("*.bak"))
    assert out == f"Copied to {backup}: 2 people, 3 conversations, 12 messages, 8 profile revisions.\n"
    broken = spoil(database)
    assert call("users", "list") == (
        1,
        "",
        f"error: {database} is damaged or not a database: `assistant db restore {backup}` brings the newest sound "
        "backup back, and keeps the damaged file\n",
    )
    assert database.read_bytes() == broken
    code, _, err = call("db", "backup")
    assert code == 1
    assert f"error: {database} is damaged" in err or "the database is damaged, and so is the copy" in err
    assert list(database.parent.glob("*.bak")) == [backup]
    code, out, _ = call("db", "restore", str(backup), lines="n\n")
    assert code == 130
    assert database.read_bytes() == broken
    code, out, err = call("db", "restore", str(backup), "--yes")
    assert (code, err) == (0, "")
    said = re.search(r"What was there before is kept in (\S+assistant\.db\.damaged-[\d-]+)\.\n$", out)
    assert said is not None, out
    assert Path(said[1]).read_bytes() == broken
    assert call("db", "check")[:2] == (0, f"{database} is sound.\n")


def test_restoring_keeps_what_was_there_and_refuses_what_is_no_backup(
    database: Path, call: Call, tmp_path: Path
) -> None:
    call("db", "backup", str(tmp_path / "copy.db"))
    call("users", "add", "Bo")
    noise, empty, missing = tmp_path / "noise", tmp_path / "empty", tmp_path / "missing"
    noise.write_bytes(b"no database " * 500)
    empty.touch()
    spoilt = tmp_path / "spoilt.db"
    spoilt.write_bytes((tmp_path / "copy.db").read_bytes())
    spoil(spoilt)
    for each in (noise, empty, missing, spoilt, tmp_path):
        code, out, err = call("db", "restore", str(each), "--yes")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert str(each) in err
    with Store.open(database):
        code, _, err = call("db", "restore", str(tmp_path / "copy.db"), "--yes")
        assert (code, "is open in a chat or another command" in err) == (1, True)
        assert call("db", "downgrade", "0001", "--yes")[0] == 1
    assert call("db", "restore", str(tmp_path / "copy.db"), "--yes")[0] == 0
    assert "Bo" not in call("users", "list")[1]
    kept = next(database.parent.glob("*.before-restore-*.bak"))
    assert call("db", "restore", str(kept), "--yes")[0] == 0
    assert "Bo" in call("users", "list")[1]


def test_going_back_tells_what_is_lost_and_asks(database: Path, call: Call) -> None:
    code, out, _ = call("db", "downgrade", "0002", lines="n\n")
    assert code == 130
    assert "Lost: saved voices and deleted conversations" in out
    assert call("db", "downgrade", "0002", lines="y\n")[0] == 0
    assert database.with_name("assistant.db.before-0002.bak").exists()
    assert call("db", "downgrade", "7777", "--yes")[2].endswith("cannot go back to schema 7777; older ones are: 0001\n")


def test_a_damaged_search_index_is_made_anew(database: Path, call: Call) -> None:
    search = ("conversations", "search", "bananas", "--user", "Ann")
    for again in (search, ("db", "check")):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DELETE FROM message_search_data WHERE id > 10")
            connection.commit()
        said = "".join(call(*again)[1:])
        assert "search index" in said
        assert "made anew" in said
        assert "bananas" in call(*search)[1]


def test_damaged_settings_are_said_and_left_as_they_are(home: Path, call: Call) -> None:
    home.mkdir(mode=0o700)
    settings = home / "settings.toml"
    for content in (b'temperature = 0.5\ntheme = "li', bytes(range(256)), b"temperature = 0.5" + bytes(4000)):
        settings.write_bytes(content)
        code, out, err = call("--plain", lines="hello\n")
        assert (code, out) == (0, "word0 word1 word2 \n")
        assert err.startswith(f"{settings} cannot be read (")
        assert err.endswith("): the defaults are used, and the file is left as it is.\n")
        assert settings.read_bytes() == content


def test_a_flipped_digit_in_a_card_or_in_scorers_is_seen(tmp_path: Path) -> None:
    chance = random.Random(3)
    shipped = ((locations.default_bank() / CARD_FILE).read_text(), locations.scorers().read_text())
    for text, name in zip(shipped, (CARD_FILE, locations.SCORERS_FILE), strict=True):
        assert '"seal"' in text
        digits = [found.start() for found in re.finditer(r"\d", text)]
        for place in chance.sample(digits, 12):
            other = str((int(text[place]) + chance.randrange(1, 10)) % 10)
            (tmp_path / name).write_text(text[:place] + other + text[place + 1 :])
            with pytest.raises((BankError, ScorerError), match="restore"):
                read_card(tmp_path) if name == CARD_FILE else load_heads(tmp_path / name)
        (tmp_path / name).write_text(text[: len(text) // 2])
        with pytest.raises((BankError, ScorerError), match="restore"):
            read_card(tmp_path) if name == CARD_FILE else load_heads(tmp_path / name)


def test_damaged_weights_of_a_bank_are_said(tmp_path: Path) -> None:
    from tests import tiny

    tiny.write_bank(tmp_path / "bank", tiny.base().model)
    weights = tmp_path / "bank" / WEIGHTS_FILE
    sound = weights.read_bytes()
    flipped = bytearray(sound)
    flipped[-5] ^= 16
    for content in (bytes(flipped), sound[:-100], sound[:7], b""):
        weights.write_bytes(content)
        with pytest.raises(BankError, match=r"anchors\.safetensors does not match its card: the file is damaged"):
            load_bank(tmp_path / "bank")


def test_a_cache_without_room_is_said_before_the_model_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        monkeypatch.setenv("ASSISTANT_CACHE", str(disk.folder / "cache"))
        with pytest.raises(carrier.CarrierError, match=r"it needs 560 MB there; make room, or set ASSISTANT_CACHE"):
            embedded.ensure()
        disk.read_only()
        with pytest.raises(carrier.CarrierError, match="Read-only file system"):
            embedded.ensure()


@pytest.mark.timeout(900)
def test_random_damage_never_ends_in_a_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(flips.faults(10, 7, tmp_path, monkeypatch)) == []
