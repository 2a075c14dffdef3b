"""The rows that an import may create: typed, and each with the file and line it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

TERMS = ("month", "year", "3years")
PRODUCT_KINDS = ("desktop", "cloud", "suite")
PRODUCT_STATUSES = ("active", "retired")
RELEASE_KINDS = ("release", "update")
PLANS = ("subscription", "maintenance")
CHANNELS = ("direct", "reseller", "store")
SUPPORT_LEVELS = ("basic", "advanced", "priority")
ROLES_GIVEN = ("contract_manager", "software_coordinator")
PAYMENT_METHODS = ("card", "sepa", "invoice")
CASE_STATUSES = ("open", "waiting", "closed")
PASSWORD_ALGORITHMS = ("sha1", "pbkdf2_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Where a row stands in the export; `line` is that of its first character, the header being line 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRow(Row):
    """A product; `previous_versions` is how many versions back may be installed (rules 9)."""

    code: str
    name: str
    family: str
    kind: str
    status: str
    self_service: bool
    home_use: bool
    previous_versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow(Row):
    """Prices per seat and term in minor units, without tax; None means not sold, or not renewed, at all."""

    product_code: str
    term: str
    currency: str
    new_price: int | None
    renewal_price: int | None
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow(Row):
    """A version of a product."""

    product_code: str
    version: str
    kind: str
    released_on: date
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResellerRow(Row):
    """A reseller; `email` is empty if the old one cannot be used."""

    reseller_number: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow(Row):
    """A customer; `reseller_number` is None or that of a reseller which is imported too."""

    customer_number: str
    name: str
    country: str
    currency: str
    language: str
    street: str
    postcode: str
    city: str
    reseller_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OldId(Row):
    """A sign-in id of the old centre with its own password; `algorithm` is None if the password cannot be used."""

    legacy_id: str
    algorithm: str | None
    salt: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow(Row):
    """One person, merged from all rows of one e-mail; every old id signs in, the e-mail with the first one's password.

    `customer_numbers`: those of its own rows first, then those on whose contracts it has a role, seat, case or use.
    """

    email: str
    first_name: str
    last_name: str
    language: str
    customer_numbers: tuple[str, ...]
    created_on: date | None
    old_ids: tuple[OldId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPersonRow(Row):
    """A person without a usable e-mail, kept for the desk and never created; `email` is as it was written."""

    reason: str
    email: str
    first_name: str
    last_name: str
    language: str
    customer_number: str
    created_on: date | None
    old_id: OldId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow(Row):
    """An agreement; `reseller_number` is set exactly when `channel` is reseller."""

    contract_number: str
    customer_number: str
    plan: str
    channel: str
    reseller_number: str | None
    support_level: str
    started_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRow(Row):
    """A role of a person on a contract."""

    contract_number: str
    email: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRow(Row):
    """A subscription with its running period `[period_start, renews_on)`."""

    subscription_number: str
    contract_number: str
    product_code: str
    term: str
    seats: int
    period_start: date
    renews_on: date
    auto_renew: bool
    payment_method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRow(Row):
    """A serial number of a subscription."""

    serial_number: str
    subscription_number: str
    version: str
    group_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRow(Row):
    """A seat given to a person; `waiting` if all seats were taken by earlier ones (rules 12)."""

    subscription_number: str
    email: str
    assigned_on: date
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUseRow(Row):
    """Cloud credits used by a person: history, drawn from no pack; `used_at` is in UTC."""

    contract_number: str
    email: str
    service: str
    credits: int
    used_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow(Row):
    """A support case; severity 1 to 3."""

    case_number: str
    contract_number: str
    email: str
    severity: int
    status: str
    subject: str
    opened_on: date
