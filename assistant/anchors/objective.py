"""What an anchor is trained on: the likelihood of its pole's replies, and how far it is above the other pole's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

IGNORED = -100
"""Label of tokens that carry no loss (torch's default)."""
_MULTIPLE = 16
"""Batches are padded to a multiple of so many tokens: fewer shapes, for each of which the CPU kernels keep memory."""


@dataclass(frozen=True, slots=True)
class Example:
    """One reply with what it answers, as token ids."""

    prompt: Sequence[int]
    reply: Sequence[int]
    """With the token that ends it."""
    other: Sequence[int] = ()
    """The other pole's reply to the same prompt; needed for the contrast alone."""

    def __len__(self) -> int:
        return len(self.prompt) + max(len(self.reply), len(self.other))


@dataclass(frozen=True, slots=True)
class Losses:
    """Of one batch, in nats per token."""

    objective: torch.Tensor
    """What is minimised."""
    likelihood: float
    """Mean negative log-likelihood of the pole's own reply tokens."""
    margin: float
    """Mean over pairs of log p(own) − log p(other), each per token; 0 without a contrast."""


def objective(peft: Any, examples: Sequence[Example], contrast: float = 0.0, learn_prompt: bool = False) -> Losses:
    """Return the losses of a batch.

    The objective is −log p(own) + contrast · −log σ(log odds(own) − log odds(other)), where p is the likelihood per
    token and odds(p) = p / (1 − p): the preference of ORPO (Hong et al., 2024, arXiv 2403.07691, eq. 6 and 7).

    Args:
        peft: the model with its adapter.
        examples: the batch; each with `other` if there is a contrast.
        contrast: weight of the odds ratio; 0 is plain fine-tuning.
        learn_prompt: whether the prompt's tokens carry loss, too.
    """
    rows = [(each.prompt, each.reply) for each in examples]
    if contrast:
        rows += [(each.prompt, each.other) for each in examples]
    inputs, labels = collate(rows, learn_prompt)
    token, row = token_losses(peft, inputs, labels)
    own = row < len(examples)
    likelihood = token[own].mean()
    if not contrast:
        return Losses(likelihood, float(likelihood.detach()), 0.0)
    count = torch.zeros(len(rows)).to(token).index_add(0, row, torch.ones_like(token))
    mean = -torch.zeros(len(rows)).to(token).index_add(0, row, token) / count
    odds = mean - torch.log1p(-torch.exp(mean).clamp(max=1 - 1e-6))
    better, worse = odds.chunk(2)
    preference = -torch.nn.functional.logsigmoid(better - worse).mean()
    margin = (mean[: len(examples)] - mean[len(examples) :]).mean()
    return Losses(likelihood + contrast * preference, float(likelihood.detach()), float(margin.detach()))


def collate(
    rows: Sequence[tuple[Sequence[int], Sequence[int]]], learn_prompt: bool = False
) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Pad (prompt, reply) rows on the right; the reply has labels, and the prompt too with `learn_prompt`."""
    longest = max(len(prompt) + len(reply) for prompt, reply in rows)
    longest += -longest % _MULTIPLE
    ids, labels, mask = [], [], []
    for prompt, reply in rows:
        pad = longest - len(prompt) - len(reply)
        ids.append([*prompt, *reply, *[0] * pad])
        labels.append([*(prompt if learn_prompt else [IGNORED] * len(prompt)), *reply, *[IGNORED] * pad])
        mask.append([1] * (longest - pad) + [0] * pad)
    return {"input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}, torch.tensor(labels)


def token_losses(
    peft: Any, inputs: Mapping[str, torch.Tensor], labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the negative log-likelihood of each labelled token and its row; only they get the vocabulary's logits."""
    model = peft.get_base_model()
    hidden = model.get_decoder()(**{name: value.to(peft.device) for name, value in inputs.items()}).last_hidden_state
    targets = labels[:, 1:].to(peft.device)
    kept = targets != IGNORED
    logits = model.get_output_embeddings()(hidden[:, :-1][kept]).float()
    return torch.nn.functional.cross_entropy(logits, targets[kept], reduction="none"), kept.nonzero()[:, 0]
