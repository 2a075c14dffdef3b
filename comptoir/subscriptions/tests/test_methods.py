"""How a subscription is paid (rules 4: never refused for country, plan or product)."""

import pytest

from comptoir.billing.models import PaymentMethod
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.actions import methods
from comptoir.subscriptions.queries.seats import subscription_of
from comptoir.subscriptions.tests.test_plans import actor_of, of, refused
from tests.cast import TODAY, Cast, raise_curtain, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def card(cast: Cast, token: str = "pm", **more: object) -> PaymentMethod:
    told = {"kind": "card", "provider": "sandbox", "customer_ref": "cus", "token_ref": token, "label": "Visa •••• 4242"}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        return PaymentMethod.objects.create(organisation=cast.nord, added_on=TODAY, **told, **more)


def test_a_payer_changes_to_a_card_and_back_to_invoice(cast: Cast) -> None:
    visa = card(cast)
    pierre = actor_of(cast.pierre)
    methods.change_method(pierre, of(pierre), method=str(visa.pk), on=TODAY)
    assert (of(pierre).payment_method, of(pierre).paid_with_id, of(pierre).version) == ("card", visa.pk, 2)
    methods.change_method(pierre, of(pierre), method="invoice", on=TODAY)
    assert (of(pierre).payment_method, of(pierre).paid_with_id) == ("invoice", None)
    assert refused(lambda: methods.change_method(pierre, of(pierre), method="invoice", on=TODAY)).code == "method_unchanged"


@pytest.mark.parametrize("method", ["", "0", "x", "99999999999999999999", "-1"])
def test_a_method_that_is_not_there_is_refused(cast: Cast, method: str) -> None:
    camille = actor_of(cast.camille)
    assert refused(lambda: methods.change_method(camille, of(camille), method=method, on=TODAY)).code == "method_unknown"


def test_a_removed_or_expired_card_is_refused(cast: Cast) -> None:
    gone = card(cast, "gone", state="removed", removed_on=TODAY)
    old = card(cast, "old", expires_on=TODAY)
    camille = actor_of(cast.camille)
    for method in (gone, old):
        refusal = refused(lambda method=method: methods.change_method(camille, of(camille), method=str(method.pk), on=TODAY))
        assert refusal.code == "method_unknown"
    assert of(camille).version == 1


def test_many_change_together_or_not_at_all_and_once(cast: Cast) -> None:
    visa = card(cast)
    other = subscribe(cast.second_contract, cast.sculpt, "560000003", seats=1, start=TODAY)
    anton = actor_of(cast.anton)
    mine = subscription_of(anton, "560000003")
    told = {"also": [cast.subscription.pk], "method": str(visa.pk), "on": TODAY}
    assert refused(lambda: methods.change_methods(anton, mine, **told)).code == "not_allowed"
    assert subscription_of(anton, "560000003").payment_method == "invoice"
    camille = actor_of(cast.camille).with_key("k")
    for _ in range(2):
        methods.change_methods(camille, of(camille), also=[other.pk], method=str(visa.pk), on=TODAY)
    assert (of(camille).version, subscription_of(camille, "560000003").version) == (2, 2)


def test_who_may_not_pay_changes_nothing(cast: Cast) -> None:
    sofia = actor_of(cast.sofia)
    assert refused(lambda: methods.change_method(sofia, of(sofia), method="invoice", on=TODAY)).code == "not_allowed"
