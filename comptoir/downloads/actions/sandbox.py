"""Made-up releases of the sandbox."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from comptoir.events import Events
from comptoir.kernel.action import action
from comptoir.kernel.actor import Actor
from comptoir.kernel.models import House
from comptoir.kernel.recording import record
from comptoir.permissions import Can

from ..models import Release, ReleaseFile


@dataclass(frozen=True, slots=True)
class Made:
    """A file whose bytes are in the store."""

    release_id: int
    name: str
    platform: str
    architecture: str
    kind: str
    media_type: str
    size: int
    sha256: str
    signature: str

    def as_dict(self) -> dict[str, Any]:
        """As an argument of a verb."""
        return asdict(self)


@action(Can.FILL_SANDBOX)
def fill_sandbox_releases(
    actor: Actor, house: House, *, files: Sequence[Mapping[str, Any]], notes_en: str, notes_fr: str
) -> House:
    """Give releases of the demo files and notes."""
    ReleaseFile.objects.bulk_create([ReleaseFile(**file) for file in files])
    ids = {file["release_id"] for file in files}
    Release.objects.filter(pk__in=ids, notes_en="").update(notes_en=notes_en, notes_fr=notes_fr)
    record(Events.SANDBOX_FILLED, house, products=len(ids))
    return house
