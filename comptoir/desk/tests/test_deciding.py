"""What finance decides: held charges, and what needs a second pair of eyes."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from comptoir.billing.models import Refund
from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import JOBS
from comptoir.kernel.models import Message, SecondLook
from comptoir.kernel.ports import Ports
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions.seats import add_seats
from comptoir.subscriptions.models import Parked
from tests.cast import TODAY, Cast, at_desk, raise_curtain, signed_in, staff_member, words_of
from tests.paid import one_row_each

pytestmark = pytest.mark.django_db
NORD = "/desk/customers/5200001/"


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.fixture
def fiona(cast: Cast) -> Client:
    return at_desk(staff_member("Fiona", "Lenoir", "finance"))


@pytest.fixture
def noah(cast: Cast) -> Client:
    return at_desk(staff_member("Noah", "Vidal", "finance"))


def hold(cast: Cast, *, minor: int) -> int:
    """A renewal of Atelier Nord that a bound holds."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        return Parked.objects.create(
            organisation=cast.nord,
            subscription=cast.subscription,
            renews_on=cast.subscription.renews_on,
            parked_on=TODAY - timedelta(days=3),
            findings=[{"bound": "price_jumped", "was": "250.00", "now": "250000.00"}],
            net_minor=minor,
            currency="EUR",
        ).pk


def state(cast: Cast, pk: int) -> str:
    with wall_opened(read=[cast.nord.pk]):
        return Parked.objects.get(pk=pk).state


def looks(cast: Cast) -> list[tuple[str, str]]:
    with wall_opened(read=[cast.nord.pk]):
        return list(SecondLook.objects.order_by("id").values_list("verb", "state"))


def test_what_is_held_is_listed_with_why_and_goes_on_when_finance_says_so(cast: Cast, fiona: Client) -> None:
    pk = hold(cast, minor=99_999)
    said = words_of(fiona.get("/desk/runs/"))
    assert "1 charge is held." in said
    assert "renewal of 560000001" in said
    assert "a price a thousand times the last" in said
    assert "1 charge is held by a safety bound." in words_of(fiona.get("/desk/"))
    answer = fiona.post(f"{NORD}held/release/", {"row": pk, "request_key": "k"}, follow=True)
    assert "It goes on." in words_of(answer)
    assert state(cast, pk) == "released"
    assert looks(cast) == []
    assert "This has been decided already." in words_of(fiona.post(f"{NORD}held/discard/", {"row": pk}, follow=True))
    assert state(cast, pk) == "released"


def test_what_is_discarded_is_not_renewed_by_itself_whatever_it_costs(cast: Cast, fiona: Client) -> None:
    pk = hold(cast, minor=100_000_000)
    fiona.post(f"{NORD}held/discard/", {"row": pk})
    assert state(cast, pk) == "discarded"


def test_over_the_limit_one_asks_and_another_one_approves(cast: Cast, fiona: Client, noah: Client) -> None:
    pk = hold(cast, minor=settings.SECOND_PAIR_FROM * 100)
    answer = fiona.post(f"{NORD}held/release/", {"row": pk, "request_key": "k"}, follow=True)
    assert "a colleague of finance was asked to look" in words_of(answer)
    assert (state(cast, pk), looks(cast)) == ("open", [("subscriptions.release_parked", "open")])
    with wall_opened(read=[cast.nord.pk]):
        look = SecondLook.objects.get().pk
    # neither the page offers it to whoever asked, nor the address takes it
    assert "a colleague decides" in words_of(fiona.get("/desk/runs/"))
    answer = fiona.post(f"{NORD}looks/approval/", {"row": look}, follow=True)
    assert "You asked for this yourself" in words_of(answer)
    assert state(cast, pk) == "open"
    fiona.post(f"{NORD}held/release/", {"row": pk, "request_key": "another"})
    assert looks(cast) == [("subscriptions.release_parked", "open")], "asked once"
    assert "Fiona Lenoir" in words_of(noah.get("/desk/runs/"))
    noah.post(f"{NORD}looks/approval/", {"row": look, "request_key": "k"})
    assert (state(cast, pk), looks(cast)) == ("released", [("subscriptions.release_parked", "approved")])
    assert "This request has already been decided." in words_of(noah.post(f"{NORD}looks/approval/", {"row": look}, follow=True))


def test_a_colleague_may_say_no(cast: Cast, fiona: Client, noah: Client) -> None:
    pk = hold(cast, minor=100_000_000)
    fiona.post(f"{NORD}held/release/", {"row": pk})
    with wall_opened(read=[cast.nord.pk]):
        look = SecondLook.objects.get().pk
    assert "Declined. Nothing was done." in words_of(noah.post(f"{NORD}looks/refusal/", {"row": look}, follow=True))
    assert (state(cast, pk), looks(cast)) == ("open", [("subscriptions.release_parked", "declined")])
    fiona.post(f"{NORD}held/release/", {"row": pk})
    assert [each for _verb, each in looks(cast)] == ["declined", "open"]


@pytest.mark.parametrize("path", ["held/release/", "held/discard/", "refunds/payment/", "looks/approval/", "looks/refusal/"])
def test_nobody_else_decides_and_no_row_of_another_customer(cast: Cast, fiona: Client, path: str) -> None:
    pk = hold(cast, minor=100)
    others = [at_desk(staff_member("Karl", "Lang", "catalogue")), at_desk(staff_member("Ada", "Sommer", "administrator"))]
    for somebody in (*others, signed_in(cast.camille)):
        assert somebody.post(f"{NORD}{path}", {"row": pk}).status_code == 404
    for wrong in (pk, 2**62, 2**70, "x", ""):
        customer = "5200002" if wrong == pk else "5200001"
        answer = fiona.post(f"/desk/customers/{customer}/{path}", {"row": wrong}, follow=True)
        assert "That is not there any more." in words_of(answer)
    assert state(cast, pk) == "open"


def test_a_held_charge_wants_a_fresh_proof_of_who_one_is(cast: Cast) -> None:
    pk = hold(cast, minor=100)
    stale = at_desk(staff_member("Fiona", "Lenoir", "finance"), fresh=False)
    assert stale.post(f"{NORD}held/release/", {"row": pk}).headers["Location"].startswith("/sign-in/again/")
    assert state(cast, pk) == "open"


def run(name: str, cast: Cast, **arguments: Any) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        JOBS[name][0](Actor.job(name, cast.nord.pk), **arguments)


def mails(person_id: int) -> list[tuple[str, str]]:
    with wall_opened(person=person_id):
        return list(Message.objects.values_list("to", "subject"))


def test_finance_hears_by_mail_once_what_is_held(cast: Cast) -> None:
    fiona, karl = staff_member("Fiona", "Lenoir", "finance"), staff_member("Karl", "Lang", "catalogue")
    for _again in range(2):
        run("desk.tell_parked", cast, number="560000001", event=7)
    assert mails(fiona.pk) == [("fiona.lenoir@vendor.example", "Held: a charge of Atelier Nord")]
    assert mails(karl.pk) == []
    with wall_opened(read=[cast.nord.pk]):
        assert not Message.objects.exists(), "the customer reads no mail of the vendor's"


def test_colleagues_hear_by_mail_that_one_is_asked_to_look(cast: Cast) -> None:
    fiona, noah = staff_member("Fiona", "Lenoir", "finance"), staff_member("Noah", "Vidal", "finance")
    pk = hold(cast, minor=100_000_000)
    at_desk(fiona).post(f"{NORD}held/release/", {"row": pk})
    with wall_opened(read=[cast.nord.pk]):
        look = SecondLook.objects.get().pk
    run("desk.tell_second_look", cast, look_id=look)
    assert mails(noah.pk) == [("noah.vidal@vendor.example", "Please look: Atelier Nord")]
    assert mails(fiona.pk) == []


def test_a_refund_by_hand_is_noted_as_paid_out(cast: Cast, fiona: Client) -> None:
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk, person=cast.camille.person_id):
        visit = Ports.grants.visit(cast.camille.person_id, cast.nord.number)
        assert visit is not None
        add_seats(visit.actor, cast.subscription, add=1, on=TODAY)
        one_row_each(cast, TODAY)
        refund = Refund.objects.get(state="by_hand")
    fiona.post(f"{NORD}refunds/payment/", {"row": refund.pk})
    with wall_opened(read=[cast.nord.pk]):
        assert Refund.objects.get(pk=refund.pk).state == "paid_out"
