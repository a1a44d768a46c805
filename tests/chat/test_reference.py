from __future__ import annotations

from assistant import locations
from assistant.anchors.card import read_card
from assistant.chat.catalogue import registry
from assistant.chat.registry import Group


def test_every_command_says_what_it_does() -> None:
    for command in registry(read_card(locations.default_bank()).attributes).values():
        assert command.about.endswith(".")
        assert len(command.about) < 100
        assert command.group in Group
