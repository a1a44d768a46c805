"""Model arithmetic (arXiv 2311.14479): a formula Σ fᵢ Mᵢ over models becomes softmax(Σ fᵢ log Mᵢ / Σ fᵢ).

As in the paper's experiments on personas, the formula is F = M + Σᵢ |cᵢ| Mᵢ, with Mᵢ the model that leans to the pole
which the profile wants of attribute i, and cᵢ = kᵢ⁺ − kᵢ⁻ how far: s (λᵢ / max λ)(2αᵢ − 1) in full and centred
composition. Since log Mᵢ and its logits differ by a constant, and the weights add up to 1, a weighted mean of the
logits does.
"""

from __future__ import annotations

from assistant.engine.base_model import BaseModel
from assistant.engine.forward import Forward, TransformersForward
from assistant.engine.prompting import PromptEncoder
from assistant.evaluation.rivals.anchored import AnchoredDecoder
from assistant.evaluation.rivals.decoder import Messages, SteppedDecoder
from assistant.evaluation.rivals.mixture import Mixture
from assistant.style import Attribute, Profile, coefficients

Lean = tuple[int, bool, float]
"""Number of an attribute, whether its high pole is meant, and |c|."""


def leans(profile: Profile, names: tuple[str, ...]) -> list[Lean]:
    """Return which poles the profile wants, and how far; attributes with c = 0 are left out.

    Raises:
        ProfileError: the profile gives no weight to any of the attributes.
    """
    k = coefficients(profile, names)
    pulls = k[1::2] - k[::2]
    return [(number, bool(pull > 0), abs(float(pull))) for number, pull in enumerate(pulls) if pull]


def shares(wanted: list[Lean]) -> list[float]:
    """Return f / Σ f for the base (f = 1) and each lean."""
    total = 1.0 + sum(weight for *_, weight in wanted)
    return [1.0 / total, *(weight / total for *_, weight in wanted)]


class PromptedArithmetic(SteppedDecoder):
    """Mᵢ is the base with a system prompt that asks for the pole; the passes are rows of one batch over the prompts."""

    def __init__(self, base: BaseModel, attributes: tuple[Attribute, ...], forward: Forward | None = None) -> None:
        """Take a base that nobody composes into, the attributes, and what computes it: transformers when None."""
        self._base, self._attributes = base, attributes
        self._forward = forward or TransformersForward(base.model)
        self._encoder = PromptEncoder(base.tokenizer)

    def begin(self, messages: Messages, profile: Profile) -> Mixture:
        """Return the mixture of the plain and the prompted models.

        Raises:
            ProfileError: the profile gives no weight to any of the attributes.
        """
        wanted = leans(profile, tuple(each.name for each in self._attributes))
        rows: list[tuple[list[int], None]] = [(self._encoder.encode(messages), None)]
        for number, high, _ in wanted:
            attribute = self._attributes[number]
            system = {"role": "system", "content": self.system_prompt(attribute, high)}
            rows.append((self._encoder.encode([system, *messages]), None))
        return Mixture(self._base, self._forward, rows, shares(wanted))

    @staticmethod
    def system_prompt(attribute: Attribute, high: bool, grade: str = "very") -> str:
        """Return the system prompt that asks for a pole, to a grade such as "slightly"."""
        pole = attribute.high if high else attribute.low
        return f"You are a helpful assistant. The style of every answer is {grade} {pole}."


class ExpertArithmetic(AnchoredDecoder):
    """Mᵢ is the base with the anchor of the pole; the passes are rows of one batch over a shared base."""

    def begin(self, messages: Messages, profile: Profile) -> Mixture:
        """Return the mixture of the base and one anchor per attribute that the profile moves.

        Raises:
            ProfileError: the profile gives no weight to any attribute of the bank.
        """
        wanted = leans(profile, self._bank.card.names)
        ids = self._encoder.encode(messages)
        rows = [(ids, None), *((ids, 2 * number + high) for number, high, _ in wanted)]
        return Mixture(self._base, self._forward, rows, shares(wanted), self._bank)
