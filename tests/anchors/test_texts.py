from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.anchors.texts import read_texts
from assistant.errors import BadInput

ATTRIBUTES = '[[attribute]]\nname = "tone"\nlow = "dull"\nhigh = "bright"\n'


def prompt(key: str, split: str = "anchors", **more: object) -> dict[str, object]:
    return {"id": key, "split": split, "kind": "how-to", "topic": "tea", "prompt": f"how do I make tea {key}", **more}


def write(folder: Path, prompts: list[object], replies: list[object], attributes: str = ATTRIBUTES) -> Path:
    (folder / "texts").mkdir(parents=True)
    (folder / "attributes.toml").write_text(attributes)
    for name, rows in (("prompts.jsonl", prompts), ("texts/tone.jsonl", replies)):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (folder / name).write_text("\n".join(lines) + "\n")
    return folder


PAIR = {"id": "a", "low": "Boil water.", "high": "Let the kettle sing!"}


def test_good_texts_are_read(tmp_path: Path) -> None:
    history = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    folder = write(tmp_path / "d", [prompt("a", history=history), prompt("b", "heldout")], [PAIR, {**PAIR, "id": "b"}])
    texts = read_texts(folder)
    assert [each.name for each in texts.attributes] == ["tone"]
    [(first, reply)] = texts.pairs("tone", "high", "anchors")
    assert reply == "Let the kettle sing!"
    assert [message["role"] for message in first.messages()] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("prompts", "replies", "says"),
    [
        ([prompt("a"), "{nonsense"], [PAIR], "prompts.jsonl:2: not a line of JSON"),
        ([prompt("a"), prompt("a")], [PAIR], "prompts.jsonl:2: id a is used already"),
        ([prompt("a", "test")], [PAIR], "prompts.jsonl:1: split must be one of"),
        ([prompt("a", history=[{"role": "user", "content": "x"}])], [PAIR], "prompts.jsonl:1: history must alternate"),
        ([{**prompt("a"), "prompt": " "}], [PAIR], "prompts.jsonl:1: 'prompt' must be a text"),
        ([prompt("a")], [{"id": "a", "low": "x"}], "tone.jsonl:1: 'high' must be a text"),
        ([prompt("a")], [PAIR, PAIR], "tone.jsonl:2: the replies to a come twice"),
        ([prompt("a")], [{**PAIR, "id": "z"}], "tone.jsonl:1: there is no prompt 'z'"),
        ([prompt("a")], [{**PAIR, "high": "Boil water."}], "tone.jsonl:1: the two poles have the same text"),
        ([prompt("a"), prompt("b")], [PAIR], "tone.jsonl: no replies to b"),
        ([prompt("a")], ["[1]"], "tone.jsonl:1: each line must be a JSON object"),
    ],
)
def test_bad_texts_are_refused_with_file_and_line(
    tmp_path: Path, prompts: list[object], replies: list[object], says: str
) -> None:
    folder = write(tmp_path / "d", prompts, replies)
    with pytest.raises(BadInput) as caught:
        read_texts(folder)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ("", "no [[attribute]]"),
        ("[[attribute]\n", "cannot be read"),
        ('[[attribute]]\nname = "tone"\nlow = "dull"\n', "needs the text 'high'"),
        ('[[attribute]]\nname = "Tone!"\nlow = "dull"\nhigh = "bright"\n', "must be 2 to 32 lower-case"),
        (ATTRIBUTES * 2, "comes twice"),
    ],
)
def test_bad_attribute_tables_are_refused(tmp_path: Path, attributes: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_texts(write(tmp_path / "d", [prompt("a")], [PAIR], attributes))
    assert says in str(caught.value)


def test_an_unknown_attribute_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="did you mean tone"):
        read_texts(write(tmp_path / "d", [prompt("a")], [PAIR]), ("tune",))
