"""One more encoder is named in the settings file, and everything else in it stays as it was."""

import tomllib
from pathlib import Path

import pytest

from photosense.encoder_names import add_encoder
from photosense.errors import SettingsError

USUAL = ("patches",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'encoder = ["patches", "new.toml"]\n'),
        ("# mine\nport = 9000\n", '# mine\nport = 9000\nencoder = ["patches", "new.toml"]\n'),
        (
            '# mine\nencoder = "old.toml" # good\nport = 9000\n',
            '# mine\nencoder = ["old.toml", "new.toml"]\nport = 9000\n',
        ),
        ('encoder = [\n  "a", # one\n  "b",\n]\nport = 1\n', 'encoder = ["a", "b", "new.toml"]\nport = 1\n'),
        ("[weights]\ntext = 2.0\n", 'encoder = ["patches", "new.toml"]\n\n[weights]\ntext = 2.0\n'),
        (
            "port = 1\n\n[encoder_totals]\npatches = 9\n",
            'port = 1\nencoder = ["patches", "new.toml"]\n\n[encoder_totals]\npatches = 9\n',
        ),
    ],
)
def test_the_name_is_added_in_its_place(tmp_path: Path, before: str, after: str) -> None:
    """With a file or without, one encoder or several, before the first table."""
    file = tmp_path / "photosense.toml"
    if before:
        file.write_text(before)
    names = add_encoder(file, "new.toml", USUAL)
    assert file.read_text() == after
    assert tuple(tomllib.loads(after)["encoder"]) == names
    assert add_encoder(file, "new.toml", USUAL) == names
    assert file.read_text() == after


def test_a_file_that_is_written_in_another_way_is_left_alone(tmp_path: Path) -> None:
    """A quoted key is TOML too: then a person writes the line that is told."""
    file = tmp_path / "photosense.toml"
    file.write_text('"encoder" = "old.toml"\n')
    with pytest.raises(SettingsError, match=r'write encoder = \["old.toml", "new.toml"\] into it'):
        add_encoder(file, "new.toml", USUAL)
    assert file.read_text() == '"encoder" = "old.toml"\n'
