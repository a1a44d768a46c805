"""The response model: which attribute scores a profile's replies will have, corrected by the scores they do have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.preference.errors import PreferenceError
from assistant.style import Compose, Profile

Array = NDArray[np.float64]

GAIN = 1.6
"""Logits that a score moves when c goes from 0 to 1; the pilot's bank, and the prior where a card measures nothing."""
GAIN_SD, CROSS_SD, OFFSET_SD = 0.4, 0.2, 0.4
"""Standard deviations of the prior of gains, cross-talk and offsets, in logits per unit of c."""
NOISE = 0.4
"""Standard deviation of one reply's logit score around the model's, where a card measures none."""
POINT_NOISE = 0.1
"""Least standard deviation of a card's mean scores, in logits."""
POINT_REPLIES = 4
"""Replies behind each of a card's mean scores, where it does not say."""
OPEN = 16.0
"""How many times the prior's variance a measured bank may differ by from the prior."""
EDGE = 0.02
"""Scores are kept this far from 0 and 1 before their logit is taken."""
WANDER = 0.002
"""Share of the prior's variance added per observation: the model may be wrong in ways that change with c."""


def logit(score: Array) -> Array:
    """Return the log odds of scores, kept EDGE away from 0 and 1."""
    inside = np.clip(score, EDGE, 1.0 - EDGE)
    return np.asarray(np.log(inside / (1.0 - inside)))


def logistic(value: Array) -> Array:
    """Return 1 / (1 + exp(−value))."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * value)))


def scales(profile: Profile, attributes: Sequence[str]) -> Array:
    """Return, shape (n,), how far c goes when α goes from ½ to 1: s λ/max λ, or λ in paper composition."""
    lam = np.array([profile.lambda_[name] for name in attributes])
    return lam if profile.compose is Compose.PAPER else profile.strength * lam / lam.max()


def displacement(profile: Profile, attributes: Sequence[str]) -> Array:
    """Return c, shape (n,): what each slider really moves, scale · (2α − 1) (docs/architecture.md, `Compose`)."""
    aligned = profile.aligned(attributes)
    alpha = np.array([aligned.alpha[name] for name in attributes])
    return scales(aligned, attributes) * (2.0 * alpha - 1.0)


def score_array(scores: Mapping[str, float], attributes: Sequence[str]) -> Array:
    """Return the measured scores in the order of `attributes`, shape (n,).

    Raises:
        PreferenceError: one is missing, not a finite number or outside [0, 1].
    """
    missing = [name for name in attributes if name not in scores]
    if missing:
        raise PreferenceError(f"the scores lack {', '.join(missing)}; every attribute of the bank must be scored")
    values = np.array([float(scores[name]) for name in attributes])
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise PreferenceError(f"scores must be numbers from 0 to 1, not {', '.join(f'{value:g}' for value in values)}")
    return values


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Logit scores linear in c, with what is not known about the coefficients: n Bayesian linear regressions."""

    attributes: tuple[str, ...]
    mean: Array
    """Coefficients, shape (n, n + 1): logit sᵢ = mean[i, :n] · c + mean[i, n]; off the diagonal is cross-talk."""
    covariance: Array
    """Of each row of `mean`, shape (n, n + 1, n + 1)."""
    noise: Array
    """Standard deviation of one reply's logit score per attribute, shape (n,)."""

    @classmethod
    def prior(cls, attributes: Sequence[str], gain: float = GAIN) -> Response:
        """Return the model where nothing was measured: each attribute answers to its own slider with `gain`."""
        n = len(attributes)
        deviations = np.full((n, n + 1), CROSS_SD)
        deviations[np.arange(n), np.arange(n)] = GAIN_SD
        deviations[:, n] = OFFSET_SD
        covariance = np.zeros((n, n + 1, n + 1))
        covariance[:, np.arange(n + 1), np.arange(n + 1)] = deviations**2
        return cls(tuple(attributes), np.eye(n, n + 1) * gain, covariance, np.full(n, NOISE))

    @classmethod
    def from_card(cls, attributes: Sequence[str], card: Mapping[str, Any] | None) -> Response:
        """Return the model that a bank's card describes, or the prior if it describes none.

        Args:
            attributes: names of the bank's attributes.
            card: {"points": [{"c": {attribute: c}, "scores": {attribute: mean score}}, …],
                "noise": {attribute: standard deviation of one reply's score, in logits}}; "noise" may be missing, and
                an attribute missing in "c" was at 0.

        Raises:
            PreferenceError: the card's values are not usable.
        """
        model = cls.prior(attributes)
        if not card:
            return model
        try:
            if card.get("noise"):
                noise = np.array([float(card["noise"][name]) for name in attributes])
                if not np.all((noise >= 0.0) & np.isfinite(noise)):
                    raise ValueError("noise must be finite and not negative")
                model = replace(model, noise=np.maximum(noise, POINT_NOISE))
            replies = float((card.get("measured") or {}).get("prompts_per_profile", POINT_REPLIES))
            if not replies >= 1.0:
                raise ValueError("prompts_per_profile must be at least 1")
            model = replace(model, covariance=OPEN * model.covariance)
            for point in card["points"]:
                c = np.array([float(point["c"].get(name, 0.0)) for name in attributes])
                middle = logit(score_array(point["scores"], attributes)) * model._flattening
                model = model._learned(c, middle, np.maximum(model.noise / math.sqrt(replies), POINT_NOISE))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise PreferenceError(f"the response in the bank's card is damaged ({error}): measure it again") from error
        if not np.all(np.isfinite(model.mean)):
            raise PreferenceError("the response in the bank's card holds numbers that are not usable: measure it again")
        return model

    def logits(self, c: Array) -> Array:
        """Return the expected logit scores of displacements c, shape (…, n) both."""
        return np.asarray(c @ self.mean[:, :-1].T + self.mean[:, -1])

    def scores(self, c: Array) -> Array:
        """Return the expected scores of displacements c, shape (…, n) both: means over replies, which vary."""
        return logistic(self.logits(c) / self._flattening)

    @property
    def _flattening(self) -> Array:
        """How much nearer to 0 the logit of the mean score is than the mean logit, shape (n,).

        E σ(x) ≈ σ(μ / √(1 + π v / 8)) for x normal with mean μ and variance v (MacKay, 1992).
        """
        return np.asarray(np.sqrt(1.0 + math.pi / 8.0 * self.noise**2))

    def variance(self, c: Array) -> Array:
        """Return the variance of one reply's logit scores at displacements c, (…, n) both: noise and ignorance."""
        x = np.concatenate([c, np.ones((*c.shape[:-1], 1))], axis=-1)
        return np.asarray(self.noise**2 + np.einsum("...j,ijk,...k->...i", x, self.covariance, x, optimize=True))

    def of(self, profile: Profile) -> Array:
        """Return the expected scores of a profile's replies, shape (n,)."""
        return self.scores(displacement(profile, self.attributes))

    def inverse(self, scores: Array, ridge: float = 0.02) -> Array:
        """Return displacements whose expected scores are these, shape (…, n) both, short ones where they can be."""
        gains = self.mean[:, :-1]
        square = gains.T @ gains + ridge * np.eye(len(gains))
        wanted = logit(scores) * self._flattening
        return np.asarray(np.linalg.solve(square, gains.T @ (wanted - self.mean[:, -1]).T).T)

    def observed(self, c: Array, scores: Array) -> Response:
        """Return the model after a reply at c was measured: one step of recursive least squares."""
        wandered = replace(self, covariance=self.covariance + WANDER * _prior_diagonal(len(c)))
        return wandered._learned(c, logit(scores), self.noise)

    def _learned(self, c: Array, logits: Array, noise: Array) -> Response:
        x = np.append(c, 1.0)
        spread = np.einsum("ijk,k->ij", self.covariance, x)
        gain = spread / (spread @ x + noise**2)[:, None]
        mean = self.mean + gain * (logits - self.mean @ x)[:, None]
        return replace(self, mean=mean, covariance=self.covariance - gain[:, :, None] * spread[:, None, :])

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as kept in a learner's state."""
        return {
            "attributes": list(self.attributes),
            "mean": self.mean.tolist(),
            "covariance": self.covariance.tolist(),
            "noise": self.noise.tolist(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Response:
        """Return the model that `as_dict` described."""
        return cls(
            tuple(values["attributes"]),
            np.array(values["mean"], dtype=np.float64),
            np.array(values["covariance"], dtype=np.float64),
            np.array(values["noise"], dtype=np.float64),
        )


def _prior_diagonal(n: int) -> Array:
    """Return the prior's covariance without the prior's mean, shape (n, n + 1, n + 1)."""
    return Response.prior([str(number) for number in range(n)]).covariance
