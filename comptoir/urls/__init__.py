"""Every page, one line each. GET shows one thing, POST does one thing; nouns in the address."""

from django.conf import settings
from django.urls import path

from comptoir.billing.api import archives as archives_api
from comptoir.billing.api import invoices as billing_api
from comptoir.billing.api import payments as payments_api
from comptoir.catalogue import api as catalogue_api
from comptoir.contracts import api as contracts_api
from comptoir.downloads import api as downloads_api
from comptoir.entitlements import api as entitlements_api
from comptoir.home import api as home_api
from comptoir.identity import api as identity_api
from comptoir.kernel.api import make_api
from comptoir.organisations.api import customers as organisations_api
from comptoir.organisations.api import people as people_api
from comptoir.reports import api as reports_api
from comptoir.subscriptions import api as subscriptions_api

from .customer import customer
from .desk import desk
from .public import own, public, sandbox, sign_in

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

urlpatterns = [*public, *sign_in, *own, *customer, *desk, *(sandbox if settings.SANDBOX else []), path("api/v1/", api.urls)]

handler400 = "comptoir.ui.views.bad_request"
handler403 = "comptoir.ui.views.forbidden"
handler404 = "comptoir.ui.views.not_found"
handler500 = "comptoir.ui.views.broken"
