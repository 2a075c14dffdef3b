"""The pages of one customer: its number is the first part of each address."""

from django.urls import URLPattern, path

from comptoir.billing.views import archives, methods, payments
from comptoir.billing.views import invoices as billing
from comptoir.downloads.views import handing, machines
from comptoir.downloads.views import pages as own_downloads
from comptoir.downloads.views import trials as own_trials
from comptoir.downloads.views import updates as own_updates
from comptoir.entitlements.views import asking as own_asking
from comptoir.entitlements.views import benefits as own_benefits
from comptoir.entitlements.views import bundle_changes as own_bundle_changes
from comptoir.entitlements.views import bundles as own_bundles
from comptoir.entitlements.views import history as own_history
from comptoir.entitlements.views import leases as own_leases
from comptoir.entitlements.views import licences as own_licences
from comptoir.entitlements.views import lists as own_lists
from comptoir.entitlements.views import offline as own_files
from comptoir.entitlements.views import products as own_products
from comptoir.entitlements.views import seats as own_seats
from comptoir.entitlements.views import use_rights as own_use_rights
from comptoir.home import views as home
from comptoir.organisations.views import (
    billing_details,
    groups,
    joining,
    limits,
    member_verbs,
    people,
    people_lists,
)
from comptoir.reports import views as reports
from comptoir.subscriptions.views import (
    alignment,
    any_day,
    buying,
    plans,
    plans_of_many,
    price_quotes,
    reading,
    renewing,
    requests,
    seats,
)
from comptoir.subscriptions.views import charges as own_charges
from comptoir.subscriptions.views import feed as own_feed
from comptoir.subscriptions.views import methods as paid_by
from comptoir.subscriptions.views import orders as own_orders
from comptoir.subscriptions.views import returns as own_returns
from comptoir.subscriptions.views import spending as own_spending

customer: list[URLPattern] = [
    path("c/<str:customer>/", home.home, name="home"),
    path("c/<str:customer>/notices/", home.notices, name="notices"),
    path("c/<str:customer>/notices/read/", home.notices_read, name="notices_read"),
    path("c/<str:customer>/search/", home.search, name="search"),
    path("c/<str:customer>/tour/", home.tour, name="tour"),
    path("c/<str:customer>/people/check/", home.checks, name="role_checks"),
    path("c/<str:customer>/spending-limits/", limits.spending_limits, name="spending_limits"),
    path("c/<str:customer>/quotes/", price_quotes.price_quotes, name="price_quotes"),
    path("c/<str:customer>/quotes/<str:number>/", price_quotes.price_quote, name="price_quote"),
    path("c/<str:customer>/quotes/<str:number>/pdf/", price_quotes.price_quote_pdf, name="price_quote_pdf"),
    path("c/<str:customer>/basket/", buying.checkout, name="checkout"),
    path("c/<str:customer>/products/", own_products.products, name="products"),
    path("c/<str:customer>/devices/", own_licences.my_devices, name="my_devices"),
    path("c/<str:customer>/devices/<int:pk>/end/", own_licences.device_ended, name="device_ended"),
    path("c/<str:customer>/people/<int:member>/devices/", own_licences.persons_devices, name="persons_devices"),
    path("c/<str:customer>/subscriptions/<str:number>/licence-keys/", own_licences.licence_keys, name="licence_keys"),
    path(
        "c/<str:customer>/subscriptions/<str:number>/licence-keys/<int:pk>/end/",
        own_licences.licence_key_ended,
        name="licence_key_ended",
    ),
    path("c/<str:customer>/subscriptions/<str:number>/serial-numbers/", own_licences.serial_given, name="serial_given"),
    path("c/<str:customer>/home-use/", own_use_rights.use_rights, name="use_rights"),
    path("c/<str:customer>/home-use/<int:pk>/end/", own_use_rights.end_early, name="end_use_right"),
    path("c/<str:customer>/subscriptions/<str:number>/home-use/", own_use_rights.ask_for_home_use, name="ask_for_home_use"),
    path(
        "c/<str:customer>/subscriptions/<str:number>/previous-version/",
        own_use_rights.ask_for_previous_version,
        name="ask_for_previous_version",
    ),
    path("c/<str:customer>/bundles/", own_bundles.bundles, name="bundles"),
    path("c/<str:customer>/bundles/<int:pk>/", own_bundles.bundle, name="bundle"),
    path("c/<str:customer>/bundles/<int:pk>/change/", own_bundle_changes.bundle_change, name="bundle_change"),
    path("c/<str:customer>/bundles/<int:pk>/end/", own_bundles.bundle_ended, name="bundle_ended"),
    path("c/<str:customer>/benefits/", own_benefits.benefits, name="benefits"),
    path("c/<str:customer>/benefits/groups/", own_benefits.benefits_of_groups, name="benefits_of_groups"),
    path("c/<str:customer>/people/<int:member>/benefits/", own_benefits.persons_benefits, name="persons_benefits"),
    path("c/<str:customer>/products/<str:code>/", own_products.product, name="product_seats"),
    path("c/<str:customer>/subscriptions/<str:number>/people/", own_seats.seats, name="seats_of"),
    path("c/<str:customer>/subscriptions/<str:number>/people/on/", own_history.sat_then, name="sat_then"),
    path("c/<str:customer>/subscriptions/<str:number>/people/list/", own_lists.seats_list, name="seats_list"),
    path("c/<str:customer>/subscriptions/<str:number>/people/given/", own_seats.given, name="seats_given"),
    path("c/<str:customer>/subscriptions/<str:number>/people/taken/", own_seats.taken, name="seats_taken"),
    path("c/<str:customer>/subscriptions/<str:number>/people/swap/", own_seats.swapped, name="seat_swapped"),
    path("c/<str:customer>/subscriptions/<str:number>/people/groups/", own_seats.group_given, name="group_given"),
    path(
        "c/<str:customer>/subscriptions/<str:number>/people/groups/<int:pk>/removal/", own_seats.group_taken, name="group_taken"
    ),
    path("c/<str:customer>/subscriptions/<str:number>/licence-files/", own_files.offline, name="licence_files"),
    path("c/<str:customer>/subscriptions/<str:number>/licence-files/<int:pk>/", own_files.licence_file, name="licence_file"),
    path(
        "c/<str:customer>/subscriptions/<str:number>/licence-files/<int:pk>/revocation/",
        own_files.licence_file_revoked,
        name="licence_file_revoked",
    ),
    path("c/<str:customer>/subscriptions/<str:number>/leases/", own_leases.leases, name="leases"),
    path("c/<str:customer>/subscriptions/<str:number>/leases/<int:pk>/end/", own_leases.lease_ended, name="lease_ended"),
    path("c/<str:customer>/subscriptions/<str:number>/line/departure/", own_seats.line_left, name="line_left"),
    path("c/<str:customer>/subscriptions/<str:number>/request/", own_asking.ask_for_a_seat, name="ask_for_a_seat"),
    path("c/<str:customer>/downloads/", own_downloads.downloads, name="downloads"),
    path("c/<str:customer>/downloads/<str:code>/", own_downloads.product, name="product_downloads"),
    path("c/<str:customer>/downloads/<str:code>/files/<int:pk>/", handing.link, name="download_link"),
    path("c/<str:customer>/download-log/", own_downloads.log, name="download_log"),
    path("c/<str:customer>/trials/", own_downloads.trials, name="trials_of_customer"),
    path("c/<str:customer>/trials/<str:code>/", own_trials.trial, name="trial"),
    path("c/<str:customer>/updates/", own_updates.updates, name="updates"),
    path("c/<str:customer>/updates/<int:pk>/", own_updates.update, name="update"),
    path("c/<str:customer>/updates/<int:pk>/assignment/", own_updates.assign, name="assign_update"),
    path("c/<str:customer>/updates/<int:pk>/installation/", own_updates.installed, name="update_installed"),
    path("c/<str:customer>/assigned-updates/<int:pk>/withdrawal/", own_updates.take_back, name="take_back_update"),
    path("c/<str:customer>/machines/", machines.machines, name="machines"),
    path("c/<str:customer>/machines/<int:pk>/revocation/", machines.revoke, name="revoke_machine"),
    path("c/<str:customer>/contracts/", reading.contracts, name="contracts"),
    path("c/<str:customer>/contracts/<str:number>/", reading.contract, name="contract"),
    path("c/<str:customer>/subscriptions/", reading.subscriptions, name="subscriptions"),
    path("c/<str:customer>/subscriptions/<str:number>/", reading.subscription, name="subscription"),
    path("c/<str:customer>/people/", people.people, name="people"),
    path("c/<str:customer>/people/new/", people.new_person, name="new_person"),
    path("c/<str:customer>/people/newcomers/", joining.wishes, name="wishes_to_join"),
    path("c/<str:customer>/people/newcomers/<int:pk>/approval/", joining.approval, name="approve_joining"),
    path("c/<str:customer>/people/newcomers/<int:pk>/refusal/", joining.refusal, name="decline_joining"),
    path("c/<str:customer>/domains/", joining.domains, name="domains"),
    path("c/<str:customer>/domains/<int:pk>/removal/", joining.domain_removal, name="domain_removal"),
    path("c/<str:customer>/people/lists/", people_lists.lists, name="people_lists"),
    path("c/<str:customer>/people/lists/<int:pk>/", people_lists.one_list, name="people_list"),
    path("c/<str:customer>/people/<int:member>/", people.member, name="member"),
    path("c/<str:customer>/people/<int:member>/invitation/", member_verbs.invitations, name="invite_member"),
    path("c/<str:customer>/people/<int:member>/roles/", member_verbs.roles, name="member_roles"),
    path("c/<str:customer>/people/<int:member>/roles/removal/", member_verbs.role_removal, name="member_role_removal"),
    path("c/<str:customer>/people/<int:member>/groups/", member_verbs.groups, name="member_groups"),
    path("c/<str:customer>/people/<int:member>/succession/", member_verbs.handing_over, name="hand_over"),
    path("c/<str:customer>/people/<int:member>/removal/", member_verbs.removal, name="member_removal"),
    path("c/<str:customer>/groups/", groups.groups, name="groups"),
    path("c/<str:customer>/groups/<int:pk>/", groups.group, name="group"),
    path("c/<str:customer>/groups/<int:pk>/name/", groups.renaming, name="rename_group"),
    path("c/<str:customer>/groups/<int:pk>/people/", groups.joining, name="join_group"),
    path("c/<str:customer>/groups/<int:pk>/people/removal/", groups.leaving, name="leave_group"),
    path("c/<str:customer>/groups/<int:pk>/end/", groups.ending, name="end_group"),
    path("c/<str:customer>/activity/", reports.activity, name="activity"),
    path("c/<str:customer>/subscriptions/<str:number>/seats/", seats.add_seats, name="add_seats"),
    path("c/<str:customer>/subscriptions/<str:number>/plan/seats/", plans.plan_seats, name="plan_seats"),
    path("c/<str:customer>/subscriptions/<str:number>/plan/term/", plans.plan_term, name="plan_term"),
    path("c/<str:customer>/subscriptions/<str:number>/plan/automatic/", plans.automatic_renewal, name="automatic_renewal"),
    path("c/<str:customer>/subscriptions/<str:number>/plan/withdrawal/", plans.withdraw, name="withdraw_plan"),
    path("c/<str:customer>/subscriptions/<str:number>/renewal/", renewing.renewal, name="renew"),
    path("c/<str:customer>/renewals/", renewing.renewals, name="renewals"),
    path("c/<str:customer>/renewal-plan/", plans_of_many.plan_many, name="plan_many"),
    path("c/<str:customer>/subscriptions/<str:number>/alignment/", alignment.align_with, name="align_with"),
    path("c/<str:customer>/alignment/", alignment.alignment, name="alignment"),
    path("c/<str:customer>/alignment/wishes/", alignment.wish, name="wish_alignment"),
    path("c/<str:customer>/alignment/wishes/<int:pk>/withdrawal/", alignment.withdraw_wish, name="withdraw_wish"),
    path("c/<str:customer>/subscriptions/<str:number>/payment-method/", paid_by.change_method, name="change_method"),
    path("c/<str:customer>/payment-method/", paid_by.change_methods, name="change_methods"),
    path("c/<str:customer>/orders/", own_orders.orders, name="orders"),
    path("c/<str:customer>/calendar/", own_feed.calendar, name="calendar"),
    path("c/<str:customer>/calendar/address/", own_feed.make, name="make_calendar"),
    path("c/<str:customer>/calendar/revocation/", own_feed.revoke, name="revoke_calendar"),
    path("c/<str:customer>/spending/", own_spending.spending, name="spending"),
    path("c/<str:customer>/contracts/<str:number>/spending/", own_spending.contract_spending, name="contract_spending"),
    path("c/<str:customer>/charges/", own_charges.charges, name="charges"),
    path("c/<str:customer>/contracts/<str:number>/charges/", own_charges.contract_charges, name="contract_charges"),
    path("c/<str:customer>/orders/<str:number>/", own_orders.order, name="order"),
    path("c/<str:customer>/subscriptions/<str:number>/on/", any_day.any_day, name="any_day"),
    path("c/<str:customer>/subscriptions/<str:number>/return/", own_returns.returns, name="return"),
    path("c/<str:customer>/subscriptions/<str:number>/return/<str:invoice>/", own_returns.returned, name="return_sale"),
    path("c/<str:customer>/billing-details/", billing_details.billing_details, name="billing_details"),
    path("c/<str:customer>/invoice-archives/", archives.archives, name="invoice_archives"),
    path("c/<str:customer>/invoice-archives/<int:pk>/", archives.archive, name="invoice_archive"),
    path("c/<str:customer>/invoices/", billing.invoices, name="invoices"),
    path("c/<str:customer>/invoices/<str:number>/", billing.invoice, name="invoice"),
    path("c/<str:customer>/invoices/<str:number>/payment/", payments.pay_invoice, name="pay_invoice"),
    path("c/<str:customer>/invoices/<str:number>/credit/", payments.use_credit, name="use_credit"),
    path("c/<str:customer>/payments/<int:pk>/", payments.payment, name="payment"),
    path("c/<str:customer>/payment-methods/", methods.payment_methods, name="payment_methods"),
    path("c/<str:customer>/payment-methods/new/", methods.new_payment_method, name="new_payment_method"),
    path("c/<str:customer>/payment-methods/new/<int:pk>/", methods.payment_method_setup, name="payment_method_setup"),
    path("c/<str:customer>/payment-methods/<int:pk>/removal/", methods.remove_payment_method, name="remove_payment_method"),
    path("c/<str:customer>/invoices/<str:number>/pdf/", billing.invoice_pdf, name="invoice_pdf"),
    path("c/<str:customer>/invoices/<str:number>/xml/", billing.invoice_xml, name="invoice_xml"),
    path("c/<str:customer>/requests/", requests.requests, name="requests"),
    path("c/<str:customer>/requests/<int:pk>/", requests.one_request, name="one_request"),
    path("c/<str:customer>/requests/<int:pk>/approval/", requests.approve, name="approve_request"),
    path("c/<str:customer>/requests/<int:pk>/refusal/", requests.decline, name="decline_request"),
    path("c/<str:customer>/requests/<int:pk>/withdrawal/", requests.withdraw, name="withdraw_request"),
]
