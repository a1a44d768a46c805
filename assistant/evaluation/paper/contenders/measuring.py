"""Cells of contenders: development and held-out replies, and the divergence from the base, in one batch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from assistant.anchors.texts import Prompt, Texts
from assistant.engine.sampling import Sampler
from assistant.errors import AssistantError, BadInput
from assistant.evaluation.paper.cells import Cell
from assistant.evaluation.paper.contenders.batched import Chooser, Forced, Part, Row, decode
from assistant.evaluation.paper.contenders.methods import METHODS
from assistant.evaluation.paper.contenders.stage import Stage
from assistant.evaluation.paper.lab import Lab
from assistant.evaluation.sampling import BATCH


def development(texts: Texts, lab: Lab, count: int) -> list[Prompt]:
    """Return prompts of the split `validation` with no earlier turns that the lab does not ask; they are short.

    Raises:
        BadInput: there are too few.
    """
    asked = {prompt.id for prompt in lab.prompts}
    found = [prompt for prompt in texts.split("validation") if prompt.id not in asked and not prompt.history][:count]
    if len(found) < count:
        raise BadInput(f"there are {len(found)} validation prompts to choose strengths on, not {count}")
    return found


class Arena:
    """Measures each (method, attribute, signed strength) once, on the same prompts with the same seeds."""

    def __init__(self, lab: Lab, stage: Stage, prompts: Sequence[Prompt]) -> None:
        """Take the lab of the held-out prompts, the models, and the development prompts."""
        plan = replace(lab.plan, prompts=len(prompts), replies=1)
        self.lab, self._stage = lab, stage
        self._development = Lab(lab.engine, lab.names, prompts, lab.score, plan, lab.cells)
        self._logs: list[list[torch.Tensor]] = []

    def base(self) -> Cell:
        """Return the cell of the plain base."""
        return self.lab.cells.get("base whole", lambda: self._measure([self._stage.base()], True))

    def cell(self, method: str, attribute: int, strength: float, whole: bool = True) -> Cell:
        """Return a cell.

        Args:
            method: of `METHODS`.
            attribute: its number.
            strength: signed; at 0 a method that is the base there has the base's cell.
            whole: with the development prompts and the divergence, rather than the held-out prompts alone.
        """
        chosen = METHODS[method]
        if strength == 0 and not chosen.own_zero:
            return self.base()
        key = f"{method} {self.lab.names[attribute]} {strength:.4g}"
        if not whole and key not in self.lab.cells:
            key += " heldout"
        return self.lab.cells.get(key, lambda: self._measure(chosen.voice(self._stage, attribute, strength), whole))

    def _measure(self, parts: Sequence[Part], whole: bool) -> dict[str, Any]:
        """Return a fresh cell; its replies and what belongs to them are of the held-out prompts.

        `kl` holds (sum over tokens of KL(base ‖ method) in nats, tokens) for the base's own reply to each prompt.
        """
        rows = self._asked(self.lab)
        held_out = len(rows)
        forced: list[Forced] = []
        if whole:
            rows += self._asked(self._development)
            forced = [self._against(logs, tokens) for logs, tokens in zip(self._base_logs(), self._said(), strict=True)]
            rows += self._forced(forced)
        began = time.perf_counter()
        try:
            tokens = self._decode(parts, rows)
        except AssistantError as error:
            return {"broken": str(error)}
        seconds = time.perf_counter() - began
        texts = [self._stage.decode(reply) for reply in tokens]
        cell = self.lab.judge(texts[:held_out])
        cell |= {"seconds": round(seconds, 3), "decoded": sum(map(len, tokens))}
        if whole:
            cell["development"] = self._development.judge(texts[held_out : len(rows) - len(forced)])
            cell["kl"] = [[round(sum(row.found), 4), len(row.found)] for row in forced]
        return cell

    def _decode(self, parts: Sequence[Part], rows: Sequence[Row]) -> list[list[int]]:
        found: list[list[int]] = []
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            found += decode(parts, batch, self._stage.encoder, self._stage.stops, self._stage.pad)
        return found

    @staticmethod
    def _asked(lab: Lab) -> list[Row]:
        return [
            Row(prompt.messages(), Sampler(settings), settings.max_tokens)
            for prompt, settings in zip(lab.asked(), lab.samplings(), strict=True)
        ]

    def _said(self) -> list[list[int]]:
        """Return the base's own reply to each held-out prompt, of the first seed."""
        replies = self.lab.base()["replies"][: len(self.lab.prompts)]
        return [self._stage.encoder.text(reply) for reply in replies]

    def _forced(self, choosers: Sequence[Forced]) -> list[Row]:
        rows: list[tuple[Prompt, Chooser, int]] = [
            (prompt, chooser, len(chooser.tokens)) for prompt, chooser in zip(self.lab.prompts, choosers, strict=True)
        ]
        return [Row(prompt.messages(), chooser, limit) for prompt, chooser, limit in rows]

    def _base_logs(self) -> list[list[torch.Tensor]]:
        """Return the base's log-probabilities at each token of its own replies."""
        if not self._logs:
            choosers = [Forced(tokens, lambda _, logs: logs) for tokens in self._said()]
            self._decode([self._stage.base()], self._forced(choosers))
            self._logs = [chooser.found for chooser in choosers]
        return self._logs

    @staticmethod
    def _against(base: Sequence[torch.Tensor], tokens: Sequence[int]) -> Forced:
        return Forced(tokens, lambda place, logs: float((base[place].exp() * (base[place] - logs)).sum()))
