"""Everything that can happen, as the activity log says it, and whether webhooks may carry it."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Kind:
    """One thing that can happen. `sentence` is filled from the event's actor, subject and detail when it is shown."""

    name: str
    sentence: str
    webhook: bool = False
    money: bool = False


class Events:
    """The table. Names are stable: others store them."""

    CUSTOMER_IMPORTED = Kind(
        "customer.imported",
        _("{actor} brought over this customer from the old centre: {contracts} contracts, {people} people"),
    )
    CENTRE_IMPORTED = Kind("centre.imported", _("{actor} imported the old centre"))
    REGISTRATION_ASKED = Kind("registration.asked", _("Asked to register a company with this e-mail address"))
    PERSON_REGISTERED = Kind("person.registered", _("Confirmed an e-mail address, to register a company"))
    UNCONFIRMED_FORGOTTEN = Kind("unconfirmed.forgotten", _("{actor} erased {count} addresses that nobody had confirmed"))
    CUSTOMER_REGISTERED = Kind(
        "customer.registered", _("{actor} registered this customer and accepted the terms of sale {terms}")
    )
    PRICE_QUOTE_MADE = Kind("price_quote.made", _("{actor} had prices quoted until {until}: {subject}"), money=True)
    PRICE_QUOTE_ACCEPTED = Kind("price_quote.accepted", _("{actor} accepted the price quote {subject} with the order {order}"))
    SPENDING_LIMIT_SET = Kind("spending_limit.set", _("{actor} set a spending limit: {limit}"), money=True)
    WORLD_SEEDED = Kind("world.seeded", _("{actor} filled this customer with generated data"))
    SANDBOX_FILLED = Kind("sandbox.filled", _("{actor} filled the sandbox’s catalogue: {products} products"))
    CLOCK_MOVED = Kind("clock.moved", _("{actor} moved the business day to {to}"))
    STAFF_ROLE_GIVEN = Kind("staff.role_given", _("{actor} made somebody {role} of the vendor’s staff"))
    STAFF_ROLE_ENDED = Kind("staff.role_ended", _("{actor} ended somebody’s role {role} in the vendor’s staff"))
    MERGED_AT_DESK = Kind("accounts.merged_at_desk", _("{actor} checked who somebody is, and merged their two accounts"))
    PRICE_SET = Kind(
        "price.set", _("{actor} set the price of {code}, {term}, {currency}, from {since}: new {new}, renewal {renewal}")
    )
    PRODUCT_SET = Kind("product.set", _("{actor} changed the product {code}: {status}"))
    TAX_RATE_SET = Kind("tax_rate.set", _("{actor} set the tax rate of {country} from {since}"))
    PARKED_RELEASED = Kind("renewal.released", _("{actor} let the renewal of {subject} go on"))
    PARKED_DISCARDED = Kind("renewal.discarded", _("{actor} decided that {subject} is not renewed by itself"))
    SECOND_LOOK_ASKED = Kind("second_look.asked", _("{actor} asked a colleague to look at {number}: {total}"), money=True)
    SECOND_LOOK_APPROVED = Kind("second_look.approved", _("{actor} approved what a colleague asked for: {total}"), money=True)
    SECOND_LOOK_DECLINED = Kind("second_look.declined", _("{actor} declined what a colleague asked for: {total}"), money=True)
    CHARGING_STOPPED = Kind("charging.stopped", _("{actor} stopped all charging: {reason}"))
    CHARGING_RESUMED = Kind("charging.resumed", _("{actor} let charges be made again"))
    LANGUAGE_CONFIRMED = Kind("language.confirmed", _("{actor} confirmed {language} as language"))
    TOUR_KEPT = Kind("tour.kept", _("{actor} took the tour of the portal up to step {step}"))
    PASSWORD_UPGRADED = Kind("password.upgraded", _("{actor} signed in with the password of the old centre"))
    TOKEN_CREATED = Kind("token.created", _("{actor} created the access token {name}"))
    MEMBER_ADDED = Kind("member.added", _("{actor} added {member}"), webhook=True)
    MEMBER_INVITED = Kind("member.invited", _("{actor} invited {member}"))
    MEMBER_JOINED = Kind("member.joined", _("{member} accepted the invitation"), webhook=True)
    # `members`: their ids, with commas
    MEMBERS_LEFT = Kind("member.left", _("{actor} removed people: {count}"), webhook=True)
    MEMBERS_UNITED = Kind("member.united", _("{giver} was {member} with another account: what they had is {member}’s now"))
    MEMBER_MOVED = Kind("member.account_changed", _("{member} signs in with another account of theirs"))
    ROLE_GIVEN = Kind("role.given", _("{actor} gave {member} the role {role}"), webhook=True)
    ROLE_TAKEN = Kind("role.taken", _("{actor} took the role {role} from {member}"), webhook=True)
    CONTRACT_HANDED_OVER = Kind("role.handed_over", _("{actor} handed what {giver} managed over to {member}"), webhook=True)
    MANAGER_APPOINTED = Kind(
        "role.manager_appointed", _("{actor} checked who {member} is, and appointed them contract manager"), webhook=True
    )
    PEOPLE_READ = Kind("people.read", _("{actor} had a list of people looked at, rows: {rows}"))
    PEOPLE_IMPORTED = Kind("people.imported", _("{actor} added people from a list: {added} of {rows}"), webhook=True)
    PEOPLE_INVITED = Kind("people.invited", _("People of a list were invited: {count}"))
    ROLES_CHECKED = Kind("role.checked", _("{actor} checked who may do what: {item}"))
    LISTS_FORGOTTEN = Kind("people.forgotten", _("{actor} erased the rows of {count} lists of people; their results stay"))
    DOMAIN_LISTED = Kind("domain.listed", _("{actor} lets people with an address in {domain} ask to join"))
    DOMAIN_UNLISTED = Kind("domain.unlisted", _("{actor} no longer lets people with an address in {domain} ask to join"))
    ACCOUNTS_MERGED = Kind("accounts.merged", _("Merged another account of theirs into this one"))
    MERGE_DONE = Kind("accounts.merge_done", _("All that the other account had is here"))
    JOINING_WISHED = Kind("joining.wished", _("Asked to join a company"))
    WISH_LAID_ASIDE = Kind("joining.laid_aside", _("A request to join was laid aside: it is there already, or cannot be"))
    JOINING_ASKED = Kind("joining.asked", _("Somebody asked to join"))
    WISH_MOVED = Kind("joining.account_changed", _("Somebody who asked to join signs in with another account of theirs"))
    JOINING_APPROVED = Kind("joining.approved", _("{actor} let {member} join"), webhook=True)
    JOINING_DECLINED = Kind("joining.declined", _("{actor} declined a request to join"))
    GROUP_MADE = Kind("group.made", _("{actor} made the group {name}"), webhook=True)
    GROUP_RENAMED = Kind("group.renamed", _("{actor} renamed the group {before}: {name}"), webhook=True)
    GROUP_ENDED = Kind("group.ended", _("{actor} ended the group {name}, people in it: {count}"), webhook=True)
    GROUP_JOINED = Kind("group.joined", _("{actor} put people into the group {name}: {count}"), webhook=True)
    GROUP_LEFT = Kind("group.left", _("{actor} took people out of the group {name}: {count}"), webhook=True)
    SEATS_ADDED = Kind("seats.added", _("{actor} added {add} seats to {subject}: {before} before, {after} now"), webhook=True)
    ORDER_PLACED = Kind("order.placed", _("{actor} placed the order {order}, which waits for its payment"))
    ORDER_FAILED = Kind("order.failed", _("Nothing came of the order {order}: its payment did not succeed"))
    ORDER_PARKED = Kind("order.parked", _("The order {order} is held until the vendor has looked at it"))
    ORDER_RELEASED = Kind("order.released", _("{actor} let the order {order} go on"))
    ORDER_DISCARDED = Kind("order.discarded", _("{actor} decided that nothing comes of the order {order}"))
    RENEWAL_PLANNED = Kind("renewal.planned", _("{actor} planned the next renewal of {subject}: {seats} seats"))
    PLAN_WITHDRAWN = Kind("renewal.plan_withdrawn", _("{actor} withdrew a planned change of {subject}"))
    AUTOMATIC_RENEWAL_ON = Kind("renewal.automatic_on", _("{actor} turned automatic renewal of {subject} on"), webhook=True)
    AUTOMATIC_RENEWAL_OFF = Kind("renewal.automatic_off", _("{actor} turned automatic renewal of {subject} off"), webhook=True)
    SUBSCRIPTION_RENEWED = Kind("subscription.renewed", _("{subject} was renewed until {until}"), webhook=True)
    SUBSCRIPTION_LAPSED = Kind("subscription.lapsed", _("{subject} is {state}"), webhook=True)
    RENEWAL_PAID = Kind("renewal.paid", _("The renewal of {subject} is paid until {until}"), webhook=True)
    SUBSCRIPTION_BOUGHT = Kind("subscription.bought", _("{actor} bought {subject}: {add} seats until {until}"), webhook=True)
    DATES_ALIGNED = Kind("dates.aligned", _("{actor} aligned {subject}, paid until {until}"), webhook=True)
    ALIGNMENT_WISHED = Kind("alignment.wished", _("{actor} wished to align subscriptions as soon as they match"))
    PEOPLE_LET_GO = Kind("seats.people_let_go", _("People lost their seat of {subject}, which renewed with fewer: {count}"))
    SEATS_GIVEN = Kind("seats.given", _("{actor} gave people a seat of {subject}: {count}"), webhook=True)
    SEATS_TAKEN_BACK = Kind("seats.taken_back", _("{actor} took seats of {subject} back, people: {count}"), webhook=True)
    SEAT_SWAPPED = Kind("seats.swapped", _("{actor} gave somebody’s seat of {subject} to somebody else"), webhook=True)
    SEATS_MOVED_UP = Kind("seats.moved_up", _("People who waited for a seat of {subject} have one: {count}"), webhook=True)
    GROUP_GIVEN = Kind("seats.group_given", _("{actor} gave {subject} to the group {group}, people: {count}"), webhook=True)
    SEATS_BY_GROUP = Kind(
        "seats.given_by_group", _("Newcomers of the group {group} have a seat of {subject}, people: {count}"), webhook=True
    )
    GROUP_TAKEN_FROM = Kind(
        "seats.group_taken_from", _("{actor} took {subject} from the group {group}, people without a seat: {count}"), webhook=True
    )
    BENEFITS_CHANGED = Kind("benefits.changed", _("{actor} changed benefits: {changes}, people: {count}"), webhook=True)
    BENEFITS_BY_GROUP = Kind("benefits.given_by_group", _("The group {group} brings the benefit {benefit}, people: {count}"))
    USE_RIGHT_GIVEN = Kind("use_right.given", _("{actor} gave somebody a licence beside the seat of {subject}"), webhook=True)
    USE_RIGHT_ENDED = Kind("use_right.ended", _("{actor} ended somebody’s licence beside the seat of {number}"), webhook=True)
    SIGNING_KEY_MADE = Kind("signing_key.made", _("{actor} made the key {kid}, which signs licence files from {signs_from} on"))
    SIGNING_KEY_WITHDRAWN = Kind(
        "signing_key.withdrawn", _("{actor} withdrew the key {kid}, and with it {files} licence files: {reason}")
    )
    SIGNING_KEYS_RESEALED = Kind("signing_keys.resealed", _("{actor} sealed the keys of licence files anew"))
    DEVICE_ACTIVATED = Kind("device.activated", _("{actor} activated {code} on a device"), webhook=True)
    DEVICE_TAKEN_OVER = Kind("device.taken_over", _("{actor} went on with {code} on another device"))
    DEVICE_ENDED = Kind("device.ended", _("{actor} ended the activation of {code} on a device"), webhook=True)
    LICENCE_KEY_MADE = Kind("licence_key.made", _("{actor} made the licence key …{ending} for {subject}"), webhook=True)
    LICENCE_KEY_ENDED = Kind("licence_key.ended", _("{actor} ended the licence key …{ending} of {subject}"), webhook=True)
    SERIAL_GIVEN = Kind("serial.given", _("{actor} gave the serial number {serial} of {subject} to somebody"))
    LICENCE_FILE_ISSUED = Kind(
        "licence_file.issued", _("{actor} issued a licence file for {code}, until {ends_on}"), webhook=True
    )
    LICENCE_FILES_REVOKED = Kind("licence_file.revoked", _("{actor} revoked licence files of {subject}: {count}"), webhook=True)
    LICENCE_FILES_NEXT_KEY = Kind("licence_file.next_key", _("Another key signs licence files from {signs_from} on"))
    LEASE_TAKEN = Kind("lease.taken", _("{actor} took a floating seat of {subject}"))
    LEASE_BORROWED = Kind("lease.borrowed", _("{actor} borrowed a floating seat of {subject} until {until}"))
    LEASE_RETURNED = Kind("lease.returned", _("{actor} gave a floating seat of {subject} back"))
    LEASE_ENDED = Kind("lease.ended", _("{actor} ended somebody’s use of a floating seat of {subject}"), webhook=True)
    LICENCE_SHARING_SET = Kind("licence.sharing_set", _("{actor} changed by how many people the licence of {subject} is shared"))
    EXCEPTION_GIVEN = Kind(
        "version.exception_given", _("{actor} allowed the older version {version} of {subject} until {ends_on}: {reason}")
    )
    EXCEPTION_ENDED = Kind("version.exception_ended", _("{actor} no longer allows the older version {version} of {number}"))
    BUNDLE_MADE = Kind("bundle.made", _("{actor} put {count} subscriptions together as {name}"))
    BUNDLE_CHANGED = Kind(
        "bundle.changed", _("{actor} changed the group of products {name}: {added} put in, {removed} taken out"), webhook=True
    )
    BUNDLE_ENDED = Kind("bundle.ended", _("{actor} ended the group of products {name}"))
    BUNDLE_GIVEN = Kind("bundle.given", _("{actor} gave the group of products {name} to people: {count}"), webhook=True)
    SEATS_ENDED = Kind("seats.ended", _("The seats of somebody who left have ended"))
    LINE_JOINED = Kind("seats.line_joined", _("{actor} put people on the waiting list of {subject}: {count}"))
    LINE_LEFT = Kind("seats.line_left", _("{actor} left the waiting list of {subject}"))
    ALIGNMENT_READY = Kind("alignment.ready", _("Subscriptions that were to be aligned match now"))
    ALIGNMENT_WISH_ENDED = Kind("alignment.wish_withdrawn", _("{actor} gave up the wish to align subscriptions"))
    METHOD_CHANGED = Kind("subscription.method_changed", _("{actor} changed how {subject} is paid"))
    SALE_RETURNED = Kind("sale.returned", _("{actor} returned what invoice {invoice} sold to {subject}"), webhook=True)
    SALE_TAKEN_BACK = Kind(
        "sale.taken_back", _("What invoice {invoice} sold to {subject} was taken back, as it was not paid"), webhook=True
    )
    RENEWALS_RUN = Kind("renewals.run", _("The renewals of {day} ran: {renewed} subscriptions"))
    RENEWAL_PARKED = Kind("renewal.parked", _("The renewal of {subject} is held until the vendor has looked at it"))
    ARCHIVE_ASKED = Kind("archive.asked", _("{actor} asked for the invoices of {year} as a file"), money=True)
    ARCHIVE_MADE = Kind(
        "archive.made", _("The file with the {documents} invoices and credit notes of {year} is ready"), money=True
    )
    BILLING_CHANGED = Kind("billing.changed", _("{actor} changed what the next invoices say: {fields}"), money=True)
    INVOICE_ISSUED = Kind("invoice.issued", _("Invoice {number} was issued: {total}"), webhook=True, money=True)
    CREDIT_NOTE_ISSUED = Kind(
        "invoice.credited", _("Credit note {number} was issued for invoice {invoice}: {total}"), webhook=True, money=True
    )
    PAYMENT_ASKED = Kind("payment.asked", _("{actor} chose to pay {total} for invoice {number} with {method}"), money=True)
    PAYMENT_SENT = Kind("payment.sent", _("{count} payments were handed to the payment provider"), money=True)
    PAYMENT_WAITS = Kind("payment.waits", _("The payment of {total} has no answer from the bank yet"), money=True)
    PAYMENT_NEEDS_ACTION = Kind("payment.needs_action", _("The payment of {total} waits to be confirmed at the bank"), money=True)
    PAYMENT_SUCCEEDED = Kind("payment.succeeded", _("{total} was paid with {method}"), webhook=True, money=True)
    PAYMENT_DECLINED = Kind(
        "payment.declined", _("The payment of {total} with {method} did not succeed: {reason}"), webhook=True, money=True
    )
    PAYMENT_RECEIVED = Kind("payment.received", _("{total} came in by bank transfer"), webhook=True, money=True)
    CREDIT_USED = Kind("payment.from_credit", _("{total} of the credit paid invoice {number}"), webhook=True, money=True)
    CREDIT_GIVEN_BACK = Kind("refund.of_credit", _("{total} of the credit goes back"), money=True)
    PAYMENT_DISPUTED = Kind("payment.disputed", _("The bank took back {total}"), webhook=True, money=True)
    DISPUTE_CLOSED = Kind("payment.dispute_closed", _("The dispute about {total} was {state}"), webhook=True, money=True)
    REFUND_SENT = Kind("refund.sent", _("A refund of {total} was handed to the payment provider"), money=True)
    REFUND_WAITS = Kind("refund.waits", _("The refund of {total} is on its way"), money=True)
    REFUND_SUCCEEDED = Kind("refund.succeeded", _("{total} was given back"), webhook=True, money=True)
    REFUND_FAILED = Kind("refund.failed", _("The refund of {total} did not go through; the vendor pays it out"), money=True)
    METHOD_ASKED = Kind("method.asked", _("{actor} went to give a payment method"), money=True)
    METHOD_PAGE_OPENED = Kind("method.page_opened", _("The provider’s page for a payment method is open"), money=True)
    METHOD_ADDED = Kind("method.added", _("{method} was added as a payment method"), money=True)
    METHOD_NOT_ADDED = Kind("method.not_added", _("No payment method was given"), money=True)
    METHOD_REMOVED = Kind("method.removed", _("{actor} removed the payment method {method}"), money=True)
    STATEMENT_IMPORTED = Kind("statement.imported", _("{actor} read the bank statement {name}: {new} new lines of {lines}"))
    LINES_LEFT = Kind("statement.left", _("{actor} left {count} lines of bank statements aside"))
    BOOKS_COMPARED = Kind("books.compared", _("The books of {provider} for {day} were compared: {findings} findings"))
    COMPARISON_ASKED = Kind("books.compared_again", _("{actor} had the books of {provider} for {day} compared again"))
    CHARGE_RETURNED = Kind("charge.returned", _("{actor} had {total} given back that was not asked for"), money=True)
    CHARGE_NOT_RETURNED = Kind("charge.not_returned", _("The provider could not give back what was not asked for"), money=True)
    FINDING_SETTLED = Kind("finding.settled", _("{actor} settled a finding in the books of {provider}"))
    CALENDAR_MADE = Kind("calendar.made", _("{actor} made a secret address for a calendar of renewals"))
    CALENDAR_REVOKED = Kind("calendar.revoked", _("{actor} revoked the address of a calendar of renewals"))
    RELEASE_DRAFTED = Kind("release.drafted", _("{actor} drafted {code} {version}"))
    RELEASE_EDITED = Kind("release.edited", _("{actor} changed the draft of {code} {version}"))
    RELEASE_FILE_ADDED = Kind("release.file_added", _("{actor} added the file {name} to {code} {version}"))
    RELEASE_FILE_REMOVED = Kind("release.file_removed", _("{actor} removed the file {name} from {code} {version}"))
    RELEASE_DELETED = Kind("release.deleted", _("{actor} deleted the draft of {code} {version} with {files} files"))
    RELEASE_PUBLISHED = Kind("release.published", _("{actor} published {code} {version} with {files} files"))
    RELEASE_WITHDRAWN = Kind("release.withdrawn", _("{actor} withdrew {code} {version}: {reason}"))
    FEED_OPENED = Kind("release.feed_opened", _("{actor} opened the update feeds of {code} to everybody"))
    FEED_CLOSED = Kind("release.feed_closed", _("{actor} closed the public update feeds of {code}"))
    DOWNLOAD_BEGUN = Kind("download.begun", _("{actor} began to download {name}, {code} {version}"))
    DOWNLOAD_SENT = Kind("download.sent", _("{sent} of {size} bytes of {name} were sent to {actor}"))
    ADDRESS_MADE = Kind("download.address_made", _("{actor} made the secret address “{name}” for downloads"))
    ADDRESS_REVOKED = Kind("download.address_revoked", _("{actor} revoked the secret address “{name}” for downloads"))
    APPLICATION_REGISTERED = Kind("application.registered", _("{actor} registered the application {name} of {code}"))
    APPLICATION_CHANGED = Kind("application.changed", _("{actor} changed the application {name}"))
    APPLICATION_SECRET_MADE = Kind("application.secret_made", _("{actor} gave the application {name} a new secret"))
    APPLICATION_ENDED = Kind("application.ended", _("{actor} ended the application {name}: {count} sign-ins ended with it"))
    APPLICATION_LET_IN = Kind("sign_in.begun", _("{actor} signed in to {name}"))
    DEVICE_ANSWERED = Kind("sign_in.device", _("{actor} answered a device that asked to sign in to {name}: {answer}"))
    SIGN_INS_ENDED = Kind("sign_in.ended", _("{actor} ended sign-ins to products: {count}"))
    TRIAL_STARTED = Kind("trial.started", _("{actor} began to try {code}, until {until}"), webhook=True)
    TRIAL_BOUGHT = Kind("trial.bought", _("What people tried was bought: {code}, people: {count}"), webhook=True)
    NEWS_NOTED = Kind("news.noted", _("People are to hear of {code} {version}: {count}"))
    NEWS_TOLD = Kind("news.told", _("People were told of updates: {count}"))
    NEWS_CHOSEN = Kind("news.chosen", _("{actor} chose when to hear of updates: {when}"))
    UPDATE_ASSIGNED = Kind(
        "update.assigned", _("{actor} asked for {code} {version} to be installed, people or groups: {count}"), webhook=True
    )
    UPDATE_BY_GROUP = Kind(
        "update.asked_by_group", _("Newcomers of the group {group} are asked to install {code} {version}: {count}")
    )
    UPDATE_TAKEN_BACK = Kind("update.taken_back", _("{actor} took back that {code} {version} is to be installed"), webhook=True)
    UPDATE_INSTALLED = Kind("update.installed", _("{actor} noted that {code} {version} is installed, people: {count}"))
    VERB_ASKED = Kind("request.asked", _("{actor} asked: {sentence}"))
    VERB_APPROVED = Kind("request.approved", _("{actor} approved the request of {asker}: {sentence}"))
    VERB_DECLINED = Kind("request.declined", _("{actor} declined the request of {asker}: {sentence}"))
    VERB_WITHDRAWN = Kind("request.withdrawn", _("{actor} withdrew the request: {sentence}"))


def table() -> dict[str, Kind]:
    """Every kind of event by its name."""
    return {kind.name: kind for kind in vars(Events).values() if isinstance(kind, Kind)}
