"""Shared fixtures: a private home for each test, and a tiny model with a bank, made in memory."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

import pytest
from hypothesis import HealthCheck, settings

from assistant.store import schema

# The same examples each time, so that who runs the tests is told of what they changed; new ones with
# `pytest --hypothesis-profile exploring`, whose finds become cases of their own.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("exploring", settings.get_profile("repeatable"), derandomize=False)
settings.load_profile("repeatable")

REAL_CACHE = os.environ.get("ASSISTANT_CACHE")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the person's own data."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ASSISTANT_HOME", str(folder))
    monkeypatch.delenv("ASSISTANT_BANK", raising=False)
    monkeypatch.setenv("ASSISTANT_USER", "tester")
    return folder


@pytest.fixture(scope="session")
def newborn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new database as the migrations make it."""
    path = tmp_path_factory.mktemp("newborn") / "assistant.db"
    schema.migrate(path, schema.HEAD)
    return path


@pytest.fixture(autouse=True)
def _born_quickly(newborn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make new databases by copying one: the migrations would take a fifth of a second in each of a thousand tests."""
    by_migrations = schema.migrate

    def migrate(path: Path, target: str) -> None:
        if target == schema.HEAD and schema.revision(path) is None:
            path.write_bytes(newborn.read_bytes())
        else:
            by_migrations(path, target)

    monkeypatch.setattr(schema, "migrate", migrate)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what drives a screen or attacks the program out of the fast tests."""
    for item in items:
        if {"tui", "reliability"} & set(item.path.parts):
            item.add_marker(pytest.mark.slow)
