"""A person's profile: where in the space of voices their assistant lives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from assistant.style.attributes import nearest
from assistant.style.composition import Compose

NEUTRAL_ALPHA = 0.5
"""α of an attribute that nobody has moved."""
DEFAULT_STRENGTH = 1.0
"""s at which a direction has the anchors' own length."""
DEFAULT_COMPOSE = Compose.CENTRED
"""Composition of a profile that asks for none."""
_SIMPLEX_TOLERANCE = 1e-9


class ProfileError(ValueError):
    """A profile or a change of it is not usable; the message says what is wrong and what would do."""


def _finite(value: float, what: str) -> float:
    try:
        number = float(value) + 0.0
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ProfileError(f"{what} must be a finite number")
    return number


@dataclass(frozen=True, slots=True, eq=True)
class Profile:
    """The α, λ, strength and composition of one person: an immutable value, every change makes a new one."""

    alpha: Mapping[str, float]
    """Position per attribute: 0 is the low anchor, 1 the high anchor, any finite number is allowed."""
    lambda_: Mapping[str, float]
    """Mixing weight per attribute: λ ≥ 0, Σλ = 1."""
    strength: float = DEFAULT_STRENGTH
    """s ≥ 0 of full and centred composition."""
    compose: Compose = DEFAULT_COMPOSE
    """Which composition turns this profile into weights."""

    def __post_init__(self) -> None:
        if not self.alpha or self.alpha.keys() != self.lambda_.keys():
            raise ProfileError("a profile needs an alpha and a lambda for each attribute, and at least one attribute")
        alpha = {name: _finite(value, f"alpha of {name}") for name, value in self.alpha.items()}
        lam = {name: _finite(self.lambda_[name], f"lambda of {name}") for name in alpha}
        for name, value in lam.items():
            if value < 0:
                raise ProfileError(f"lambda of {name} must not be negative, not {value:g}")
        total = math.fsum(lam.values())
        if abs(total - 1) > _SIMPLEX_TOLERANCE:
            raise ProfileError(f"the lambdas must add up to 1, not {total:g}")
        strength = _finite(self.strength, "strength")
        if strength < 0:
            raise ProfileError(f"strength must not be negative, not {strength:g}")
        object.__setattr__(self, "alpha", MappingProxyType(alpha))
        object.__setattr__(self, "lambda_", MappingProxyType(lam))
        object.__setattr__(self, "strength", strength)
        object.__setattr__(self, "compose", Compose(self.compose))

    @classmethod
    def neutral(cls, attributes: Sequence[str]) -> Profile:
        """Return the profile with every α at ½ and λ spread evenly over `attributes`."""
        return cls(dict.fromkeys(attributes, NEUTRAL_ALPHA), _even(attributes, 1.0))

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes, in order."""
        return tuple(self.alpha)

    def aligned(self, attributes: Sequence[str]) -> Profile:
        """Return this profile over exactly `attributes`, for a bank that has more or fewer of them.

        An attribute that the profile does not know gets α = ½ and an even share, λ = 1/n, so that moving it is heard.
        The known ones share the rest in proportion, that of those which the bank lacks included: in full and centred
        composition their directions stay just as long, since λ / max λ does.

        Raises:
            ProfileError: no weight is left on any of `attributes`.
        """
        if tuple(attributes) == self.attributes:
            return self
        known = [name for name in attributes if name in self.lambda_]
        total = math.fsum(self.lambda_[name] for name in known)
        if total <= 0:
            raise ProfileError(
                f"the profile gives all its weight to attributes that the bank lacks; it has {', '.join(attributes)}"
            )
        lam = {**dict.fromkeys(attributes, 1 / len(attributes)), **{name: self.lambda_[name] for name in known}}
        rest = len(known) / len(attributes)
        if abs(total - rest) > _SIMPLEX_TOLERANCE:
            lam |= {name: self.lambda_[name] / total * rest for name in known}
        alpha = {name: self.alpha.get(name, NEUTRAL_ALPHA) for name in attributes}
        return replace(self, alpha=alpha, lambda_=lam)

    def with_alpha(self, values: Mapping[str, float]) -> Profile:
        """Return the profile with the α of the named attributes replaced.

        Raises:
            ProfileError: an attribute is unknown or a value is not finite.
        """
        self._known(values)
        return replace(self, alpha={**self.alpha, **values})

    def with_lambda(self, values: Mapping[str, float]) -> Profile:
        """Return the profile with the λ of the named attributes set and the rest of 1 shared by the others.

        The others share in proportion to their present λ, evenly if those are all 0.

        Raises:
            ProfileError: an attribute is unknown, a value is negative or not finite, or the sum cannot be 1.
        """
        self._known(values)
        for name, value in values.items():
            if _finite(value, f"lambda of {name}") < 0:
                raise ProfileError(f"lambda of {name} must not be negative, not {value:g}")
        named = math.fsum(values.values())
        others = [name for name in self.attributes if name not in values]
        if named > 1 + _SIMPLEX_TOLERANCE:
            raise ProfileError(f"the lambdas add up to {named:g}; they must add up to 1")
        if not others and abs(named - 1) > _SIMPLEX_TOLERANCE:
            raise ProfileError(f"the lambdas add up to {named:g} and no attribute is left for the rest of 1")
        rest = max(0.0, 1.0 - named)
        present = math.fsum(self.lambda_[name] for name in others)
        shared = _even(others, rest)
        if present > 0:
            shared = {name: self.lambda_[name] / present * rest for name in others}
        return replace(self, lambda_={name: {**shared, **values}[name] for name in self.attributes})

    def with_options(
        self,
        alpha: Mapping[str, float] | None = None,
        lambda_: Mapping[str, float] | None = None,
        strength: float | None = None,
        compose: Compose | None = None,
    ) -> Profile:
        """Return the profile with the command line's options applied.

        Attributes named in `alpha` without any `lambda_` take λ = 1, split evenly among them.

        Raises:
            ProfileError: an option names an unknown attribute or has a value that is not usable.
        """
        profile = self.with_alpha(alpha) if alpha else self
        if alpha and not lambda_:
            lambda_ = _even(list(alpha), 1.0)
        if lambda_:
            profile = profile.with_lambda(lambda_)
        if strength is not None:
            profile = replace(profile, strength=strength)
        if compose is not None:
            profile = replace(profile, compose=compose)
        return profile

    def as_dict(self) -> dict[str, object]:
        """Return plain values under the keys alpha, lambda, strength and compose."""
        return {
            "alpha": dict(self.alpha),
            "lambda": dict(self.lambda_),
            "strength": self.strength,
            "compose": str(self.compose),
        }

    @classmethod
    def from_dict(cls, values: object) -> Profile:
        """Return the profile that `as_dict` described.

        Raises:
            ProfileError: a key is missing or a value is not usable.
        """
        if not isinstance(values, Mapping):
            raise ProfileError("a profile must be an object with the keys alpha, lambda, strength and compose")
        alpha, lam = _numbers(values, "alpha"), _numbers(values, "lambda")
        strength, compose = values.get("strength", DEFAULT_STRENGTH), values.get("compose", DEFAULT_COMPOSE)
        if not _is_number(strength):
            raise ProfileError("'strength' of a profile must be a number")
        if compose not in list(Compose):
            raise ProfileError(f"compose must be one of {', '.join(Compose)}, not {compose!r}")
        return cls(alpha, lam, strength, Compose(compose))

    def __hash__(self) -> int:
        return hash((tuple(self.alpha.items()), tuple(self.lambda_.items()), self.strength, self.compose))

    def _known(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.alpha:
                guess = nearest(name, self.attributes)
                hint = f"did you mean {guess}?" if guess else f"there are {', '.join(self.attributes)}"
                raise ProfileError(f"there is no attribute {name!r}; {hint}")


def _numbers(values: Mapping[str, object], key: str) -> dict[str, float]:
    table = values.get(key)
    if not isinstance(table, Mapping):
        raise ProfileError(f"{key!r} of a profile must map attribute names to numbers")
    for name, value in table.items():
        if not isinstance(name, str) or not _is_number(value):
            raise ProfileError(f"{key!r} of a profile must map attribute names to numbers")
    return dict(table)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _even(names: Sequence[str], total: float) -> dict[str, float]:
    return dict.fromkeys(names, total / len(names)) if names else {}


def parse_assignments(texts: Iterable[str], option: str) -> dict[str, float]:
    """Parse `NAME=NUMBER` texts of a repeatable option.

    Raises:
        ProfileError: a text has another form, its number is not finite, or a name comes twice.
    """
    values: dict[str, float] = {}
    for text in texts:
        name, sign, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            sign = ""
        if not sign or not name.strip():
            raise ProfileError(f"{option} needs ATTRIBUTE=NUMBER, such as formality=0.8, not {text!r}")
        name = name.strip().lower()
        if name in values:
            raise ProfileError(f"{option} names {name} twice")
        values[name] = _finite(value, f"{option} {name}")
    return values
