"""What goes from one membership to the other when a person's two accounts become one (decision 19)."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Exists, OuterRef

from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.organisations.ports import Two

from ..models import AssignedUpdate, Download, Installed, News, SecretAddress, Trial


class UnitingDownloads:
    """Fills `organisations.Uniting`: machines find their files by the same addresses, nobody hears of a release twice."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """Addresses for machines, updates to install, trials."""
        own = {"organisation_id": actor.customer_id, "membership_id": membership}
        return {
            "address": SecretAddress.objects.filter(**own, revoked_on=None).count(),
            "update": AssignedUpdate.objects.filter(**own, ended_on=None).count(),
            "trial": Trial.objects.filter(**own).count(),
        }

    @step
    def united(self, actor: Actor, two: Two, on: date) -> None:
        """All that is theirs here; a product that both have tried was tried twice, and is not tried again."""
        trials = Trial.objects.filter(organisation_id=actor.customer_id, membership_id=two.closed, person_id=two.closed_person)
        # their own wall shows what the account that stays tries with other customers
        tried = Trial.objects.filter(person_id=two.kept_person, product=OuterRef("product"))
        trials.exclude(Exists(tried)).update(person_id=two.kept_person, membership_id=two.kept)
        if two.kept == two.closed:
            return
        own, theirs = ({"organisation_id": actor.customer_id, "membership_id": pk} for pk in (two.kept, two.closed))
        kept = {"membership_id": two.kept}
        SecretAddress.objects.filter(**theirs).update(**kept)
        Download.objects.filter(**theirs).update(**kept)
        told = News.objects.filter(**own, release=OuterRef("release"))
        News.objects.filter(**theirs).exclude(Exists(told)).update(**kept)
        News.objects.filter(**theirs).delete()
        assigned = AssignedUpdate.objects.filter(**own, release=OuterRef("release"), ended_on=None)
        AssignedUpdate.objects.filter(**theirs, ended_on=None).exclude(Exists(assigned)).update(**kept)
        AssignedUpdate.objects.filter(**theirs, ended_on=None).update(ended_on=on)
        there = Installed.objects.filter(**own, release=OuterRef("release"), how=OuterRef("how"))
        Installed.objects.filter(**theirs).exclude(Exists(there)).update(**kept)
