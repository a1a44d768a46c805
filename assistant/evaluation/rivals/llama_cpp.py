"""llama.cpp on the same GGUF file, through the wheel `xllamacpp` (pip install 'assistant[llama-cpp]')."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.engine.base_model import BaseModel
from assistant.engine.prompting import PromptEncoder
from assistant.engine.sampling import Sampling
from assistant.errors import AssistantError
from assistant.evaluation.rivals.decoder import Messages
from assistant.style import Profile

CONTEXT = 4096
"""Tokens for which llama.cpp keeps room."""


def installed() -> bool:
    """Return whether the wheel is there."""
    return importlib.util.find_spec("xllamacpp") is not None


class LlamaCpp:
    """llama.cpp's server, called in this process. It knows no voices: the profile is ignored."""

    def __init__(self, base: BaseModel, path: Path, threads: int) -> None:
        """Load the file.

        Args:
            base: for its tokenizer, which is that of the file.
            path: the GGUF file.
            threads: number of threads for prompts and for tokens.

        Raises:
            AssistantError: the wheel is not installed.
        """
        if not installed():
            raise AssistantError("llama.cpp is not installed: pip install 'assistant[llama-cpp]'")
        import xllamacpp

        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx, parameters.n_parallel, parameters.verbosity = CONTEXT, 1, -1
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
        self._server: Any = xllamacpp.Server(parameters)
        self._encoder = PromptEncoder(base.tokenizer)

    def stream(self, messages: Messages, profile: Profile, settings: Sampling, stops: frozenset[int]) -> Iterator[int]:
        """Yield the tokens of one reply, all at once when it is done; see `Decoder.stream`.

        Raises:
            AssistantError: llama.cpp refuses the request.
        """
        answer = self._server.handle_completions(
            {
                "prompt": self._encoder.encode(messages),
                "max_tokens": settings.max_tokens,
                "ignore_eos": not stops,
                "temperature": settings.temperature,
                "top_p": settings.top_p,
                "top_k": 0,
                "min_p": 0,
                "repeat_penalty": settings.repetition_penalty,
                "seed": (settings.seeded().seed or 0) % 2**32,
                "cache_prompt": False,
            }
        )
        if "choices" not in answer:
            raise AssistantError(f"llama.cpp refuses: {answer}")
        for token in self._encoder.text(answer["choices"][0]["text"]):
            if token in stops:
                return
            yield token
