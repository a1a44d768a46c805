"""How far the engine's decoding arithmetic is from the composed model in fp32, token by token on given replies."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from assistant.anchors.bank import Bank
from assistant.anchors.texts import POLES, Texts
from assistant.engine.base_model import load_base
from assistant.engine.composer import Composer
from assistant.engine.engine import Engine
from assistant.engine.prompting import PromptEncoder
from assistant.evaluation.speed.timing import Report
from assistant.style import Profile

LONGEST = 48
"""Tokens of a reply that are compared."""


class Reference:
    """The composed model in fp32 through transformers."""

    def __init__(self, bank: Bank, reference: str | None) -> None:
        """Load a base of its own and the bank."""
        base = load_base(reference, torch.device("cpu"), torch.float32)
        self.model, self.encoder = base.model, PromptEncoder(base.tokenizer)
        self.composer = Composer(base.model, bank)

    @torch.inference_mode()
    def logits(self, ids: Sequence[int], last: int) -> torch.Tensor:
        """Return the logits at the last `last` of the tokens, shape (last, vocabulary)."""
        found: torch.Tensor = self.model(torch.tensor([list(ids)]), logits_to_keep=last).logits[0]
        return found


def measure(
    engine: Engine,
    reference: Reference,
    texts: Texts,
    replies: int,
    report: Report = lambda done, total: None,
) -> dict[str, float]:
    """Compare the two on held-out replies, each in the voice that it was written in.

    For every reply token, the divergence is KL(P‖Q) = Σ p (log p − log q) of the reference P from the engine's Q, which
    is fed one token at a time as when it decodes.

    Args:
        engine: decodes.
        reference: the composed model in fp32.
        texts: with held-out prompts and their replies.
        replies: per pole of each attribute; fewer where the texts have fewer.
        report: told of each reply.

    Returns:
        "kl_nats", the mean over tokens; "kl_nats_worst", the largest mean of one reply; "top1_agreement", the share of
        tokens whose most likely next token is the same; "tokens", their number.
    """
    names = [each.name for each in texts.attributes]
    chosen = [
        (name, alpha, pair)
        for name in names
        for pole, alpha in zip(POLES, (0.0, 1.0), strict=True)
        for pair in texts.pairs(name, pole, "heldout")[:replies]
    ]
    means, sums, agreed, count = [], 0.0, 0, 0
    for number, (name, alpha, (prompt, reply)) in enumerate(chosen):
        profile = Profile.neutral(names).with_alpha({name: alpha})
        engine.compose(profile)
        engine.fold()
        reference.composer.compose(profile)
        ids = reference.encoder.encode(prompt.messages())
        body = reference.encoder.text(reply)[:LONGEST]
        expected = reference.logits(ids + body[:-1], len(body)).log_softmax(-1)
        stepped = [engine.logits(ids + body[:end]).float() for end in range(len(body))]
        actual = torch.stack(stepped).log_softmax(-1)
        kl = (expected.exp() * (expected - actual)).sum(-1)
        means.append(float(kl.mean()))
        sums += float(kl.sum())
        agreed += int((expected.argmax(-1) == actual.argmax(-1)).sum())
        count += len(body)
        report(number + 1, len(chosen))
    return {
        "kl_nats": sums / count,
        "kl_nats_worst": max(means),
        "top1_agreement": agreed / count,
        "kl_tokens": count,
    }
