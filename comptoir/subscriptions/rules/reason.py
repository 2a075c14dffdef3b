"""Why something is not available, or what to know before it is done: a stable code and what its sentence needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """A code that never changes and the parts of its sentence. The sentences, per language, live with the pages."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
