"""`assistant ask`: answer a prompt, or a file of prompts, and print the reply."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.chat.display import printable
from assistant.cli import options
from assistant.errors import BadInput
from assistant.style import parse_assignments

if TYPE_CHECKING:
    from assistant.chat.answers import Answer
    from assistant.chat.workspace import Workspace
    from assistant.engine.sampling import Sampling
    from assistant.style import Profile


def ask(
    prompt: Annotated[str | None, typer.Argument(help="What to say; - reads it from the standard input.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Answer each line of a file, as a batch.")] = None,
    user: options.User = None,
    alpha: options.Alpha = None,
    lambda_: options.Lambda = None,
    strength: options.Strength = None,
    compose: options.Composition = None,
    seed: options.Seed = None,
    temperature: options.Temperature = None,
    max_tokens: options.MaxTokens = None,
    as_json: options.AsJson = False,
    model: options.Model = None,
    bank: options.Bank = None,
    device: options.Device = None,
) -> None:
    """Answer a prompt in a voice.

    Without --user the voice starts from neutral (every alpha ½, lambdas even) and nothing is saved. With --user it
    starts from that person's profile and the exchange is saved as a conversation of theirs. Attributes named with
    --alpha alone share all the weight evenly among them.
    """
    from assistant.chat.workspace import Workspace
    from assistant.engine.sampling import Sampling

    prompts = _prompts(prompt, file)
    given = {"seed": seed, "temperature": temperature, "max_tokens": max_tokens}
    sampling = Sampling(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    change: dict[str, Any] = {
        "alpha": parse_assignments(alpha or (), "--alpha"),
        "lambda_": parse_assignments(lambda_ or (), "--lambda"),
        "strength": strength,
        "compose": compose,
    }
    with Workspace.open(bank) as workspace:
        if file is None:
            _one(workspace, prompts[0], user, change, sampling, as_json, model, device)
        else:
            _many(workspace, prompts, user, change, sampling, as_json, model, device)


def _one(
    workspace: Workspace,
    prompt: str,
    user: str | None,
    change: dict[str, Any],
    sampling: Sampling,
    as_json: bool,
    model: str | None,
    device: str | None,
) -> None:
    from assistant.chat.answers import Answer, ask_one, stream_one
    from assistant.chat.launch import make_host
    from assistant.chat.session import Chat

    host = make_host(workspace, model, device)
    if user is None:
        profile = workspace.neutral.with_options(**change)
        pieces = stream_one(host, prompt, profile, sampling)
    else:
        chat = Chat(workspace, host, user, sampling)
        profile = chat.profile.with_options(**change)
        pieces = ask_one(chat, prompt, profile)
    for piece in pieces:
        if isinstance(piece, Answer):
            typer.echo(json.dumps(piece.as_dict(), ensure_ascii=False) if as_json else "")
        elif not as_json:
            typer.echo(printable(piece), nl=False)


def _many(
    workspace: Workspace,
    prompts: list[str],
    user: str | None,
    change: dict[str, Any],
    sampling: Sampling,
    as_json: bool,
    model: str | None,
    device: str | None,
) -> None:
    from assistant.chat.answers import ask_many
    from assistant.chat.launch import load_engine, make_host
    from assistant.chat.session import Chat

    engine = load_engine(workspace, model, device)
    chat = Chat(workspace, make_host(workspace, model, device), user, sampling) if user is not None else None
    start: Profile = chat.profile if chat else workspace.neutral
    for answer in ask_many(engine, prompts, start.with_options(**change), sampling, chat):
        _show(answer, as_json)


def _show(answer: Answer, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer.as_dict(), ensure_ascii=False))
    else:
        typer.echo(f"> {printable(answer.prompt)}\n{printable(answer.reply)}\n")


def _prompts(prompt: str | None, file: Path | None) -> list[str]:
    """Return the prompts to answer: the lines of the file, else the one prompt.

    Raises:
        BadInput: there is none, or two sources.
    """
    if file is not None:
        if prompt is not None:
            raise BadInput("give either a prompt or --file, not both")
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"{file} cannot be read as text: {getattr(error, 'strerror', None) or error}") from error
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            raise BadInput(f"{file} holds no prompt")
        return lines
    if prompt == "-" or (prompt is None and not sys.stdin.isatty()):
        prompt = sys.stdin.read()
    if prompt is None or not prompt.strip():
        raise BadInput("there is no prompt: give one, or - to read it from the standard input, or --file")
    return [prompt.strip("\n")]
