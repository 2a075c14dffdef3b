"""Context processor of the shell: the only reader of the vendor's settings in this context."""

import functools
from collections.abc import Mapping

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from comptoir.ui.ports import Ports
from comptoir.ui.shell import Language, Shell, Vendor


def vendor() -> Vendor:
    """The vendor named by the settings; a missing setting leaves its element out of the page."""
    return Vendor(
        name=getattr(settings, "VENDOR_NAME", "Comptoir"),
        email=getattr(settings, "VENDOR_CONTACT_EMAIL", ""),
        phone=getattr(settings, "VENDOR_CONTACT_PHONE", ""),
        logo=getattr(settings, "VENDOR_LOGO", ""),
        stylesheet=getattr(settings, "VENDOR_STYLESHEET", ""),
    )


def languages() -> tuple[Language, ...]:
    """The languages of the pages, each by its own name, the active one marked."""
    active = get_language()
    return tuple(Language(code, _own_name(code), code == active) for code, _ in settings.LANGUAGES)


def shell(request: HttpRequest) -> Mapping[str, object]:
    """`shell`, `vendor`, `sandbox` and `languages` for every template; a page may have filled `request.shell` itself."""
    filled = getattr(request, "shell", None)
    return shown(filled if isinstance(filled, Shell) else Ports.shell.shell_of(request, vendor()))


def shown(current: Shell) -> Mapping[str, object]:
    """The same for a shell in hand, such as that of an error page."""
    return {
        "shell": current,
        "vendor": current.vendor,
        "sandbox": bool(getattr(settings, "SANDBOX", False)),
        "languages": languages(),
    }


@functools.lru_cache(maxsize=64)
def _own_name(code: str) -> str:
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return code
    name = locale.get_display_name(locale) or code
    return name[:1].upper() + name[1:]
