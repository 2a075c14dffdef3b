"""The only code that writes tax rates."""

from datetime import date

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import TaxRate

WHOLE = 10_000  # basis points


@action(Can.SET_TAX_RATE, step_up=True)
def set_tax_rate(actor: Actor, house: House, *, country: str, basis_points: int, valid_from: date, on: date) -> TaxRate:
    """Give a country a standard rate from a day on, in hundredths of a percent. Invoices keep the rate of their day.

    Raises Refused `tax_rate_out_of_range`, `tax_rate_in_the_past`, `tax_rate_day_taken`.
    """
    if not 0 <= basis_points <= WHOLE:
        raise Refused("tax_rate_out_of_range", field="percent", status=422)
    if valid_from < on:
        raise Refused("tax_rate_in_the_past", params={"today": on}, field="valid_from", status=422)
    if TaxRate.objects.filter(country=country, valid_from=valid_from).exists():
        raise Refused("tax_rate_day_taken", params={"day": valid_from}, field="valid_from", status=422)
    rate = TaxRate.objects.create(country=country, basis_points=basis_points, valid_from=valid_from)
    record(Events.TAX_RATE_SET, house, on=on, country=country, basis_points=basis_points, since=valid_from)
    return rate
