"""What fills the ports, what follows from each event, and what runs when."""

from comptoir.entitlements.queries import Seated
from comptoir.events import Events
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.kernel.recording import follow
from comptoir.organisations.queries import Grants
from comptoir.subscriptions import jobs as subscription_jobs  # noqa: F401 - registers its jobs
from comptoir.subscriptions import reactions as subscriptions
from comptoir.subscriptions.ports import Ports as SubscriptionPorts

# ports
KernelPorts.grants = Grants()
SubscriptionPorts.seated = Seated()

# what follows from each event
follow(Events.SEATS_ADDED, subscriptions.seats_added)
follow(Events.VERB_ASKED, subscriptions.asked)
follow(Events.VERB_APPROVED, subscriptions.decided)
follow(Events.VERB_DECLINED, subscriptions.decided)
