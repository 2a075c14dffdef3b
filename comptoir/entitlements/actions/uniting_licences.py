"""What goes from one membership to the other when a person's two accounts become one: keys, devices, leases (decision 19)."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Exists, OuterRef

from comptoir.kernel.action import step
from comptoir.kernel.actor import Actor
from comptoir.organisations.ports import Two

from ..models import Device, Lease, LicenceFile, LicenceKey
from ..rules.licences import DEVICES_EACH


class UnitingLicences:
    """Fills `organisations.Uniting`: products go on running where there is a place for their device."""

    def brings(self, actor: Actor, membership: int) -> Mapping[str, int]:
        """Keys and devices."""
        own = {"organisation_id": actor.customer_id, "membership_id": membership, "ended_at": None}
        return {"key": LicenceKey.objects.filter(**own).count(), "device": Device.objects.filter(**own).count()}

    @step
    def united(self, actor: Actor, two: Two, on: date) -> None:
        """Keys, devices as far as three places reach, floating seats, and the files that stand on them."""
        if two.kept == two.closed:
            return
        own = {"organisation_id": actor.customer_id, "ended_at": None}
        LicenceKey.objects.filter(**own, membership_id=two.closed).update(membership_id=two.kept)
        for device in Device.objects.filter(**own, membership_id=two.closed).order_by("-last_seen_at", "pk"):
            _move(device, two.kept)
        leases = Lease.objects.filter(**own)
        same = leases.filter(membership_id=two.kept, subscription=OuterRef("subscription"))
        leases.filter(membership_id=two.closed).exclude(Exists(same)).update(membership_id=two.kept)
        files = LicenceFile.objects.filter(**own, membership_id=two.closed, device__membership_id=two.kept)
        files.exclude(lease__membership_id=two.closed).update(membership_id=two.kept)


@step
def _move(device: Device, member: int) -> None:
    """Give a device to the other membership, in a free place; without one it stays, and ends with whoever leaves."""
    theirs = Device.objects.filter(organisation_id=device.organisation_id, membership_id=member, product_id=device.product_id)
    here = list(theirs.filter(ended_at=None))
    free = sorted(set(range(1, DEVICES_EACH + 1)) - {each.place for each in here})
    if not free or device.fingerprint in {each.fingerprint for each in here}:
        return
    device.membership_id, device.place = member, free[0]
    device.in_use = device.in_use and not any(each.in_use for each in here)
    device.save(update_fields=["membership", "place", "in_use"])
