"""The pause: a restored copy charges, mails and calls nobody until `comptoir resume`."""

from .models import House


def paused_because() -> str:
    """Why the house is paused; empty when it works."""
    return House.objects.values_list("paused_because", flat=True).get(single=True)


def set_paused(reason: str) -> None:
    """Stop everything that reaches outside."""
    House.objects.filter(single=True).update(paused_because=reason)


def clear_paused() -> bool:
    """Let it reach outside again. Returns whether it was paused."""
    return House.objects.exclude(paused_because="").update(paused_because="") > 0


def nothing_is_charged_because() -> str:
    """Why no provider may be asked to charge: the pause, or the switch of the desk; empty when it may."""
    paused, stopped = House.objects.values_list("paused_because", "charging_stopped_because").get(single=True)
    return str(paused or stopped)
