"""What fills the ports, what follows from each event, and what runs when."""

from comptoir.billing import jobs as billing_jobs  # noqa: F401 - registers its jobs
from comptoir.billing import reactions as billing
from comptoir.billing.adapters.connecting import connected
from comptoir.billing.ports import Ports as BillingPorts
from comptoir.billing.queries.search import INVOICES
from comptoir.billing.rules import TaxNumbers
from comptoir.catalogue.ports import Ports as CataloguePorts
from comptoir.catalogue.queries import TermsOfSale
from comptoir.contracts.queries import CONTRACTS, Contracts
from comptoir.desk import jobs as desk_jobs  # noqa: F401 - registers its jobs
from comptoir.desk import reactions as desk
from comptoir.directory import jobs as directory_jobs  # noqa: F401 - registers its jobs
from comptoir.directory.actions import Elsewhere
from comptoir.directory.queries import Bearers
from comptoir.downloads import jobs as download_jobs  # noqa: F401 - registers its jobs
from comptoir.downloads import reactions as downloads
from comptoir.downloads.actions.grouped import Grouped as UpdatesOfGroups
from comptoir.downloads.actions.uniting import UnitingDownloads
from comptoir.downloads.queries.releases import Releases
from comptoir.downloads.queries.search import RELEASES
from comptoir.downloads.queries.trials import Trials, Trying
from comptoir.entitlements import jobs as entitlement_jobs  # noqa: F401 - registers its jobs
from comptoir.entitlements import reactions as entitlements
from comptoir.entitlements.actions.groups import Grouped, Leaving
from comptoir.entitlements.actions.keeping import Keeping
from comptoir.entitlements.actions.leases import LeavingLeases
from comptoir.entitlements.actions.licences import LeavingLicences
from comptoir.entitlements.actions.uniting import UnitingSeats
from comptoir.entitlements.actions.uniting_licences import UnitingLicences
from comptoir.entitlements.actions.use_rights import LeavingUse
from comptoir.entitlements.ports import Ports as EntitlementPorts
from comptoir.entitlements.queries import requests as seat_requests  # noqa: F401 - says how requests for seats are told
from comptoir.entitlements.queries import use_requests  # noqa: F401 - says how requests for home use are told
from comptoir.entitlements.queries.holdings import Holdings
from comptoir.entitlements.queries.search import PRODUCTS, SERIALS
from comptoir.entitlements.queries.seated import Seated
from comptoir.events import Events
from comptoir.home import jobs as home_jobs  # noqa: F401 - registers its jobs
from comptoir.home.queries import role_requests  # noqa: F401 - says how requests about roles are told
from comptoir.home.queries.shell import Shells
from comptoir.identity import jobs as identity_jobs  # noqa: F401 - registers its jobs
from comptoir.identity import reactions as identity
from comptoir.identity.adapters import SignIns
from comptoir.identity.ports import Ports as IdentityPorts
from comptoir.kernel import nightly  # noqa: F401 - registers its jobs
from comptoir.kernel.ports import Ports as KernelPorts
from comptoir.kernel.recording import follow
from comptoir.organisations import jobs as organisation_jobs  # noqa: F401 - registers its jobs
from comptoir.organisations import reactions as organisations
from comptoir.organisations.ports import Ports as OrganisationPorts
from comptoir.organisations.queries import Belonging, Buyers, Grants, Staff
from comptoir.organisations.queries.search import GROUPS, PEOPLE
from comptoir.subscriptions import jobs as subscription_jobs  # noqa: F401 - registers its jobs
from comptoir.subscriptions import reactions as subscriptions
from comptoir.subscriptions.actions import buying  # noqa: F401 - says what an order to buy brings about
from comptoir.subscriptions.actions.uniting import UnitingCalendars
from comptoir.subscriptions.ports import Ports as SubscriptionPorts
from comptoir.subscriptions.queries.methods_used import MethodsUsed
from comptoir.subscriptions.queries.returns_of_invoice import ReturnsOfInvoices
from comptoir.subscriptions.queries.search import ORDERS, PRICE_QUOTES, SUBSCRIPTIONS
from comptoir.support.actions import UnitingCases
from comptoir.ui.ports import Ports as UiPorts
from comptoir.usage.actions import UnitingUse

# ports
KernelPorts.grants = Grants()
KernelPorts.staff = Staff()
KernelPorts.sign_ins = SignIns()
BillingPorts.method_use = MethodsUsed()
BillingPorts.providers = connected()
BillingPorts.returns = ReturnsOfInvoices()
SubscriptionPorts.seated = Seated()
SubscriptionPorts.keeping = Keeping()
OrganisationPorts.holdings = Holdings()
OrganisationPorts.leaving = (Leaving(), LeavingUse(), LeavingLicences(), LeavingLeases())
OrganisationPorts.uniting = (
    UnitingSeats(),
    UnitingLicences(),
    UnitingDownloads(),
    UnitingCalendars(),
    UnitingCases(),
    UnitingUse(),
)
IdentityPorts.belonging = Belonging()
OrganisationPorts.grouped = (Grouped(), UpdatesOfGroups())
CataloguePorts.buyers = Buyers()
CataloguePorts.trials = Trials()
OrganisationPorts.contracts = Contracts()
OrganisationPorts.terms = TermsOfSale()
OrganisationPorts.tax_numbers = TaxNumbers()
EntitlementPorts.releases = Releases()
EntitlementPorts.bearers = Bearers()
IdentityPorts.elsewhere = Elsewhere()
EntitlementPorts.trying = Trying()
UiPorts.shell = Shells()
UiPorts.searched = (
    PEOPLE,
    GROUPS,
    PRODUCTS,
    RELEASES,
    SUBSCRIPTIONS,
    SERIALS,
    CONTRACTS,
    ORDERS,
    INVOICES,
    PRICE_QUOTES,
)

# what follows from each event
follow(Events.MEMBER_INVITED, organisations.invited)
follow(Events.MANAGER_APPOINTED, organisations.manager_appointed)
follow(Events.ACCOUNTS_MERGED, organisations.accounts_merged)
follow(Events.ACCOUNTS_MERGED, identity.accounts_merged)
follow(Events.MERGED_AT_DESK, organisations.merged_at_desk)
follow(Events.MERGED_AT_DESK, identity.accounts_merged)
follow(Events.JOINING_WISHED, organisations.wished)
follow(Events.JOINING_ASKED, organisations.asked_to_join)
follow(Events.JOINING_APPROVED, organisations.let_in)
follow(Events.PEOPLE_IMPORTED, organisations.imported)
follow(Events.SEATS_ADDED, subscriptions.seats_added)
follow(Events.ARCHIVE_ASKED, billing.archive_asked)
follow(Events.ARCHIVE_MADE, billing.archive_made)
follow(Events.INVOICE_ISSUED, billing.document_issued)
follow(Events.CREDIT_NOTE_ISSUED, billing.document_issued)
follow(Events.PAYMENT_SUCCEEDED, subscriptions.order_paid)
follow(Events.PAYMENT_DECLINED, subscriptions.order_declined)
follow(Events.ORDER_FAILED, subscriptions.order_failed)
follow(Events.SALE_RETURNED, subscriptions.sale_returned)
follow(Events.SALE_TAKEN_BACK, subscriptions.sale_taken_back)
follow(Events.PAYMENT_SUCCEEDED, subscriptions.invoice_paid)
follow(Events.PAYMENT_DECLINED, subscriptions.charge_failed)
follow(Events.PAYMENT_RECEIVED, subscriptions.balance_moved)
follow(Events.CREDIT_USED, subscriptions.balance_moved)
follow(Events.PAYMENT_DISPUTED, subscriptions.payment_disputed)
follow(Events.DISPUTE_CLOSED, subscriptions.payment_disputed)
follow(Events.CREDIT_NOTE_ISSUED, subscriptions.balance_moved)
follow(Events.SALE_RETURNED, entitlements.sale_undone)
follow(Events.SALE_TAKEN_BACK, entitlements.sale_undone)
follow(Events.SIGNING_KEY_WITHDRAWN, entitlements.signing_key_withdrawn)
follow(Events.SIGNING_KEY_MADE, entitlements.signing_key_made)
follow(Events.SUBSCRIPTION_RENEWED, entitlements.renewed)
follow(Events.PEOPLE_LET_GO, entitlements.let_go)
follow(Events.SEATS_ADDED, entitlements.more_seats)
follow(Events.SEATS_MOVED_UP, entitlements.moved_up)
follow(Events.MEMBERS_LEFT, entitlements.members_left)
follow(Events.SUBSCRIPTION_BOUGHT, downloads.bought)
follow(Events.RELEASE_PUBLISHED, downloads.published)
follow(Events.RELEASE_FILE_REMOVED, downloads.file_removed)
follow(Events.RELEASE_DELETED, downloads.draft_deleted)
follow(Events.UPDATE_ASSIGNED, downloads.assigned)
follow(Events.ALIGNMENT_READY, subscriptions.alignment_ready)
follow(Events.PARKED_RELEASED, subscriptions.parked_released)
follow(Events.RENEWALS_RUN, subscriptions.renewals_run)
follow(Events.RENEWAL_PARKED, desk.parked)
follow(Events.ORDER_PARKED, desk.parked)
follow(Events.ORDER_RELEASED, subscriptions.order_released)
follow(Events.SECOND_LOOK_ASKED, desk.second_look_asked)
follow(Events.STAFF_ROLE_GIVEN, desk.staff_role_given)
follow(Events.CHARGING_RESUMED, billing.charging_resumed)
follow(Events.VERB_ASKED, subscriptions.asked)
follow(Events.VERB_APPROVED, subscriptions.decided)
follow(Events.VERB_DECLINED, subscriptions.decided)
