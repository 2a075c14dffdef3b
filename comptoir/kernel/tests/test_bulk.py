"""Rows in bulk: what was told is what is kept, whatever its type."""

from datetime import date
from typing import Any

import pytest

from comptoir.billing.models import Invoice, Series
from comptoir.kernel.bulk import insert_new
from tests.cast import Cast, raise_curtain
from tests.invoiced import within


@pytest.fixture
def cast(db: None) -> Cast:
    return raise_curtain()


def document(cast: Cast, nth: int, **more: Any) -> Invoice:
    words = {"payment_method": "invoice", "currency": "EUR", "language": "fr", "tax_treatment": "standard", "po_number": ""}
    money = {"net_minor": nth, "tax_minor": 0, "total_minor": nth}
    seller, buyer = {"name": 'L’"Atelier"'}, {"lines": [1, None, "50 %"]}
    return Invoice(organisation=cast.nord, contract_id=cast.contract.pk, seller=seller, buyer=buyer, **{**words, **money, **more})


def test_new_rows_keep_what_was_told_and_get_their_ids_in_order(cast: Cast) -> None:
    rows = [document(cast, nth, po_number="50 % \\ 'x' %s" if nth == 1 else "") for nth in range(1, 4)]
    within(cast.nord.pk, lambda: insert_new(rows))
    found = within(cast.nord.pk, lambda: list(Invoice.objects.filter(organisation=cast.nord).order_by("net_minor")))
    assert [row.pk for row in found] == [row.pk for row in rows]
    for told, kept in zip(rows, found, strict=True):
        for field in Invoice._meta.concrete_fields:
            assert getattr(kept, field.attname) == getattr(told, field.attname), field.name
    assert not any(row._state.adding for row in rows)


def test_days_are_kept_and_no_rows_ask_for_nothing(cast: Cast, django_assert_num_queries: Any) -> None:
    row = Series(legal_entity="test", kind="F", year=2026, last=7, last_day=date(2026, 2, 28))
    insert_new([row])
    assert Series.objects.get(pk=row.pk).last_day == date(2026, 2, 28)
    with django_assert_num_queries(0):
        insert_new([])


def test_a_value_that_json_has_no_word_for_is_refused(cast: Cast) -> None:
    with pytest.raises(TypeError, match="in bulk"):
        within(cast.nord.pk, lambda: insert_new([document(cast, 1, po_number=b"12")]))
    assert not within(cast.nord.pk, lambda: Invoice.objects.filter(organisation=cast.nord).exists())
