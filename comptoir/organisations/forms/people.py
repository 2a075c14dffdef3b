"""Text to typed values: people, their roles, groups."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from comptoir.permissions import CUSTOMER_ROLES

Choices = Sequence[tuple[str, Any]]
SEPARATED = re.compile(r"[\s,;<>\"]+")


def why() -> forms.CharField:
    """Why something is asked for."""
    return forms.CharField(
        label=_("Why"), required=False, max_length=500, help_text=_("Whoever decides reads it."), widget=forms.TextInput()
    )


class PeopleFilter(forms.Form):
    """What to look for among people."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=100)
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", ""), *((role.value, role.value) for role in CUSTOMER_ROLES)],
        error_messages={"invalid_choice": _("“%(value)s” is not a role: choose one from the list.")},
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[(state, state) for state in ("", "active", "invited", "expired", "not_invited", "left")],
        error_messages={"invalid_choice": _("“%(value)s” is not a state: choose one from the list.")},
    )
    group = forms.IntegerField(label=_("Group"), required=False, min_value=1, max_value=2**62)


def _name(label: Any, complete: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": complete}))


class RoleForm(forms.Form):
    """A role, and where it counts: `where` is `all`, `contract:<id>` or `group:<id>`; `asks`: and why it is asked for."""

    role = forms.ChoiceField(label=_("Role"))
    where = forms.ChoiceField(label=_("Where"))
    reason = why()

    def __init__(self, *args: Any, roles: Choices, places: Choices, asks: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["reason"]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["where"].choices = places  # type: ignore[attr-defined]

    def place(self) -> dict[str, Any]:
        """The arguments of the verbs that give and take roles."""
        kind, _colon, pk = self.cleaned_data["where"].partition(":")
        found = {"role": self.cleaned_data["role"], "contract": None, "group": None}
        return found | ({kind: int(pk)} if pk else {})


class PersonForm(RoleForm):
    """Somebody who is to be added."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The address at work; whoever has it signs in with it."),
    )
    first_name = _name(_("First name"), "off")
    last_name = _name(_("Last name"), "off")
    language = forms.ChoiceField(label=_("Language of the first mail"), choices=settings.LANGUAGES)
    groups = forms.MultipleChoiceField(label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple)
    invite = forms.BooleanField(
        label=_("Send the invitation now"), required=False, initial=True, help_text=_("Its link is good for seven days.")
    )
    field_order = ("email", "first_name", "last_name", "language", "role", "where", "groups", "invite")

    def __init__(self, *args: Any, groups: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].choices = groups  # type: ignore[attr-defined]
        self.fields["language"].initial = get_language()
        for name, choices in (("role", self.fields["role"].choices), ("where", self.fields["where"].choices)):  # type: ignore[attr-defined]
            self.fields[name].required = False
            if len(list(choices)) <= 1:
                del self.fields[name]
        if not groups:
            del self.fields["groups"]

    def told(self) -> dict[str, Any]:
        """The arguments of the verb."""
        data = self.cleaned_data
        roles = [self.place()] if data.get("role") else []
        names = {name: data[name] for name in ("email", "first_name", "last_name", "language", "invite")}
        return {**names, "roles": roles, "groups": [int(pk) for pk in data.get("groups", [])]}


class DomainForm(forms.Form):
    """A domain of e-mail addresses."""

    domain = forms.RegexField(
        r"^@?[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$",
        label=_("Domain"),
        max_length=200,
        help_text=_("What stands behind the @ of your own address."),
        error_messages={"invalid": _("Write a domain, such as example.com.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class GroupForm(forms.Form):
    """A group's name."""

    name = forms.CharField(label=_("Name of the group"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class AddressesForm(forms.Form):
    """Addresses of people, however they are separated."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One or many, as you copy them: with commas, semicolons or on lines of their own."),
    )

    def clean_addresses(self) -> list[str]:
        """Each address once, in lower case, in the order given."""
        found = [part.lower() for part in SEPARATED.split(self.cleaned_data["addresses"]) if "@" in part]
        if not found:
            raise forms.ValidationError(_("There is no address in this text."))
        return list(dict.fromkeys(found))


class MemberChoice(forms.Form):
    """One member, by id."""

    member = forms.IntegerField(min_value=1, max_value=2**62)


class ListForm(forms.Form):
    """A list of people: a file, or text that was pasted."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_("CSV with commas, semicolons or tabs: at most 5,000 rows and 4 MB."),
    )
    pasted = forms.CharField(
        label=_("Or pasted cells"),
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Copied from a spreadsheet, from a mail’s recipients, or one address a line."),
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        data = super().clean() or {}
        if not self.errors and not data.get("file") and not data.get("pasted", "").strip():
            raise forms.ValidationError(_("Choose a file, or paste a list."))
        return data


class ColumnsForm(forms.Form):
    """What each column holds, and what holds for all rows."""

    def __init__(
        self,
        *args: Any,
        heads: Sequence[str],
        guessed: Mapping[int, str],
        fields: Choices,
        groups: Choices,
        needs_group: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for column, head in enumerate(heads):
            label = head or _("Column %(n)s") % {"n": column + 1}
            choices = [("", _("not used")), *fields]
            first = guessed.get(column, "")
            self.fields[f"c{column}"] = forms.ChoiceField(label=label, choices=choices, required=False, initial=first)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the first mail"), choices=settings.LANGUAGES, initial=get_language(), required=False
        )
        if groups:
            choices = [*([] if needs_group else [("", _("no group"))]), *groups]
            self.fields["group"] = forms.ChoiceField(label=_("Put everybody into"), choices=choices, required=needs_group)
        self.fields["invite"] = forms.BooleanField(label=_("Send the invitations now"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """One column holds the address; no two hold the same."""
        data = super().clean() or {}
        told = [name for key, name in data.items() if key[:1] == "c" and key[1:].isdigit() and name]
        if "email" not in told:
            raise forms.ValidationError(_("Say which column holds the e-mail address."))
        if len(told) != len(set(told)):
            raise forms.ValidationError(_("Two columns can’t hold the same: leave one of them out."))
        return data

    def columns(self) -> dict[str, str]:
        """What each column that is used holds, by its place."""
        told = self.cleaned_data.items()
        return {key[1:]: name for key, name in told if key[:1] == "c" and key[1:].isdigit() and name}

    def told(self) -> dict[str, Any]:
        """The arguments of the verb."""
        data = self.cleaned_data
        group = data.get("group")
        language = data.get("language") or get_language() or settings.LANGUAGE_CODE
        return {"fields": self.columns(), "language": language, "group": int(group) if group else None, "invite": data["invite"]}


class GroupChoice(forms.Form):
    """A group, and whether it is left."""

    group = forms.IntegerField(min_value=1, max_value=2**62)
    leave = forms.BooleanField(required=False)


class HandOverForm(forms.Form):
    """Who takes over, and what."""

    where = forms.ChoiceField(label=_("What"))
    email = forms.CharField(
        label=_("E-mail of whoever takes over"),
        max_length=254,
        help_text=_("Somebody who belongs to your company and has signed in."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    reason = why()

    def __init__(self, *args: Any, places: Choices, asks: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"].choices = places  # type: ignore[attr-defined]
        if not asks:
            del self.fields["reason"]
