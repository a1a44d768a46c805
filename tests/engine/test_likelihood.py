from __future__ import annotations

import pytest
import torch

from assistant.engine.likelihood import forward_losses, reply_losses
from assistant.engine.llama import LlamaForward
from tests import tiny


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("begin", [[], [2, 5, 2]], ids=["apart", "a common beginning"])
def test_losses_are_those_of_each_reply_alone_whatever_it_is_batched_with(own: bool, begin: list[int]) -> None:
    model = tiny.base().model
    assert forward_losses(LlamaForward(model), [], []) == reply_losses(model, [], [], pad=0) == []
    prompts, replies = [[*begin, *ids] for ids in ([5, 6, 7], [9], [4] * 5)], [[8, 1], [3, 3, 3, 3], []]
    ours = forward_losses(LlamaForward(model), prompts, replies)
    found = ours if own else reply_losses(model, prompts, replies, pad=0)
    assert [tokens for _, tokens in found] == [2, 4, 0]
    for prompt, reply, (loss, _) in zip(prompts, replies, found, strict=True):
        with torch.no_grad():
            chances = model(torch.tensor([[*prompt, *reply]])).logits[0, len(prompt) - 1 :].log_softmax(-1)
        assert loss == pytest.approx(-sum(float(chances[i, token]) for i, token in enumerate(reply)), abs=1e-4)
