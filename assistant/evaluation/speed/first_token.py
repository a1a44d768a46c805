"""How long the first token of a reply takes after a change of profile, with a conversation behind it."""

from __future__ import annotations

from itertools import count, cycle

from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.evaluation.speed.profiles import history, one_moved
from assistant.evaluation.speed.timing import Report, medians, rounds, seconds

LENGTHS = (500, 2000)
"""Tokens of history."""


class FirstTokens:
    """A conversation of so many tokens, asked one more question each time."""

    def __init__(self, engine: Engine, names: tuple[str, ...], tokens: int) -> None:
        self._engine = engine
        self._past = history(tokens, lambda messages: len(engine.encode(messages)))
        self.tokens = len(engine.encode(self._past))
        self._numbers = count(1)
        self._voices = cycle([one_moved(names, alpha) for alpha in (0.9, 0.2)])

    def unchanged(self) -> float:
        """Return milliseconds to the first token where the profile did not change and the conversation is prefilled."""
        self._prefill()
        return self._first()

    def prefilled(self) -> float:
        """Return the same after a change of profile, composed and prefilled before the question comes."""
        self._engine.compose(next(self._voices))
        self._prefill()
        return self._first()

    def background(self) -> float:
        """Return milliseconds of composing and prefilling, which the person does not wait for."""
        voice = next(self._voices)
        return 1000 * seconds(lambda: self._engine.compose(voice)) + 1000 * seconds(self._prefill)

    def waited(self) -> float:
        """Return milliseconds where the question comes at once, and composing and prefilling are waited for."""
        voice = next(self._voices)
        return 1000 * seconds(lambda: self._engine.compose(voice)) + self._first()

    def _prefill(self) -> None:
        self._engine.fold()
        self._engine.prefill(self._past)

    def _first(self) -> float:
        question = {"role": "user", "content": f"What did he see at step number {next(self._numbers)}?"}

        def act() -> None:
            reply = self._engine.tokens(self._engine.encode([*self._past, question]), Sampling(max_tokens=2, seed=1))
            next(reply, None)
            reply.close()

        return 1000 * seconds(act)


def measure(
    engine: Engine, names: tuple[str, ...], repeats: int, report: Report, lengths: tuple[int, ...] = LENGTHS
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, list[float]]]]:
    """Return medians and single runs in milliseconds, by tokens of history and by case (see `FirstTokens`)."""
    found, runs = {}, {}
    for tokens in lengths:
        asked = FirstTokens(engine, names, tokens)
        single = rounds(
            {
                "prefilled": asked.prefilled,
                "unchanged": asked.unchanged,
                "waited": asked.waited,
                "background": asked.background,
            },
            repeats,
            report,
        )
        found[str(tokens)] = {**medians(single), "history_tokens": asked.tokens}
        runs[str(tokens)] = single
    return found, runs
