"""The short forms of the long runs, what judges their figures, and the locks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from assistant.store import Store
from tests import fake
from tests.reliability import first_screen, load, locks, memory, soak
from tests.reliability.filling import Size


def test_a_large_database_is_as_quick_as_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "DEADLINE", first_screen.PATIENCE)
    found = load.compare(Size(50, 4_000, 800), rounds=2)
    assert found["faults"] == []
    assert found["rows"]["full"]["message"] == 4_000
    # Two rounds beside other tests are noisy: what fails here is what takes twice the time beyond doubt.
    assert {name: each for name, each in found["acts"].items() if not each["kept"] and each["ratio_95"][0] > 2} == {}


@pytest.mark.timeout(900)
def test_hours_of_chat_leave_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "DEADLINE", first_screen.PATIENCE)
    found = soak.accelerated(acts=24, every=2)
    assert found["faults"] == []
    assert sum(found["acts"].values()) == 24
    # Caches and pools are still filling after so short a time: whether memory stays flat is judged by the long run.
    # The process may hold what other tests left, so that growth is judged: one left per act would make about twenty.
    first, last = found["samples"][0], found["samples"][-1]
    assert last["threads"] - first["threads"] <= 8
    assert last["files"] - first["files"] <= 8
    with Store.open(home / "assistant.db") as store:
        told = store.conversations.list(store.users.require("ann").id)
        assert sum(each.messages for each in told) >= 2 * found["acts"]["say"] > 0


def test_growth_is_found_and_noise_is_not() -> None:
    hours = [number / 10 for number in range(80)]
    noise = [((number * 7919) % 13) / 6 for number in range(80)]
    flat = memory.trend(hours, [100 + each for each in noise])
    assert flat.low < 0 < flat.high
    growing = memory.trend(hours, [100 + 2 * hour + each for hour, each in zip(hours, noise, strict=True)])
    assert growing.low > 1.5
    assert growing.high < 2.5
    with pytest.raises(ValueError, match="too few"):
        memory.trend(hours[:9], noise[:9])


def test_a_figure_is_kept_by_its_ratio_or_by_being_small() -> None:
    def kept(empty: float, full: float) -> bool:
        return bool(load.verdict({"empty": [(empty, empty)] * 5, "full": [(full, full)] * 5})["kept"])

    assert kept(1.0, 1.2)
    assert not kept(1.0, 1.21)
    assert kept(0.001, 0.1)
    assert not kept(0.05, 0.101)


def test_locks_hold_a_hash_for_everything_and_torch_stands_apart() -> None:
    pins = {"numpy==1": "aa", "torch==2": "bb", "nvidia-cublas==3": "cc"}
    resolution = "\n".join(f"{pin} \\\n    --hash=sha256:{each}" for pin, each in pins.items())
    every, torch = locks.split(resolution)
    assert every.splitlines()[1:] == ["numpy==1 \\", "    --hash=sha256:aa"]
    assert [each for each in torch.splitlines() if "==" in each] == ["torch==2 \\", "nvidia-cublas==3 \\"]
    with pytest.raises(ValueError, match="no hash: six"):
        locks.split("six==1")


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "requirements-torch.lock", "torch-cpu.lock", "carriers.lock"]
)
def test_every_requirement_of_a_lock_is_pinned_with_hashes(name: str) -> None:
    text = (Path(__file__).parents[2] / name).read_text(encoding="utf-8")
    entries = [each for each in text.replace("\\\n", " ").splitlines() if each and not each.startswith("#")]
    assert entries
    assert [each for each in entries if "==" not in each or "--hash=sha256:" not in each] == []


def test_the_locks_hold_all_that_the_program_and_its_tests_ask_for() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for asked, name in (
        (project["dependencies"], "requirements.lock"),
        (project["optional-dependencies"]["dev"], "requirements-dev.lock"),
    ):
        text = "".join((root / each).read_text(encoding="utf-8") for each in (name, "requirements-torch.lock"))
        locked = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
        assert {re.split(r"[^\w-]", each)[0].lower() for each in asked} - locked == set()
