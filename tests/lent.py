"""Home use and previous versions: a row of each, and what the database and `comptoir verify` must not let pass."""

from datetime import date

from comptoir.entitlements.models import UseRight, VersionException
from comptoir.kernel.calendar import add_days
from tests.cast import Cast

COLUMNS = "organisation_id, subscription_id, product_id, kind, version, country, number, given_on, ends_on, membership_id"
ANOTHER = f"INSERT INTO entitlements_useright ({COLUMNS}) SELECT {COLUMNS} FROM entitlements_useright"
AT_EVERYBODYS_HOME = (
    f"INSERT INTO entitlements_useright ({COLUMNS}) SELECT u.organisation_id, u.subscription_id, u.product_id, u.kind, "
    "u.version, u.country, u.number, u.given_on, u.ends_on, m.id FROM entitlements_useright u, organisations_membership m "
    "WHERE m.organisation_id = u.organisation_id AND m.id <> u.membership_id"
)
EXCEPTED = "organisation_id, subscription_id, version, reason, given_on, ends_on"

# constraint -> the statement that breaks it and nothing else
BREAKS = {
    "exception_ends_after_it_was_given": ["UPDATE entitlements_versionexception SET ends_on = given_on - 1"],
    "home_use_within_seats": [AT_EVERYBODYS_HOME],
    "one_exception_per_version": [
        f"INSERT INTO entitlements_versionexception ({EXCEPTED}) SELECT {EXCEPTED} FROM entitlements_versionexception"
    ],
    "one_use_right_each": [ANOTHER],
    "use_right_ends_after_it_was_given": ["UPDATE entitlements_useright SET ends_on = given_on - 1"],
    "use_right_says_where_or_which": ["UPDATE entitlements_useright SET country = ''"],
}

# nine licences for everybody of Atelier Nord, past the trigger
MORE_THAN_SEATS = [
    "ALTER TABLE entitlements_useright DISABLE TRIGGER home_use_within_seats",
    f"INSERT INTO entitlements_useright ({COLUMNS}, closed) SELECT s.organisation_id, s.id, s.product_id, 'home', '', 'FR', '', "
    "'2026-11-21', '2027-11-21', m.id, true FROM subscriptions_subscription s JOIN organisations_organisation o "
    "ON o.id = s.organisation_id AND o.number = '5200001' "
    "JOIN organisations_membership m ON m.organisation_id = o.id, generate_series(1, 9)",
]


def one_row_each(cast: Cast, day: date) -> dict[str, int]:
    """Emil of Atelier Nord, whose wall is open, may work at home, and the desk allows an old version."""
    told = {"organisation": cast.nord, "subscription": cast.subscription, "given_on": day, "ends_on": add_days(day, 300)}
    what = {"product": cast.sculpt, "membership": cast.emil, "kind": "home", "country": "FR"}
    right = UseRight.objects.create(**told, **what)
    exception = VersionException.objects.create(**told, version="2020", reason="An old model")
    return {"use_right": right.pk, "exception": exception.pk}
