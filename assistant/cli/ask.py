"""`assistant ask`: answer a prompt, or a file of prompts, and print the reply."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.chat.display import printable
from assistant.cli import options
from assistant.cli.files import read_text
from assistant.cli.text import as_json as json_text
from assistant.errors import BadInput

if TYPE_CHECKING:
    from assistant.chat.answers import Answer


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
    arithmetic: options.Arithmetic = None,
) -> None:
    """Answer a prompt in a voice.

    Without --user the voice starts from neutral (every alpha ½, lambdas even) and nothing is saved. With --user it
    starts from that person's profile and the exchange is saved as a conversation of theirs. Attributes named with
    --alpha alone share all the weight evenly among them.
    """
    from assistant.chat.answers import ask_many, ask_one, stream_one
    from assistant.chat.launch import load_engine, make_host
    from assistant.chat.session import Chat
    from assistant.chat.workspace import BankAlone, Workspace
    from assistant.cli.waiting import Waiting
    from assistant.engine.base_model import quieten
    from assistant.engine.sampling import Sampling

    quieten()
    prompts = _prompts(prompt, file)
    given = {"seed": seed, "temperature": temperature, "max_tokens": max_tokens}
    sampling = Sampling(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    change = options.voice(alpha, lambda_, strength, compose)
    alone = BankAlone.open(bank)
    profile = alone.neutral.with_options(**change)  # refuses what is unusable before anything is saved or loaded
    with Waiting() as waiting, ExitStack() as opened:
        host = make_host(alone, model, device, arithmetic)
        host.subscribe(waiting.host)
        chat = None
        if user is not None:  # nobody's database is touched without a user: it may be read-only, or not there
            chat = Chat(opened.enter_context(Workspace.open(bank)), host, user, sampling)
            profile = chat.profile.with_options(**change)
        opened.callback(host.close)
        if file is not None:
            engine = load_engine(alone, model, device, waiting.watch, arithmetic)
            found: Iterator[str | Answer] = ask_many(engine, prompts, profile, sampling, chat)
        elif chat is not None:
            found = ask_one(chat, prompts[0], profile)
        else:
            found = stream_one(host, prompts[0], profile, sampling, alone.card.safe_range)
        if as_json:
            _print_json(found, alone.bank)
        else:
            _print(found, named=file is not None)


def _print(found: Iterator[str | Answer], named: bool) -> None:
    """Print replies as they come; each under its prompt when there are several."""
    from assistant.chat.answers import Answer

    for piece in found:
        _note(piece)
        if not isinstance(piece, Answer):
            typer.echo(printable(piece), nl=False)
        elif named:
            typer.echo(f"> {printable(piece.prompt)}\n{printable(piece.reply)}\n")
        else:
            typer.echo()


def _note(found: str | Answer) -> None:
    """Say on the standard error that a reply was ended, if it was."""
    if not isinstance(found, str) and found.fault:
        typer.echo(f"\nnote: this reply was ended: beyond the safe range of the voice, it {found.fault}", err=True)


def _print_json(found: Iterator[str | Answer], bank: Path) -> None:
    """Print one JSON object per reply, with its scores by the heads that belong to the bank."""
    from assistant import locations
    from assistant.chat.answers import Answer
    from assistant.scoring.embedder import ScorerError
    from assistant.scoring.scorer import Scorer

    scorer: Scorer | None = None
    try:
        scorer = Scorer(locations.scorers(bank))
    except ScorerError as error:
        typer.echo(f"note: replies go without scores: {error}", err=True)
    for answer in found:
        _note(answer)
        if isinstance(answer, Answer):
            scores = scorer.score([answer.reply])[0] if scorer and answer.reply.strip() else {}
            typer.echo(json_text(answer.as_dict(scores)))


def _prompts(prompt: str | None, file: Path | None) -> list[str]:
    """Return the prompts to answer: the lines of the file, else the one prompt.

    Raises:
        BadInput: there is none, or two sources.
    """
    if file is not None:
        if prompt is not None:
            raise BadInput("give either a prompt or --file, not both")
        lines = [line for line in read_text(file).splitlines() if line.strip()]
        if not lines:
            raise BadInput(f"{file} holds no prompt")
        return lines
    if prompt == "-" or (prompt is None and not sys.stdin.isatty()):
        prompt = read_text(Path("-"))
    if prompt is None or not prompt.strip():
        raise BadInput("there is no prompt: give one, or - to read it from the standard input, or --file")
    return [prompt.strip("\n")]
