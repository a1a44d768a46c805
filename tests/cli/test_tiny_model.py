"""`train` and `ask` through the command line, on a tiny model in a folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.anchors.bank import load_bank
from tests import tiny

pytestmark = pytest.mark.model  # a model is trained and answers in processes of their own: too slow for the fast tests


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False, timeout=120)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "assistant", *arguments]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    splits = ["anchors"] * 24 + ["validation"] * 4
    return tiny.write_data(tmp_path_factory.mktemp("texts") / "data", tiny.ATTRIBUTES, splits)


@pytest.fixture(scope="module")
def bank(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "bank"
    done = run("train", "--model", str(model), "--data", str(data), "--out", str(out), "--rank", "2", "--epochs", "2")
    assert done.returncode == 0, done.stderr
    assert "Packed formality, sentiment" in done.stdout
    return out


def test_a_killed_training_goes_on_and_ends_the_same(model: Path, data: Path, bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "bank"
    arguments = ("train", "--model", str(model), "--data", str(data), "--out", str(out), "--rank", "2", "--epochs", "2")
    process = subprocess.Popen(command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while not (out / ".work" / "formality" / "state.json").exists():
        assert process.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "card.json").exists()
    refused = run(*arguments)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, refused.stderr.count("…\n") + 1)
    assert "--resume" in refused.stderr
    assert run(*arguments, "--resume").returncode == 0
    assert load_bank(out).key == load_bank(bank).key


def test_bad_texts_are_refused_with_file_and_line(model: Path, data: Path, tmp_path: Path) -> None:
    broken = tmp_path / "data"
    (broken / "texts").mkdir(parents=True)
    for name in ("attributes.toml", "prompts.jsonl", "texts/formality.jsonl", "texts/sentiment.jsonl"):
        (broken / name).write_text((data / name).read_text())
    with (broken / "texts" / "sentiment.jsonl").open("a") as file:
        file.write('{"id": "p0"\n')
    done = run("train", "--model", str(model), "--data", str(broken), "--out", str(tmp_path / "bank"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {broken}/texts/sentiment.jsonl:29: not a line of JSON")
    assert done.stderr.count("\n") == 1


def test_ask_speaks_with_another_model_and_its_own_bank(model: Path, bank: Path, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("one\n\ntwo\n")
    options = (
        "--model",
        str(model),
        "--bank",
        str(bank),
        "--seed",
        "3",
        "--max-tokens",
        "9",
        "--json",
        "--arithmetic",
        "fp32",
    )
    done = run("ask", "--file", str(prompts), "--alpha", "formality=1", "--user", "ann", *options)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["prompt"] for answer in answers] == ["one", "two"]
    assert {answer["model"] for answer in answers} == {str(model)}
    assert all(answer["user"] == "ann" and answer["lambda"] == {"formality": 1, "sentiment": 0} for answer in answers)
    listed = json.loads(run("conversations", "list", "--user", "ann", "--json").stdout)
    assert sorted(each["title"] for each in listed) == ["one", "two"]


def test_a_bank_for_another_model_is_refused(model: Path, bank: Path, tmp_path: Path) -> None:
    base = tiny.base()
    other = tmp_path / "model"
    base.model.config.intermediate_size = 64
    type(base.model)(base.model.config).save_pretrained(other)
    base.tokenizer.save_pretrained(other)
    done = run("ask", "hi", "--model", str(other), "--bank", str(bank))
    assert done.returncode == 1
    assert "the bank is for another model" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_exported_anchor_is_what_peft_reads(model: Path, bank: Path, tmp_path: Path) -> None:
    from peft import PeftModel

    out = tmp_path / "adapter"
    assert run("adapters", "export", "formality", "formal", str(out), "--bank", str(bank)).returncode == 0
    base = tiny.base().model
    merged = PeftModel.from_pretrained(base, str(out)).merge_and_unload()
    loaded = load_bank(bank)
    name = loaded.card.target_modules[0]
    factor = loaded.factors[name]
    expected = tiny.base().model.get_submodule(name).weight + factor.b[1].float() @ factor.a[1].float()
    assert (merged.get_submodule(name).weight - expected).abs().max() < 1e-5
    refused = run("adapters", "export", "formality", "polite", str(out), "--bank", str(bank))
    assert (refused.returncode, os.path.exists(out)) == (2, True)
