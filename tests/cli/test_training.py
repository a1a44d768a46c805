"""A training as other programs see it, and as the chat runs it: on a tiny model, in a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant import locations
from assistant.anchors.bank import load_bank
from assistant.anchors.lora import Step
from assistant.anchors.training import Progress as Now
from assistant.chat.trainer import Trainer
from assistant.chat.training import Phase, State
from assistant.cli.training_progress import Course
from assistant.progress import Progress
from tests import fake, tiny
from tests.cli.test_sixth_voice import VERBOSITY
from tests.tui.screen import opened

SPLITS = ["anchors"] * 24 + ["validation"] * 4


def now(number: int, done: int, total: int = 10) -> Now:
    return Now(VERBOSITY, number, 3, Step(done, total, 1.0, None))


def test_steps_that_an_attribute_did_not_need_are_not_part_of_the_whole() -> None:
    course = Course()
    assert course.at(now(1, 1)) == Progress(1, 30)
    assert course.at(now(1, 4)) == Progress(4, 30)
    assert course.at(now(2, 1)) == Progress(5, 24)
    assert course.at(now(2, 10)) == Progress(14, 24)
    assert course.at(now(3, 10)) == Progress(24, 24)


def test_a_training_that_is_gone_on_with_counts_what_is_left() -> None:
    assert Course().at(now(3, 6)) == Progress(6, 10)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny.write_model(tmp_path / "model")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return tiny.write_data(tmp_path / "texts of mine", [VERBOSITY], SPLITS)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    tiny.write_bank(tmp_path / "base", tiny.base().model)
    return tmp_path / "base"


@pytest.mark.slow
def test_a_program_reads_each_step_and_ends_it_without_a_trace(model: Path, texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "bank"
    command = [sys.executable, "-m", "assistant", "train", "--model", str(model), "--data", str(texts)]
    command += ["--out", str(out), "--rank", "2", "--epochs", "2", "--progress", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0] == {"words": "loading the model"}
    assert [(line["done"], line["total"]) for line in lines[1:-1]] == [(step, 6) for step in range(1, 7)]
    assert lines[1] | {"loss": 0} == {
        "attribute": "verbosity",
        "number": 1,
        "attributes": 1,
        "step": 1,
        "steps": 6,
        "done": 1,
        "total": 6,
        "loss": 0,
        "validation": None,
    }
    assert lines[-2]["validation"] > 0
    assert (lines[-1]["bank"], lines[-1]["attributes"]) == (str(out), ["verbosity"])
    command[-3] = "2000"
    with subprocess.Popen([*command, "--resume"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while "step" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert (process.wait(60), process.stderr.read()) == (130, "")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.slow
async def test_the_chat_trains_stops_and_goes_on(model: Path, texts: Path, base: Path, tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    chat.trainer = Trainer()
    states: list[State] = []
    chat.trainer.subscribe(states.append)
    command = f"/train '{texts}' --extend '{base}' --model '{model}' --epochs 40 --learning-rate 0.00001"
    async with opened(chat) as screen:

        async def until(phase: Phase) -> None:
            deadline = time.monotonic() + 120
            while chat.trainer.state.phase is not phase:
                assert time.monotonic() < deadline, chat.trainer.state
                await screen.pilot.pause(0.05)
            await screen.pilot.pause()

        await screen.say(command)
        deadline = time.monotonic() + 120
        while not (locations.banks() / "verbosity" / ".new" / ".work" / "verbosity" / "state.json").exists():
            assert chat.trainer.running, chat.trainer.state
            assert time.monotonic() < deadline
            await screen.pilot.pause(0.02)
        await screen.say("/train stop")
        await until(Phase.STOPPED)
        assert screen.shown[-1].startswith("The training of verbosity was stopped at ")
        states.clear()
        await screen.say("/train resume")
        await until(Phase.DONE)
        assert screen.shown[-1] == "Verbosity is trained: /bank verbosity takes the new voice up."
    first = next(state.progress for state in states if state.progress is not None)
    assert first.done > 3  # an epoch has three steps
    assert load_bank(locations.banks() / "verbosity").card.names == ("formality", "sentiment", "verbosity")
    assert not (locations.banks() / "verbosity" / ".new").exists()


@pytest.mark.slow
def test_what_cannot_join_the_bank_is_said_by_the_process(model: Path, texts: Path, base: Path, tmp_path: Path) -> None:
    from assistant.chat import commands

    chat = fake.chat(tmp_path)
    chat.trainer = Trainer()
    for more, says in (("--rank 5", "new anchors need the same, not --rank 5"), ("--swift", "No such option: --swift")):
        assert commands.run(chat, f"/train '{texts}' --extend '{base}' --model '{model}' {more}").level == "info"
        chat.trainer.wait()
        assert chat.trainer.state.phase is Phase.FAILED
        assert says in chat.trainer.state.fault
        assert not (locations.banks() / "verbosity").exists()
