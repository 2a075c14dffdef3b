"""What an invoice sold, and whether it can be given back: fills `billing.Returns`, for the invoice's page (rules 6, 8)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from comptoir.billing.models import Invoice
from comptoir.billing.ports import SoldHere
from comptoir.kernel.actor import Actor
from comptoir.kernel.errors import Refused
from comptoir.kernel.refusals import Told, tell
from comptoir.organisations.queries import roles_with, who_may
from comptoir.permissions import Can, Role

from ..models import Sale, Subscription
from ..ports import Ports
from ..rules import Owned, Reason, Verb, reasons_not_to_return, return_facts, return_until
from .availability import label_of
from .next_steps import url_of
from .returns import SoldRow, owned, sold_to_each
from .running import with_payment_running
from .states import lengths, sale_words, state_on


class ReturnsOfInvoices:
    """Whether what an invoice sold can be returned."""

    def of_invoice(self, actor: Actor, invoice: Invoice, on: date, most: int) -> Sequence[SoldHere]:
        """Each of its sales, by subscription, with every reason why not; the first `most`. A fixed number of statements."""
        about = ("subscription__product", "subscription__organisation", "subscription__contract")
        sales = Sale.objects.filter(organisation_id=invoice.organisation_id, invoice=invoice).select_related(*about)
        rows = list(sales.order_by("subscription__number")[:most])
        if not rows:
            return []
        asked = _Asked(actor, [sale.subscription for sale in rows if sale.undone_on is None], invoice.contract_id, on)
        return [asked.told(sale) for sale in rows]


class _Asked:
    """The sales of some subscriptions under one contract, each looked at with what was read once for all."""

    def __init__(self, actor: Actor, subscriptions: Sequence[Subscription], contract_id: int, on: date) -> None:
        self.on, self.reach, self.words = on, actor.reach(Can.RETURN, contract_id), sale_words()
        self.ids = [each.pk for each in subscriptions]
        self.sold = sold_to_each(subscriptions) if subscriptions else {}
        self.sitting = Ports.seated.sitting(actor, self.ids) if self.ids else {}
        self.running = with_payment_running(actor.customer_id, self.ids) if self.ids else frozenset[int]()
        roles = [] if actor.may(Can.RETURN, contract_id) else [Role(role) for role in roles_with(Can.RETURN)]
        self.who_may = tuple(member.name for member in who_may(actor, roles, contract_id)) if roles else ()

    def told(self, sale: Sale) -> SoldHere:
        subscription = sale.subscription
        every = self.sold.get(subscription.pk, [])
        mine = next((each for each in every if each.row.pk == sale.pk and each.sold.left), None)
        why = self._why_not(mine, every, subscription) if mine else ()
        return SoldHere(
            subscription=subscription.number,
            product=subscription.product.name,
            kind=sale.kind,
            kind_word=self.words[sale.kind],
            seats=mine.sold.left if mine else sale.seats,
            until=return_until(mine.sold, lengths()) if mine else None,
            returned_on=sale.undone_on,
            reasons=tuple(self._in_words(reason, subscription) for reason in why),
            codes=tuple(reason.code for reason in why),
        )

    def _why_not(self, mine: SoldRow, every: Sequence[SoldRow], subscription: Subscription) -> Sequence[Reason]:
        theirs: Owned = owned(subscription, self.sitting[subscription.pk])
        return reasons_not_to_return(
            return_facts(mine.sold, [each.sold for each in every], theirs, self.on, lengths()),
            self.on,
            reach=self.reach,
            who_may=self.who_may,
            state=state_on(subscription, self.on),
            ended_on=subscription.renews_on,
            payment_running=subscription.pk in self.running,
        )

    def _in_words(self, why: Reason, subscription: Subscription) -> Told:
        told = tell(Refused(why.code, params=why.params))
        return replace(told, url=url_of(why, Verb.RETURN, label_of(Verb.RETURN), subscription))
