from __future__ import annotations

import json

import pytest

from tests.real.conftest import run


def test_startup_is_of_the_promised_order() -> None:
    """The promise is 0.5, 1.5 and 8 s on two quiet cores; a busy machine gets twice as much."""
    done = run("bench", "startup", "--repeats", "1", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0 < found["help_s"] < 1
    assert found["help_s"] < found["paint_s"] < 3
    assert found["paint_s"] < found["ready_s"] < 16
    assert found["peak_mb"] > 500
    assert len(found["runs"]) == 1
    assert "cores of" in found["machine"]


def test_compose_beats_peft() -> None:
    done = run("bench", "compose", "--repeats", "1", "--threads", "1", "--processor-time", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert 0 < found["one_attribute_ms"] < found["peft_ms"] / 3
    assert 0 < found["full_ms"] < found["peft_ms"]
    assert found["gflop"] == pytest.approx(8.5, abs=0.2)


def test_decode_beats_everyone_who_mixes_and_is_faithful() -> None:
    options = ("--repeats", "1", "--tokens", "8", "--kl-replies", "1", "--threads", "1", "--processor-time")
    done = run("bench", "decode", *options, "--history", "100", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    rates = found["tokens_per_second"]
    for rival in ("generate", "peft_unmerged", "dexperts_1", "dexperts_5", "arithmetic_1", "arithmetic_5"):
        assert rates["ours"] > rates[rival] > 0, rival
    assert rates["llama_cpp"] is None or rates["llama_cpp"] > 1
    assert found["kl_nats"] <= 0.01
    assert found["top1_agreement"] > 0.9
    assert found["first_token_ms"]["100"]["prefilled"] < found["first_token_ms"]["100"]["waited"]
