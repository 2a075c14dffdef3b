"""What is refused about money: buying, planning, renewing, paying; and the reasons of rules 8."""

from django.utils.translation import gettext_noop as _

from .house import ASK_DESK

MONEY: dict[str, tuple[str, str | None]] = {
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
