"""Payment methods: the provider's page is made, what was given there is taken, a removed method is forgotten."""

from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from comptoir.kernel.action import plain
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.failpoints import failpoint
from comptoir.kernel.jobs import job, within

from ..actions import methods
from ..models import MethodSetup, PaymentMethod
from ..ports import NoAnswer, Setup
from .asking import NotKnownYet, hold_back_while_paused, outside, provider_of


@job("billing.set_up", own_transactions=True)
def set_up(actor: Actor, *, setup: int) -> None:
    """Have the provider make its page for a visit, and take what was given there. Raises NotKnownYet until one or the other."""
    today = business_day()
    with transaction.atomic():
        within(actor)
        hold_back_while_paused()
        row = MethodSetup.objects.select_related("organisation", "asked_by").get(organisation_id=actor.customer_id, pk=setup)
        if row.state in {MethodSetup.State.DONE, MethodSetup.State.FAILED}:
            return
        wanted = _visit(row)
    provider = provider_of(row.provider)
    try:
        asked = row.state == MethodSetup.State.ASKED
        page = outside(lambda: provider.set_up(wanted) if asked else provider.look_at_setup(row.provider_ref))
    except NoAnswer as reason:
        raise NotKnownYet(f"setup {row.reference}: {reason}") from None
    failpoint("method.called")
    with transaction.atomic():
        within(actor)
        if page.method is not None:
            methods.add_method(actor, row, found=plain(asdict(page.method)), on=today)
        elif page.failed or (today - row.asked_on).days > 1:
            methods.give_up_setup(actor, row, on=today)
        elif row.state == MethodSetup.State.ASKED:
            methods.open_page(actor, row, provider_ref=page.provider_ref, url=page.url, on=today)
    if page.method is None and not page.failed:
        raise NotKnownYet(f"setup {row.reference}: somebody is on the provider's page")


def _visit(row: MethodSetup) -> Setup:
    organisation, asker = row.organisation, row.asked_by
    known = PaymentMethod.objects.filter(organisation=organisation, provider=row.provider).order_by("-pk").first()
    return Setup(
        reference=row.reference,
        kind=row.kind,
        customer=organisation.number,
        customer_id=organisation.pk,
        customer_ref="" if known is None else known.customer_ref,
        name=organisation.name,
        email="" if asker is None else asker.email,
        language=organisation.language or settings.LANGUAGE_CODE,
        return_url=f"{settings.BASE_URL}/c/{organisation.number}/payment-methods/new/{row.pk}/?back=1",
    )


@job("billing.forget_method", own_transactions=True)
def forget_method(actor: Actor, *, method: int) -> None:
    """Have the provider forget a removed method. Raises NotKnownYet without an answer."""
    with transaction.atomic():
        within(actor)
        hold_back_while_paused()
        row = PaymentMethod.objects.get(organisation_id=actor.customer_id, pk=method)
    try:
        outside(lambda: provider_of(row.provider).remove(row.token_ref))
    except NoAnswer as reason:
        raise NotKnownYet(f"method {row.pk}: {reason}") from None
