"""The contenders: what each does at a signed strength, and the strengths that are tried.

A positive strength leads to the high pole, a negative one to the low; z⁺ and z⁻ are the logits of the base with the
anchor of that pole, z those of the base.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assistant.anchors.texts import Pole
from assistant.evaluation.paper.contenders.batched import Part
from assistant.evaluation.paper.contenders.stage import Stage
from assistant.evaluation.paper.contenders.updates import linear_mix
from assistant.evaluation.rivals.arithmetic import PromptedArithmetic

Voice = Callable[[Stage, int, float], list[Part]]
"""From the number of an attribute and a signed strength to the summands."""
GRADES = ("slightly", "quite", "very", "extremely")


def _pair(stage: Stage, attribute: int, low: float, high: float) -> list[Part]:
    k = np.zeros(2 * len(stage.attributes))
    k[2 * attribute], k[2 * attribute + 1] = low, high
    return [stage.composed(k)]


def centred(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return W0 + c (Δ⁺ − Δ⁻) / 2, with the strength as c."""
    return _pair(stage, attribute, -strength / 2, strength / 2)


def paper(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return W0 + α Δ⁺ + (1 − α) Δ⁻ with α = (1 + strength) / 2, equation 3 of arXiv 2404.07117 at λ = 1."""
    return _pair(stage, attribute, (1 - strength) / 2, (1 + strength) / 2)


def dexperts(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return z + α (z⁺ − z⁻), arXiv 2105.03023, with the strength as α."""
    return [
        stage.base(),
        stage.expert(attribute, "high", strength),
        stage.expert(attribute, "low", -strength),
    ]


def _pole(strength: float) -> Pole:
    return "high" if strength > 0 else "low"


def arithmetic_experts(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return (1 − w) z + w z⁺ (or z⁻), with the strength's size as w.

    This is model arithmetic (arXiv 2311.14479), F = Σ fᵢ Mᵢ with f = (1 − w, w); M + f M⁺ has w = f / (1 + f).
    """
    share = abs(strength)
    return [stage.base(1 - share), stage.expert(attribute, _pole(strength), share)]


def system_prompt(stage: Stage, attribute: int, strength: float, grade: str = "very") -> str:
    """Return the system prompt that asks for the pole to which the strength leads."""
    return PromptedArithmetic.system_prompt(stage.attributes[attribute], strength > 0, grade)


def arithmetic_prompts(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return (1 − w) z + w zₚ, with zₚ the base's logits after a system prompt that asks for the pole."""
    share = abs(strength)
    return [stage.base(1 - share), stage.base(share, system_prompt(stage, attribute, strength))]


def prompting(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return the base after a system prompt with the grade of that number: 1 slightly, … 4 extremely; 0 none."""
    grade = round(abs(strength))
    if grade == 0:
        return [stage.base()]
    return [stage.base(system=system_prompt(stage, attribute, strength, GRADES[grade - 1]))]


def random(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return W0 + c R, with R random, of the rank and, module by module, the Frobenius norm of (Δ⁺ − Δ⁻) / 2."""
    return [stage.updated(stage.random(attribute), strength)]


def linear(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return PEFT's "linear" mix of the two anchors, weights 1 − α and α as in `paper`; see `linear_mix`."""
    weights = {2 * attribute: (1 - strength) / 2, 2 * attribute + 1: (1 + strength) / 2}
    return [stage.updated(linear_mix(stage.bank, weights))]


def control_vector(stage: Stage, attribute: int, strength: float) -> list[Part]:
    """Return the base with strength · (h̄⁺ − h̄⁻) added to the residual stream; see `control`."""
    return [stage.steered(attribute, strength)]


@dataclass(frozen=True)
class Method:
    """A contender."""

    title: str
    voice: Voice
    small: tuple[float, ...]
    """Strengths that are tried in the small setting, upwards; the same towards both poles."""
    full: tuple[float, ...]
    own_zero: bool = False
    """Whether strength 0 is another model than the base."""
    whole: bool = False
    """Whether strengths are whole numbers."""

    def grid(self, full: bool) -> tuple[float, ...]:
        """Return the strengths that are tried."""
        return self.full if full else self.small


_WEIGHTS = (0.5, 1.0, 2.0), (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
METHODS = {
    "centred": Method("ours, centred", centred, *_WEIGHTS),
    "paper": Method("ours, the paper's", paper, *_WEIGHTS, own_zero=True),
    "dexperts": Method("DExperts", dexperts, (0.25, 0.5, 1.0), (0.125, 0.25, 0.5, 0.75, 1.0, 1.5)),
    "arithmetic_experts": Method("model arithmetic, experts", arithmetic_experts, *_WEIGHTS),
    "arithmetic_prompts": Method(
        "model arithmetic, prompts", arithmetic_prompts, (0.5, 1.0, 2.0), (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
    ),
    "prompting": Method("graded prompts", prompting, (1, 3, 4), (1, 2, 3, 4), whole=True),
    "random": Method("random direction", random, *_WEIGHTS),
    "linear": Method("PEFT linear", linear, *_WEIGHTS, own_zero=True),
    "control": Method("control vector", control_vector, (0.1, 0.2, 0.4), (0.05, 0.1, 0.15, 0.2, 0.3, 0.4)),
}
