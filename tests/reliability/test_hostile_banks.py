"""Banks, models and scorers that somebody else made: each is refused in one line, and none runs a program."""

from __future__ import annotations

import json
import pickle
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from assistant.anchors.bank import load_bank
from assistant.anchors.card import BankError, Card, read_card, sha256
from assistant.cli import adapters
from assistant.cli.app import run
from assistant.engine.base_model import ModelError, load_base
from assistant.scoring.embedder import ScorerError
from assistant.scoring.heads import load_heads
from tests.fake import ATTRIBUTES

A, B = (4, 2, 3), (4, 5, 2)
"""Shapes of the factors of a bank of two attributes and rank 2, for a layer from 3 to 5."""


class Trap:
    """What unpickles into a file beside the test."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


def raw(header: object, body: bytes = b"") -> bytes:
    """The bytes of a safetensors file with a header of one's own."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def entry(shape: tuple[int, ...] | list[int], begin: int, end: int, kind: str = "F32") -> dict[str, Any]:
    return {"dtype": kind, "shape": list(shape), "data_offsets": [begin, end]}


def bank(folder: Path, content: bytes) -> Path:
    """A bank with that file of weights, and a card that vouches for it."""
    folder.mkdir(exist_ok=True)
    (folder / "anchors.safetensors").write_bytes(content)
    Card("tiny", ATTRIBUTES, 2, ("q",), sha256(folder / "anchors.safetensors")).write(folder)
    return folder


SIZE_A, SIZE_B = 4 * 24, 4 * 40
GOOD = {"q.A": entry(A, 0, SIZE_A), "q.B": entry(B, SIZE_A, SIZE_A + SIZE_B)}
BODY = bytes(SIZE_A + SIZE_B)
FILES = {
    "empty": b"",
    "no header": b"\x01\x02",
    "huge header": struct.pack("<Q", 2**63 - 1) + b"{}",
    "longest header": struct.pack("<Q", 2**64 - 1),
    "header beyond the end": struct.pack("<Q", 10_000) + b"{}",
    "no JSON": raw(b"{" * 5000),
    "deep JSON": raw(b"[" * 100_000),
    "a list": raw([1, 2]),
    "no UTF-8": raw(b"\xff\xfe{}"),
    "overlapping": raw({"q.A": entry(A, 0, SIZE_A), "q.B": entry(B, 8, 8 + SIZE_B)}, BODY),
    "beyond the end": raw({"q.A": entry(A, 0, SIZE_A), "q.B": entry(B, SIZE_A, 10**15)}, BODY),
    "backwards": raw({"q.A": entry(A, SIZE_A, 0), "q.B": entry(B, SIZE_A, SIZE_A + SIZE_B)}, BODY),
    "negative": raw({"q.A": entry(A, -8, SIZE_A), "q.B": entry(B, SIZE_A, SIZE_A + SIZE_B)}, BODY),
    "shapes that overflow": raw(GOOD | {"q.A": entry((2**32, 2**32, 2**32), 0, SIZE_A)}, BODY),
    "shapes that overflow to what fits": raw(GOOD | {"q.A": entry((2**62, 4, 24), 0, SIZE_A)}, BODY),
    "no shape": raw({"q.A": entry((), 0, 4), "q.B": entry((), 4, 8)}, bytes(8)),
    "two sides": raw(GOOD | {"q.A": entry((8, 3), 0, SIZE_A)}, BODY),
    "other shape": raw(GOOD | {"q.A": entry((3, 2, 4), 0, SIZE_A)}, BODY),
    "integers": raw(GOOD | {"q.A": entry(A, 0, SIZE_A, "I32")}, BODY),
    "booleans": raw(GOOD | {"q.A": entry((4, 2, 12), 0, SIZE_A, "BOOL")}, BODY),
    "unknown type": raw(GOOD | {"q.A": entry(A, 0, SIZE_A, "X99")}, BODY),
    "one lacks": raw({"q.A": entry(A, 0, SIZE_A)}, bytes(SIZE_A)),
    "one too many": raw(GOOD | {"\x1b]0;PWNED\x07": entry((0,), len(BODY), len(BODY))}, BODY),
    "100,000 too many": raw(GOOD | {f"t{n}": entry((0,), len(BODY), len(BODY)) for n in range(100_000)}, BODY),
    "more than the header says": raw(GOOD, BODY + b"more"),
    "a zip": b"PK\x03\x04" + bytes(64),
}


def test_the_good_one_is_read(tmp_path: Path) -> None:
    assert load_bank(bank(tmp_path / "b", raw(GOOD, BODY))).factors["q"].a.shape == A


@pytest.mark.parametrize("name", FILES)
def test_malicious_safetensors_are_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = bank(tmp_path / "b", FILES[name])
    with pytest.raises(BankError):
        load_bank(folder)
    assert run(["adapters", "export", "formality", "casual", str(tmp_path / "out"), "--bank", str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert "\x1b" not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["torch", "pickle"])
@pytest.mark.parametrize("name", ["adapter_model.bin", "anchors.safetensors"])
def test_pickles_are_refused_and_not_run(
    tmp_path: Path, form: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sprung = tmp_path / "sprung"
    folder = tmp_path / "b"
    folder.mkdir()
    if form == "torch":
        torch.save({"q.A": Trap(sprung)}, folder / name)
    else:
        (folder / name).write_bytes(pickle.dumps({"q.A": Trap(sprung)}))
    if name == "anchors.safetensors":
        bank(folder, (folder / name).read_bytes())
    assert run(["adapters", "export", "formality", "casual", str(tmp_path / "out"), "--bank", str(folder)]) == 1
    with pytest.raises(BankError, match="safetensors files alone"):
        load_bank(folder)
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes((folder / name).read_bytes())
    if name != "anchors.safetensors":
        with pytest.raises(ModelError, match="safetensors files alone"):
            load_base(str(folder))
        with pytest.raises(BankError, match="safetensors files alone"):
            read_card(folder / name)
    assert "safetensors files alone" in capsys.readouterr().err
    assert not sprung.exists()
    pickle.loads(pickle.dumps(Trap(sprung)))
    assert sprung.exists()  # the trap works


def test_a_model_that_comes_with_a_program_is_not_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "mine.py").write_text(f"open({str(sprung)!r}, 'w')\n")
    auto = {"AutoConfig": "mine.Config", "AutoModelForCausalLM": "mine.Model", "AutoTokenizer": ["mine.T", None]}
    (folder / "config.json").write_text(json.dumps({"model_type": "mine", "auto_map": auto}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "T", "auto_map": auto}))
    save_file({"w": torch.zeros(1)}, folder / "model.safetensors")
    with pytest.raises(ModelError):
        load_base(str(folder))
    assert not sprung.exists()


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\x1b]0;PWNED\x07"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
WHOLE = Card("tiny", ATTRIBUTES, 2, ("q",), "0" * 64, {"recipe": {}, "losses": {}, "additions": []}).as_dict()


@settings(max_examples=60)
@given(values=st.dictionaries(st.sampled_from([*WHOLE, "controls"]), PLAIN, max_size=4), whole=st.booleans())
def test_a_card_of_any_content_is_read_or_refused(
    tmp_path: Path, values: dict[str, Any], whole: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "card.json").write_text(json.dumps((WHOLE if whole else {}) | values))
    for show, as_json in ((adapters.list_, False), (adapters.inspect, False), (adapters.inspect, True)):
        with suppress(BankError):
            show(tmp_path, as_json)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ["[" * 200_000, "null", "[]", '{"format": 1e999}', "\x1b", "{", '"' * 9])
def test_a_broken_card_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(BankError, match=r"damaged|format"):
        read_card(tmp_path)


@settings(max_examples=60)
@given(values=st.dictionaries(st.sampled_from(["format", "attributes", "mean", "scale", "weights", "bias"]), PLAIN))
def test_scorers_of_any_content_are_refused(tmp_path: Path, values: dict[str, Any]) -> None:
    (tmp_path / "scorers.json").write_text(json.dumps({"format": 1} | values))
    with pytest.raises(ScorerError):
        load_heads(tmp_path / "scorers.json")
