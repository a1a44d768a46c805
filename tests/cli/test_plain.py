"""The chat line by line."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from assistant.chat import commands
from assistant.chat.host import ModelHost
from assistant.chat.learning import Learning
from assistant.chat.outcome import Outcome
from assistant.chat.session import Chat
from assistant.cli.plain import PlainChat
from assistant.progress import Progress, Watch
from assistant.scoring.embedder import ScorerError
from tests import fake, training
from tests.chat.taught import dying
from tests.chat.test_training import write_texts


def talk(chat: Chat, typed: str, interactive: bool = False) -> tuple[int, list[str]]:
    out = io.StringIO()
    code = PlainChat(chat, io.StringIO(typed), out, interactive).run()
    chat.host.close()
    return code, out.getvalue().splitlines()


def test_a_pipe_gets_replies_and_what_commands_did(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path)
    code, said = talk(chat, "hi\n\n/more formal\n//etc\nlast without a line break")
    assert code == 0
    assert said == ["Hello to you too.", "Formality 0.50 → 0.75.", "Hello to you too.", "Hello to you too."]
    assert [each.content for each in chat.messages()][::2] == ["hi", "/etc", "last without a line break"]


def test_a_person_is_told_who_speaks(tmp_path: Path) -> None:
    code, said = talk(fake.chat(tmp_path), "hi\n/quit\nnever read\n", interactive=True)
    assert code == 0
    assert said[0].startswith("Hello ann.")
    assert said[1:] == ["ann: assistant: Hello to you too.", "ann: "]
    again = talk(fake.chat(tmp_path), "", interactive=True)[1]
    assert len(again) == 2
    resumed = fake.chat(tmp_path)
    resumed.resume()
    assert "goes on with “hi”, 2 messages" in talk(resumed, "", interactive=True)[1][1]


def test_branches_comparisons_and_thumbs_work_line_by_line(tmp_path: Path) -> None:
    chat = fake.chat(tmp_path, fake.FakeEngine("formal formal words"))
    _, said = talk(chat, "hi\n/retry\n/sibling previous\n/compare\n/pick 2\n/bad\n")
    assert said[:2] == ["formal formal words"] * 2
    assert said[2].startswith("‹ 1/2 ›")
    assert said[3:6] == [
        "Reply 2:",
        "formal formal words",
        "/pick 1 or /pick 2 goes on from the one that you like better.",
    ]
    assert said[6].startswith("The conversation goes on from reply 2.")
    assert any(line.startswith("What was wrong? /bad too ") for line in said)


def test_what_was_not_learned_before_a_kill_is_learned_and_told_to_a_person(tmp_path: Path) -> None:
    for interactive in (False, True):
        commands.run(dying(tmp_path / str(interactive)), "/bad too formal")
        chat = fake.chat(tmp_path / str(interactive))
        overdue = chat.overdue

        def learned(overdue: Callable[[], Future[Outcome] | None] = overdue) -> Future[Outcome] | None:
            future = overdue()
            assert future is not None
            future.result(fake.DEADLINE)
            return future

        chat.overdue = learned  # type: ignore[method-assign]
        _, said = talk(chat, "/learning\n", interactive)
        assert any("From last time: Too formal" in line for line in said) == interactive
        assert chat.profile.alpha["formality"] < 0.5


def test_a_pipe_is_told_what_could_not_be_learned(tmp_path: Path) -> None:
    def broken(text: str) -> dict[str, float]:
        raise ScorerError("the heads are missing")

    commands.run(dying(tmp_path), "/bad")
    chat = fake.chat(tmp_path)
    chat.learning = Learning(chat.workspace, broken)
    code, said = talk(chat, "")
    assert code == 1
    assert said == ["Not learned from what you did last time: the heads are missing."]


def test_what_goes_wrong_is_said_and_decides_the_exit_status(tmp_path: Path) -> None:
    code, said = talk(fake.chat(tmp_path), "/xyzzy\n")
    assert (code, said) == (1, ["There is no command /xyzzy; type /help for the list."])
    (tmp_path / "b").mkdir()
    broken = fake.chat(tmp_path / "b", fake.FakeEngine("one two three", fails="the model broke"))
    code, said = talk(broken, "hi\n")
    assert (code, said) == (1, ["one two", "error: the model broke"])


def test_what_a_model_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    _, said = talk(fake.chat(tmp_path, fake.FakeEngine("\x1b[2J red")), "hi\n")
    assert said == ["\ufffd[2J red"]


def test_ctrl_c_stops_the_reply_and_keeps_the_part(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three", gate=True)
    chat = fake.chat(tmp_path, engine)
    engine.let(1)

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            if text == "one":
                os.kill(os.getpid(), signal.SIGINT)
                threading.Timer(0.05, engine.let, [1]).start()
            return super().write(text)

    out = Watched()
    before = signal.getsignal(signal.SIGINT)
    assert PlainChat(chat, io.StringIO("count\n"), out, False).run() == 0
    assert signal.getsignal(signal.SIGINT) is before
    assert out.getvalue().endswith("(stopped)\n")
    assert (chat.messages()[-1].status, chat.messages()[-1].content.split()[0]) == ("stopped", "one")
    chat.host.close()


def test_ctrl_c_at_the_prompt(tmp_path: Path) -> None:
    class Pressed(io.StringIO):
        pressed = False

        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
            if not self.pressed:
                self.pressed = True
                raise KeyboardInterrupt
            return ""

    for interactive, code in ((False, 130), (True, 0)):
        chat, out = fake.chat(tmp_path), io.StringIO()
        assert PlainChat(chat, Pressed(), out, interactive).run() == code
        assert ("Ctrl+D or /quit leaves." in out.getvalue()) is interactive
        chat.host.close()


def test_dropped_turns_are_said(tmp_path: Path) -> None:
    engine = fake.FakeEngine("one two three")
    engine.context = 6
    _, said = talk(fake.chat(tmp_path, engine), "hi there\nhi again\n")
    assert said[-1].startswith("(The oldest turn was left out of this reply")


def test_it_imports_no_interface() -> None:
    code = "import sys, assistant.cli.plain; assert 'textual' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("options", [["--new", "--resume"], []])
def test_what_cannot_be_opened_is_one_line(options: list[str], home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "assistant", *options], input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_the_conversation_is_exported_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, said = talk(fake.chat(tmp_path), "hi\n/export\n")
    assert (code, said[-1]) == (0, f"Exported to {tmp_path / 'hi.md'}")
    assert "Hello to you too." in (tmp_path / "hi.md").read_text()


def test_the_models_preparation_is_told_now_and_then_to_a_person_alone(tmp_path: Path) -> None:
    def load(watch: Watch) -> fake.FakeEngine:
        watch.say("preparing the model for its first use")
        for done in range(101):
            watch.went(Progress(done, 100))
        return fake.FakeEngine()

    for interactive in (True, False):
        chat = fake.chat(tmp_path)
        chat.host = ModelHost(load)
        _, said = talk(chat, "hi\n", interactive)
        told = [line[line.index("(") :] for line in said if "preparing" in line]
        assert [line[:43] for line in told[1:]] == [
            f"(preparing the model for its first use: {part}%" for part in (25, 50, 75) if interactive
        ]
        assert all(line.endswith("; /load stop ends it)") for line in told[1:])


def test_a_pipe_waits_for_the_training_that_it_began(tmp_path: Path) -> None:
    texts = write_texts(tmp_path / "t")
    training.let(texts, 10)
    chat = fake.chat(tmp_path)
    chat.trainer = training.trainer()
    code, said = talk(chat, f"/train {texts}\nhi\n")
    assert (code, said[0][:19], "Hello to you too." in said) == (0, "Training verbosity,", True)
    told = [line for line in said if line.startswith("(")]
    assert [line.partition(",")[0] for line in told[:-1]] == [f"(training verbosity: {part}%" for part in (30, 50, 80)]
    assert told[-1] == "(Verbosity is trained: /bank verbosity takes the new voice up.)"
    code, said = talk(chat, f"/train {texts} --bad\n")
    assert (code, said[-1]) == (1, "(The training of verbosity failed: the bank has verbosity already.)")
