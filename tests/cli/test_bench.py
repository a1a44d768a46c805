"""`bench compose` and `bench decode` through the command line, on a tiny model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from assistant.evaluation.speed import scaling
from tests import tiny
from tests.cli.conftest import Assistant

RATES = [
    "ours",
    "ours_plain_base",
    "generate",
    "peft_unmerged",
    "dexperts_1",
    "dexperts_5",
    "arithmetic_1",
    "arithmetic_5",
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Options that name a tiny model with room for some history, and its bank."""
    folder = tmp_path_factory.mktemp("bench")
    base = tiny.base()
    base.model.config.max_position_embeddings = 1024
    base.model.save_pretrained(folder / "model")
    base.tokenizer.save_pretrained(folder / "model")
    tiny.write_bank(folder / "bank", base.model, shared=True)
    return "--model", str(folder / "model"), "--bank", str(folder / "bank")


def test_compose_says_what_the_contract_says(assistant: Assistant, places: tuple[str, ...]) -> None:
    done = assistant("bench", "compose", "--repeats", "2", "--json", *places)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    for key in ("full_ms", "one_attribute_ms", "peft_ms", "achieved_gflops", "machine_gflops", "machine_best_gflops"):
        assert found[key] > 0, key
    assert found["extra_memory_mb"] is not None
    assert "cores of" in found["machine"]
    assert all(len(values) == 2 for values in found["runs"].values())
    assert 0 < found["full_ready_ms"] <= found["full_ms"]
    assert found["best"]["full_ms"] == round(min(found["runs"]["full_ms"]), 2)
    assert found["best"]["machine_gflops"] == round(max(found["runs"]["machine_gflops"]), 2)
    layers = 2 * (32 * 32 * 2 + 32 * 16 * 2 + 3 * 32 * 48)  # elements of the target weights
    assert found["gflop"] == pytest.approx(2 * layers * 3 * 2 / 1e9)  # rank 3, two attributes, A shared
    assert done.err.splitlines() == ["1 of 2", "2 of 2"]


@pytest.mark.slow
def test_decode_times_everyone_and_is_faithful(assistant: Assistant, places: tuple[str, ...], tmp_path: Path) -> None:
    data = tiny.write_data(tmp_path / "data", tiny.ATTRIBUTES, ["heldout"] * 2)
    options = ("--repeats", "1", "--tokens", "4", "--kl-replies", "1", "--data", str(data))
    done = assistant("bench", "decode", *options, "--json", *places)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    rates = found["tokens_per_second"]
    assert {*RATES, "llama_cpp"} <= set(rates)
    assert all(rates[name] > 0 for name in RATES)
    assert rates["llama_cpp"] is None
    assert "embedded" in found["notes"]["llama_cpp"]
    assert list(found["first_token_ms"]) == ["500"]  # the context holds no 2,000
    case = found["first_token_ms"]["500"]
    assert 500 <= case["history_tokens"] < 900
    assert min(case[name] for name in ("unchanged", "prefilled", "waited", "background")) > 0
    assert 0 <= found["kl_nats"] < 0.05
    assert found["kl_tokens"] > 20


@pytest.mark.slow
def test_scaling_measures_its_points_and_draws_them(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    small = scaling.Shape(32, 48, 2, 4, 2)
    points = tuple(scaling.Point("rank", small, rank=rank, attributes=2) for rank in (2, 4))
    monkeypatch.setattr(scaling.run, "__defaults__", (points, lambda _: None))
    monkeypatch.setattr(scaling, "load_base", lambda *_: tiny.base())
    done = assistant("bench", "compose", "--scaling", "--repeats", "1", "--out", str(tmp_path / "out"))
    assert done.code == 0, done.err
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [point["rank"] for point in found["points"]] == [2, 4]
    assert all(point["full_ms"] > 0 and point["token_ms"] > 0 for point in found["points"])
    picture = (tmp_path / "out" / "compose-scaling.svg").read_text()
    assert "rank of an anchor" in picture
    assert "full composition" in picture


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("compose", "--out", "x"), "--out goes with --scaling"),
        (("compose", "--scaling", "--model", "x"), "leave out --model"),
        (("decode", "--repeats", "0"), "--repeats"),
        (("compose", "--arithmetic", "int3"), "--arithmetic"),
        (("compose", "--threads", "2", "--processor-time"), "--threads 1"),
    ],
)
def test_bad_input_is_one_line(assistant: Assistant, arguments: tuple[str, ...], says: str) -> None:
    done = assistant("bench", *arguments)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert says in done.err


def test_plots_without_matplotlib_are_refused_before_anything_is_measured(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = assistant("bench", "compose", "--scaling", "--out", str(tmp_path / "out"))
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "assistant[bench]" in done.err
    assert not (tmp_path / "out").exists()
