"""The preview of notices: the days and mails that the nights will write, written by nobody yet."""

import pytest

from comptoir.kernel.models import Message
from comptoir.kernel.walls import wall_opened
from tests.cast import Cast, at_desk, raise_curtain, staff_member, words_of

pytestmark = pytest.mark.django_db
NOTICES = "/desk/customers/5200001/notices/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def test_each_notice_stands_on_its_day_and_its_mails_can_be_read_in_both_languages(cast: Cast) -> None:
    fiona = at_desk(staff_member("Fiona", "Lenoir", "finance"))
    said = words_of(fiona.get(NOTICES))
    # it renews by itself on 2027-04-10, more than 120 days after 2026-11-21 but for the first notice
    assert "11 March 2027 Sculpt LT 560000001 renews by itself in 30 days" in said
    assert "gets mail on 1 day of the next 120." in said
    said = words_of(fiona.get(NOTICES, {"day": "2027-03-11"})).replace("\xa0", " ")
    assert "The mails of 11 March 2027" in said
    assert "Camille Morel <camille.morel@example.com>, English" in said
    assert "Camille Morel <camille.morel@example.com>, French (not their language)" in said
    assert "Sofia Costa" not in said, "coordinators hear of access at risk alone"
    assert "1,000.00 EUR" in said
    with wall_opened(read=[cast.nord.pk]):
        assert not Message.objects.exists()


@pytest.mark.parametrize("day", ["2027-03-12", "soon", "9999-12-31", "0001-01-01"])
def test_a_day_without_notices_is_said_and_nothing_breaks(cast: Cast, day: str) -> None:
    answer = at_desk(staff_member("Fiona", "Lenoir", "finance")).get(NOTICES, {"day": day})
    assert answer.status_code == 200
    assert "The mails of" not in words_of(answer)
