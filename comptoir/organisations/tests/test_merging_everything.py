"""Everything that points to a member or to a person has its place when two accounts become one; no column is forgotten."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import models

from comptoir.downloads.models import AssignedUpdate, Installed, News, SecretAddress, Trial
from comptoir.entitlements.models import BenefitChoice, Device, LicenceKey, SerialNumber, UseRight
from comptoir.identity.models import Person
from comptoir.kernel.clock import now
from comptoir.kernel.walls import open_wall
from comptoir.organisations.models import Membership
from comptoir.subscriptions.models import AlignmentWish, CalendarFeed
from comptoir.support.models import Case
from comptoir.usage.models import CreditUse
from tests.cast import TODAY, Cast, member, product, raise_curtain
from tests.released import release

from .merging import merged

MOVES, ENDS = "moves", "ends"
LOG = "stays: what was done was done by the name of that day"
OTHERS = "stays: of people and machines that no account is merged with"
# every column that names a member or a person -> what becomes of it (decision 19)
COLUMNS = {
    "account.EmailAddress.user": "stays: the library's own list of addresses, which nobody here writes",
    "billing.InvoiceArchive.asked_by": LOG,
    "billing.MethodSetup.asked_by": LOG,
    "billing.PaymentMethod.added_by": LOG,
    "directory.Application.user": OTHERS,
    "directory.DeviceGrant.user": ENDS,
    "directory.Grant.user": ENDS,
    "directory.Subject.person": "stays: products know the account that stays by its own name",
    "downloads.AssignedUpdate.assigned_by": LOG,
    "downloads.AssignedUpdate.membership": MOVES,
    "downloads.Download.membership": MOVES,
    "downloads.Installed.marked_by": LOG,
    "downloads.Installed.membership": MOVES,
    "downloads.News.membership": MOVES,
    "downloads.NewsChoice.person": "stays: what was chosen for the account that stays counts",
    "downloads.SecretAddress.membership": MOVES,
    "downloads.Trial.membership": MOVES,
    "downloads.Trial.person": MOVES,
    "entitlements.Assignment.membership": MOVES,
    "entitlements.BenefitChoice.membership": MOVES,
    "entitlements.Device.membership": MOVES,
    "entitlements.Lease.membership": MOVES,
    "entitlements.LicenceFile.membership": MOVES,
    "entitlements.LicenceKey.membership": MOVES,
    "entitlements.SerialNumber.membership": MOVES,
    "entitlements.UseRight.membership": MOVES,
    "home.Notice.membership": "stays: what was told to the closed account was told; a membership that moves takes it along",
    "identity.Merge.by": OTHERS,
    "identity.Merge.closed": "stays: it is the merge",
    "identity.Merge.kept": MOVES,
    "identity.OldSignIn.person": "stays: it leads to the account that stays",
    "identity.StaffRole.person": "stays: an account with one is not merged",
    "kernel.AskedVerb.asked_by_id": MOVES,
    "kernel.AskedVerb.decided_by_id": LOG,
    "kernel.Chain.person_id": LOG,
    "kernel.Event.by_membership_id": LOG,
    "kernel.Event.person_id": LOG,
    "kernel.Message.person_id": LOG,
    "kernel.RequestKey.person_id": LOG,
    "kernel.SecondLook.asked_by_id": OTHERS,
    "kernel.SecondLook.decided_by_id": OTHERS,
    "oauth2_provider.AccessToken.user": ENDS,
    "oauth2_provider.IDToken.user": ENDS,
    "oauth2_provider.RefreshToken.user": ENDS,
    "organisations.AcceptedTerms.membership": LOG,
    "organisations.AccessToken.membership": ENDS,
    "organisations.Appointment.by": OTHERS,
    "organisations.Appointment.membership": LOG,
    "organisations.GroupMember.membership": MOVES,
    "organisations.JoinRequest.decided_by": LOG,
    "organisations.JoinRequest.person": MOVES,
    "organisations.MemberWord.membership": "stays: of the name",
    "organisations.Membership.person": MOVES,
    "organisations.PeopleImport.by": LOG,
    "organisations.RoleCheck.membership": LOG,
    "organisations.RoleGrant.membership": MOVES,
    "organisations.SpendingLimit.membership": MOVES,
    "subscriptions.AlignmentWish.made_by_id": MOVES,
    "subscriptions.CalendarFeed.membership": MOVES,
    "subscriptions.Order.ordered_by_id": LOG,
    "subscriptions.PlannedChange.made_by_id": LOG,
    "subscriptions.PriceQuote.made_by_id": LOG,
    "support.Case.author": MOVES,
    "usage.CreditUse.membership": MOVES,
    "usersessions.UserSession.user": ENDS,
}
NAMES = {"person_id", "membership_id", "by_membership_id"}


def columns() -> Iterator[str]:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.Field):
                names_one = field.is_relation and field.related_model in (Membership, Person)
                if names_one or field.name.endswith("_by_id") or field.name in NAMES:
                    yield f"{model._meta.label}.{field.name}"


def test_no_column_is_forgotten() -> None:
    assert sorted(columns()) == sorted(COLUMNS)


@pytest.fixture
def cast() -> Cast:
    return raise_curtain()


@pytest.mark.django_db
def test_what_lives_of_the_one_is_the_others(cast: Cast) -> None:
    emma, emil = member(cast.nord, "Emma", "Larsen"), cast.emil
    new, old = release(cast.sculpt, "2027", TODAY), release(cast.sculpt, "2026", TODAY)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    nord, theirs = {"organisation": cast.nord}, {"organisation": cast.nord, "membership": emma}
    SecretAddress.objects.create(**theirs, name="n", purpose="own", digest="s", made_on=TODAY)
    for whose, what in ((emma, new), (emma, old), (emil, new)):
        News.objects.create(**nord, membership=whose, release=what, on=TODAY)
        AssignedUpdate.objects.create(**nord, membership=whose, release=what, assigned_by=cast.camille, assigned_on=TODAY)
        Installed.objects.create(**nord, membership=whose, release=what, how="download", on=TODAY)
    CalendarFeed.objects.create(**theirs, digest="c", language="en", made_on=TODAY)
    Trial.objects.create(**theirs, person=emma.person, product=cast.sculpt, started_on=TODAY, ends_on=TODAY + timedelta(days=30))
    AlignmentWish.objects.create(**nord, made_by_id=emma.pk, made_on=TODAY)
    told = {"severity": 1, "status": "open", "subject": "x", "opened_on": TODAY}
    Case.objects.create(**nord, contract=cast.contract, author=emma, number="1", **told)
    CreditUse.objects.create(**theirs, contract=cast.contract, service="s", credits=1, used_at=now(), imported_as="d")
    for whose, given in ((emma, True), (emil, False)):
        BenefitChoice.objects.create(**nord, membership=whose, benefit="training", given=given, since=TODAY)
    BenefitChoice.objects.create(**theirs, benefit="updates", given=True, since=TODAY)
    SerialNumber.objects.create(**theirs, subscription=cast.subscription, number="S1", given_on=TODAY)
    LicenceKey.objects.create(**theirs, subscription=cast.subscription, digest="k", ending="KKKK", made_on=TODAY)
    merged(emil, emma)
    open_wall(read=[cast.nord.pk], write=cast.nord.pk, person=emil.person_id)
    living = [SecretAddress, CalendarFeed, Trial, CreditUse, SerialNumber, LicenceKey]
    for model in living:
        assert model.objects.get().membership_id == emil.pk, model
    assert (Trial.objects.get().person_id, Case.objects.get().author_id) == (emil.person_id, emil.pk)
    assert AlignmentWish.objects.get().made_by_id == emil.pk
    for model, over in ((News, {}), (AssignedUpdate, {"ended_on": None}), (Installed, {"membership": emil})):
        rows = model.objects.filter(**over).order_by("release__version").values_list("membership_id", "release__version")
        assert list(rows) == [(emil.pk, "2026"), (emil.pk, "2027")], model
    choices = BenefitChoice.objects.filter(ended_on=None).order_by("benefit").values_list("membership_id", "benefit", "given")
    assert list(choices) == [(emil.pk, "training", False), (emil.pk, "updates", True)]


@pytest.mark.django_db
def test_devices_go_over_as_far_as_three_places_reach_and_the_others_end(cast: Cast) -> None:
    emma = member(cast.nord, "Emma", "Larsen")
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    seen = now() - timedelta(days=1)

    def device(whose: Membership, place: int, fingerprint: str, **more: object) -> None:
        told = {"organisation": cast.nord, "membership": whose, "product": cast.sculpt, "place": place, "name": fingerprint}
        digest = f"{whose.pk}{fingerprint}"
        Device.objects.create(**told, fingerprint=fingerprint, digest=digest, activated_at=seen, last_seen_at=now(), **more)

    device(cast.emil, 2, "a", in_use=True, used_at=now())
    device(emma, 1, "a")
    device(emma, 2, "b", in_use=True, used_at=now())
    device(emma, 3, "c")
    merged(cast.emil, emma)
    open_wall(read=[cast.nord.pk])
    rows = Device.objects.filter(ended_at=None).order_by("fingerprint").values_list("membership_id", "fingerprint", "in_use")
    assert list(rows) == [(cast.emil.pk, "a", True), (cast.emil.pk, "b", False), (cast.emil.pk, "c", False)]
    assert Device.objects.exclude(ended_at=None).get().membership_id == emma.pk


@pytest.mark.django_db
def test_what_both_may_use_at_home_is_used_once_and_what_was_tried_elsewhere_is_not_tried_again(cast: Cast) -> None:
    emma = member(cast.nord, "Emma", "Larsen")
    other = product("OTHR", "Other", {"year": (100, 100)})
    days = {"given_on": TODAY, "ends_on": date(2027, 11, 21), "kind": "home", "country": "FR"}
    with_seat = {"organisation": cast.nord, "subscription": cast.subscription, **days}
    open_wall(read=[cast.nord.pk], write=cast.nord.pk)
    for whose, what in ((emma, cast.sculpt), (cast.emil, cast.sculpt), (emma, other)):
        UseRight.objects.create(**with_seat, membership=whose, product=what)
    tried = {"product": other, "started_on": TODAY, "ends_on": date(2027, 1, 1)}
    Trial.objects.create(organisation=cast.nord, membership=emma, person=emma.person, **tried)
    abroad = member(cast.est, "Emil", "Larsen")
    open_wall(read=[cast.est.pk], write=cast.est.pk)
    Trial.objects.create(organisation=cast.est, membership=abroad, person=abroad.person, **tried)
    merged(cast.emil, emma)
    open_wall(read=[cast.nord.pk], person=cast.emil.person_id)
    rows = UseRight.objects.filter(closed=False).order_by("product__code").values_list("membership_id", "product__code")
    assert list(rows) == [(cast.emil.pk, "OTHR"), (cast.emil.pk, "SCLT")]
    whose = Trial.objects.order_by("pk").values_list("person_id", flat=True)
    assert list(whose) == [emma.person_id, cast.emil.person_id]
