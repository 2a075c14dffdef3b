"""What every page shows around its content: the vendor, the customer one acts for, where one may go, who one is.

The port `ui.ShellMaker` fills it for each request; `comptoir.ui.context.shell` hands it to the templates. An element
is shown only when its field is filled, so a feature appears in the shell by filling its field.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who runs this counter. `logo` and `stylesheet` are addresses under this site; empty means our own."""

    name: str
    email: str = ""
    phone: str = ""
    logo: str = ""
    stylesheet: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer one may act for; `url` is its home page."""

    name: str
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in. `role` is a word people know ("Contract manager"), already translated."""

    name: str
    email: str = ""
    role: str = ""

    @property
    def initials(self) -> str:
        """One or two capital letters for the round badge."""
        words = [word for word in self.name.split() if word[0].isalpha()]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation. `icon` is a file of `comptoir/ui/icons`; `count` is shown when above 0.

    `below` are the pages of its section, shown while one is in it; those have no icon.
    """

    label: str
    icon: str
    url: str
    active: bool = False
    count: int = 0
    below: "tuple[Entry, ...]" = ()


@dataclass(frozen=True, slots=True)
class Language:
    """A language the shell offers: its code and its own name for itself."""

    code: str
    name: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """The shell of one page. An empty address leaves its element out. `business_day` is given in the sandbox only."""

    vendor: Vendor
    person: Person | None = None
    customer: Customer | None = None
    customers: tuple[Customer, ...] = ()
    navigation: tuple[Entry, ...] = ()
    asks_waiting: int = 0
    asks_url: str = ""
    notices_new: int = 0
    notices_url: str = ""
    search_url: str = ""
    help_url: str = ""
    checks_url: str = ""
    tour_url: str = ""
    profile_url: str = ""
    sessions_url: str = ""
    language_url: str = ""
    sign_out_url: str = ""
    business_day: date | None = None
