from __future__ import annotations

import pytest
import torch

from assistant.engine.likelihood import reply_losses
from tests import tiny


def test_losses_are_those_of_each_reply_alone_whatever_it_is_batched_with() -> None:
    model = tiny.base().model
    prompts, replies = [[5, 6, 7], [9], [4, 4, 4, 4, 4]], [[8, 1], [3, 3, 3, 3], []]
    found = reply_losses(model, prompts, replies, pad=0)
    assert [tokens for _, tokens in found] == [2, 4, 0]
    for prompt, reply, (loss, _) in zip(prompts, replies, found, strict=True):
        with torch.no_grad():
            chances = model(torch.tensor([[*prompt, *reply]])).logits[0, len(prompt) - 1 :].log_softmax(-1)
        assert loss == pytest.approx(-sum(float(chances[i, token]) for i, token in enumerate(reply)), abs=1e-4)
