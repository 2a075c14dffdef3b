"""Who one is, in the round badge."""

import pytest

from comptoir.ui.shell import Person


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Camille Bonnet", "CB"), ("Jean de la Tour", "JT"), ("Zoé", "Z"), ("", "?"), ("12 34", "?")],
)
def test_initials_are_those_of_the_first_and_the_last_name(name: str, initials: str) -> None:
    assert Person(name).initials == initials
