"""The pages of the desk, for the vendor's own people."""

from django.urls import URLPattern, path

from comptoir.desk.views import applications as desk_applications
from comptoir.desk.views import appointing as desk_appointing
from comptoir.desk.views import bank_lines as desk_bank_lines
from comptoir.desk.views import charging as desk_charging
from comptoir.desk.views import credit as desk_credit
from comptoir.desk.views import customers as desk_customers
from comptoir.desk.views import deciding as desk_deciding
from comptoir.desk.views import exceptions as desk_exceptions
from comptoir.desk.views import findings as desk_findings
from comptoir.desk.views import front as desk_home
from comptoir.desk.views import merging as desk_merging
from comptoir.desk.views import notices as desk_notices
from comptoir.desk.views import prices as desk_prices
from comptoir.desk.views import releases as desk_releases
from comptoir.desk.views import runs as desk_runs
from comptoir.desk.views import sharing as desk_sharing
from comptoir.desk.views import signing_keys as desk_signing_keys
from comptoir.desk.views import staff as desk_staff
from comptoir.desk.views import statements as desk_statements
from comptoir.desk.views import taking_back as desk_taking_back

desk: list[URLPattern] = [
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
    path("desk/releases/<str:code>/<int:pk>/deletion/", desk_releases.deletion, name="desk_release_deletion"),
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
    path("desk/signing-keys/", desk_signing_keys.signing_keys, name="desk_signing_keys"),
    path("desk/signing-keys/<str:kid>/withdrawal/", desk_signing_keys.withdrawal, name="desk_signing_key_withdrawal"),
    path("desk/merging/", desk_merging.merging, name="desk_merging"),
    path("desk/staff/", desk_staff.staff, name="desk_staff"),
    path("desk/staff/<int:pk>/", desk_staff.role, name="desk_staff_role"),
]
