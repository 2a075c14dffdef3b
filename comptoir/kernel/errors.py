"""What can be refused, and how a refusal travels."""

from collections.abc import Mapping


class Refused(Exception):
    """A verb said no. `code` is stable; its sentence and next step stand in `comptoir.kernel.refusals`.

    `status` is the HTTP status for the API; `field` names the argument that was wrong, where one was.
    """

    def __init__(
        self,
        code: str,
        *,
        params: Mapping[str, object] | None = None,
        field: str | None = None,
        status: int = 409,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})
        self.field = field
        self.status = status


class HouseRule(RuntimeError):
    """The code broke a rule of the house (an action in an action, no event): a bug, never the person's fault."""
