"""Text to typed values: which invoices to show."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ..queries.lists import Shown


class InvoiceFilter(forms.Form):
    """What to look for among invoices and credit notes."""

    q = forms.CharField(label=_("Number or order number"), required=False, max_length=100)
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", ""), *((shown.value, shown.value) for shown in Shown)],
        error_messages={"invalid_choice": _("“%(value)s” is no state of an invoice: choose one from the list.")},
    )
    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=1900,
        max_value=9999,
        error_messages={"invalid": _("“%(value)s” is not a year."), "min_value": _("Give a year of four digits.")},
    )


class YearForm(forms.Form):
    """Which year's invoices to put into one file."""

    year = forms.IntegerField(label=_("Year"), min_value=1900, max_value=9999, widget=forms.HiddenInput)
