"""The engine of long lists: `{% rows "billing/invoices_rows.html" %}` writes rows by Jinja2, which compiles a template to Python.

Pages are Django's templates; only the `<tr>` of a list lie in `<context>/jinja2/<context>/`. They know what the page knows, and
the words of the head by the names that the page gave them. What only a row says is `{{ _("late") }}` or `{% trans %}`.
A name that nobody gave says nothing, as on every page; in tests it is an error. One that a page may leave out is asked with
`|default(false)`.
"""

from typing import Any

from django.template.defaultfilters import urlencode
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from jinja2 import ChainableUndefined, Environment

from comptoir.ui.templatetags import ui

UNNAMED = ChainableUndefined
"""What a name is that nobody gave."""


def environment(**options: Any) -> Environment:
    """Jinja2 as Django asks for it (escaping, loader), with the filters and tags of our pages by their own names."""
    own = {"undefined": UNNAMED, "trim_blocks": True, "lstrip_blocks": True, "extensions": ["jinja2.ext.i18n"]}
    made = Environment(**{**options, **own})
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {**ui.register.filters, "urlencode": urlencode}
    made.globals |= {"when": ui.when, "icon": ui.icon, "share": ui.share, "url": address}
    return made


def address(page: str, **parts: Any) -> str:
    """The address of a page, as `{% url %}` writes it. Raises NoReverseMatch."""
    return reverse(page, kwargs=parts)
