"""`comptoir token create`: its secret is shown once, kept as a digest, and opens what the member may."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from comptoir.kernel.models import Event
from comptoir.organisations.models import AccessToken
from comptoir.permissions import SCOPES
from tests.cast import Cast, raise_curtain
from tests.owner import OwnDatabase, logged_in, own_database

CAMILLE = ("--customer", "5200001", "--email", "Camille.Morel@example.com", "--name", "our program")


@pytest.fixture
def stage(django_db_blocker: Any) -> Iterator[tuple[OwnDatabase, Cast]]:
    """The cast in a database of its own."""
    with django_db_blocker.unblock(), own_database("token") as made:
        yield made, raise_curtain()


def create(*arguments: str) -> str:
    out = StringIO()
    call_command("token", "create", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_a_token_acts_as_its_member_inside_its_customer_alone(stage: tuple[OwnDatabase, Cast]) -> None:
    secret = create(*CAMILLE).strip()
    with logged_in(stage[0].app_url):
        client = Client(headers={"authorization": f"Bearer {secret}", "host": "127.0.0.1"})
        assert client.get("/api/v1/me").json()["email"] == "camille.morel@example.com"
        assert client.get("/api/v1/customers/5200001/subscriptions").status_code == 200
        assert client.get("/api/v1/customers/5200002/subscriptions").status_code == 404
        nobody = Client(headers={"authorization": f"Bearer {secret}x", "host": "127.0.0.1"})
        assert nobody.get("/api/v1/me").status_code == 401


def test_only_its_digest_is_kept(stage: tuple[OwnDatabase, Cast]) -> None:
    secret = create(*CAMILLE).strip()
    token = AccessToken.objects.get()
    assert secret.startswith("cptr_")
    assert len(secret) > 40
    assert secret not in json.dumps([str(value) for value in vars(token).values()])
    assert secret.startswith(token.hint)
    assert len(token.hint) < 12
    event = Event.objects.get(kind="token.created")
    assert secret not in json.dumps(event.detail)
    assert event.detail["name"] == "our program"


def test_the_json_says_whose_it_is_and_how_far_it_goes(stage: tuple[OwnDatabase, Cast]) -> None:
    told = json.loads(create(*CAMILLE, "--scope", "seats:write", "--scope", "profile:read", "--days", "30", "--json"))
    assert told["scopes"] == ["profile:read", "seats:write"]
    assert (told["customer"], told["email"]) == ("5200001", "camille.morel@example.com")
    assert told["expires_at"] is not None
    with logged_in(stage[0].app_url):
        client = Client(headers={"authorization": f"Bearer {told['token']}", "host": "127.0.0.1"})
        assert client.get("/api/v1/me").status_code == 200
        assert client.get("/api/v1/customers/5200001/subscriptions").status_code == 403


def test_without_a_scope_it_has_them_all_and_without_days_it_stays(stage: tuple[OwnDatabase, Cast]) -> None:
    create(*CAMILLE)
    token = AccessToken.objects.get()
    assert (tuple(token.scopes), token.expires_at) == (SCOPES, None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"--customer": "5200009"}, "there is no customer '5200009'; did you mean 520000"),
        ({"--email": "oskar.ost@example.com"}, "nobody with the e-mail 'oskar.ost@example.com' belongs to Atelier Nord"),
        ({"--email": "gaston.ancien@example.com"}, "Gaston Ancien has left"),
        ({"--scope": "world:write"}, "There is no scope world:write"),
        ({"--scope": "operator"}, "There is no scope operator"),
        ({"--days": "0"}, "from 1 to 3650 days"),
        ({"--days": "3651"}, "from 1 to 3650 days"),
        ({"--name": "  "}, "needs a name"),
    ],
)
def test_what_is_wrong_is_said_and_no_token_is_made(
    stage: tuple[OwnDatabase, Cast], change: dict[str, str], sentence: str
) -> None:
    told = dict(zip(CAMILLE[::2], CAMILLE[1::2], strict=True)) | change
    with pytest.raises(CommandError, match=sentence) as refusal:
        create(*(part for pair in told.items() for part in pair))
    assert refusal.value.returncode == 2
    assert not AccessToken.objects.exists()
    assert not Event.objects.exists()
