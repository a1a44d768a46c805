"""Where the embedded model is looked for and converted."""

import threading
from pathlib import Path

import pytest

from assistant import locations
from assistant.engine import base_model, carrier, embedded
from assistant.errors import Stopped
from assistant.progress import Progress, Watch


@pytest.fixture(autouse=True)
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights")
    monkeypatch.setattr(carrier, "require", lambda: path)
    monkeypatch.setattr(carrier, "GGUF_SHA256", embedded.sha256(path))
    return path


def conversion(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have a short program convert, which is given the file and the folder."""
    start = f"import json, pathlib, sys, time; source, folder = map(pathlib.Path, sys.argv[2:]); {code}"
    real = embedded.child.command
    monkeypatch.setattr(embedded.child, "command", lambda *given: [*real("x")[:2], "-c", start, *given])


def left() -> list[str]:
    return sorted(path.name for path in (locations.cache() / "models").iterdir() if path.suffix != ".lock")


def test_what_was_converted_is_kept_once_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    conversion(monkeypatch, "print('{\"done\": 1, \"total\": 2}'); (folder / 'a').write_text('A')")
    told: list[object] = []
    folder = embedded.ensure(Watch(told.append, told.append))
    assert told == ["preparing the model for its first use", Progress(0, 0), Progress(1, 2), Progress(2, 2)]
    assert (left(), (folder / "a").read_text()) == ([folder.name], "A")
    assert embedded.ensure(Watch(told.append, told.append)) == folder
    assert len(told) == 4


def test_a_conversion_that_is_cancelled_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    conversion(
        monkeypatch, "(folder / 'a').write_text('A'); print('{\"done\": 1, \"total\": 2}', flush=True); time.sleep(60)"
    )
    stop = threading.Event()
    with pytest.raises(Stopped):
        embedded.ensure(Watch(went=lambda progress: progress.done and stop.set(), cancelled=stop.is_set))
    assert left() == []


def test_whoever_waits_for_another_conversion_can_stop_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    conversion(monkeypatch, 'print(\'{"done": 1, "total": 2}\', flush=True); time.sleep(60)')
    first, began = threading.Event(), threading.Event()
    watch = Watch(went=lambda progress: progress.done and began.set(), cancelled=first.is_set)
    told: list[object] = []

    def convert() -> None:
        with pytest.raises(Stopped):
            embedded.ensure(watch)

    converting = threading.Thread(target=convert)
    converting.start()
    try:
        assert began.wait(20)
        with pytest.raises(Stopped):
            embedded.ensure(Watch(told.append, told.append, lambda: bool(told)))
        assert told == ["waiting for another program that prepares the model", Progress(0, 0)]
    finally:
        first.set()
        converting.join()
    assert left() == []


def test_a_conversion_that_fails_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    conversion(monkeypatch, "(folder / 'a').write_text('A'); raise ValueError('no tensor')")
    with pytest.raises(carrier.CarrierError, match=r"^the model cannot be prepared: ValueError: no tensor$"):
        embedded.ensure()
    conversion(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(carrier.CarrierError, match="ended by signal 9; was there too little memory"):
        embedded.ensure()
    assert left() == []


def test_an_interrupted_load_does_not_wait_for_the_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def ensure(watch: Watch) -> Path:
        asked.set()
        while not watch.cancelled():
            pass
        raise Stopped("stopped")

    def interrupt(*_: object) -> None:
        assert asked.wait(20)
        raise KeyboardInterrupt

    monkeypatch.setattr(embedded, "ensure", ensure)
    monkeypatch.setattr("concurrent.futures.Future.result", interrupt)
    with pytest.raises(KeyboardInterrupt):
        base_model.load_base()
