"""What stands in the store, told to a learner as events; and what was learned, told to a person in words."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.preference import Command, Event, Learner, Retraction, event_from_dict
from assistant.store import Evidence, ProfileRevision, Set
from assistant.style import Attribute, Profile


def events(entry: Set | Evidence, learner: Learner) -> Iterator[Event]:
    """Yield the events that an entry of the log stands for; those of revisions get negative ids.

    A revision that a person set tells what they want on each attribute whose α they moved. One that undid a step of the
    learner takes the evidence for that step back.
    """
    if isinstance(entry, Evidence):
        yield event_from_dict(entry.content)
        return
    revision = entry.revision
    number = -revision.number
    for undone in entry.undoes:
        yield Retraction(id=number, of=undone)
    before = Profile.from_dict(revision.before) if revision.before else learner.profile
    after = revision.profile.aligned(learner.names)
    at = before.aligned(learner.names)
    if revision.kind == "set":
        for name in learner.names:
            if after.alpha[name] != at.alpha[name]:
                following = at.with_alpha({name: after.alpha[name]})
                yield Command(id=number, before=at, after=following, attribute=name)
                at = following
    yield Command(id=number, before=at, after=after)


def settled(newest: ProfileRevision, learner: Learner) -> Iterator[Event]:
    """Yield what brings a learner to the profile in use, should the log alone lead elsewhere.

    It may, where an older version of this program learned another step from the same evidence.
    """
    profile = newest.profile.aligned(learner.names)
    if profile != learner.profile:
        yield Command(id=-newest.number, before=learner.profile, after=profile)


def believed(learner: Learner) -> dict[str, dict[str, float]]:
    """Return what is believed of a person, by attribute: the ideal score, its standard deviation, its importance."""
    mean, spread = learner.ideal()
    importance = learner.importance()
    return {
        name: {"ideal": float(mean[i]), "sd": float(spread[i]), "importance": float(importance[i])}
        for i, name in enumerate(learner.names)
    }


def belief(learner: Learner, attributes: tuple[Attribute, ...]) -> str:
    """Say what is believed of a person, one line per attribute, what matters most first."""
    found = believed(learner)
    lines = []
    for attribute in sorted(attributes, key=lambda each: -found[each.name]["importance"]):
        values = found[attribute.name]
        lock = ", locked" if attribute.name in learner.locks else ""
        lines.append(
            f"{attribute.name}: ideal {values['ideal']:.2f} ± {values['sd']:.2f} "
            f"({attribute.low} 0 … {attribute.high} 1), {values['importance']:.0%} of what matters{lock}"
        )
    return "\n".join(lines)
