"""From a profile to the coefficients of a composition: plain arithmetic on a vector of length 2n."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.style.profile import Profile


class Compose(StrEnum):
    """The ways in which anchors are composed into the base model's weights."""

    PAPER = "paper"
    """Σ λᵢ [αᵢ Δᵢ⁺ + (1 − αᵢ) Δᵢ⁻], the weighted average of arXiv 2404.07117."""
    FULL = "full"
    """Σ λᵢ mᵢ + s Σ (λᵢ / max λ)(2αᵢ − 1) dᵢ: the heaviest attribute speaks with its full voice."""
    CENTRED = "centred"
    """s Σ (λᵢ / max λ)(2αᵢ − 1) dᵢ: `full` without the mean, the base model at α = ½."""


def coefficients(profile: Profile, attributes: Sequence[str]) -> NDArray[np.float64]:
    """Return the vector k with W = W0 + Σⱼ kⱼ Δⱼ over the anchors of `attributes`.

    Anchors are ordered (low, high) per attribute, in the order of `attributes`. With d = (Δ⁺ − Δ⁻)/2,
    m = (Δ⁺ + Δ⁻)/2 and g = λ / max λ, the three compositions (see `Compose`; "paper" is equation 3 of
    arXiv 2404.07117) become

        paper    k⁺ = λ α                  k⁻ = λ (1 − α)
        full     k⁺ = λ/2 + s g (α − ½)    k⁻ = λ/2 − s g (α − ½)
        centred  k⁺ = s g (α − ½)          k⁻ = − s g (α − ½)

    Args:
        profile: α, λ, strength s and the kind of composition; see `Profile.aligned` for attributes it does not know.
        attributes: names of the bank's attributes.

    Returns:
        Array of shape (2 · len(attributes),).

    Raises:
        ProfileError: the profile gives no weight to any of the attributes.
    """
    aligned = profile.aligned(attributes)
    alpha = np.array([aligned.alpha[name] for name in attributes])
    lam = np.array([aligned.lambda_[name] for name in attributes])
    if profile.compose is Compose.PAPER:
        low, high = lam * (1.0 - alpha), lam * alpha
    else:
        pull = profile.strength * (lam / lam.max()) * (alpha - 0.5)
        mean = lam / 2 if profile.compose is Compose.FULL else np.zeros_like(lam)
        low, high = mean - pull, mean + pull
    return (
        np.stack([low, high], axis=1).reshape(-1) + 0.0
    )  # + 0.0 turns −0 into 0, so that equal voices have equal keys
