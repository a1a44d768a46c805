"""`assistant serve-web`: the chat in a browser on this machine."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from assistant.cli import options


def serve_web(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1.")] = 8020,
    user: options.User = None,
    model: options.Model = None,
    bank: options.Bank = None,
    device: options.Device = None,
    arithmetic: options.Arithmetic = None,
) -> None:
    """Open the chat to browsers on this machine; no other machine can reach it."""
    from assistant.errors import AssistantError
    from assistant.tui.web import HOST, LoopbackServer

    given = {"--user": user, "--model": model, "--bank": bank, "--device": device, "--arithmetic": arithmetic}
    arguments = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    try:
        LoopbackServer(arguments, port).serve()
    except OSError as error:
        raise AssistantError(
            f"port {port} of {HOST} cannot be used ({os.strerror(error.errno or 0)}): choose another by --port"
        ) from error
