"""Every page, one line each. GET shows one thing, POST does one thing; nouns in the address."""

from allauth.account import views as account
from allauth.usersessions import views as usersessions
from django.conf import settings
from django.urls import URLPattern, path

from comptoir.billing.api import archives as archives_api
from comptoir.billing.api import invoices as billing_api
from comptoir.billing.api import payments as payments_api
from comptoir.billing.views import archives, methods, payments, webhooks
from comptoir.billing.views import invoices as billing
from comptoir.billing.views import sandbox as sandbox_provider
from comptoir.catalogue import api as catalogue_api
from comptoir.catalogue import views as catalogue
from comptoir.contracts import api as contracts_api
from comptoir.desk.views import applications as desk_applications
from comptoir.desk.views import appointing as desk_appointing
from comptoir.desk.views import bank_lines as desk_bank_lines
from comptoir.desk.views import charging as desk_charging
from comptoir.desk.views import clock as desk_clock
from comptoir.desk.views import credit as desk_credit
from comptoir.desk.views import customers as desk_customers
from comptoir.desk.views import deciding as desk_deciding
from comptoir.desk.views import exceptions as desk_exceptions
from comptoir.desk.views import findings as desk_findings
from comptoir.desk.views import front as desk_home
from comptoir.desk.views import notices as desk_notices
from comptoir.desk.views import prices as desk_prices
from comptoir.desk.views import releases as desk_releases
from comptoir.desk.views import runs as desk_runs
from comptoir.desk.views import sharing as desk_sharing
from comptoir.desk.views import staff as desk_staff
from comptoir.desk.views import statements as desk_statements
from comptoir.desk.views import taking_back as desk_taking_back
from comptoir.directory import views as directory
from comptoir.directory.adapters import endpoints as openid
from comptoir.downloads import api as downloads_api
from comptoir.downloads.views import handing, machines, public_feeds
from comptoir.downloads.views import pages as own_downloads
from comptoir.downloads.views import trials as own_trials
from comptoir.downloads.views import updates as own_updates
from comptoir.entitlements import api as entitlements_api
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
from comptoir.entitlements.views import signing as licence_signing
from comptoir.entitlements.views import use_rights as own_use_rights
from comptoir.home import api as home_api
from comptoir.home import views as home
from comptoir.identity import api as identity_api
from comptoir.identity import views as identity
from comptoir.identity.adapters import sign_in_page
from comptoir.kernel import health
from comptoir.kernel.api import make_api
from comptoir.organisations.api import customers as organisations_api
from comptoir.organisations.api import people as people_api
from comptoir.organisations.views import (
    billing_details,
    groups,
    invitations,
    joining,
    limits,
    member_verbs,
    merging,
    newcomers,
    people,
    people_lists,
    registering,
)
from comptoir.reports import api as reports_api
from comptoir.reports import views as reports
from comptoir.subscriptions import api as subscriptions_api
from comptoir.subscriptions.views import (
    alignment,
    any_day,
    basket,
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
from comptoir.ui import views as ui

api = make_api()
api.add_router("", identity_api.router)
api.add_router("", subscriptions_api.router)
api.add_router("", organisations_api.router)
api.add_router("", people_api.router)
api.add_router("", entitlements_api.router)
api.add_router("", catalogue_api.router)
api.add_router("", contracts_api.router)
api.add_router("", billing_api.router)
api.add_router("", archives_api.router)
api.add_router("", payments_api.router)
api.add_router("", reports_api.router)
api.add_router("", downloads_api.router)
api.add_router("", home_api.router)

public = [
    path("", home.front, name="front"),
    path("webhooks/<str:provider>/", webhooks.webhook, name="webhook"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("calendar/<str:token>.ics", own_feed.feed, name="calendar_feed"),
    path("language/", ui.choose_language, name="choose_language"),
    path("invitation/<str:ticket>/", invitations.invitation, name="invitation"),
    path(".well-known/openid-configuration", directory.configuration, name="openid_configuration"),
    path(".well-known/oauth-authorization-server", directory.configuration, name="oauth_configuration"),
    path("openid/keys.json", openid.keys, name="openid_keys"),
    path("openid/token/", openid.token, name="openid_token"),
    path("openid/device/", openid.device, name="openid_device"),
    path("openid/userinfo/", openid.userinfo, name="openid_userinfo"),
    path("openid/revocation/", openid.revocation, name="openid_revocation"),
    path("openid/introspection/", openid.introspection, name="openid_introspection"),
    path("openid/sign-out/", directory.sign_out, name="openid_sign_out"),
    path(".well-known/comptoir-licence-keys.json", licence_signing.keys, name="licence_key_set"),
    path(".well-known/comptoir-revocations.jwt", licence_signing.revocations, name="licence_revocations"),
    path("downloads/keys.json", handing.keys, name="release_keys"),
    path("downloads/<str:token>/<str:name>", handing.fetch, name="fetch_file"),
    path("feeds/<str:code>/appcast/<str:platform>.xml", public_feeds.appcast, name="public_appcast"),
    path("feeds/winget/information", public_feeds.winget_information, name="public_winget_information"),
    path("feeds/winget/manifestSearch", public_feeds.winget_search, name="public_winget_search"),
    path("feeds/winget/packageManifests/<str:name>", public_feeds.winget_manifest, name="public_winget_manifest"),
    path("feeds/files/<int:pk>/<str:name>", public_feeds.public_file, name="public_file"),
    path("machines/<str:token>/packages.json", machines.package_list, name="machine_packages"),
    path("machines/<str:token>/SHA256SUMS", machines.checksums, name="machine_checksums"),
    path("machines/<str:token>/fetch.sh", machines.shell_script, name="machine_sh"),
    path("machines/<str:token>/fetch.ps1", machines.powershell_script, name="machine_ps1"),
    path("machines/<str:token>/appcast/<str:platform>/<str:code>.xml", machines.appcast, name="machine_appcast"),
    path("machines/<str:token>/winget/information", machines.winget_information, name="winget_information"),
    path("machines/<str:token>/winget/manifestSearch", machines.winget_search, name="winget_search"),
    path("machines/<str:token>/winget/packageManifests/<str:name>", machines.winget_manifest, name="winget_manifest"),
    path("machines/<str:token>/files/<int:pk>/<str:name>", machines.machine_file, name="machine_file"),
    path("register/", registering.register, name="register"),
    path("register/code/", registering.register_code, name="register_code"),
    path("basket/", basket.basket, name="basket"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/country/", catalogue.country, name="catalogue_country"),
    path("catalogue/terms-of-sale/", catalogue.terms, name="terms_of_sale"),
    path("catalogue/<str:code>/", catalogue.product, name="product"),
    path("catalogue/<str:code>/trial/", own_trials.offer, name="trial_offer"),
]

sign_in = [
    path("sign-in/", sign_in_page(account.login), name="account_login"),
    path("sign-in/code/", sign_in_page(account.request_login_code), name="account_request_login_code"),
    path("sign-in/code/confirm/", sign_in_page(account.confirm_login_code), name="account_confirm_login_code"),
    path("sign-in/again/", sign_in_page(account.reauthenticate), name="account_reauthenticate"),
    path("sign-in/closed/", sign_in_page(account.account_inactive), name="account_inactive"),
    path("sign-out/", sign_in_page(account.logout), name="account_logout"),
    path("access/", identity.nobody_signs_up_alone, name="account_signup"),
    path("password/forgotten/", sign_in_page(account.password_reset), name="account_reset_password"),
    path("password/forgotten/sent/", sign_in_page(account.password_reset_done), name="account_reset_password_done"),
    path(
        "password/forgotten/code/",
        sign_in_page(account.confirm_password_reset_code),
        name="account_confirm_password_reset_code",
    ),
    path("password/forgotten/new/", sign_in_page(account.complete_password_reset), name="account_complete_password_reset"),
    path(
        "password/forgotten/done/",
        sign_in_page(account.password_reset_from_key_done),
        name="account_password_reset_completed",
    ),
    path("profile/password/", sign_in_page(account.password_change), name="account_change_password"),
    path("profile/sessions/", sign_in_page(usersessions.list_usersessions), name="usersessions_list"),
]

own = [
    path("profile/", identity.profile, name="profile"),
    path("profile/updates/", own_updates.news_choice, name="news_choice"),
    path("profile/products/", directory.sign_ins, name="sign_ins"),
    path("profile/products/<int:pk>/end/", directory.sign_in_end, name="sign_in_end"),
    path("openid/authorize/", directory.authorize, name="openid_authorize"),
    path("device/", directory.device, name="device"),
    path("device/answer/", directory.device_answer, name="device_answer"),
    path("access/newcomer/", newcomers.newcomer, name="newcomer"),
    path("access/newcomer/code/", newcomers.newcomer_code, name="newcomer_code"),
    path("access/request/", joining.asking, name="ask_to_join"),
    path("profile/other-account/", merging.other_account, name="other_account"),
    path("profile/other-account/code/", merging.other_account_code, name="other_account_code"),
    path("profile/other-account/merge/", merging.account_merge, name="account_merge"),
    path("profile/language/", identity.language, name="profile_language"),
]

customer: list[URLPattern] = [
    path("c/<str:customer>/", home.home, name="home"),
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

desk = [
    path("desk/", desk_home.front, name="desk"),
    path("desk/customers/", desk_customers.customers, name="desk_customers"),
    path("desk/customers/<str:customer>/", desk_customers.customer, name="desk_customer"),
    path("desk/customers/<str:customer>/subscriptions/", desk_customers.subscriptions, name="desk_subscriptions"),
    path("desk/customers/<str:customer>/subscriptions/<str:number>/sharing/", desk_sharing.sharing, name="desk_sharing"),
    path("desk/customers/<str:customer>/invoices/<str:number>/", desk_customers.invoice, name="desk_invoice"),
    path("desk/customers/<str:customer>/invoices/<str:number>/return/", desk_taking_back.taking_back, name="desk_taking_back"),
    path("desk/customers/<str:customer>/credit/", desk_credit.credit, name="desk_credit"),
    path("desk/customers/<str:customer>/credit/refund/", desk_credit.give_back, name="desk_give_back_credit"),
    path("desk/customers/<str:customer>/invoices/<str:number>/credit/", desk_credit.use, name="desk_use_credit"),
    path("desk/unmanaged/", desk_appointing.unmanaged, name="desk_unmanaged"),
    path("desk/customers/<str:customer>/managers/", desk_appointing.managers, name="desk_managers"),
    path("desk/customers/<str:customer>/exceptions/", desk_exceptions.version_exceptions, name="desk_exceptions"),
    path("desk/customers/<str:customer>/exceptions/<int:pk>/end/", desk_exceptions.exception_end, name="desk_exception_end"),
    path("desk/customers/<str:customer>/notices/", desk_notices.notices, name="desk_notices"),
    path("desk/customers/<str:customer>/held/release/", desk_deciding.release, name="desk_release"),
    path("desk/customers/<str:customer>/held/discard/", desk_deciding.discard, name="desk_discard"),
    path("desk/customers/<str:customer>/refunds/payment/", desk_deciding.paid_out, name="desk_paid_out"),
    path("desk/customers/<str:customer>/transfers/<int:pk>/", desk_bank_lines.transfer, name="desk_transfer"),
    path("desk/customers/<str:customer>/looks/approval/", desk_deciding.approval, name="desk_approval"),
    path("desk/customers/<str:customer>/looks/refusal/", desk_deciding.refusal, name="desk_refusal"),
    path("desk/prices/", desk_prices.products, name="desk_prices"),
    path("desk/prices/<str:code>/", desk_prices.product, name="desk_product"),
    path("desk/prices/<str:code>/new/", desk_prices.new_price, name="desk_new_price"),
    path("desk/tax-rates/", desk_prices.tax_rates, name="desk_tax_rates"),
    path("desk/releases/", desk_releases.products, name="desk_releases"),
    path("desk/releases/<str:code>/", desk_releases.releases, name="desk_releases_of"),
    path("desk/releases/<str:code>/feeds/", desk_releases.feeds, name="desk_release_feeds"),
    path("desk/releases/<str:code>/new/", desk_releases.new_release, name="desk_new_release"),
    path("desk/releases/<str:code>/<int:pk>/", desk_releases.release, name="desk_release_page"),
    path("desk/releases/<str:code>/<int:pk>/files/", desk_releases.new_file, name="desk_release_file"),
    path(
        "desk/releases/<str:code>/<int:pk>/files/<int:file>/removal/",
        desk_releases.file_removal,
        name="desk_release_file_removal",
    ),
    path("desk/releases/<str:code>/<int:pk>/publication/", desk_releases.publication, name="desk_release_publication"),
    path("desk/releases/<str:code>/<int:pk>/withdrawal/", desk_releases.withdrawal, name="desk_release_withdrawal"),
    path("desk/runs/", desk_runs.runs, name="desk_runs"),
    path("desk/statements/", desk_statements.statements, name="desk_statements"),
    path("desk/statements/lines/<int:pk>/", desk_bank_lines.line, name="desk_bank_line"),
    path("desk/charging/", desk_charging.charging, name="desk_charging"),
    path("desk/findings/<int:pk>/", desk_findings.finding, name="desk_finding"),
    path("desk/customers/<str:customer>/findings/<int:pk>/reopening/", desk_findings.reopening, name="desk_reopening"),
    path("desk/customers/<str:customer>/findings/<int:pk>/refund/", desk_findings.giving_back, name="desk_giving_back"),
    path("desk/applications/", desk_applications.applications, name="desk_applications"),
    path("desk/applications/<int:pk>/", desk_applications.application, name="desk_application"),
    path("desk/applications/<int:pk>/secret/", desk_applications.new_secret, name="desk_application_secret"),
    path("desk/applications/<int:pk>/end/", desk_applications.end, name="desk_application_end"),
    path("desk/staff/", desk_staff.staff, name="desk_staff"),
    path("desk/staff/<int:pk>/", desk_staff.role, name="desk_staff_role"),
]

sandbox = [
    path("sandbox/clock/", desk_clock.clock, name="sandbox_clock"),
    path("sandbox/provider/charges/<str:ref>/", sandbox_provider.charge, name="sandbox_charge"),
    path("sandbox/provider/<str:ref>/", sandbox_provider.payment_page, name="sandbox_payment_page"),
    path("sandbox/provider/confirmation/<str:ref>/", sandbox_provider.confirmation, name="sandbox_confirmation"),
    path("sandbox/sign-in/<str:ticket>/", identity.sandbox_sign_in, name="sandbox_sign_in"),
]

urlpatterns = [*public, *sign_in, *own, *customer, *desk, *(sandbox if settings.SANDBOX else []), path("api/v1/", api.urls)]

handler400 = "comptoir.ui.views.bad_request"
handler403 = "comptoir.ui.views.forbidden"
handler404 = "comptoir.ui.views.not_found"
handler500 = "comptoir.ui.views.broken"
