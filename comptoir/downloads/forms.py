"""Text to typed values."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

A_DAY = {"invalid": _("Give a day such as 2027-04-10.")}
WHEN = (
    ("at_once", _("At once, one mail for each")),
    ("daily", _("Once a day, all together")),
    ("weekly", _("Once a week, all together")),
    ("never", _("Not by mail; they stand in the portal")),
)


class AddressForm(forms.Form):
    """A secret address: what it is called, and whose files stand there."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Which machines will use it, such as “Machine room Lyon”."),
        error_messages={"required": _("Name the machines that will use it.")},
    )
    purpose = forms.ChoiceField(label=_("What stands there"))

    def __init__(self, *args: Any, may_deploy: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own, machines = ("own", _("The products that I use")), ("machines", _("All products that I look after"))
        self.fields["purpose"].choices = [machines, own] if may_deploy else [own]  # type: ignore[attr-defined]


class WhenForm(forms.Form):
    """How somebody wants to hear of updates."""

    when = forms.ChoiceField(label=_("Mail about updates"), choices=WHEN, widget=forms.RadioSelect)


class Ids(forms.Field):
    """Ids that were ticked, each a number."""

    widget = forms.SelectMultiple

    def to_python(self, value: object) -> list[int]:
        """The numbers. Raises ValidationError for anything else."""
        parts = list(value) if isinstance(value, list | tuple) else []
        if not all(isinstance(part, str) and part.isdecimal() and len(part) < 19 for part in parts):
            raise forms.ValidationError(_("Choose from the list."))
        return sorted({int(part) for part in parts})


class AssignForm(forms.Form):
    """Who is to install a release, and by when: those ticked, or everybody."""

    to = forms.ChoiceField(choices=(("everybody", ""), ("some", "")), required=False)
    members = Ids(required=False)
    groups = Ids(required=False)
    deadline = forms.DateField(
        label=_("To be installed by"),
        required=False,
        error_messages=A_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        """Nobody ticked and not everybody meant: somebody has to be chosen."""
        told = super().clean() or self.cleaned_data
        if told.get("to") == "everybody":
            told["members"] = told["groups"] = []
        elif not told.get("members") and not told.get("groups"):
            self.add_error(None, _("Choose at least one person or group, or everybody."))
        return told


class MarkForm(forms.Form):
    """Who has a release."""

    members = Ids(required=False)
