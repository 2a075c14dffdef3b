"""Confirming one's language: the first verb through every layer (F1.6)."""

import pytest
from django.db import connection

from comptoir.identity import actions, queries
from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import themselves
from comptoir.kernel.models import Event
from comptoir.kernel.walls import wall_opened
from tests.cast import raise_curtain

pytestmark = pytest.mark.django_db


def test_a_person_confirms_their_language_and_the_log_says_so() -> None:
    cast = raise_curtain()
    with wall_opened(person=cast.camille.person_id):
        actor = themselves(cast.camille.person_id)
        person = queries.myself(cast.camille.person_id)
        actions.confirm_language(actor, person, language="fr")
        changed = queries.myself(cast.camille.person_id)
        assert changed.language == "fr"
        assert changed.language_confirmed_at is not None
        assert [(event.kind, event.detail) for event in Event.objects.all()] == [("language.confirmed", {"language": "fr"})]


def test_nobody_confirms_the_language_of_somebody_else() -> None:
    cast = raise_curtain()
    with wall_opened(read=[cast.nord.pk], person=cast.camille.person_id):
        colleague = queries.myself(cast.emil.person_id)
        with pytest.raises(Exception, match="not within the wall"):
            actions.confirm_language(themselves(cast.camille.person_id), colleague, language="fr")
        assert queries.myself(cast.emil.person_id).language == "en"


def test_a_language_without_texts_is_refused_and_nothing_changes() -> None:
    cast = raise_curtain()
    with wall_opened(person=cast.camille.person_id):
        person = queries.myself(cast.camille.person_id)
        with pytest.raises(Refused) as refusal:
            actions.confirm_language(themselves(cast.camille.person_id), person, language="tlh")
        assert refusal.value.code == "language_unknown"
        assert queries.myself(cast.camille.person_id).language == "en"
        assert not Event.objects.exists()


def test_the_same_request_twice_is_one_event() -> None:
    cast = raise_curtain()
    with wall_opened(person=cast.camille.person_id):
        actor = themselves(cast.camille.person_id).with_key("one")
        for _ in range(2):
            actions.confirm_language(actor, queries.myself(cast.camille.person_id), language="fr")
        assert Event.objects.count() == 1


def test_without_an_open_wall_no_customer_row_shows() -> None:
    raise_curtain()
    with connection.cursor() as cursor:
        for table in ("organisations_organisation", "organisations_membership", "subscriptions_subscription", "identity_person"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
