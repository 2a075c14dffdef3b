"""What each refusal says, in the reader's language: what is wrong and what would be right. Codes are stable (rules 8)."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from .errors import Refused


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in words: what is in the way, and what to do about it (`url` where a page does it)."""

    sentence: str
    next_step: str | None = None
    url: str = ""

    @property
    def words(self) -> str:
        """Both in one line."""
        return f"{self.sentence} {self.next_step or ''}".strip()


ASK_DESK = _("Write to %(vendor_email)s.")

SENTENCES: dict[str, tuple[str, str | None]] = {
    # the door
    "not_allowed": (_("Your role doesn't allow this."), _("Ask %(who)s.")),
    "step_up_needed": (_("This needs you to confirm who you are."), _("Enter your password again.")),
    "scope_missing": (_("This token has not been given the scope %(scope)s."), _("Use a token that has it.")),
    "nobody_approves": (_("Nobody here could approve this."), ASK_DESK),
    "no_need_to_ask": (_("You may do this yourself; there is no need to ask."), None),
    "request_already_open": (
        _("You have already asked for this, and nobody has answered yet."),
        _("Withdraw that request first, or wait for its answer."),
    ),
    "order_not_waiting": (_("This order no longer waits for its payment."), _("Look at the order to see what came of it.")),
    "request_of_own": (_("You asked for this yourself: somebody else answers it."), None),
    "request_already_decided": (_("This request has already been decided."), None),
    "request_not_shown": (_("This request can’t be shown or answered here."), ASK_DESK),
    "request_key_reused": (
        _("This request key was already used for a different request."),
        _("Send a new key with each new request."),
    ),
    "request_key_malformed": (_("The Idempotency-Key must be 1 to %(longest)s printable characters."), None),
    "cursor_malformed": (_("This cursor is not one of ours."), _("Use the `next` value of the page before, unchanged.")),
    "on_in_sandbox_only": (_("A day can be given in a sandbox only."), _("Leave `on` out: today counts.")),
    "day_not_come": (_("That day has not come yet: it is %(today)s."), _("Choose today or a day before.")),
    # money
    "quote_moved": (
        _("Something changed since this price was shown, so nothing was ordered."),
        _("Look at the new price and confirm again."),
    ),
    "quote_unreadable": (_("This quote is not one of ours."), _("Use the `quote` of a preview, unchanged.")),
    "credit_exceeds_line": (
        _("Of line %(position)s only %(left)s can still be credited, not %(quantity)s."),
        _("Look at its earlier credit notes."),
    ),
    "tax_rate_missing": (_("We have no tax rate for your country on that day, so nothing was priced."), ASK_DESK),
    # paying
    "nothing_to_pay": (_("Nothing of invoice %(number)s is left to pay."), None),
    "credit_unreadable": (_("How much of the credit is to be used was not said."), _("Choose it on the page of the invoice.")),
    "credit_short": (
        _("The credit is %(credit)s, and %(open)s is open: not so much of it can be used."),
        _("Load the page again to see how much fits."),
    ),
    "method_unknown": (_("This payment method is not there any more."), _("Choose another one.")),
    "method_unusable": (_("%(method)s can’t be charged today."), _("Choose another payment method.")),
    "method_kind_unavailable": (_("This payment method can’t be given here."), _("Choose another one.")),
    "statement_unreadable": (
        _("This is no bank statement that can be read."),
        _("Give CSV with heads such as date, amount and reference, or camt.053."),
    ),
    "statement_line_unreadable": (
        _("This is no bank statement that can be read: see line %(line)s, “%(value)s”."),
        _("Mend that line, or ask the bank for the file again. Nothing of this file was kept."),
    ),
    "line_matched": (_("Somebody has settled this line of the statement already."), None),
    "currency_differs_from_customer": (
        _("The line is in %(currency)s, and %(customer)s pays in %(theirs)s."),
        _("Give the money back through the bank, and lay the line aside."),
    ),
    "amount_differs": (_("The amounts don’t fit what is open of %(numbers)s."), _("Look at what is still open.")),
    "nothing_to_take_off": (_("The provider has no less than we have."), None),
    "nothing_to_give_back": (_("The provider has no more of this customer’s than we have."), None),
    "finding_settled": (_("Somebody has settled this finding already."), None),
    "method_in_use": (_("%(method)s is what these renew with: %(names)s."), _("Change how they are paid first.")),
    # the clock
    "clock_in_production": (_("The clock can be moved in a sandbox only."), None),
    "clock_goes_forward": (_("The clock goes forward only: it is %(today)s, you asked for %(to)s."), None),
    "clock_too_far": (_("The clock moves ten years at most: it is %(today)s, you asked for %(to)s."), None),
    # people
    "language_unknown": (_("There are no texts in %(language)s. Choose one of: %(offered)s."), None),
    "time_zone_unknown": (_("There is no time zone %(time_zone)s."), _("Choose one such as Europe/Paris.")),
    "person_unknown": (_("Nobody signs in with %(email)s."), _("Give a name as well, and the person is added.")),
    "staff_role_held": (_("%(email)s has this role already."), None),
    "staff_role_not_held": (_("%(email)s does not have this role."), None),
    "last_administrator": (
        _("This is the last administrator: nobody could give roles any more."),
        _("Make somebody else an administrator first."),
    ),
    "email_malformed": (_("%(email)s is no e-mail address."), None),
    "member_here_already": (_("%(email)s belongs to this customer already."), _("Look for the address in User management.")),
    "member_not_here": (_("Somebody chosen does not belong to this customer any more."), _("Load the page again.")),
    "member_active_already": (_("%(name)s has accepted already; there is nothing to invite to."), None),
    "invited_just_now": (_("%(name)s was invited just now."), _("Wait some minutes before you send it again.")),
    "merge_with_itself": (_("This is the account that you are signed in with."), _("Name the other one.")),
    "merge_of_nobody": (_("One of the two accounts is closed already."), _("Sign in again to see which one is left.")),
    "merge_of_staff": (
        _("One of the two accounts works at the vendor’s desk; such an account is not merged."),
        _("Ask an administrator of the vendor to end its role first."),
    ),
    "merge_running": (
        _("One of the two accounts is being merged at this moment."),
        _("Wait until all of it is brought over, a few minutes as a rule."),
    ),
    "merge_busy": (_("The other account is in use at this very moment."), _("Try again in a moment.")),
    "merge_unproved": (
        _("It is more than 15 minutes ago that you showed the other account to be yours."),
        _("Show it again with its password or a code."),
    ),
    "invitation_over": (_("This invitation is no longer good."), _("Ask whoever invited you to send it again.")),
    "name_missing": (_("Give a first or a last name."), None),
    "role_unknown": (_("There is no role %(role)s that can be given."), None),
    "role_needs_a_group": (_("The role %(role)s is given on a group."), _("Choose the group.")),
    "role_not_on_a_group": (_("The role %(role)s is given on a contract or on the whole customer."), _("Choose one of them.")),
    "roles_moved": (
        _("Roles have changed since this was shown, so nothing was done."),
        _("Look at it again, and confirm once more."),
    ),
    "role_held": (_("%(name)s has this role already."), None),
    "role_not_held": (_("%(name)s does not have this role."), None),
    "contract_unknown": (_("There is no such contract."), None),
    "group_unknown": (_("There is no such group."), None),
    "group_needed": (_("Choose a group of yours: whom you add goes into it."), None),
    "last_manager": (
        _("After this nobody would manage %(contracts)s."),
        _("Hand it over to somebody first; who is only invited does not count yet."),
    ),
    "check_unknown": (_("There is nothing called %(item)s to check."), None),
    "check_not_told": (_("Say how you checked who they are, in %(least)s characters or more."), None),
    "still_managed": (
        _("%(names)s can act as manager there already."),
        _("Ask them first; if they have left, say so and appoint all the same: they hear of it by mail."),
    ),
    "manager_by_coordinator": (
        _("%(name)s manages contracts: only another contract manager can remove them."),
        _("Ask %(who)s."),
    ),
    "beyond_your_contracts": (
        _("%(name)s has roles or seats under contracts that are not yours."),
        _("Ask %(who)s, or take away what lies under your contracts."),
    ),
    "list_too_big": (_("A list has at most %(most)s MB."), _("Leave out columns that are not needed, or split it.")),
    "list_too_long": (_("A list has at most %(most)s rows; this one has %(rows)s."), _("Split it.")),
    "list_empty": (_("There is nobody in this list."), None),
    "list_unreadable": (_("This is no list that can be read."), _("Save it as CSV, or copy its cells and paste them.")),
    "list_erased": (_("The rows of this list were erased on %(on)s."), _("Read the list once more.")),
    "list_done": (_("The people of this list have been added already."), None),
    "nobody_to_add": (_("Nobody of this list can be added."), _("Look at what stands beside each row.")),
    "domain_public": (_("Anybody gets an address in %(domain)s: it says nothing of who somebody works for."), None),
    "domain_not_yours": (
        _("You have no address in %(domain)s yourself."),
        _("A manager with an address there lists it; write to %(vendor_email)s if nobody has one."),
    ),
    "domain_listed": (_("%(domain)s is listed already."), None),
    # groups of people
    "group_name_missing": (_("A group needs a name of at most %(most)s characters."), None),
    "group_name_taken": (_("There is a group called %(name)s already."), _("Choose another name.")),
    "group_has_ended": (_("The group %(name)s has ended."), None),
    "nobody_chosen": (_("Nobody was chosen whom this would change."), _("Choose at least one person.")),
    # tokens
    "token_scope_unknown": (_("There is no scope %(scope)s."), _("Choose from: %(offered)s.")),
    "token_days_out_of_range": (_("A token lasts from 1 to %(most)s days."), None),
    "token_name_missing": (_("The token needs a name."), _("Name the program that will use it.")),
    "member_has_left": (_("%(name)s has left this customer."), None),
    # the desk
    "price_needs_an_amount": (_("Give at least one of the two prices."), None),
    "price_of_month_differs": (_("By the month, renewing costs what a new month costs: both prices are the same."), None),
    "price_in_the_past": (_("A price counts from today or later: it is %(today)s."), None),
    "price_day_taken": (_("The book has a price from %(day)s already."), _("Choose another day.")),
    "renewal_price_needs_lead": (
        _("A renewal price rises with %(days)s days’ lead, so that no notice is ever wrong: from %(earliest)s at the earliest."),
        _("Choose that day or a later one, or leave the renewal price as it is."),
    ),
    "tax_rate_out_of_range": (_("A rate lies between 0 and 100 percent."), None),
    "tax_rate_in_the_past": (_("A rate counts from today or later: it is %(today)s."), None),
    "tax_rate_day_taken": (_("This country has a rate from %(day)s already."), _("Choose another day.")),
    "second_pair_needed": (
        _("From %(limit)s on a colleague looks at it too."),
        _("It was stored; somebody else of finance approves it."),
    ),
    "second_look_by_another": (_("You asked for this yourself: a colleague decides it."), None),
    "second_look_asked_already": (_("A colleague is asked about this already."), _("Wait for the answer.")),
    "parked_decided_already": (_("This has been decided already."), None),
    "reason_missing": (_("Say why: everybody at the desk reads it."), None),
    "charging_stopped_already": (_("Charging is stopped already."), None),
    "charging_not_stopped": (_("Charging is not stopped."), None),
    # seats
    "seats_out_of_range": (_("Give a whole number of seats from %(least)s to %(most)s."), None),
    "no_paid_period": (_("No paid period covers %(on)s."), ASK_DESK),
    "seats_end": (_("Automatic renewal is off: all %(seats)s seats end on %(on)s."), None),
    "plan_kept": (
        _("The change planned for the renewal stays: %(now)s seats from now on, %(at_renewal)s from the renewal."),
        None,
    ),
    # buying
    "basket_empty": (_("There is nothing in the basket."), _("Choose something from the catalogue.")),
    "basket_too_full": (_("At most %(most)s different things can be bought at once."), _("Buy them in two orders.")),
    "product_unknown": (_("There is no product %(product)s."), _("Choose one from the catalogue.")),
    "promotion_code_unknown": (_("The code %(code)s holds for nothing here today."), _("Check it, or leave it empty.")),
    "price_quote_expired": (_("This price quote could be accepted until %(on)s."), _("Have a new one made.")),
    "price_quote_accepted": (_("This price quote has been accepted already, with the order %(order)s."), None),
    "method_not_chargeable": (_("This card or account can’t be charged."), _("Choose another one, or pay on invoice.")),
    "paid_as_subscription": (_("This is paid as its subscription is."), _("Leave paid_with out, or change the subscription’s.")),
    "terms_not_accepted": (_("The terms of sale have to be accepted first."), _("Read them, then tick the box.")),
    "over_spending_limit": (_("This is above your spending limit of %(limit)s, without tax."), _("Ask %(who)s to approve it.")),
    "limit_by_the_limited": (_("You have a spending limit yourself, so you can’t set any."), _("Ask %(who)s.")),
    "amount_malformed": (_("This is no amount in %(currency)s."), _("Write plain digits with a point, such as 1500.00.")),
    "limit_for_nobody": (
        _("A limit is for one member, or for one role, that may order."),
        _("Name either of them, such as the role contract_manager."),
    ),
    "limit_leaves_nobody": (
        _("With this limit nobody could approve a larger order."),
        _("Leave at least one contract manager of the whole company without a limit."),
    ),
    # registering
    "person_known": (_("Somebody signs in with this e-mail already."), _("Sign in with it.")),
    "tax_number_wrong": (_("This is not a valid VAT number of your country."), _("Check it, or leave it empty.")),
    "archive_under_way": (_("This file is being made already."), _("Wait for it: it stands here when it is ready.")),
    "archive_not_ready": (_("The file of %(year)s is not ready."), _("Ask for it, and look again in a while.")),
    "archive_of_nothing": (_("There are no invoices of %(year)s."), None),
    "billing_unchanged": (_("It is so already: nothing changes."), None),
    # planning the next renewal
    "plan_unchanged": (_("It is planned so already: nothing changes."), None),
    "nothing_planned": (_("Nothing is planned that could be taken back."), None),
    "not_seated": (_("Somebody among those who are to keep a seat has none."), _("Choose from those who have a seat today.")),
    "keep_count": (
        _("There are %(seats)s seats from the renewal on, and you chose %(given)s people."),
        _("Choose exactly as many people as there will be seats."),
    ),
    "people_lose_access": (
        _("More people have a seat than there will be from %(on)s: %(names)s would lose access."),
        _("Choose who keeps a seat; if nobody does, those who used theirs last stay."),
    ),
    "date_not_common": (
        _("None of these subscriptions renews on %(date)s."),
        _("Choose one of their renewal dates."),
    ),
    "currency_differs": (_("The others are paid in %(currency)s."), ASK_DESK),
    "subscription_unknown": (_("There is no subscription %(number)s that you may see."), _("Check its number.")),
    "method_unchanged": (_("It is paid like this already: nothing changes."), None),
    "subscriptions_missing": (_("Choose at least one subscription."), None),
    # releases and downloads
    "release_exists": (_("There is a version %(version)s of this product already."), _("Choose another version.")),
    "release_not_draft": (_("Version %(version)s is no draft any more."), _("Withdraw it, and draft a new version.")),
    "release_not_published": (_("Version %(version)s is not published."), None),
    "release_without_files": (_("Version %(version)s has no file yet."), _("Add at least one file that installs it.")),
    "release_in_the_future": (
        _("It is released on %(released_on)s, and today is %(today)s."),
        _("Publish it on that day, or change the day."),
    ),
    "release_file_taken": (_("There is a file called %(name)s in this release already."), _("Remove that one first.")),
    "file_missing": (_("No file came with this."), _("Choose a file.")),
    "file_too_big": (_("A file has at most %(most)s MB."), None),
    "file_kind_unknown": (
        _("The content of %(name)s is not what was said: it can’t be this kind of file for this platform."),
        _("Choose the right platform and kind, or another file."),
    ),
    "download_not_yours": (_("You have no access to %(product)s."), _("Ask %(who)s.")),
    "download_not_owned": (_("%(customer)s has no working subscription of %(product)s."), _("Buy it in the catalogue.")),
    "version_too_old": (
        _("%(version)s is too old: the newest version and %(depth)s before it may be installed."),
        _("Ask %(vendor_email)s for an exception."),
    ),
    "version_withheld": (
        _("%(version)s is not for you: the benefit “%(benefit)s” is withheld from you."),
        _("Ask %(who)s."),
    ),
    "version_withdrawn": (_("%(version)s was withdrawn: %(reason)s"), _("Take the newest version.")),
    "link_expired": (_("This link is no longer good: links last %(minutes)s minutes."), _("Get a new one on the download page.")),
    "address_name_missing": (_("The address needs a name."), _("Name the machines that will use it.")),
    # products that sign in with the portal
    "application_name_missing": (_("The application needs a name: people read it when they sign in."), None),
    "application_without_way": (
        _("Nobody could sign in with it."),
        _("Give an address to send people back to, or allow the device flow."),
    ),
    "application_address_wrong": (
        _("%(address)s can’t be an address to send people back to."),
        _("Give https addresses, http://127.0.0.1 for the machine itself, or com.example.name:/path for a public application."),
    ),
    "application_too_many_addresses": (_("An application has at most %(most)s addresses."), None),
    "application_needs_consent": (
        _("A public application asks each time: any program can pretend to be it."),
        _("Make it a confidential one, or let it ask."),
    ),
    "application_without_secret": (_("A public application has no secret."), None),
    "application_ended": (_("This application has ended."), _("Register another one.")),
    "device_code_unknown": (
        _("No device waits with this code."),
        _("Compare it with the one that the device shows, or have it show a new one."),
    ),
    "trial_used": (_("You have tried %(product)s already, until %(ends_on)s."), _("Buy the product to go on.")),
    "trial_not_needed": (_("You have %(product)s already; there is no need to try it."), None),
    "trial_not_offered": (_("%(product)s can’t be tried."), ASK_DESK),
    "file_unreachable": (_("%(name)s can’t be read from the store at the moment."), _("Try again in a few minutes.")),
    "store_unreachable": (_("The store of files can’t be reached: nothing was kept."), _("Try again in a few minutes.")),
    "not_looked_after": (_("You don’t look after %(product)s."), _("Ask %(who)s.")),
    "deadline_in_the_past": (_("The deadline is past: today is %(today)s."), _("Choose today or a later day.")),
    "update_assigned_already": (_("This is assigned already: nothing changes."), None),
    "not_entitled": (_("%(names)s may not install this."), _("Give them access first.")),
    # giving seats
    "seats_short": (
        _("%(shortfall)s seats are missing: %(free)s of %(seats)s are free."),
        _("Add seats, take some back, or put those without one on the waiting list."),
    ),
    "seated_already": (_("Everybody named has a seat already, or waits for one."), None),
    "member_unknown": (_("Somebody named does not belong to this company any more."), _("Choose from the people of today.")),
    "nobody_named": (_("Nobody was chosen."), _("Choose at least one person.")),
    "too_many_named": (_("At most %(most)s people can be chosen at once."), _("Do it in several steps.")),
    "holds_no_seat": (_("Nobody named has a seat of this, or waits for one."), None),
    "seat_by_group": (
        _("This seat comes by a group: %(names)s."),
        _("Take the person out of the group, or take the product from the group."),
    ),
    "benefits_unchanged": (_("It is so already: nothing changes."), None),
    "benefit_unknown": (_("There is no such benefit."), None),
    # licences: keys, devices, the check of the vendor's products
    "licence_person_gone": (_("This person or key no longer belongs to the company."), None),
    "licence_no_subscription": (_("The company has no subscription of %(product)s."), _("Ask %(who_can_help)s.")),
    "licence_no_seat": (_("You have no seat of %(product)s."), _("Ask %(who_can_help)s for one.")),
    "licence_in_line": (_("You wait for a seat of %(product)s."), _("Ask %(who_can_help)s.")),
    "licence_beyond_seats": (
        _("There are fewer seats of %(product)s than people, and yours is not among those that count."),
        _("Ask %(who_can_help)s."),
    ),
    "licence_suspended": (_("The subscription of %(product)s is not renewed."), _("Ask %(who_can_help)s to renew it.")),
    "licence_version_too_old": (
        _("Version %(version)s of %(product)s is too old to be used."),
        _("Install a newer one, or ask %(who_can_help)s for an exception."),
    ),
    "licence_other_product": (_("This was activated for another product."), _("Activate %(product)s by itself.")),
    "product_unknown": (_("There is no product with the code %(code)s."), None),
    "devices_all_taken": (
        _("%(product)s is active on %(most)s devices already: %(names)s."),
        _("End one of them first, here or on the portal’s page “My devices”."),
    ),
    "device_in_use_elsewhere": (
        _("%(product)s is in use on %(name)s."),
        _("Close it there, or go on here: the other device is then told at its next check."),
    ),
    "device_has_ended": (_("The activation of this device has ended."), _("Activate it again.")),
    "key_has_ended": (_("This licence key has ended."), _("Ask for a new one.")),
    "key_needs_seat": (_("%(name)s has no seat of %(product)s."), _("Give them a seat first.")),
    "key_without_seat": (
        _("Every seat is used: %(seats)s seats, %(used)s by people and keys."),
        _("Add seats, or take one back."),
    ),
    "serial_given_already": (_("This serial number was given to %(name)s and stays with them."), None),
    "serial_unknown": (_("This subscription has no such serial number."), None),
    "too_many_guesses": (
        _("Too many unknown keys or tokens came from your address."),
        _("Wait a minute, then use one that is right."),
    ),
    # home use and previous versions
    "use_subscription_stopped": (_("The subscription does not work today."), _("It has to be renewed first.")),
    "use_needs_seat": (_("It takes a seat of %(product)s."), _("Ask %(who)s for one.")),
    "use_withheld": (_("This benefit is withheld."), _("Ask %(who)s.")),
    "home_use_not_offered": (_("%(product)s is not offered for home use."), None),
    "home_use_named_licence": (
        _("Home use takes a maintenance plan or a multi-user licence; each seat of this has a name."),
        None,
    ),
    "home_use_other_country": (_("The home must be in the company’s country: %(country)s."), None),
    "home_use_all_given": (
        _("All home-use licences are given: there are as many as seats, %(seats)s."),
        _("End one, or add seats."),
    ),
    "use_held_already": (_("There is one already, until %(until)s."), None),
    "previous_version_too_old": (
        _("Version %(version)s can’t be installed any more: the newest and %(depth)s before it may be."),
        _("Ask %(vendor_email)s for an exception."),
    ),
    "use_right_has_ended": (_("This licence has ended already."), None),
    "file_needs_seat": (
        _("A file for a device without a network stands on a seat of %(product)s or a key, and there is none."),
        _("Ask for a seat, or go on with the network."),
    ),
    "licence_file_has_ended": (_("This licence file has ended already."), None),
    "device_request_unreadable": (
        _("This is not what a device without a network shows or saves."),
        _("Copy the whole of what the product shows, or choose the file that it saved."),
    ),
    "lease_named_only": (
        _("The seats of %(product)s have names: they are given to people, not shared."),
        _("Ask for a seat."),
    ),
    "lease_not_running": (_("%(product)s can’t be used at the moment."), _("Ask your contract manager to renew it.")),
    "lease_has_seat": (_("You have a seat of %(product)s of your own."), _("Use it: no floating seat is needed.")),
    "lease_none_free": (
        _("All %(seats)s seats of %(product)s are in use."),
        _("Try again when somebody has finished, or ask for more seats."),
    ),
    "lease_is_borrowed": (_("You have borrowed a seat for %(name)s, until %(until)s."), _("Give it back there first.")),
    "lease_ended": (_("This use of a floating seat has ended."), _("Take a new one.")),
    "lease_outranked": (
        _("There is no seat of %(product)s for you any more: people were given seats, or there are fewer."),
        _("Save your work: the program closes in a few minutes."),
    ),
    "lease_other_device": (
        _("This floating seat is used on another device: %(name)s."),
        _("Activate the product there, and borrow from there."),
    ),
    "borrow_too_long": (_("A floating seat can be borrowed for 1 to %(most)s days."), _("Choose fewer days.")),
    "key_to_come": (_("The next key is made already, and does not sign yet."), _("Wait until it does.")),
    "signing_key_unknown": (_("There is no key %(kid)s that could be withdrawn."), _("Look at the list of keys.")),
    "exception_has_ended": (_("This exception has ended already."), None),
    "exception_day_in_the_past": (_("The last day must be today or later."), _("Choose a later day.")),
    "exception_too_long": (_("An exception lasts at most %(years)s years."), _("Choose an earlier day.")),
    "exception_not_needed": (_("Version %(version)s may be installed without an exception."), None),
    "version_unknown": (_("There is no release %(version)s of %(product)s."), _("Choose one of the releases that are out.")),
    "bundle_name_missing": (_("Give the group of products a name."), None),
    "bundle_name_taken": (_("There is a group of products called %(name)s already."), _("Choose another name.")),
    "sharing_unknown": (_("There is no such way to share a licence."), _("Choose named, multi_user, or nothing.")),
    "sharing_unchanged": (_("The licence of this subscription is shared so already: nothing changes."), None),
    "bundle_unchanged": (_("It is called so and holds just that already: nothing changes."), None),
    "bundle_empty": (
        _("Nothing would be left in the group of products %(name)s."),
        _("Leave at least one subscription in it, or end it."),
    ),
    "bundle_short": (
        _("%(shortfall)s seats are missing for those who hold the group of products: %(where)s."),
        _("Add seats, take some back, or let those without one wait."),
    ),
    "bundle_has_ended": (_("The group of products %(name)s has ended."), None),
    "given_already": (_("The group %(group)s has this already."), None),
    "given_not": (_("The group %(group)s does not have this."), None),
    "not_in_line": (_("You are not on this waiting list."), None),
    # rules 8, in its order
    "country_unknown": (_("%(country)s is no country."), _("Give its two letters, such as FR.")),
    "country_not_served": (_("Self-service is not available in your country."), ASK_DESK),
    "third_party_store": (_("This was bought in a third-party store."), _("Change it in the store where it was bought.")),
    "reseller_purchase": (_("This was bought from the reseller %(name)s."), _("Ask your reseller: %(reach)s.")),
    "product_without_self_service": (_("%(product)s does not offer self-service yet."), ASK_DESK),
    "maintenance_plan": (_("A maintenance plan can't be changed here; it can be renewed."), ASK_DESK),
    "product_retired": (_("%(product)s is no longer sold."), _("Ask %(vendor_email)s what replaces it.")),
    "price_missing": (_("%(product)s has no price in your currency."), ASK_DESK),
    "automatic_renewal_off": (
        _("Automatic renewal is off, so there is no next term to change."),
        _("Turn automatic renewal on, or renew by hand."),
    ),
    "term_differs": (_("The other subscriptions have another term: %(names)s."), _("Change the term first so that they match.")),
    "payment_method_differs": (
        _("The other subscriptions are paid in another way: %(names)s."),
        _("Change the payment method first so that they match."),
    ),
    "nothing_to_align": (
        _("There is no other subscription with another renewal date to align with."),
        _("Nothing is to be done: what could be aligned renews together already, or there is only this one."),
    ),
    "term_change_pending": (_("A change of term is planned."), _("Withdraw it, or align once it has been carried out.")),
    "last_seat": (_("A subscription keeps at least one seat."), _("Turn automatic renewal off instead.")),
    "too_early": (_("It is too early to renew."), _("Renewing opens on %(opens_on)s.")),
    "already_renewed": (
        _("The next period is already paid."),
        _("From %(on)s on, when it has begun, the renewal after it can be planned and paid."),
    ),
    "in_grace": (_("The paid period ended on %(ended_on)s."), _("Renew first.")),
    "suspended": (_("Suspended: the paid period ended on %(ended_on)s and access is closed."), _("Renew first.")),
    "cancelled": (_("This ended on %(ended_on)s and can no longer be renewed."), _("Buy it anew in the catalogue.")),
    "trial": (_("This is a trial, until %(ends_on)s."), _("Buy the product to keep it.")),
    "invoice_overdue": (_("An invoice of this contract is past its due day."), _("Pay it first.")),
    "payment_running": (_("A payment is under way."), _("Wait until it has been confirmed.")),
    "no_seat_left": (_("All %(seats)s seats are in use."), _("Add seats, or take one back.")),
    "return_window_over": (
        _("It can’t be returned any more."),
        _("Turn automatic renewal off, so that it does not renew."),
    ),
    "return_newer_first": (_("Something newer must be returned first: %(names)s."), _("Return that first.")),
    "seats_in_use": (_("The seats are in use by %(names)s."), _("Take them back first.")),
}


def tell(refusal: Refused) -> Told:
    """The sentence and the next step of a refusal. A code without a text is a bug and shows as the code."""
    # a token without the scope is told so: its member's role may well allow it
    code = "scope_missing" if refusal.code == "not_allowed" and "scope" in refusal.params else refusal.code
    sentence, step = SENTENCES.get(code, (refusal.code, None))
    said = _Said(refusal.params)
    return Told(gettext(sentence) % said, gettext(step) % said if step else None)


class _Said(dict[str, object]):
    """The values of a sentence as text: days and lists in words, what is missing made up for."""

    def __missing__(self, key: str) -> object:
        match key:
            case "vendor_email":
                return settings.VENDOR.email
            case "who":
                names = self.get("who_may") or ()
                return _listed(names) or gettext("a contract manager of this customer")
            case "reach":
                return ", ".join(str(self[part]) for part in ("email", "phone") if self.get(part)) or settings.VENDOR.email
        return ""

    def __getitem__(self, key: str) -> object:
        value = super().__getitem__(key)
        if isinstance(value, date):
            return in_words(value)
        return _listed(value) if isinstance(value, list | tuple) else value


def in_words(day: date) -> str:
    """A day as people of the active language write it; English as in Europe: 12 March 2027."""
    language = get_language() or "en"
    return format_date(day, "long", locale="en_GB" if language == "en" else language.replace("-", "_"))


def _listed(names: object) -> str:
    words = [str(name) for name in names] if isinstance(names, list | tuple) else []
    if len(words) < 2:
        return "".join(words)
    return gettext("%(names)s and %(last)s") % {"names": ", ".join(words[:-1]), "last": words[-1]}
