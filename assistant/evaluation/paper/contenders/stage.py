"""The models with which contenders speak: the engine's own, the plain base, and copies that wear updates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from assistant.anchors.bank import Bank
from assistant.anchors.texts import POLES, Pole, Texts
from assistant.engine.base_model import BaseModel
from assistant.engine.prompting import PromptEncoder
from assistant.evaluation.paper.contenders import control
from assistant.evaluation.paper.contenders.batched import Part
from assistant.evaluation.paper.contenders.updates import Copy, Update, anchor, direction, forward_of, random_direction
from assistant.evaluation.paper.lab import Vector, Weights


class Stage:
    """Models are made when they are first needed; updates and vectors are kept for one attribute at a time."""

    def __init__(
        self, composer: Weights, base: BaseModel, bank: Bank, texts: Texts, pairs: int = 64, seed: int = 1
    ) -> None:
        """Take what there is.

        Args:
            composer: of the base's model, the only one that writes its weights.
            base: the engine's.
            bank: its anchors.
            texts: control vectors are made of the poles' texts of the split `anchors`.
            pairs: of texts, the first so many.
            seed: decides the random direction.
        """
        self._composer, self._base, self._texts, self._pairs, self._seed = composer, base, texts, pairs, seed
        self.bank = bank
        self.attributes = bank.card.attributes
        self.encoder = PromptEncoder(base.tokenizer)
        self.stops = self.encoder.stop_ids(base.model)
        self.pad = base.tokenizer.pad_token_id or 0
        self._engine = forward_of(base.model)
        self._worn: dict[Pole, int] = {}
        self._vectors: tuple[int, control.Vectors] = (-1, {})
        self._random: tuple[int, Update] = (-1, {})

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens."""
        return str(self._base.tokenizer.decode(tokens, skip_special_tokens=True))

    def _copy(self) -> Copy:
        self._composer.set(np.zeros(2 * len(self.attributes)))
        return Copy(self._base.model)

    @cached_property
    def _plain(self) -> Copy:
        return self._copy()

    @cached_property
    def _experts(self) -> dict[Pole, Copy]:
        return {pole: Copy(self._plain.model) for pole in POLES}

    @cached_property
    def _other(self) -> Copy:
        return Copy(self._plain.model)

    def composed(self, k: Vector) -> Part:
        """Return the engine's model with the anchors composed."""
        self._composer.set(k)
        return Part(self._engine)

    def base(self, weight: float = 1.0, system: str | None = None) -> Part:
        """Return the base, with a system prompt if one is given."""
        return Part(self._plain.forward, weight, system)

    def expert(self, attribute: int, pole: Pole, weight: float = 1.0) -> Part:
        """Return the base with one anchor."""
        if self._worn.get(pole) != attribute:
            self._experts[pole].wear(anchor(self.bank, 2 * attribute + POLES.index(pole)))
            self._worn[pole] = attribute
        return Part(self._experts[pole].forward, weight)

    def updated(self, update: Update, strength: float = 1.0) -> Part:
        """Return the base with an update; only one such part can be used at a time."""
        self._other.wear(update, strength)
        return Part(self._other.forward)

    def random(self, attribute: int) -> Update:
        """Return the random counterpart of an attribute's direction."""
        if self._random[0] != attribute:
            drawn = random_direction(direction(self.bank, attribute), self._seed + attribute)
            self._random = (attribute, drawn)
        return self._random[1]

    def steered(self, attribute: int, coefficient: float) -> Part:
        """Return the base with an attribute's control vector."""
        vectors, copy = self.vectors(attribute), self._plain
        return Part(copy.forward, worn=lambda: control.steered(copy.forward, copy.model, vectors, coefficient))

    def vectors(self, attribute: int) -> control.Vectors:
        """Return the control vector of an attribute."""
        if self._vectors[0] != attribute:
            name, model = self.attributes[attribute].name, self._plain.model
            sides = [
                [
                    (self.encoder.encode(prompt.messages()), self.encoder.text(reply))
                    for prompt, reply in self._texts.pairs(name, pole, "anchors")[: self._pairs]
                ]
                for pole in POLES
            ]
            layers = control.middle(len(model.get_decoder().layers))
            self._vectors = (attribute, control.difference_of_means(model, sides[0], sides[1], layers, self.pad))
        return self._vectors[1]
