from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.store import Store
from tests.cli.conftest import Assistant


def shown(assistant: Assistant, *more: str) -> dict[str, object]:
    return dict(json.loads(assistant("profile", "show", "--json", *more).out))


def test_show_begins_neutral_and_says_whose_it_is(assistant: Assistant) -> None:
    assert shown(assistant) == {
        "user": "tester",
        "revision": 1,
        "alpha": {"formality": 0.5, "sentiment": 0.5},
        "lambda": {"formality": 0.5, "sentiment": 0.5},
        "strength": 1.0,
        "compose": "centred",
    }


def test_show_draws_each_attribute_between_its_poles(assistant: Assistant) -> None:
    assistant("profile", "set", "--alpha", "formality=1", "--alpha", "sentiment=-0.5")
    lines = assistant("profile", "show").out.splitlines()
    assert lines == [
        "tester, revision 2",
        "formality    casual ────────────────────● formal    α  1.00  λ 0.50",
        "sentiment  negative ◀──────────────────── positive  α -0.50  λ 0.50",
        "strength 1, composition centred",
    ]


def test_set_creates_a_named_person_and_gives_named_attributes_the_weight(assistant: Assistant) -> None:
    done = assistant(
        *(
            "profile",
            "set",
            "--user",
            "Ann",
            "--alpha",
            "formality=0.8",
            "--strength",
            "0.7",
            "--compose",
            "paper",
            "--json",
        )
    )
    assert done.code == 0
    profile = json.loads(done.out)
    assert (profile["user"], profile["revision"]) == ("Ann", 2)
    assert profile["alpha"] == {"formality": 0.8, "sentiment": 0.5}
    assert profile["lambda"] == {"formality": 1.0, "sentiment": 0.0}
    assert (profile["strength"], profile["compose"]) == (0.7, "paper")
    assert shown(assistant, "--user", "ann") == profile
    assert shown(assistant)["revision"] == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--alpha", "formalty=1"], "did you mean formality?"),
        (["--alpha", "formality"], "ATTRIBUTE=NUMBER"),
        (["--alpha", "formality=nan"], "finite"),
        (["--lambda", "formality=1.5"], "add up to 1"),
        (["--lambda", "formality=-1"], "negative"),
        (["--strength", "nan"], "finite"),
        (["--strength", "much"], "--strength"),
        (["--compose", "loud"], "centred"),
        ([], "nothing to set"),
    ],
)
def test_what_cannot_be_set_is_said_in_one_line_and_creates_nobody(
    assistant: Assistant, arguments: list[str], says: str
) -> None:
    refused = assistant("profile", "set", "--user", "new", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.count("\n") == 1
    assert says in refused.err
    with Store.open() as store:
        assert store.users.list() == []


@pytest.mark.parametrize("command", ["show", "history", "undo", "redo", "reset", "export"])
def test_a_misspelt_person_is_not_created(assistant: Assistant, command: str) -> None:
    assistant("users", "add", "Annika")
    refused = assistant("profile", command, "--user", "Anika")
    assert (refused.code, refused.out) == (2, "")
    assert "did you mean 'Annika'?" in refused.err
    assert len(json.loads(assistant("users", "list", "--json").out)) == 1
    assert assistant("profile", command, "--user", "").code == 2


def test_undo_redo_and_reset_walk_the_history(assistant: Assistant) -> None:
    assistant("profile", "set", "--alpha", "formality=0.8", "--lambda", "formality=0.5")
    assert json.loads(assistant("profile", "undo", "--json").out)["alpha"]["formality"] == 0.5
    assert json.loads(assistant("profile", "redo", "--json").out)["alpha"]["formality"] == 0.8
    assert json.loads(assistant("profile", "reset", "--json").out)["alpha"]["formality"] == 0.5
    assert json.loads(assistant("profile", "undo", "--json").out)["alpha"]["formality"] == 0.8
    causes = [line.split("  ")[-1] for line in assistant("profile", "history").out.splitlines()]
    assert causes == [
        "undo of profile reset: formality 0.50 → 0.80",
        "profile reset: formality 0.80 → 0.50",
        "redo of profile set --alpha formality=0.8 --lambda formality=0.5: formality 0.50 → 0.80",
        "undo of profile set --alpha formality=0.8 --lambda formality=0.5: formality 0.80 → 0.50",
        "profile set --alpha formality=0.8 --lambda formality=0.5: formality 0.50 → 0.80",
        "created: a neutral profile",
    ]
    newest = json.loads(assistant("profile", "history", "--json", "--limit", "1").out)
    assert [entry["number"] for entry in newest] == [6]
    assert newest[0]["kind"] == "undo"


@pytest.mark.parametrize("command", ["undo", "redo"])
def test_nothing_to_undo_is_bad_input(assistant: Assistant, command: str) -> None:
    refused = assistant("profile", command)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == f"error: there is nothing to {command}\n"


def test_what_is_exported_can_be_imported(assistant: Assistant, tmp_path: Path) -> None:
    assistant("profile", "set", "--alpha", "formality=1.25", "--strength", "0.5")
    file = tmp_path / "p.json"
    assert assistant("profile", "export", "--file", str(file)).code == 0
    assert assistant("profile", "export", "--file", str(file)).code == 2
    piped = assistant("profile", "export", "--json").out
    assert piped.count("\n") == 1
    assert json.loads(piped) == json.loads(file.read_text())
    assert assistant("profile", "import", str(file), "--user", "ann").code == 0
    assert assistant("profile", "import", "-", "--user", "bob", stdin=piped).code == 0
    for name in ("ann", "bob"):
        assert shown(assistant, "--user", name)["alpha"] == {"formality": 1.25, "sentiment": 0.5}


def test_import_keeps_attributes_that_the_bank_lacks(assistant: Assistant) -> None:
    extra = {"alpha": {"formality": 0.9, "\x9b2Jodd": 0.1}, "lambda": {"formality": 0.5, "\x9b2Jodd": 0.5}}
    assert assistant("profile", "import", "-", stdin=json.dumps(extra)).code == 0
    assert shown(assistant)["lambda"] == {"formality": 0.5, "sentiment": 0.5}
    for output in (assistant("profile", "export").out, assistant("profile", "history").out):
        assert "odd" in output
        assert "\x9b" not in output
    assert json.loads(assistant("profile", "export").out)["alpha"] == extra["alpha"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "[" * 20000,
        '{"alpha": {"formality": NaN}, "lambda": {"formality": 1}}',
        '{"alpha": {"formality": 1e999}, "lambda": {"formality": 1}}',
        '{"alpha": {"formality": 1' + "0" * 400 + '}, "lambda": {"formality": 1}}',
        '{"alpha": {"formality": true}, "lambda": {"formality": 1}}',
        '{"alpha": {"volume": 1}, "lambda": {"volume": 1}}',
        '{"alpha": {"formality": 1}, "lambda": {"formality": 0.2}}',
        '{"alpha": {"formality": 1}, "lambda": {"formality": 1}, "compose": []}',
    ],
)
def test_what_is_no_profile_is_refused_in_one_line(assistant: Assistant, text: str) -> None:
    refused = assistant("profile", "import", "-", "--user", "new", stdin=text)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.count("\n") == 1
    with Store.open() as store:
        assert store.users.list() == []


def test_files_that_cannot_be_read_are_refused_in_one_line(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary", "."):
        refused = assistant("profile", "import", str(tmp_path / name))
        assert refused.code == 2
        assert refused.err.count("\n") == 1


def test_voices_by_name(assistant: Assistant) -> None:
    listed = json.loads(assistant("profile", "voice", "--json").out)
    assert {"butler", "best friend"} <= {each["name"] for each in listed}
    assert json.loads(assistant("profile", "voice", "butler", "--json").out)["alpha"]["formality"] == 1.0
    assert assistant("profile", "voice", "mine", "--save").out == "Saved as mine.\n"
    assistant("profile", "undo")
    assert json.loads(assistant("profile", "voice", "MINE", "--json").out)["alpha"]["formality"] == 1.0
    assert assistant("profile", "voice").out.startswith("mine: saved by you\n")
    assert assistant("profile", "voice", "mine", "--delete").code == 0
    for wrong in (["mine"], ["--save"], ["x", "--save", "--delete"], ["butler", "--delete"]):
        refused = assistant("profile", "voice", *wrong)
        assert (refused.code, refused.err.count("\n")) == (2, 1)


def test_the_profile_as_it_was(assistant: Assistant) -> None:
    assistant("profile", "set", "--alpha", "formality=0.9", "--lambda", "formality=0.5")
    assert "It is the same now." in assistant("profile", "as", "0 min ago").out
    assert json.loads(assistant("profile", "as", "0m", "--restore", "--json").out)["alpha"]["formality"] == 0.9
    for when in ("1y", "never", "1d ago", "2999-01-01", ""):
        refused = assistant("profile", "as", when)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
