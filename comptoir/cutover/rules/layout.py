"""The 13 files of an export: their names, in the order in which they are judged, and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PRODUCTS = "products.csv"
PRICES = "prices.csv"
RELEASES = "releases.csv"
RESELLERS = "resellers.csv"
CUSTOMERS = "customers.csv"
USERS = "users.csv"
CONTRACTS = "contracts.csv"
ROLES = "roles.csv"
SUBSCRIPTIONS = "subscriptions.csv"
SERIALS = "serials.csv"
ASSIGNMENTS = "assignments.csv"
CREDIT_USE = "cloud_credit_usage.csv"
CASES = "cases.csv"
MANIFEST = "MANIFEST.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns without which no row can be read, columns that may be absent, and which of both hold days or moments."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    days: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        return self.required + self.optional


LAYOUTS: Mapping[str, Layout] = {
    PRODUCTS: Layout(("code", "name", "kind", "status", "self_service", "home_use", "previous_versions"), ("family",)),
    PRICES: Layout(("product_code", "term", "currency", "new_price", "renewal_price", "valid_from"), days=("valid_from",)),
    RELEASES: Layout(("product_code", "version", "kind", "released_on"), ("title",), ("released_on",)),
    RESELLERS: Layout(("reseller_number", "name"), ("email", "phone")),
    CUSTOMERS: Layout(
        ("customer_number", "name", "country", "currency"),
        ("language", "street", "postcode", "city", "reseller_number"),
    ),
    USERS: Layout(
        ("legacy_id", "email", "customer_number"),
        ("first_name", "last_name", "language", "password_algorithm", "password_salt", "password_hash", "created_on"),
        ("created_on",),
    ),
    CONTRACTS: Layout(
        ("contract_number", "customer_number", "plan", "channel", "support_level", "started_on"),
        ("reseller_number",),
        ("started_on",),
    ),
    ROLES: Layout(("contract_number", "email", "role")),
    SUBSCRIPTIONS: Layout(
        (
            *("subscription_number", "contract_number", "product_code", "term", "seats"),
            *("period_start", "renews_on", "auto_renew", "payment_method"),
        ),
        days=("period_start", "renews_on"),
    ),
    SERIALS: Layout(("serial_number", "subscription_number", "version"), ("group_name",)),
    ASSIGNMENTS: Layout(("subscription_number", "email", "assigned_on"), days=("assigned_on",)),
    CREDIT_USE: Layout(("contract_number", "email", "service", "credits", "used_at"), days=("used_at",)),
    CASES: Layout(("case_number", "contract_number", "email", "severity", "status", "opened_on"), ("subject",), ("opened_on",)),
}
FILES = tuple(LAYOUTS)
