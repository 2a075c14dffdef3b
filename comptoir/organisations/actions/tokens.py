"""Access tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.clock import now
from comptoir.kernel.errors import Refused
from comptoir.kernel.recording import record
from comptoir.permissions import SCOPES, Can

from ..models import AccessToken, Membership

TOKEN_PREFIX = "cptr_"
LONGEST_DAYS = 3_650


@action(Can.CREATE_TOKEN)
def create_token(
    actor: Actor, membership: Membership, *, name: str, scopes: Sequence[str], days: int | None, digest: str, hint: str
) -> AccessToken:
    """Make an access token that acts as this member, for `days` days or (None) until it is revoked.

    The secret itself never comes here: whoever made it shows it once and gives its digest and hint.

    Raises Refused `token_scope_unknown`, `token_days_out_of_range`, `token_name_missing`, `member_has_left`.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        params = {"scope": ", ".join(unknown), "offered": ", ".join(SCOPES)}
        raise Refused("token_scope_unknown", params=params, field="scopes", status=422)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Refused("token_days_out_of_range", params={"most": LONGEST_DAYS}, field="days", status=422)
    if not name.strip():
        raise Refused("token_name_missing", field="name", status=422)
    if membership.left_on is not None:
        raise Refused("member_has_left", params={"name": membership.name})
    token = AccessToken.objects.create(
        organisation_id=membership.organisation_id,
        membership=membership,
        name=name.strip(),
        digest=digest,
        hint=hint,
        scopes=wanted,
        expires_at=None if days is None else now() + timedelta(days=days),
    )
    record(Events.TOKEN_CREATED, token, name=token.name, membership=membership.pk)
    return token


@dataclass(frozen=True, slots=True)
class Secret:
    """A new token's secret: 256 random bits behind a prefix that scanners of leaked secrets can know."""

    text: str = field(default_factory=lambda: TOKEN_PREFIX + secrets.token_urlsafe(32))

    @property
    def digest(self) -> str:
        """What is kept, and what a request's token is looked up by."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def hint(self) -> str:
        """Its first characters, so that people can tell tokens apart."""
        return self.text[: len(TOKEN_PREFIX) + 4]
