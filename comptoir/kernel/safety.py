"""What the program refuses to start with: each refusal is a sentence that says what would be right."""

import os
import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from .failpoints import problem_with

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def problems() -> list[str]:
    """Everything that makes a start unsafe, as sentences; empty when all is well."""
    return [*_of_the_settings(), *_of_the_login()]


def refuse_unsafe_start() -> None:
    """Exit with status 2 and the reasons if the web or a worker would run unsafely."""
    found = problems()
    if found:
        for sentence in found:
            print(f"comptoir: {sentence}", file=sys.stderr)
        raise SystemExit(2)


def _of_the_settings() -> list[str]:
    found = []
    armed = os.environ.get("COMPTOIR_FAILPOINT", "")
    if armed and settings.SANDBOX and (problem := problem_with(armed)):
        found.append(problem)
    if settings.MODE not in {"sandbox", "production"}:
        found.append(f"COMPTOIR_MODE is {settings.MODE!r}; it takes sandbox or production.")
    found += _of_the_payments()
    if settings.SANDBOX:
        if urlsplit(settings.BASE_URL).hostname not in LOOPBACK:
            found.append(
                f"COMPTOIR_URL is {settings.BASE_URL!r} in a sandbox, which signs anybody in and so serves this machine only. "
                "Set COMPTOIR_MODE=production."
            )
        return found
    if armed:
        found.append("COMPTOIR_FAILPOINT is set in production; fail points are for the sandbox only. Unset it.")
    if settings.DEBUG:
        found.append("COMPTOIR_DEBUG is on in production. Unset it.")
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 10:
        found.append("COMPTOIR_SECRET is too weak; give 50 characters or more from a random generator.")
    if not settings.BASE_URL.startswith("https://"):
        found.append(f"COMPTOIR_URL is {settings.BASE_URL!r}; production is served over https:// only.")
    if not settings.EMAIL_HOST:
        found.append(
            "COMPTOIR_SMTP_URL is missing; production needs a mail server, such as smtp://user:password@mail.example:587."
        )
    return found


def _of_the_payments() -> list[str]:
    payments, found = settings.PAYMENTS, []
    if payments.provider not in {"", "stripe", "sandbox"}:
        found.append(f"COMPTOIR_PAYMENT_PROVIDER is {payments.provider!r}; it takes stripe, sandbox or none.")
    if payments.provider == "sandbox" and not settings.SANDBOX:
        found.append("COMPTOIR_PAYMENT_PROVIDER is sandbox in production, which charges nobody. Give Stripe's keys, or none.")
    if payments.provider == "stripe" and not (payments.stripe_key and payments.stripe_webhook_secret):
        found.append("Stripe needs both COMPTOIR_STRIPE_KEY and COMPTOIR_STRIPE_WEBHOOK_SECRET.")
    if settings.SANDBOX and payments.stripe_key.startswith(("sk_live_", "rk_live_")):
        found.append("COMPTOIR_STRIPE_KEY is a live key in a sandbox, which would charge real cards. Give a test key.")
    return found


def _of_the_login() -> list[str]:
    with connection.cursor() as cursor:
        # a member of a role can take its place, so the powers of all its roles are a login's own
        cursor.execute(
            "SELECT current_user, bool_or(rolsuper), bool_or(rolbypassrls), "
            "bool_or(EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = rolname)) "
            "FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')"
        )
        name, is_super, bypasses, owns = cursor.fetchone()
    if is_super or bypasses or owns:
        why = "is a superuser" if is_super else "may bypass row-level security" if bypasses else "owns the tables"
        return [
            f"the database login {name!r} {why}, so it could pass the wall between customers. Give web and work a "
            "restricted login in DATABASE_URL, and the owner's in DATABASE_OWNER_URL."
        ]
    return []
