"""DExperts (arXiv 2105.03023): an expert's logits are added to the base's, an anti-expert's taken away."""

from __future__ import annotations

from assistant.evaluation.rivals.anchored import AnchoredDecoder
from assistant.evaluation.rivals.decoder import Messages
from assistant.evaluation.rivals.mixture import Mixture
from assistant.style import Profile, coefficients


class DExperts(AnchoredDecoder):
    """z = z₀ + Σᵢ αᵢ (zᵢ⁺ − zᵢ⁻), with our anchors as experts and anti-experts.

    For one attribute this is the paper's formula, softmax(z + α (z⁺ − z⁻)); for several we add up. With k the
    coefficients of the profile's composition (see `coefficients`) we take z = z₀ + Σⱼ kⱼ (zⱼ − z₀): to first order in Δ
    that is what composing with k does to the logits, and in centred composition, where k⁺ = −k⁻ = α, it is the formula
    above. A profile's strength scales every α. Anchors with k = 0 are left out; the passes are rows of one batch.
    """

    def begin(self, messages: Messages, profile: Profile) -> Mixture:
        """Return the mixture of the base and the anchors that the profile moves.

        Raises:
            ProfileError: the profile gives no weight to any attribute of the bank.
        """
        ids = self._encoder.encode(messages)
        k = coefficients(profile, self._bank.card.names)
        used = [int(j) for j in k.nonzero()[0]]
        weights = [1.0 - float(k.sum()), *(float(k[j]) for j in used)]
        rows = [(ids, None), *((ids, j) for j in used)]
        return Mixture(self._base, self._forward, rows, weights, self._bank)
