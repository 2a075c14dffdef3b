"""Text to typed values."""

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.paging import Place

from .queries.lists import EVERY_STATE, Wanted
from .rules import MOST_SEATS_AT_ONCE


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
