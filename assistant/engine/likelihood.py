"""How likely given replies are under the weights now in a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import functional

from assistant.engine.forward import shared
from assistant.engine.llama import LlamaForward

_ROWS = 8


@torch.inference_mode()
def reply_losses(
    model: Any, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]], pad: int
) -> list[tuple[float, int]]:
    """Return (summed negative log-likelihood in nats, number of tokens) of each reply after its prompt.

    Args:
        model: a causal LM.
        prompts: token ids; none is empty.
        replies: token ids, one list per prompt.
        pad: any valid token id; what it stands for is masked out.
    """
    found = []
    for start in range(0, len(prompts), _ROWS):
        rows = list(zip(prompts[start : start + _ROWS], replies[start : start + _ROWS], strict=True))
        longest = max(len(prompt) + len(reply) for prompt, reply in rows)
        ids = [[*prompt, *reply, *[pad] * (longest - len(prompt) - len(reply))] for prompt, reply in rows]
        mask = [[int(i < len(prompt) + len(reply)) for i in range(longest)] for prompt, reply in rows]
        inputs = torch.tensor(ids, device=model.device)
        hidden = model.get_decoder()(inputs, attention_mask=torch.tensor(mask, device=model.device)).last_hidden_state
        for row, (prompt, reply) in enumerate(rows):
            end = len(prompt) + len(reply)
            logits = model.get_output_embeddings()(hidden[row, len(prompt) - 1 : end - 1]).float()
            loss = functional.cross_entropy(logits, inputs[row, len(prompt) : end], reduction="sum")
            found.append((float(loss), len(reply)))
    return found


@torch.inference_mode()
def forward_losses(
    forward: LlamaForward, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
) -> list[tuple[float, int]]:
    """Return what `reply_losses` does by our own forward: row by row without padding, what all begin with once."""
    if not prompts:
        return []
    cache, known, found = forward.cache(), shared(prompts), []
    if known:
        forward.extend(cache, prompts[0][:known])
    for prompt, reply in zip(prompts, replies, strict=True):
        if not reply:
            found.append((0.0, 0))
            continue
        cache.crop(known)
        logits = forward.block(cache, torch.tensor([[*prompt[known:], *reply[:-1]]]), last=len(reply))[0]
        found.append((float(functional.cross_entropy(logits, torch.tensor(reply), reduction="sum")), len(reply)))
    return found


@torch.inference_mode()
def reply_log_probs(
    logits: Callable[[torch.Tensor], torch.Tensor],
    prompts: Sequence[Sequence[int]],
    replies: Sequence[Sequence[int]],
) -> list[torch.Tensor]:
    """Return the log-probabilities of every next token along given replies, each of shape (tokens, vocabulary).

    Args:
        logits: from ids of shape (1, tokens) to logits of shape (1, tokens, vocabulary).
        prompts: token ids; none is empty.
        replies: token ids, one list per prompt.
    """
    found = []
    for prompt, reply in zip(prompts, replies, strict=True):
        rows = logits(torch.tensor([[*prompt, *reply]]))[0, len(prompt) - 1 : -1]
        found.append(torch.log_softmax(rows.float(), -1).cpu())
    return found
