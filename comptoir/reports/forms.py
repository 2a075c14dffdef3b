"""Text to typed values."""

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.events import table

from .queries import TOPICS


class ActivityFilter(forms.Form):
    """What to look for in the activity log."""

    q = forms.CharField(label=_("Whose"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("What"),
        required=False,
        choices=[("", ""), *((name, name) for name in (*TOPICS, *table()))],
        error_messages={"invalid_choice": _("“%(value)s” is nothing that happens here: choose from the list.")},
    )
