"""`assistant evaluate learning`: scripted people chat with the real model, and their feedback is learned from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from assistant.errors import BadInput


def evaluate_learning(
    bank: Path | None,
    model: str | None,
    device: str | None,
    out: Path | None,
    people: int,
    turns: int,
    max_tokens: int,
    seed: int,
    split: str,
    as_json: bool,
) -> None:
    """Run the experiment; a run that was stopped goes on where it was.

    Raises:
        BadInput: the bank's card holds no response, or the folder holds another run.
        AssistantError: model, bank or scorers cannot be used.
    """
    from assistant import locations
    from assistant.anchors.texts import read_texts
    from assistant.chat.launch import make_host
    from assistant.chat.learning import Learning
    from assistant.chat.session import Chat
    from assistant.chat.workspace import Workspace, bank_folder
    from assistant.engine.sampling import Sampling
    from assistant.evaluation import scripted, scripted_page
    from assistant.preference import Response
    from assistant.store import Store

    folder = out or Path("runs/learning")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    setting = {"people": people, "turns": turns, "max_tokens": max_tokens, "seed": seed, "split": split}
    done: list[dict[str, Any]] = []
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
        if before["setting"] != setting:
            raise BadInput(f"{folder} holds a run of other settings: name another folder with --out")
        done = before["people"]
    prompts = read_texts(locations.data()).split(split)
    with tempfile.TemporaryDirectory() as scratch:
        from assistant.anchors.card import read_card

        card = read_card(bank_folder(bank))
        if card.response is None:
            raise BadInput("the bank's card holds no response: run assistant evaluate targets --into-card first")
        with Workspace(Store.open(Path(scratch) / "people.db"), card, bank_folder(bank)) as workspace:
            host, learning = make_host(workspace, model, device, ahead=False), Learning(workspace)

            def open_chat(name: str) -> Chat:
                return Chat(workspace, host, name, Sampling(max_tokens=max_tokens, seed=seed), learning)

            def keep(records: list[dict[str, Any]]) -> None:
                path.write_text(_json({"setting": setting, "people": records}), encoding="utf-8")

            records = scripted.run(
                open_chat,
                Response.from_card(card.names, card.response),
                prompts,
                people,
                turns,
                seed,
                lambda count, total: typer.echo(f"{count} of {total}", err=True),
                done,
                keep,
            )
            host.close()
    found = scripted.summary(records)
    path.write_text(_json({"setting": setting, "summary": found, "people": records}), encoding="utf-8")
    for number, record in enumerate(records, 1):
        (folder / f"person-{number}.md").write_text(scripted_page.transcript(record, number), encoding="utf-8")
    try:
        scripted_page.plot(records, folder / "paths.svg")
    except ImportError:
        typer.echo("note: no plot is drawn, for want of matplotlib: pip install 'assistant[bench]'", err=True)
    (folder / "page.md").write_text(f"# Scripted people\n\n{scripted_page.table(found)}\n", encoding="utf-8")
    typer.echo(_json({"setting": setting, "summary": found}) if as_json else scripted_page.table(found))
    if not as_json:
        typer.echo(f"All numbers, and transcripts to read: {folder}")


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=1)
