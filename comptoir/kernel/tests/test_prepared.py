"""Queries that are made once: they ask what the ORM wrote, with the values of each call."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Count, F
from django.test.utils import CaptureQueriesContext

from comptoir.kernel.errors import HouseRule
from comptoir.kernel.models import Event
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.walls import open_wall
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import Subscription
from tests.cast import TODAY, Cast, raise_curtain

pytestmark = pytest.mark.django_db
NUMBERED: Prepared[Subscription] = Prepared(
    lambda customer, number: Subscription.objects.select_related("contract__reseller", "product").filter(
        organisation_id=customer, number=number
    ),
    customer=int,
    number=str,
)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


def behind_the_wall(cast: Cast) -> None:
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)


def test_it_finds_the_same_rows_with_what_lies_beside_them_in_one_statement(cast: Cast) -> None:
    behind_the_wall(cast)
    with CaptureQueriesContext(connection) as told:
        row = NUMBERED.get(customer=cast.nord.pk, number="560000001")
        beside = (row.product.name, row.contract.number, row.contract.reseller)
    wanted = Subscription.objects.select_related("contract__reseller", "product").get(number="560000001")
    assert len(told) == 1
    assert beside == (wanted.product.name, wanted.contract.number, wanted.contract.reseller)
    names = [field.attname for field in Subscription._meta.concrete_fields]
    assert [getattr(row, name) for name in names] == [getattr(wanted, name) for name in names]
    row.save()  # it knows that it is there


def test_each_call_has_its_own_values_and_what_is_not_there_is_not_found(cast: Cast) -> None:
    behind_the_wall(cast)
    assert NUMBERED.get(customer=cast.nord.pk, number="560000001").pk == cast.subscription.pk
    for number in ("560000002", "x'; --", "%s", ""):
        with pytest.raises(Subscription.DoesNotExist):
            NUMBERED.get(customer=cast.nord.pk, number=number)
    open_wall(read=[])
    with pytest.raises(Subscription.DoesNotExist):  # the wall stands here, too
        NUMBERED.get(customer=cast.nord.pk, number="560000001")


@pytest.mark.parametrize("wanted", [[], ["emil"], ["emil", "rita", "sofia"]])
def test_a_list_is_any_number_of_ids(cast: Cast, wanted: list[str]) -> None:
    behind_the_wall(cast)
    ids = [getattr(cast, name).pk for name in wanted]
    asked: Prepared[Membership] = Prepared(lambda pks: Membership.objects.filter(pk__in=pks).values_list("pk", "name"), pks=list)
    assert sorted(asked.all(pks=ids)) == sorted(Membership.objects.filter(pk__in=ids).values_list("pk", "name"))


def test_a_day_may_be_asked_for_twice_and_columns_may_be_counted(cast: Cast) -> None:
    behind_the_wall(cast)
    asked: Prepared[Subscription] = Prepared(
        lambda on: (
            Subscription.objects.filter(renews_on__gt=on)
            .exclude(renews_on=on)
            .values("contract_id")
            .annotate(n=Count("pk"))
            .values_list("contract_id", "n")
        ),
        on=date,
    )
    assert asked.all(on=TODAY) == [(cast.contract.pk, 1)]
    assert asked.all(on=TODAY + timedelta(10_000)) == []


def test_what_it_could_not_ask_rightly_it_does_not_ask(cast: Cast) -> None:
    for broken, message in (
        (Prepared(lambda number: Subscription.objects.filter(number__startswith=number), number=str), "does not hold number"),
        (Prepared(lambda pks: Subscription.objects.filter(pk__gt=pks[0]), pks=list), "is a list"),
        (Prepared(lambda pk: Subscription.objects.filter(pk=pk).annotate(more=F("seats_now")), pk=int), "no more columns"),
        (Prepared(lambda pk: Subscription.objects.filter(pk=pk), pk=float), "no stand-in"),
    ):
        with pytest.raises(HouseRule, match=message):
            broken.all(number="56", pks=[1], pk=1)


def test_inside_a_transaction_what_was_open_before_is_put_back(cast: Cast) -> None:
    behind_the_wall(cast)
    assert NUMBERED.behind({"read": []}, customer=cast.nord.pk, number="560000001") == []
    assert NUMBERED.get(customer=cast.nord.pk, number="560000001").pk == cast.subscription.pk


def test_a_number_of_a_wide_column_is_one_of_its_values_too(cast: Cast) -> None:
    behind_the_wall(cast)
    of_contract: Prepared[Event] = Prepared(lambda contract: Event.objects.filter(contract_id=contract), contract=int)
    assert [of_contract.all(contract=pk) for pk in (cast.contract.pk, 2**40)] == [
        list(Event.objects.filter(contract_id=pk)) for pk in (cast.contract.pk, 2**40)
    ]
