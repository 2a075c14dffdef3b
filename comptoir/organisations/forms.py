"""Text to typed values."""

from django import forms
from django.utils.translation import gettext_lazy as _

from comptoir.permissions import CUSTOMER_ROLES


class PeopleFilter(forms.Form):
    """What to look for among people."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", ""), *((role.value, role.value) for role in CUSTOMER_ROLES)],
        error_messages={"invalid_choice": _("“%(value)s” is not a role: choose one from the list.")},
    )
