"""Pages outside of any customer: for everybody, for signing in, about oneself, and the sandbox's own."""

from allauth.account import views as account
from allauth.usersessions import views as usersessions
from django.urls import URLPattern, path

from comptoir.billing.views import sandbox as sandbox_provider
from comptoir.billing.views import webhooks
from comptoir.catalogue import views as catalogue
from comptoir.desk.views import clock as desk_clock
from comptoir.directory import views as directory
from comptoir.directory.adapters import endpoints as openid
from comptoir.downloads.views import handing, machines, public_feeds
from comptoir.downloads.views import trials as own_trials
from comptoir.downloads.views import updates as own_updates
from comptoir.entitlements.views import signing as licence_signing
from comptoir.home import views as home
from comptoir.identity import views as identity
from comptoir.identity.adapters import sign_in_page
from comptoir.kernel import health
from comptoir.organisations.views import (
    invitations,
    joining,
    merging,
    newcomers,
    registering,
)
from comptoir.subscriptions.views import (
    basket,
)
from comptoir.subscriptions.views import feed as own_feed
from comptoir.ui import views as ui

public: list[URLPattern] = [
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


sign_in: list[URLPattern] = [
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


own: list[URLPattern] = [
    path("search/", home.search_everywhere, name="search_everywhere"),
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


sandbox: list[URLPattern] = [
    path("sandbox/clock/", desk_clock.clock, name="sandbox_clock"),
    path("sandbox/provider/charges/<str:ref>/", sandbox_provider.charge, name="sandbox_charge"),
    path("sandbox/provider/<str:ref>/", sandbox_provider.payment_page, name="sandbox_payment_page"),
    path("sandbox/provider/confirmation/<str:ref>/", sandbox_provider.confirmation, name="sandbox_confirmation"),
    path("sandbox/sign-in/<str:ticket>/", identity.sandbox_sign_in, name="sandbox_sign_in"),
]
