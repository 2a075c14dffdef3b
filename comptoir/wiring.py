"""What fills the ports, what follows from each event, and what runs when."""

from comptoir.kernel.ports import Ports
from comptoir.organisations.queries import Grants

Ports.grants = Grants()
