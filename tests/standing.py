"""What stands in the world in which every address is asked: a row of each kind, and the ids that addresses name."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from comptoir.billing.models import Attempt, BankStatement, Finding, InvoiceArchive, MethodSetup, PaymentMethod, StatementLine
from comptoir.downloads.models import AssignedUpdate, SecretAddress
from comptoir.entitlements.models import Bundle, BundleItem
from comptoir.identity.models import StaffRole
from comptoir.kernel.clock import business_day, now
from comptoir.kernel.walls import wall_opened
from comptoir.organisations.models import (
    EmailDomain,
    Group,
    GroupMember,
    JoinRequest,
    PeopleImport,
    RoleGrant,
)
from comptoir.permissions import Role
from comptoir.subscriptions.models import AlignmentWish, Order, WishedAlignment
from tests import activated, lent, offline
from tests.cast import Cast, staff_member
from tests.released import file, release
from tests.signed import application_of


def wished(cast: Cast) -> int:
    """Camille waits for a subscription of the contract to match the others."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told = {"organisation": cast.nord}
        wish = AlignmentWish.objects.create(**told, made_by_id=cast.camille.pk, made_on=business_day())
        WishedAlignment.objects.create(**told, wish=wish, subscription=cast.subscription)
    return wish.pk


def peopled(cast: Cast) -> dict[str, int]:
    """Emil is in a group, and Camille has read a list of one person whom she has not added yet."""
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told = {"organisation": cast.nord}
        group = Group.objects.create(**told, name="Drawing", made_on=business_day())
        GroupMember.objects.create(**told, group=group, membership=cast.emil, joined_on=business_day())
        looks_after = {"membership": getattr(cast, "greta"), "role": Role.ACCESS_MANAGER, "group": group}  # noqa: B009
        RoleGrant.objects.create(**told, **looks_after, given_on=business_day())
        day = business_day()
        asker = {"person_id": cast.oskar.person_id, "name": "Ola", "email": "ola@nord.example", "asked_on": day}
        wish = JoinRequest.objects.create(**told, **asker)
        domain = EmailDomain.objects.create(**told, domain="nord.example", listed_on=day)
        read = PeopleImport.objects.create(**told, by=cast.camille, name="a.csv", heads=["Email"], rows=[["new@example.com"]])
        bundle = Bundle.objects.create(**told, name="Drawing", made_on=business_day())
        BundleItem.objects.create(**told, bundle=bundle, subscription=cast.subscription, added_on=business_day())
        used = lent.one_row_each(cast, business_day()) | offline.one_row_each(cast, business_day())
        used |= activated.one_row_each(cast, business_day())
    found = {"group": group.pk, "list": read.pk, "wish": wish.pk, "domain": domain.pk, "bundle": bundle.pk}
    return {**found, **used}


def _differing(cast: Cast) -> dict[str, int]:
    """A charge of Atelier Nord's that the provider does not have."""
    lost = {"kind": "lost", "reference": "a", "currency": "EUR", "customer": cast.nord.number, "found_at": now()}
    row = Finding.objects.create(provider="sandbox", day=business_day(), ours_minor=1, ours_state="succeeded", **lost)
    return {"finding": row.pk}


def _staffed() -> dict[str, int]:
    """A role at the desk that can be ended."""
    noah = staff_member("Noah", "Vidal", "finance")
    with wall_opened(person=noah.pk, desk=True):
        return {"staff_role": StaffRole.objects.get(person=noah).pk}


def released(cast: Cast) -> dict[str, int]:
    """A release is out, the next one is a draft; Atelier Nord has an address for its machines, and assigned the first."""
    out, draft = release(cast.sculpt, "2027", business_day()), release(cast.sculpt, "2028", business_day(), state="draft")
    there, hidden = file(out), file(draft)
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        told = {"organisation": cast.nord}
        address = SecretAddress.objects.create(
            **told, membership=cast.camille, name="Machine room", purpose="machines", digest="walls", made_on=business_day()
        )
        assigned = AssignedUpdate.objects.create(**told, release=out, assigned_by=cast.camille, assigned_on=business_day())
    ids = {"out": out.pk, "file": there.pk, "draft": draft.pk, "draft_file": hidden.pk}
    return {**ids, "address": address.pk, "assigned": assigned.pk, "application": application_of(cast).pk}


def paying(cast: Cast, order: Order) -> dict[str, int]:
    """Atelier Nord has a card, is about to give another one, and tried to pay its invoice."""
    day, card = business_day(), {"organisation": cast.nord, "kind": "card", "provider": "sandbox"}
    with wall_opened(read=[cast.nord.pk], write=cast.nord.pk):
        method = PaymentMethod.objects.create(**card, customer_ref="c", token_ref="t", label="Visa", added_on=day)
        setup = MethodSetup.objects.create(**card, reference="s", asked_on=day)
        tried = {"invoice": order.invoices.all()[0].invoice, "method": method, "reference": "a", "made_on": day}
        ended = {"state": "declined", "ended_on": day, "amount_minor": 1, "currency": "EUR"}
        attempt = Attempt.objects.create(organisation=cast.nord, **tried, **ended)
        packed = {"file": default_storage.save("archives/walls.zip", ContentFile(b"PK")), "finished_at": now()}
        archive = InvoiceArchive.objects.create(organisation=cast.nord, year=day.year, asked_by=cast.camille, **packed)
    read = BankStatement.objects.create(name="a.csv", format="csv", lines=1, imported_on=day, imported_by="operator")
    line = StatementLine.objects.create(statement=read, digest="left", booked_on=day, amount_minor=100, currency="EUR")
    return (
        {"method": method.pk, "setup": setup.pk, "attempt": attempt.pk, "archive": archive.pk, "line": line.pk}
        | _staffed()
        | _differing(cast)
    )
