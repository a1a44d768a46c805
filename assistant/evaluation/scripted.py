"""The whole loop on the real model: scripted people with a hidden ideal chat, and judge replies by measured scores.

Nothing here reaches into the learner; it sees the slash commands that a person would type.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.anchors.texts import Prompt
from assistant.chat import commands
from assistant.chat.session import Chat
from assistant.errors import AssistantError
from assistant.preference.response import Response, score_array
from assistant.preference.simulation import TOLERANCE, verdicts, weighted_distance
from assistant.style import Attribute, Profile

Array = NDArray[np.float64]

BLOCKS = ((1, 10), (11, 20), (21, 40))
"""Turns over which rates are averaged."""
FLIP = 0.1
"""Share of thumbs against what is meant."""
REASONS = 0.35
"""Share of thumbs-down that come with a reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Someone with a taste, hidden from the program."""

    attributes: tuple[Attribute, ...]
    ideal: Array
    """Scores that they like best, shape (n,)."""
    weights: Array
    """How much each attribute matters, shape (n,), sum 1."""

    @classmethod
    def drawn(cls, attributes: Sequence[Attribute], response: Response, rng: np.random.Generator) -> Person:
        """Return a person who cares about two to five attributes, and whose ideal some voice of the bank can reach.

        The ideal is what the bank's measured response gives at a random place with every c in [−1, 1].
        """
        n = len(attributes)
        count = int(rng.integers(min(2, n), n + 1))
        weights = np.zeros(n)
        weights[rng.permutation(n)[:count]] = np.exp(rng.normal(0.0, 0.5, count))
        return cls(tuple(attributes), response.scores(rng.uniform(-1.0, 1.0, n)), weights / weights.sum())

    def distance(self, scores: Array) -> float:
        """Return the weighted distance √Σ wᵢ (sᵢ − mᵢ)² of scores, shape (n,), from the ideal."""
        return float(weighted_distance(scores, self.ideal, self.weights))

    def approves(self, scores: Array) -> float:
        """Return P(up) of a reply."""
        return float(verdicts(weighted_distance(scores, self.ideal, self.weights), TOLERANCE, FLIP))

    def verdict(self, scores: Array, rng: np.random.Generator) -> str:
        """Return the command that they type about a reply."""
        if rng.random() < self.approves(scores):
            return "/good"
        if rng.random() >= REASONS:
            return "/bad"
        share = self.weights * np.abs(self.ideal - scores)
        index = int(rng.choice(len(self.attributes), p=share / share.sum()))
        attribute = self.attributes[index]
        return f"/bad too {attribute.high if scores[index] > self.ideal[index] else attribute.low}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        names = [each.name for each in self.attributes]
        return {
            "ideal": dict(zip(names, self.ideal.round(4).tolist(), strict=True)),
            "weights": dict(zip(names, self.weights.round(4).tolist(), strict=True)),
        }


def run(
    open_chat: Callable[[str], Chat],
    response: Response,
    prompts: Sequence[Prompt],
    people: int,
    turns: int,
    seed: int,
    report: Callable[[int, int], None],
    done: Sequence[Mapping[str, Any]] = (),
    keep: Callable[[list[dict[str, Any]]], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Let people chat with a voice that learns; return one record per person.

    A first round of the same prompts and seeds at the neutral profile says what each person would think of a program
    that never learns. Each prompt begins a new conversation with the earlier turns that it has.

    Args:
        open_chat: gives the chat of a new person by name; the seed of each reply is set here.
        response: the bank's measured response, from which ideals are drawn.
        prompts: what is asked, in order, over again when there are fewer than turns.
        people: how many.
        turns: replies that each judges.
        seed: of the people and of their verdicts; reply t of everyone is sampled with seed + t.
        report: told how many replies are done, and of how many.
        done: records of an earlier run that was stopped, which are not made again.
        keep: given all records after each person.

    Raises:
        AssistantError: the model or the scorers cannot be used.
    """
    total = (people + 1) * turns
    records = [dict(each) for each in done]
    neutral = open_chat("neutral")
    still = [_said(neutral, prompts[turn % len(prompts)], seed + turn) for turn in range(turns)] if people else []
    report(turns, total)
    for number in range(len(records), people):
        rng = np.random.default_rng([seed, number])
        chat = open_chat(f"person {number + 1}")
        attributes = chat.workspace.attributes
        person = Person.drawn(attributes, response, rng)
        steps = []
        for turn in range(turns):
            profile = chat.profile
            text, scores = _said(chat, prompts[turn % len(prompts)], seed + turn)
            line = person.verdict(scores, rng)
            outcome = commands.run(chat, line)
            if outcome.later is not None:
                outcome = outcome.later.result()
            if outcome.level == "error":
                raise AssistantError(outcome.text)
            steps.append(_step(person, profile, prompts[turn % len(prompts)], text, scores, line, outcome.text))
            report((number + 1) * turns + turn + 1, total)
        records.append(
            {
                "person": person.as_dict(),
                "learned": _rates(steps),
                "neutral": _rates([_step(person, neutral.profile, None, text, scores) for text, scores in still]),
                "last": chat.profile.as_dict(),
                "steps": steps,
            }
        )
        keep(records)
    return records


def summary(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return means over people, with 95% intervals of the difference to a program that never learns."""
    found: dict[str, Any] = {}
    for key in ("up", "approval", "distance"):
        found[key] = {}
        for block in records[0]["learned"][key]:
            learned = np.array([each["learned"][key][block] for each in records])
            neutral = np.array([each["neutral"][key][block] for each in records])
            gap = learned - neutral
            half = 1.96 * float(gap.std(ddof=1)) / math.sqrt(len(gap)) if len(gap) > 1 else math.nan
            found[key][block] = {
                "learned": float(learned.mean()),
                "neutral": float(neutral.mean()),
                "difference": [float(gap.mean()), half],
            }
    return found


def _said(chat: Chat, prompt: Prompt, seed: int) -> tuple[str, Array]:
    """Return a reply to a prompt in the chat's voice, in a conversation of its own, and its measured scores."""
    chat.new()
    store = chat.workspace.store.conversations
    chat.conversation = store.create(chat.user.id, model=chat.workspace.card.model)
    messages = prompt.messages()
    for message in messages[:-1]:
        store.add(chat.conversation.id, message["role"], message["content"])
    chat.look()
    chat.sampling = replace(chat.sampling, seed=seed)
    turn = chat.ask(messages[-1]["content"])
    for _ in turn.stream():
        pass
    return turn.reply.content, score_array(chat.learning.scores(turn.reply), chat.workspace.names)


def _step(
    person: Person,
    profile: Profile,
    prompt: Prompt | None,
    text: str,
    scores: Array,
    line: str = "",
    said: str = "",
) -> dict[str, Any]:
    names = [each.name for each in person.attributes]
    step: dict[str, Any] = {
        "scores": dict(zip(names, scores.round(4).tolist(), strict=True)),
        "approval": person.approves(scores),
        "distance": person.distance(scores),
        "up": line == "/good" if line else person.approves(scores),
    }
    if prompt is not None:
        step |= {"prompt": prompt.messages()[-1]["content"], "reply": text, "profile": profile.as_dict()}
        step |= {"verdict": line, "said": said}
    return step


def _rates(steps: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Return means over blocks of turns: thumbs up, P(up), and the distance of what was said from the ideal."""
    blocks = [(low, min(high, len(steps))) for low, high in BLOCKS if low <= len(steps)]
    return {
        key: {f"{low}-{high}": float(np.mean([each[key] for each in steps[low - 1 : high]])) for low, high in blocks}
        for key in ("up", "approval", "distance")
    }
