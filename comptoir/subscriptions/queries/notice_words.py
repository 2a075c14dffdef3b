"""What the notices of rules 6 say, in the language of whoever reads, and who reads them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comptoir.kernel.actor import Actor
from comptoir.kernel.calendar import add_days
from comptoir.organisations.models import Membership, Organisation, Reseller, RoleGrant
from comptoir.permissions import Role
from comptoir.ui.templatetags.ui import day, money

from ..rules.notices import NoticeKind
from .notices import Told
from .states import term_words

Sentence = Callable[[Told, bool], str]
WITH_AMOUNTS = (Role.CONTRACT_MANAGER, Role.PAYER)


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as somebody reads it, with or without amounts."""

    told: Told
    amounts: bool

    @property
    def text(self) -> str:
        """What it says, in the language that is active."""
        parts = [_SAYS[self.told.kind](self.told), *(_amounts(self.told) if self.amounts else ())]
        return " ".join(parts)

    @property
    def title(self) -> str:
        """Which subscription it is about."""
        row = self.told.subscription
        seats = ngettext("%(n)d seat", "%(n)d seats", row.seats_now) % {"n": row.seats_now}
        return f"{row.product.name} ({row.number}, {seats})"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a day: everything that one reader is to know. `member` or `reseller` gets it."""

    customer: Organisation
    lines: tuple[Line, ...]
    member: Membership | None = None
    reseller: Reseller | None = None

    @property
    def subject(self) -> str:
        """Its subject, in the language that is active: what it is about, if that is one thing."""
        names = {line.told.subscription.pk: line.told.subscription.product.name for line in self.lines}
        if len(names) == 1:
            return _SUBJECTS[self.lines[-1].told.kind]() % {"product": next(iter(names.values()))}
        what = {"n": len(names), "customer": self.customer.name}
        return (
            ngettext("News of %(n)d subscription of %(customer)s", "News of %(n)d subscriptions of %(customer)s", len(names))
            % what
        )


def letters(actor: Actor, told: Iterable[Told]) -> list[Letter]:
    """One letter for each who reads (rules 6): managers and payers with amounts, coordinators of access at risk without,
    the reseller of a contract that it sold. One statement."""
    every = list(told)
    if not every:
        return []
    customer = every[0].subscription.organisation
    readers: dict[int, tuple[Membership, list[Line]]] = {}
    for grant in _grants(actor):
        for each in every:
            _read(readers, grant, each)
    sold: dict[int, tuple[Reseller, list[Line]]] = {}
    for each in every:
        reseller = each.subscription.contract.reseller
        if reseller is not None and reseller.email:
            sold.setdefault(reseller.pk, (reseller, []))[1].append(Line(each, amounts=False))
    found = [Letter(customer, tuple(lines), member=member) for member, lines in readers.values()]
    return found + [Letter(customer, tuple(lines), reseller=reseller) for reseller, lines in sold.values()]


def _grants(actor: Actor) -> list[RoleGrant]:
    """The roles that hear, those with amounts first: who has both reads amounts."""
    roles = [*WITH_AMOUNTS, Role.SOFTWARE_COORDINATOR]
    rows = RoleGrant.objects.filter(organisation_id=actor.customer_id, role__in=roles, membership__left_on=None)
    found = rows.select_related("membership__person").order_by("membership__sort_name", "membership_id")
    return sorted(found, key=lambda grant: grant.role not in WITH_AMOUNTS)


def _read(readers: dict[int, tuple[Membership, list[Line]]], grant: RoleGrant, told: Told) -> None:
    amounts = grant.role in WITH_AMOUNTS
    if grant.contract_id not in {None, told.subscription.contract_id} or not (amounts or told.notice.access_at_risk):
        return
    lines = readers.setdefault(grant.membership_id, (grant.membership, []))[1]
    if all(line.told is not told for line in lines):
        lines.append(Line(told, amounts))


def _names(told: Told) -> Mapping[str, str]:
    row = told.subscription
    return {
        "product": row.product.name,
        "on": day(told.end),
        "last": day(add_days(told.end, -1)),
        "term": term_words()[row.term].lower(),
        "suspended": day(told.lapse.suspended),
        "cancelled": day(told.lapse.cancelled),
        "invoice": str(told.invoice.number) if told.invoice else "",
        "due": day(told.invoice.due_on) if told.invoice else "",
        "back": _day(told.back_on),
    }


def _day(value: date | None) -> str:
    return "" if value is None else day(value)


def _renews(told: Told) -> str:
    return _("It renews by itself on %(on)s.") % _names(told)


def _expires(told: Told) -> str:
    return _("It is paid until %(last)s and does not renew by itself. Renew it by then, and nobody loses access.") % _names(told)


def _today(told: Told) -> str:
    return _("It was paid until %(last)s. Everything works until it is suspended on %(suspended)s.") % _names(told)


def _ends(told: Told) -> str:
    return _("It can no longer be renewed: it is paid until %(last)s, and ends.") % _names(told)


def _before_suspension(told: Told) -> str:
    return _("It is not paid. On %(suspended)s it is suspended, and nobody can use it until it is paid.") % _names(told)


def _suspended(told: Told) -> str:
    return _("It is suspended since %(suspended)s: nobody can use it. It can be renewed until %(cancelled)s.") % _names(told)


def _before_cancellation(told: Told) -> str:
    return _("It is suspended, and ends for good on %(cancelled)s. Until then it can be renewed.") % _names(told)


def _cancelled(told: Told) -> str:
    return _("It has ended on %(cancelled)s. Whoever needs it buys it new.") % _names(told)


def _unpaid(told: Told) -> str:
    return _("Invoice %(invoice)s was due on %(due)s and is not paid. What it paid for is taken back on %(back)s.") % _names(told)


def _failed(told: Told) -> str:
    return _("Its payment did not succeed.")


_SAYS: Mapping[NoticeKind, Callable[[Told], str]] = {
    NoticeKind.RENEWS_IN_30: _renews,
    NoticeKind.RENEWS_IN_7: _renews,
    NoticeKind.EXPIRES_IN_90: _expires,
    NoticeKind.EXPIRES_IN_45: _expires,
    NoticeKind.EXPIRES_IN_30: _expires,
    NoticeKind.EXPIRES_IN_15: _expires,
    NoticeKind.EXPIRES_IN_4: _expires,
    NoticeKind.EXPIRES_TODAY: _today,
    NoticeKind.ENDS: _ends,
    NoticeKind.BEFORE_SUSPENSION: _before_suspension,
    NoticeKind.SUSPENDED: _suspended,
    NoticeKind.BEFORE_CANCELLATION: _before_cancellation,
    NoticeKind.CANCELLED: _cancelled,
    NoticeKind.UNPAID_FIRST: _unpaid,
    NoticeKind.UNPAID_SECOND: _unpaid,
    NoticeKind.PAYMENT_FAILED: _failed,
}
_SUBJECTS: Mapping[NoticeKind, Callable[[], str]] = {
    **dict.fromkeys((NoticeKind.RENEWS_IN_30, NoticeKind.RENEWS_IN_7), lambda: _("%(product)s renews soon")),
    **dict.fromkeys((kind for kind in NoticeKind if kind.startswith("expires_in")), lambda: _("%(product)s needs to be renewed")),
    NoticeKind.EXPIRES_TODAY: lambda: _("%(product)s was not renewed"),
    NoticeKind.ENDS: lambda: _("%(product)s ends"),
    NoticeKind.BEFORE_SUSPENSION: lambda: _("%(product)s is about to be suspended"),
    NoticeKind.SUSPENDED: lambda: _("%(product)s is suspended"),
    NoticeKind.BEFORE_CANCELLATION: lambda: _("%(product)s is about to end"),
    NoticeKind.CANCELLED: lambda: _("%(product)s has ended"),
    NoticeKind.UNPAID_FIRST: lambda: _("An invoice for %(product)s is not paid"),
    NoticeKind.UNPAID_SECOND: lambda: _("An invoice for %(product)s is not paid"),
    NoticeKind.PAYMENT_FAILED: lambda: _("The payment for %(product)s did not succeed"),
}


def _amounts(told: Told) -> list[str]:
    """What it costs, and how it is paid: for those who see amounts."""
    found = []
    if told.kind.startswith("renews_in") and told.net is not None:
        cost = {"net": money(told.net), "method": told.method.label if told.method else ""}
        if told.method is not None:
            found.append(_("%(net)s without tax is charged to %(method)s.") % cost)
        elif told.subscription.payment_method == "invoice":
            found.append(_("%(net)s without tax, on invoice.") % cost)
        else:
            found.append(_("%(net)s without tax, on invoice, as there is nothing that can be charged.") % cost)
    elif told.kind.startswith("expires_in") and told.net is not None:
        found.append(_("Renewed in time it costs %(net)s without tax.") % {"net": money(told.net)})
        if told.later is not None and told.later != told.net:
            found.append(_("After that it costs the new price, %(later)s.") % {"later": money(told.later)})
    elif told.kind == NoticeKind.EXPIRES_TODAY and told.later is not None:
        found.append(_("Renewed now it costs the new price, %(later)s without tax.") % {"later": money(told.later)})
    elif told.invoice is not None and told.kind in {NoticeKind.BEFORE_SUSPENSION, NoticeKind.SUSPENDED}:
        total = {"invoice": told.invoice.number, "total": money(told.invoice.total)}
        found.append(_("Invoice %(invoice)s, %(total)s with tax, is open.") % total)
    elif told.invoice is not None and told.back_on is not None:
        found.append(_("It is about %(total)s with tax.") % {"total": money(told.invoice.total)})
    return found
