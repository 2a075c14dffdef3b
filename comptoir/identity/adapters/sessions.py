"""Sessions, in Django's own table: every page asks for one, so the question is made once."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as Store
from django.contrib.sessions.models import Session

from comptoir.kernel.clock import now
from comptoir.kernel.prepared import Prepared

_ALIVE: Prepared[Session] = Prepared(
    lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at), key=str, at=datetime
)


class SessionStore(Store):
    """Django's, by its name too: what was signed under it stays signed."""

    def _get_session_from_db(self) -> Any:
        found = _ALIVE.all(key=self.session_key, at=now())
        if not found:
            self._session_key = None
        return found[0] if found else None
