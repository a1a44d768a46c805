"""What is freed between pieces that are still in use goes back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path

import pytest

from assistant import allocator
from assistant.chat.host import ModelHost
from assistant.style import Profile
from tests import fake


def resident() -> float:
    """MB that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc's allocator alone does so"
)
def test_holes_are_given_back() -> None:
    pieces = [bytes(100_000) for _ in range(3000)]  # each below the size that gets pages of its own
    kept = pieces[::100]
    del pieces
    before = resident()
    assert allocator.give_back()
    assert before - resident() > 100
    assert all(len(piece) == 100_000 for piece in kept)


def test_a_system_without_it_is_none_the_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocator.sys, "platform", "darwin")
    allocator._trim.cache_clear()
    assert not allocator.give_back()
    allocator._trim.cache_clear()


def test_it_is_done_whenever_the_model_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(allocator, "give_back", lambda: done.append(1))
    host = ModelHost(lambda say: fake.FakeEngine())
    host.start()
    host.want(Profile.neutral(("formality",)))
    deadline = time.monotonic() + fake.DEADLINE
    while not done and time.monotonic() < deadline:
        time.sleep(0.01)
    host.close()
    assert done
