"""What nobody would type: negative, huge, other digits, zero bytes. It is refused in words, and nothing changes."""

import pytest
from django.test import Client

from comptoir.billing.models import Invoice
from comptoir.kernel.walls import wall_opened
from comptoir.subscriptions.models import Order, PlannedChange, Subscription
from tests.cast import Cast, raise_curtain, signed_in
from tests.depth import DEEP

pytestmark = pytest.mark.django_db
BASE, ONE = "/c/5200001", "/c/5200001/subscriptions/560000001"
HUGE = "9" * 5000
ODD = (
    "",
    "-1",
    "0",
    "1.5",
    "1e3",
    "٣",
    "２",
    "9" * 19,
    "9" * 40,
    HUGE,
    "\x00",
    "=1",
    "1|2",
    "on,off",
    "nan",
    "2026-02-30",
    "a" * 3000,
)
# an address -> the names of what it takes
FORMS = {
    f"{ONE}/seats/": ("add", "quote", "code"),
    f"{ONE}/plan/seats/": ("seats", "quote", "keep"),
    f"{ONE}/plan/term/": ("term", "quote"),
    f"{ONE}/plan/automatic/": ("automatic",),
    f"{ONE}/plan/withdrawal/": ("field",),
    f"{ONE}/renewal/": ("term", "seats", "quote"),
    f"{ONE}/alignment/": ("n", "date", "quote"),
    f"{ONE}/payment-method/": ("method", "n"),
    f"{ONE}/return/F-2026-000001/": ("quote",),
    f"{BASE}/renewal-plan/": ("n", "seats", "term", "automatic"),
    f"{BASE}/renewals/": ("order", "n"),
    f"{BASE}/alignment/": ("n", "date", "quote"),
    f"{BASE}/payment-method/": ("n", "method"),
    f"{BASE}/quotes/": ("name", "quote", "expires"),
    f"{BASE}/any-day/": ("day", "on"),
    f"{BASE}/charges/": ("months", "contract", "month"),
    f"{BASE}/spending/": ("year", "from", "to", "contract"),
    f"{BASE}/orders/": ("state", "verb", "q", "after", "before"),
    "/basket/": ("product", "term", "seats", "code", "remove"),
}


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def asked(client: Client, path: str, told: dict[str, object]) -> list[str]:
    """What was wrong with the answers to a look and to a click."""
    wrong = []
    for method in (client.get, client.post):
        answer = method(path, told)
        if answer.status_code >= 500:
            wrong.append(f"{method.__name__} {path} {str(told)[:80]}: {answer.status_code}")
    return wrong


def test_odd_values_never_break_a_page(cast: Cast) -> None:
    client, wrong = signed_in(cast.camille), []
    client.raise_request_exception = False
    fine: dict[str, object] = {"n": ["560000001", "560000009"], "seats": "3", "add": "2", "term": "year"}
    for path, names in FORMS.items():
        for value in ODD if DEEP else (HUGE, "\x00"):
            wrong += asked(client, path, dict.fromkeys(names, value))
            for name in names if DEEP else ():
                wrong += asked(client, path, {**fine, name: [value, value]})
    assert wrong == []
    with wall_opened(read=[cast.nord.pk, cast.est.pk]):
        assert Subscription.objects.get(number="560000001").seats_now < 2000
        assert Order.objects.filter(seats__gt=2000).count() == Invoice.objects.filter(total_minor__lt=0).count() == 0
        assert not PlannedChange.objects.filter(organisation=cast.est).exists()
