"""What the next invoices say of the customer."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Organisation
from ..ports import Ports


@action(Can.CHANGE_BILLING)
def change_billing_details(
    actor: Actor,
    organisation: Organisation,
    *,
    po_number: str,
    invoice_email: str,
    street: str,
    postcode: str,
    city: str,
    tax_number: str,
) -> Organisation:
    """Change what the next invoices say (rules 7). Those that are issued stay as they are. Name and country: the desk.

    Raises Refused `email_malformed`, `tax_number_wrong`, `billing_unchanged`.
    """
    _refuse_malformed(invoice_email)
    told = {"po_number": po_number, "invoice_email": invoice_email, "street": street, "postcode": postcode, "city": city}
    told["tax_number"] = _tax_number(organisation, tax_number)
    changed = [name for name, value in told.items() if getattr(organisation, name) != value]
    if not changed:
        raise Refused("billing_unchanged")
    for name in changed:
        setattr(organisation, name, told[name])
    organisation.save(update_fields=changed)
    record(Events.BILLING_CHANGED, organisation, fields=", ".join(changed))
    return organisation


def _refuse_malformed(email: str) -> None:
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise Refused("email_malformed", params={"email": email}, field="invoice_email", status=422) from None


def _tax_number(organisation: Organisation, typed: str) -> str:
    if typed in {"", organisation.tax_number}:  # what came from the old centre is not judged anew
        return typed
    checked = Ports.tax_numbers.checked(organisation.country, typed)
    if checked is None:
        raise Refused("tax_number_wrong", field="tax_number", status=422)
    return checked
