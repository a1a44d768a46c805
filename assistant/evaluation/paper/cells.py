"""What an experiment has measured so far, one line of JSON per cell: a run that is killed goes on where it was."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.errors import BadInput

FILE = "cells.jsonl"
Cell = dict[str, Any]


class Cells:
    """Measured cells by key, on disk as soon as they are there."""

    def __init__(self, folder: Path, setting: Mapping[str, Any]) -> None:
        """Open the folder's cells, or begin.

        Args:
            folder: of the run; it is made.
            setting: what decides the numbers; cells of another setting are not mixed with these.

        Raises:
            BadInput: the folder holds cells of another setting, or a file that is no such run.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        self._found: dict[str, Cell] = {}
        header = json.loads(json.dumps({"setting": setting}))
        if not self._path.exists():
            self._path.write_text(json.dumps(header, ensure_ascii=False) + "\n", encoding="utf-8")
            return
        whole = self._path.read_bytes()
        complete = whole[: whole.rfind(b"\n") + 1]
        if len(complete) < len(whole):  # a line that was cut off by a kill
            self._path.write_bytes(complete)
        try:
            first, *rows = [json.loads(line) for line in complete.decode("utf-8").splitlines()]
            self._found = {row["key"]: row for row in rows}
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{self._path} is damaged ({error}): name another folder with --out") from error
        if first != header:
            raise BadInput(f"{folder} holds a run of other settings: name another folder with --out")

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def __len__(self) -> int:
        return len(self._found)

    @property
    def spent(self) -> float:
        """Seconds that measuring took, over all runs of the folder."""
        return math.fsum(row.get("took", 0.0) for row in self._found.values())

    @property
    def worked(self) -> float:
        """Seconds of processor time of that, summed over threads; other work on the machine does not count."""
        return math.fsum(row.get("worked", 0.0) for row in self._found.values())

    def get(self, key: str, measure: Callable[[], Mapping[str, Any]]) -> Cell:
        """Return the cell, measured now if it was not yet; it comes back as JSON gives it."""
        if key not in self._found:
            began, worked = time.monotonic(), time.process_time()
            measured = measure()
            spent = {"took": round(time.monotonic() - began, 3), "worked": round(time.process_time() - worked, 3)}
            line = json.dumps({"key": key, **measured, **spent}, ensure_ascii=False)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
            self._found[key] = json.loads(line)
        return self._found[key]
