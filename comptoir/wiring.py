"""What fills the ports, what follows from each event, and what runs when."""

from comptoir.entitlements.queries import Seated
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.organisations.queries import Grants
from comptoir.subscriptions.ports import Ports as SubscriptionPorts

KernelPorts.grants = Grants()
SubscriptionPorts.seated = Seated()
