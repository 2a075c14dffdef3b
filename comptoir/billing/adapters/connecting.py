"""Which payment providers are connected, from the settings."""

from django.conf import settings

from ..ports import Provider, Providers
from .sandbox import Sandbox


def connected() -> Providers:
    """Stripe where its keys are given, and the sandbox's own provider in a sandbox, so that what it charged can be looked up."""
    by_name: dict[str, Provider] = {}
    if settings.SANDBOX:
        by_name["sandbox"] = Sandbox()
    if settings.PAYMENTS.stripe_key:
        from .stripe import Stripe  # takes memory and time, which only those pay who use it

        by_name["stripe"] = Stripe(
            settings.PAYMENTS.stripe_key, settings.PAYMENTS.stripe_webhook_secret, settings.PAYMENTS.stripe_url
        )
    return Providers(by_name, settings.PAYMENTS.provider)
