"""What the desk knows of the installation itself: its switches, its nights."""

from collections.abc import Sequence

from comptoir.kernel.models import House, NightRun

NIGHTS = 14


def stopped_because() -> str:
    """Why nothing is charged just now; empty when charges are made."""
    return House.objects.values_list("charging_stopped_because", flat=True).get(single=True)


def nights() -> Sequence[NightRun]:
    """The last nights, the newest first."""
    return list(NightRun.objects.filter(started_at__isnull=False).order_by("-day")[:NIGHTS])
