"""How far a training is: as a bar, as lines in a log, or as JSON for another program."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from assistant.progress import Eta, Progress, left_words

if TYPE_CHECKING:
    from assistant.anchors import training

Report = Callable[["training.Progress"], None]
WINDOW = 240.0
"""Seconds that the pace is measured over: an epoch ends with a pause, in which the validation texts are read."""
_LOGGED_EVERY = 10
"""Steps between two lines in a log."""


class Course:
    """Adds up the steps of all attributes, of which each may be done earlier than planned."""

    def __init__(self) -> None:
        self._before = 0
        self._number = 0
        self._done = 0

    def at(self, now: training.Progress) -> Progress:
        """Return how much of the whole is done; steps that an attribute did not need are not part of it."""
        if now.number != self._number:
            self._before += self._done
        self._number, self._done = now.number, now.step.done
        to_come = (now.attributes - now.number + 1) * now.step.total
        return Progress(self._before + now.step.done, self._before + to_come)


def as_json(now: training.Progress, far: Progress) -> str:
    """Return a step as a line that a program reads."""
    step = now.step
    return json.dumps(
        {
            "attribute": now.attribute.name,
            "number": now.number,
            "attributes": now.attributes,
            "step": step.done,
            "steps": step.total,
            "done": far.done,
            "total": far.total,
            "loss": round(step.loss, 4),
            "validation": None if step.validation is None else round(step.validation, 4),
        }
    )


@contextmanager
def told(machine: bool) -> Iterator[Report]:
    """Yield what tells each step: with `machine` as JSON, else with a bar or, in a log, with lines."""
    course, eta = Course(), Eta(WINDOW)
    if machine:
        yield lambda now: typer.echo(as_json(now, course.at(now)))
        return
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%  loss {task.fields[loss]}  validation {task.fields[validation]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Bar(*columns) as bar:
        task = bar.add_task("anchors", total=None, loss="–", validation="–", left="")

        def report(now: training.Progress) -> None:
            far, step = course.at(now), now.step
            eta.add(far)
            left = left_words(eta.left())
            comma = ", " if left else ""
            if not bar.console.is_terminal and step.done % _LOGGED_EVERY == 0:
                typer.echo(
                    f"{now.attribute.name}, {now.number} of {now.attributes}: step {step.done}/{step.total}, "
                    f"loss {step.loss:.3f}, validation {step.validation or math.nan:.3f}{comma}{left}"
                )
            bar.update(
                task,
                description=f"{now.number}/{now.attributes} {now.attribute.name}",
                total=far.total,
                completed=far.done,
                loss=f"{step.loss:.3f}",
                validation="–" if step.validation is None else f"{step.validation:.3f}",
                left=left,
            )

        yield report
