"""Profiles and conversations that the benchmarks use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.style import Profile

STORY = [{"role": "user", "content": "Tell me a long story about a lighthouse and its keeper."}]
_QUESTION = "Please go on, and tell me more about the keeper and the ships that passed in the night."
_ANSWER = (
    "The keeper climbed the stairs once more. The storm had come up from the west, and the lamp needed oil before the "
    "ships that were due that night could see the rocks."
)


def all_moved(names: Sequence[str], alpha: float = 0.9) -> Profile:
    """Return a profile that moves every attribute."""
    return Profile.neutral(names).with_alpha(dict.fromkeys(names, alpha))


def one_moved(names: Sequence[str], alpha: float = 0.9) -> Profile:
    """Return a profile that moves the first attribute alone."""
    return Profile.neutral(names).with_alpha({names[0]: alpha})


def history(tokens: int, length: Callable[[list[dict[str, str]]], int]) -> list[dict[str, str]]:
    """Return a conversation that ends with an answer and has at least so many tokens, by less than a turn more.

    Args:
        tokens: wanted length.
        length: number of tokens of a conversation.
    """
    turn = [{"role": "user", "content": _QUESTION}, {"role": "assistant", "content": _ANSWER}]
    found = list(turn)
    while length(found) < tokens:
        found += turn
    return found
