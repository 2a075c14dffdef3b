"""`comptoir sandbox-links`: a click and one is somebody of the demo, in a sandbox."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from comptoir.downloads.models import Trial
from comptoir.entitlements.models import Device, Lease, LicenceFile
from comptoir.kernel.models import AskedVerb
from comptoir.organisations.models import JoinRequest, Membership
from tests.owner import DEMO, OwnDatabase, logged_in, own_database


@pytest.fixture(scope="module")
def demo(django_db_blocker: Any) -> Iterator[OwnDatabase]:
    """The demo, imported."""
    with django_db_blocker.unblock(), own_database("links") as made:
        call_command("import_legacy", str(DEMO), json=True, stdout=StringIO())
        yield made


def links() -> list[dict[str, Any]]:
    out = StringIO()
    call_command("sandbox_links", json=True, stdout=out)
    told: list[dict[str, Any]] = json.loads(out.getvalue())
    return told


def test_they_are_different_people_with_different_roles_and_languages(demo: OwnDatabase) -> None:
    told = links()
    assert 5 <= len(told) <= 9
    assert len({one["person_id"] for one in told}) == len(told)
    assert {one["role"] for one in told} >= {"contract_manager", "software_coordinator", "end_user"}
    assert {one["language"] for one in told} >= {"fr", "en"}
    assert all(one["link"].startswith(settings.BASE_URL) for one in told)


def test_who_belongs_to_several_customers_is_among_them(demo: OwnDatabase) -> None:
    member = Membership.objects.filter(organisation__number="5100005").first()
    other = Membership.objects.filter(organisation__number="5100007").first()
    assert member is not None
    assert other is not None
    copy = Membership.objects.get(pk=member.pk)
    copy.pk, copy.organisation = None, other.organisation
    copy.save()
    try:
        assert member.person_id in {one["person_id"] for one in links()}
    finally:
        copy.delete()


def test_a_click_signs_in_and_a_changed_link_does_not(demo: OwnDatabase) -> None:
    path = urlsplit(links()[0]["link"]).path
    with logged_in(demo.app_url):
        client = Client(headers={"host": "127.0.0.1"})
        assert client.get(path).status_code == 302
        assert client.get("/profile/").status_code == 200
        stranger = Client(headers={"host": "127.0.0.1"})
        assert stranger.get(path[:-2] + "x/").status_code == 404
        assert stranger.get("/profile/").status_code == 302


def test_in_words_each_has_a_name_a_role_and_a_link(demo: OwnDatabase) -> None:
    out = StringIO()
    call_command("sandbox_links", stdout=out)
    assert out.getvalue().count("/sandbox/sign-in/") == len(links())
    assert "contract manager of" in out.getvalue()


def test_a_customer_at_work_has_something_on_each_page_and_every_role(demo: OwnDatabase) -> None:
    for command in ("sandbox_releases", "sandbox_staff", "sandbox_customer", "sandbox_customer"):
        call_command(command)
    assert {one["role"] for one in links()} >= {"payer", "access_manager", "report_viewer"}
    asked, wishes = AskedVerb.objects.filter(state="open"), JoinRequest.objects.filter(state="open")
    assert (asked.count(), wishes.count(), Trial.objects.count(), LicenceFile.objects.count()) == (2, 1, 1, 1)
    assert Device.objects.filter(in_use=True).count() == Lease.objects.filter(ended_at=None).count() == 1
    call_command("verify", json=True, stdout=StringIO())


def test_production_has_none(demo: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SANDBOX", False)
    with pytest.raises(CommandError, match="in production"):
        links()
