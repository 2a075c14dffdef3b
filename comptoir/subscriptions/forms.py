"""Text to typed values."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.calendar import Term
from comptoir.kernel.paging import Place

from .queries.buying import ON_INVOICE
from .queries.lists import EVERY_STATE, Wanted
from .rules import MOST_SEATS_AT_ONCE
from .rules.basket import Wish


class AddSeatsForm(forms.Form):
    """How many seats to add."""

    add = forms.IntegerField(
        label=_("Seats to add"),
        min_value=1,
        max_value=MOST_SEATS_AT_ONCE,
        error_messages={
            "required": _("Say how many seats to add, from 1."),
            "invalid": _("Give a whole number of seats, such as 3."),
            "min_value": _("Give at least one seat."),
            "max_value": _("At most %(limit_value)s seats can be added at once."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class AskForSeatsForm(AddSeatsForm):
    """The same, asked of somebody who may, with a reason."""

    reason = forms.CharField(
        label=_("Why (they will read this)"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class PlanSeatsForm(forms.Form):
    """How many seats the next renewal has, and who keeps one where there are fewer than people."""

    seats = forms.IntegerField(
        label=_("Seats from the renewal on"),
        min_value=1,
        error_messages={
            "required": _("Say how many seats it renews with, from 1."),
            "invalid": _("Give a whole number of seats, such as 3."),
            "min_value": _("Give at least one seat. To let all of them end, turn automatic renewal off."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class PlanTermForm(forms.Form):
    """The term of the next period."""

    term = forms.ChoiceField(choices=[("month", ""), ("year", ""), ("3years", "")])


class ReasonForm(forms.Form):
    """Why somebody asks for what only others may do."""

    reason = forms.CharField(
        label=_("Why (they will read this)"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class AskForPlannedSeatsForm(PlanSeatsForm, ReasonForm):
    """The seats of the next renewal, asked of somebody who may plan them."""

    field_order = ("seats", "reason")


class AskForTermForm(ReasonForm):
    """The term of the next renewal, asked of somebody who may plan it."""

    term = forms.ChoiceField(
        label=_("Term from the next renewal on"),
        choices=(("month", _("Monthly")), ("year", _("Yearly")), ("3years", _("3-yearly"))),
        widget=forms.RadioSelect,
    )
    field_order = ("term", "reason")


class AskForReturnForm(ReasonForm):
    """What to return, asked of somebody who may."""

    sale = forms.IntegerField(widget=forms.HiddenInput, error_messages={"required": _("Say what is to be returned.")})


class PlanManyForm(forms.Form):
    """What to change for several subscriptions at once. What is left empty stays as it is."""

    KEEP = ("", _("Leave as it is"))
    TERMS = (KEEP, ("month", _("Monthly")), ("year", _("Yearly")), ("3years", _("3-yearly")))
    AUTOMATIC = (KEEP, ("on", _("On: it renews by itself")), ("off", _("Off: it ends unless somebody renews it")))

    seats = forms.IntegerField(
        label=_("Seats of each at the next renewal"),
        min_value=1,
        required=False,
        error_messages={
            "invalid": _("Give a whole number of seats, such as 3."),
            "min_value": _("Give at least one seat. To let all of them end, turn automatic renewal off."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    term = forms.ChoiceField(label=_("Term from the next renewal on"), choices=TERMS, required=False)
    automatic = forms.ChoiceField(label=_("Automatic renewal"), choices=AUTOMATIC, required=False)

    @property
    def asks_for_something(self) -> bool:
        """Whether any part is filled in."""
        return self.is_valid() and any(self.cleaned_data.get(name) for name in ("seats", "term", "automatic"))


class AlignmentForm(forms.Form):
    """The common date; none: the latest of their renewal dates."""

    date = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class AskForAlignmentForm(AlignmentForm, ReasonForm):
    """Which date, and why, asked of somebody who may align."""


class MethodForm(forms.Form):
    """How to pay: one of what can be charged today, or on invoice."""

    method = forms.ChoiceField(
        label=_("Paid from now on"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how it is to be paid."),
            "invalid_choice": _("This card or account can’t be charged: choose another one, or payment on invoice."),
        },
    )

    def __init__(self, data: Mapping[str, str] | None, *, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["method"].choices = choices  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """A word with a refusal."""

    answer = forms.CharField(label=_("Your answer"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class SubscriptionFilter(forms.Form):
    """What to look for in the list of subscriptions. Every part may be missing."""

    STATES = (
        ("", _("Not ended")),
        ("active", _("Active")),
        ("grace", _("In grace")),
        ("suspended", _("Suspended")),
        ("cancelled", _("Ended")),
        (EVERY_STATE, _("All")),
    )
    TERMS = (("", _("All")), ("month", _("Monthly")), ("year", _("Yearly")), ("3years", _("3-yearly")))
    WITHIN = (
        ("", _("Any day")),
        ("30", _("In 30 days")),
        ("60", _("In 60 days")),
        ("90", _("In 90 days")),
        ("365", _("In a year")),
    )
    SORTS = tuple((way + name, name) for name in ("renews", "number", "product", "seats") for way in ("", "-"))

    q = forms.CharField(label=_("Number or product"), required=False, max_length=100)
    product = forms.CharField(label=_("Product"), required=False, max_length=100)
    term = forms.ChoiceField(
        label=_("Term"),
        choices=TERMS,
        required=False,
        error_messages={"invalid_choice": _("“%(value)s” is not a term: choose one from the list.")},
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=STATES,
        required=False,
        error_messages={"invalid_choice": _("“%(value)s” is not a state: choose one from the list.")},
    )
    within = forms.TypedChoiceField(
        label=_("Renews"),
        choices=WITHIN,
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": _("“%(value)s” is not a time to renewal: choose one from the list.")},
    )
    sort = forms.ChoiceField(
        choices=SORTS,
        required=False,
        error_messages={"invalid_choice": _("The list can’t be sorted by “%(value)s”: use the heads of its columns.")},
    )

    def wanted(self, place: Place) -> Wanted:
        """What is looked for; a part that could not be understood counts as missing."""
        told = self.cleaned_data
        names = ("product", "term", "state", "within")
        parts = {name: told[name] for name in names if told.get(name)}
        return Wanted(words=told.get("q", ""), sort=told.get("sort") or "renews", place=place, **parts)


class ContractFilter(forms.Form):
    """What to look for in the list of contracts."""

    q = forms.CharField(label=_("Contract number"), required=False, max_length=100)


class WishForm(forms.Form):
    """Seats of a product for a term, for the basket."""

    product = forms.CharField(max_length=100)
    term = forms.ChoiceField(choices=[(term.value, term.value) for term in Term])
    seats = forms.IntegerField(min_value=1, max_value=MOST_SEATS_AT_ONCE)

    @property
    def wish(self) -> Wish:
        """What is wished for."""
        told = self.cleaned_data
        return Wish(told["product"], Term(told["term"]), told["seats"])


class CodeForm(forms.Form):
    """The code of a promotion."""

    code = forms.CharField(label=_("Promotion code"), required=False, max_length=40)


NEW_CONTRACT = "new"


def _offer_contracts(form: forms.Form, contracts: Sequence[tuple[str, str]]) -> None:
    """Leave the question out where there is nothing to choose from."""
    form.fields["contract"].choices = contracts  # type: ignore[attr-defined]
    if not contracts:
        del form.fields["contract"]


class ContractForm(forms.Form):
    """The contract that a price quote is for."""

    contract = forms.ChoiceField(label=_("Contract"))

    def __init__(self, *args: Any, contracts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_contracts(self, contracts)


class PayForm(forms.Form):
    """How something is paid that somebody asked for."""

    pay = forms.ChoiceField(
        label=_("Payment"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how it is to be paid."),
            "invalid_choice": _("This card or account can’t be charged: choose another one, or payment on invoice."),
        },
    )

    def __init__(self, *args: Any, ways: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pay"].choices = ways  # type: ignore[attr-defined]


def method_in(told: Mapping[str, Any]) -> int | None:
    """The id of the method that was chosen; None: on invoice."""
    return None if told["pay"] == ON_INVOICE else int(told["pay"])


def contract_in(told: Mapping[str, Any]) -> str:
    """The number of the contract that was chosen; empty: a new one, or the one that goes without saying."""
    chosen = str(told.get("contract", ""))
    return "" if chosen == NEW_CONTRACT else chosen


class CheckoutForm(ContractForm, PayForm):
    """Under which contract the basket is bought, how it is paid, what the invoice says, and the terms."""

    po_number = forms.CharField(label=_("PO number"), required=False, max_length=100)
    accept = forms.BooleanField(
        label=_("I accept the terms of sale."),
        error_messages={"required": _("The terms of sale have to be accepted first. Read them, then tick the box.")},
    )

    field_order = ("contract", "pay", "po_number", "accept")

    def __init__(self, *args: Any, version: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not version:
            del self.fields["accept"]


class AskToBuyForm(ContractForm, ReasonForm):
    """Why somebody else should buy it."""

    field_order = ("contract", "reason")


class OrderFilter(forms.Form):
    """What to look for in the list of orders. Every part may be missing."""

    STATES = (
        ("", _("All")),
        ("placed", _("Waits for the payment")),
        ("settled", _("Done")),
        ("failed", _("Failed")),
        ("parked", _("Being checked")),
    )
    VERBS = (
        ("", _("All")),
        ("add_seats", _("Seats added")),
        ("renew", _("Renewal")),
        ("align", _("Payment dates aligned")),
        ("buy", _("Purchase")),
    )

    q = forms.CharField(label=_("Order number"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        choices=STATES,
        required=False,
        error_messages={"invalid_choice": _("“%(value)s” is not a state: choose one from the list.")},
    )
    verb = forms.ChoiceField(
        label=_("What"),
        choices=VERBS,
        required=False,
        error_messages={"invalid_choice": _("“%(value)s” is nothing that is ordered: choose from the list.")},
    )


class RenewForm(forms.Form):
    """The next period, where it is to be another than planned."""

    term = forms.ChoiceField(
        label=_("Term"),
        required=False,
        choices=(("month", _("Monthly")), ("year", _("Yearly")), ("3years", _("3-yearly"))),
    )
    seats = forms.IntegerField(
        label=_("Seats"),
        required=False,
        min_value=1,
        error_messages={
            "invalid": _("Give a whole number of seats, such as 3."),
            "min_value": _("Give at least one seat."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
