"""What credit notes give back, over every sequence of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comptoir.billing.rules import CreditableLine, TaxKind, TaxTreatment, credit_of, totals
from comptoir.kernel.errors import Refused
from comptoir.kernel.money import Money

TWENTY = TaxTreatment(TaxKind.DOMESTIC, 2000, "tax_domestic", "FR")


creditable_lines = st.builds(
    lambda quantity, price, of, days: CreditableLine(1, quantity, 0, Money(price, "EUR"), min(days, of), of),
    st.integers(1, 40),
    st.integers(0, 2_000_000),
    st.sampled_from([28, 30, 31, 365, 366, 1095, 1096]),
    st.integers(1, 1096),
)


@given(
    lines=st.lists(creditable_lines, min_size=1, max_size=5),
    rate=st.sampled_from([0, 550, 1900, 2000, 2550, 2700]),
    data=st.data(),
)
def test_any_sequence_of_credits_closes_to_exactly_nothing(lines: list[CreditableLine], rate: int, data: st.DataObject) -> None:
    treatment = replace(TWENTY, rate_basis_points=rate)
    sold = totals([line.net_left for line in lines], treatment)
    given_back = [Money.zero("EUR")] * len(lines)
    net = tax = Money.zero("EUR")
    now = lines
    while any(line.left for line in now):
        back = [data.draw(st.integers(0, line.left)) for line in now]
        if not any(back):
            back = [line.left for line in now]
        credit = credit_of(now, back, treatment)
        assert credit.total == credit.net + credit.tax
        assert credit.net == Money.sum(credit.nets, "EUR")
        assert credit.tax.minor >= 0
        given_back = [sum_ + part for sum_, part in zip(given_back, credit.nets, strict=True)]
        net, tax = net + credit.net, tax + credit.tax
        now = [replace(line, credited=line.credited + part) for line, part in zip(now, back, strict=True)]
    assert (net, tax) == (sold.net, sold.tax)
    assert given_back == [line.net_left for line in lines]


@given(line=creditable_lines, data=st.data())
def test_a_part_is_within_one_minor_unit_of_its_own_price(line: CreditableLine, data: st.DataObject) -> None:
    back = data.draw(st.integers(1, line.quantity))
    credit = credit_of([line], [back], TWENTY)
    alone = line.unit_price.prorate(line.days, line.denominator, back)
    assert abs(credit.net.minor - alone.minor) <= 1


@pytest.mark.parametrize("back", [-1, 4])
def test_more_than_the_line_or_less_than_nothing_is_refused(back: int) -> None:
    line = CreditableLine(1, 5, 2, Money.parse("280.00", "EUR"), 365, 365)
    with pytest.raises(Refused) as refusal:
        credit_of([line], [back], TWENTY)
    assert refusal.value.code == "credit_exceeds_line"


def test_a_credit_of_nothing_is_none() -> None:
    line = CreditableLine(1, 5, 0, Money.parse("280.00", "EUR"), 365, 365)
    with pytest.raises(ValueError, match="gives something back"):
        credit_of([line], [0], TWENTY)


def test_a_discount_is_not_taken_back_alone() -> None:
    lines = [
        CreditableLine(1, 3, 0, Money.parse("280.00", "EUR"), 365, 365),
        CreditableLine(2, 1, 0, Money.parse("-84.00", "EUR"), 1, 1),
    ]
    with pytest.raises(ValueError, match="larger"):
        credit_of(lines, [0, 1], TWENTY)
    assert str(credit_of(lines, [3, 1], TWENTY).net) == "756.00"
