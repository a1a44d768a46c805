from __future__ import annotations

from pathlib import Path

import pytest

from assistant import locations
from assistant.settings import Settings, SettingsError, SettingsFile
from assistant.settings.keys import spoken
from assistant.settings.page import page

WRITTEN = """# mine
theme = "light"  # the sun

# how long
max_tokens = 100
"""


def written(folder: Path, text: str) -> SettingsFile:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return SettingsFile(path)


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    file = SettingsFile()
    assert file.path == locations.settings_file()
    assert (file.settings, file.problem) == (Settings(), "")
    assert not file.path.exists()


def test_a_change_keeps_what_the_person_wrote(tmp_path: Path) -> None:
    file = written(tmp_path, WRITTEN)
    assert (file.settings.theme, file.settings.max_tokens) == ("light", 100)
    file.change(max_tokens=90, temperature=0.7)
    text = file.path.read_text(encoding="utf-8")
    assert "# mine\n" in text
    assert '"light"  # the sun' in text
    assert "# how long\nmax_tokens = 90" in text
    again = SettingsFile(file.path)
    assert again.settings == file.settings
    assert again.settings.temperature == 0.7
    assert [each.name for each in tmp_path.glob("*settings*")] == ["settings.toml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(WRITTEN, encoding="utf-8")
    link = tmp_path / "settings.toml"
    link.symlink_to(real)
    SettingsFile(link).change(theme="dark")
    assert link.is_symlink()
    assert '"dark"  # the sun' in real.read_text(encoding="utf-8")


@pytest.mark.parametrize("broken", ["theme = ", "= 1", "\x00"])
def test_a_broken_file_is_said_and_left_alone(tmp_path: Path, broken: str) -> None:
    file = written(tmp_path, broken)
    assert file.settings == Settings()
    assert "cannot be read" in file.problem
    assert "\n" not in file.problem
    with pytest.raises(SettingsError):
        file.change(theme="light")
    assert file.path.read_text(encoding="utf-8") == broken


def test_what_cannot_be_used_has_its_default_and_the_rest_counts(tmp_path: Path) -> None:
    file = written(tmp_path, 'theme = "pink"\nmax_tokens = 99\ncolour = 1\ntemperature = -1\n')
    assert file.settings == Settings(max_tokens=99)
    for word in ("theme", "colour", "temperature"):
        assert word in file.problem
    assert "\n" not in file.problem


def test_a_value_that_cannot_be_used_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, WRITTEN)
    for change in ({"temperature": -1}, {"theme": "pink"}, {"nosuch": 1}, {"keys": {"help": "x"}}):
        with pytest.raises(SettingsError):
            file.change(**change)
    assert file.path.read_text(encoding="utf-8") == WRITTEN


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"hepl": "f1"}, "did you mean help"),
        ({"help": "no key"}, "is no key"),
        ({"help": "a"}, "needed for typing"),
        ({"help": "f2"}, "both help and panel"),
        ({"page_up": "f1"}, "both help and page_up"),
        ({"pin": "r"}, "both rename and pin: give one of them another"),
        ({"pin": "f10,escape"}, "both close and pin"),
        ({"lock": "ctrl+q"}, "both quit and lock"),
    ],
)
def test_keys_are_checked(keys: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Settings(keys=keys)


def test_the_same_key_may_mean_two_things_where_it_cannot_be_both() -> None:
    keys = {"lock": "r", "rename": "l", "hit_after": "f2", "less": "f10"}
    assert Settings(keys=keys).keys == keys


def test_keys_can_be_changed_and_given_back(tmp_path: Path) -> None:
    file = written(tmp_path, "[keys]\nhelp = 'ctrl+b'  # b as in book\n")
    file.change(keys={"help": "f1", "copy": "ctrl+b"})
    assert SettingsFile(file.path).settings.keys == {"help": "f1", "copy": "ctrl+b"}
    assert "b as in book" in file.path.read_text(encoding="utf-8")
    file.change(keys={})
    assert SettingsFile(file.path).settings.keys == {}


def test_keys_are_written_as_people_do() -> None:
    assert spoken("ctrl+g") == "Ctrl+G"
    assert spoken("f12, alt+enter") == "F12, Alt+Enter"
    assert spoken("escape") == "Esc"


def test_the_page_is_what_the_schema_says() -> None:
    path = Path(__file__).parents[2] / "docs" / "settings.md"
    assert path.read_text(encoding="utf-8") == page(), "python -m assistant.settings.page > docs/settings.md"
