"""A person's voice: the profile that they speak with now, its changes, and the voices that have names."""

from __future__ import annotations

from collections.abc import Callable

from assistant.chat.presets import Preset, preset, presets
from assistant.chat.workspace import Workspace
from assistant.store import ProfileRevision, User
from assistant.style import Profile

Transform = Callable[[Profile], Profile]


class Voicing:
    """The profile of a person, in its newest revision, and what they can do with it."""

    workspace: Workspace
    user: User
    revision: ProfileRevision

    def prepare(self) -> None:
        """Have the model take up the person's voice."""
        raise NotImplementedError

    @property
    def profile(self) -> Profile:
        """The person's profile, over the attributes of the bank."""
        return self._aligned(self.revision.profile)

    def change(self, transform: Transform, cause: str, kind: str = "set") -> ProfileRevision:
        """Change the profile and begin to compose it.

        Args:
            transform: from the newest profile to the one wanted.
            cause: the words that asked for it, kept in the history.
            kind: kind of revision.

        Raises:
            ProfileError: the change is not usable; nothing is changed.
        """
        return self._moved(
            self.workspace.store.profiles.change(
                self.user.id, lambda profile: transform(self._aligned(profile)), kind, cause
            )
        )

    def undo(self) -> ProfileRevision:
        """Take back the newest change of the profile that still counts."""
        return self._moved(self.workspace.store.profiles.undo(self.user.id))

    def redo(self) -> ProfileRevision:
        """Make the change that was taken back last again."""
        return self._moved(self.workspace.store.profiles.redo(self.user.id))

    def voices(self) -> list[Preset]:
        """Return the voices that the person can choose from by name, their own first."""
        return presets(self.workspace.store, self.user.id, self.workspace.names)

    def apply_voice(self, name: str) -> Preset:
        """Take up a voice by name, as one change that can be undone, and return it.

        Raises:
            BadInput: there is no such voice.
        """
        found = preset(self.voices(), name)
        self.change(lambda _: found.profile, f"/voice {found.name}")
        return found

    def save_voice(self, name: str) -> bool:
        """Save the present profile under a name; return whether that replaced a voice of the same name.

        Raises:
            BadInput: the name is not usable.
        """
        return self.workspace.store.voices.save(self.user.id, name, self.profile)

    def take_up(self, revision: ProfileRevision) -> None:
        """Go on with a revision of the person's profile that was made elsewhere."""
        if revision.number > self.revision.number:
            self._moved(revision)

    def _moved(self, revision: ProfileRevision) -> ProfileRevision:
        self.revision = revision
        self.prepare()
        return revision

    def _aligned(self, profile: Profile) -> Profile:
        return profile.aligned(self.workspace.names)
