"""What a worker does for sign-ins."""

from comptoir.kernel.actor import Actor
from comptoir.kernel.jobs import enqueue, every, job

from .adapters.forgetting import forget_what_is_over


@every("35 3 * * *", "sign_ins_over")
def sign_ins_over() -> None:
    """Each night, have codes and tokens erased that are over."""
    enqueue("directory.forget")


@job("directory.forget")
def forget(actor: Actor) -> None:
    """Erase them; running it twice erases nothing more."""
    forget_what_is_over()
