"""What goes from one membership to the other when a person's two accounts become one (decision 19)."""

from collections.abc import Mapping
from datetime import date

from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.organisations.ports import Two

from ..models import AlignmentWish, CalendarFeed


class UnitingCalendars:
    """Fills `organisations.Uniting`: a calendar program goes on reading the address that it has."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """The calendar of renewals."""
        own = {"organisation_id": actor.customer_id, "membership_id": membership, "revoked_on": None}
        return {"calendar": CalendarFeed.objects.filter(**own).count()}

    @step
    def united(self, actor: Actor, two: Two, on: date) -> None:
        """One calendar each: where both have one, the other one's address ends. Alignments that they wait for are theirs."""
        if two.kept == two.closed:
            return
        feeds = CalendarFeed.objects.filter(organisation_id=actor.customer_id, revoked_on=None)
        AlignmentWish.objects.filter(organisation_id=actor.customer_id, made_by_id=two.closed).update(made_by_id=two.kept)
        theirs = feeds.filter(membership_id=two.closed)
        if feeds.filter(membership_id=two.kept).exists():
            theirs.update(revoked_on=on)
        else:
            theirs.update(membership_id=two.kept)
