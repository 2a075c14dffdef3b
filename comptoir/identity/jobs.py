"""What a worker does for those who sign in."""

from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import business_day
from comptoir.kernel.jobs import job

from . import adapters


@job("identity.mail_code")
def mail_code(actor: Actor, *, ticket: str) -> None:
    """Mail a code to whoever asked for it, if there is such a person."""
    adapters.mail_code(ticket)


@job("identity.mail_registration")
def mail_registration(actor: Actor, *, ticket: str) -> None:
    """Mail a code to whoever wants to register a company, or, to somebody who is here already, what to do instead."""
    adapters.mail_registration(ticket, business_day())
