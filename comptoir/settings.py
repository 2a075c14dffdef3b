"""Settings, from the environment only. `comptoir --help` and `docs/configuration.md` list the variables.

`comptoir.command` chooses the database login of a command and puts it into DATABASE_URL before Django starts.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from comptoir.environment import (
    PaymentSettings,
    Vendor,
    billing_zone,
    home,
    openid_keys,
    release_key,
    release_storage,
    seal_keys,
    secret_key,
    static_is_collected,
    static_root,
)

CHECKOUT = Path(__file__).resolve().parent.parent
COMPTOIR_HOME = home()

MODE = os.environ.get("COMPTOIR_MODE", "sandbox")
SANDBOX = MODE != "production"
DEBUG = os.environ.get("COMPTOIR_DEBUG") == "1"
SECRET_KEY = secret_key(COMPTOIR_HOME)
RELEASE_KEY = release_key(COMPTOIR_HOME)
OPENID_KEYS = openid_keys(COMPTOIR_HOME)
SEAL_KEYS = seal_keys(COMPTOIR_HOME)

BASE_URL = os.environ.get("COMPTOIR_URL", "http://127.0.0.1:" + os.environ.get("COMPTOIR_PORT", "8000")).rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = [str(urlsplit(BASE_URL).hostname), *(["127.0.0.1", "localhost", "[::1]"] if SANDBOX else [])]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

BILLING_ZONE = billing_zone()
VENDOR = Vendor.from_environment()
VENDOR_NAME, VENDOR_CONTACT_EMAIL, VENDOR_CONTACT_PHONE = VENDOR.name, VENDOR.email, VENDOR.phone
VENDOR_LOGO = os.environ.get("COMPTOIR_VENDOR_LOGO", "")
VENDOR_STYLESHEET = os.environ.get("COMPTOIR_VENDOR_STYLESHEET", "")
COUNTRIES_NOT_SERVED = frozenset(os.environ.get("COMPTOIR_COUNTRIES_NOT_SERVED", "").upper().replace(",", " ").split())
UNCONFIRMED_DAYS = int(os.environ.get("COMPTOIR_UNCONFIRMED_DAYS", "7"))  # an address that was typed and never confirmed
PEOPLE_LIST_DAYS = int(os.environ.get("COMPTOIR_PEOPLE_LIST_DAYS", "30"))  # then the rows of a list of people are erased
PRICE_QUOTE_DAYS = int(os.environ.get("COMPTOIR_PRICE_QUOTE_DAYS", "30"))
CURRENCIES = tuple(os.environ.get("COMPTOIR_CURRENCIES", "EUR CHF GBP USD CAD JPY").upper().replace(",", " ").split()) or ("EUR",)
PAYMENTS = PaymentSettings.from_environment(sandbox=SANDBOX)
INVOICE_DUE_DAYS = int(os.environ.get("COMPTOIR_INVOICE_DUE_DAYS", "30"))
SECOND_PAIR_FROM = int(os.environ.get("COMPTOIR_SECOND_PAIR_FROM", "1000"))  # units of the customer's currency
LARGEST_FILE = int(os.environ.get("COMPTOIR_LARGEST_FILE_MB", "8000")) * 1_000_000  # bytes of one file of a release
LICENCE_FILE_DAYS = int(os.environ.get("COMPTOIR_LICENCE_FILE_DAYS", "30"))
LICENCE_KEY_HOURS = int(os.environ.get("COMPTOIR_LICENCE_KEY_HOURS", "24"))  # a new key is public so long before it signs
LEASE_MINUTES = int(os.environ.get("COMPTOIR_LEASE_MINUTES", "15"))  # a lease that is not heard of for so long is free
LEASE_BORROW_DAYS = int(os.environ.get("COMPTOIR_LEASE_BORROW_DAYS", "30"))
DOWNLOAD_LINK_SECONDS = int(os.environ.get("COMPTOIR_DOWNLOAD_LINK_MINUTES", "60")) * 60
GRACE_DAYS = int(os.environ.get("COMPTOIR_GRACE_DAYS", "15"))
SUSPENDED_DAYS = int(os.environ.get("COMPTOIR_SUSPENDED_DAYS", "30"))
LICENCE_USE_MINUTES = int(os.environ.get("COMPTOIR_LICENCE_USE_MINUTES", "15"))
LICENCE_GUESSES = int(os.environ.get("COMPTOIR_LICENCE_GUESSES", "30"))
SUSPENDED_DAYS_MONTHLY = int(os.environ.get("COMPTOIR_SUSPENDED_DAYS_MONTHLY", "15"))


def database(url: str) -> dict[str, Any]:
    """A libpq address as Django takes it; `?host=` may name a socket directory."""
    parts, options = urlsplit(url), {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or options.pop("user", "")),
        "PASSWORD": unquote(parts.password or options.pop("password", "")),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": {key: value for key, value in options.items() if key in {"sslmode", "sslrootcert", "connect_timeout"}},
        "CONN_MAX_AGE": int(os.environ.get("COMPTOIR_CONNECTION_AGE", "600")),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql:///comptoir"))}
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # unique by Lower(email), a constraint of the table
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CONTEXTS = [
    "comptoir.kernel",
    "comptoir.ui",
    "comptoir.identity",
    "comptoir.catalogue",
    "comptoir.organisations",
    "comptoir.billing",
    "comptoir.contracts",
    "comptoir.subscriptions",
    "comptoir.entitlements",
    "comptoir.downloads",
    "comptoir.support",
    "comptoir.usage",
    "comptoir.directory",
    "comptoir.home",
    "comptoir.reports",
    "comptoir.cutover",
    "comptoir.desk",
]
INSTALLED_APPS = [
    "comptoir.apps.ComptoirConfig",
    *CONTEXTS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "oauth2_provider",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "comptoir.kernel.headers.KeptByNobody",
    "comptoir.kernel.quick.QuickAnswers",
    "csp.middleware.CSPMiddleware",
    "comptoir.identity.adapters.OneAtATime",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "comptoir.identity.adapters.OwnLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comptoir.identity.adapters.WhoAreYouAgain",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "comptoir.urls"
WSGI_APPLICATION = "comptoir.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django_cotton.cotton_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comptoir.ui.context.shell",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "comptoir.ui.templatetags.ui",
            ],
        },
    },
    {
        # the rows of long lists, and nothing else: docs/decisions/0023-rows-of-long-lists-by-jinja2.md
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "comptoir.ui.jinja.environment"},
    },
]

# People and sign-in
AUTH_USER_MODEL = "identity.Person"
AUTHENTICATION_BACKENDS = ["comptoir.identity.adapters.OldOrNewSignIn"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "comptoir.identity.adapters.OldSha1Hasher",
    "comptoir.identity.adapters.OldPbkdf2Hasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "comptoir.identity.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "comptoir.identity.adapters.SignInForm",
    "request_login_code": "comptoir.identity.adapters.CodeRequestForm",
    "reset_password": "comptoir.identity.adapters.ForgottenPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever holds the account got it from a manager or the import, by that address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # goes the way of a known one's code as far as the worker, who finds nobody
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_RATE_LIMITS = {  # beside those that the library has
    "register": "20/h/ip,4/h/key",
    "prove": "20/h/ip,4/h/key",  # of who says that another account is theirs
    # of the products' sign-in: of one network address, and of one person who types codes
    "openid_token": "600/m/key",
    "openid_device": "60/m/key",
    "device_code": "10/m/key,40/h/key",
}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = False
USERSESSIONS_ADAPTER = "comptoir.identity.adapters.SessionsAdapter"

# Products that sign in with the portal: RFC 9700 throughout
OAUTH2_PROVIDER_APPLICATION_MODEL = "directory.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "directory.Grant"
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "directory.DeviceGrant"
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "comptoir.directory.adapters.validator.Validator",
    "OAUTH2_SERVER_CLASS": "comptoir.directory.adapters.server.Server",
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": BASE_URL,
    "OIDC_RSA_PRIVATE_KEY": OPENID_KEYS[0],
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": list(OPENID_KEYS[1:]),
    "SCOPES": {"openid": "", "profile": "", "email": "", "licences": ""},  # told in words by the pages
    "DEFAULT_SCOPES": ["openid"],
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
    "ID_TOKEN_EXPIRE_SECONDS": 600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ROTATE_REFRESH_TOKEN": True,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # an application adds those of its own addresses
    "ALLOW_URI_WILDCARDS": False,
    "OAUTH_PRE_TOKEN_VALIDATION": [],  # the validator itself knows whose device it is
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
            "PKCE_REQUIRED",
        )
    },
}

# Cookies: in production, and wherever the address is https, bound to this host
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
LANGUAGE_COOKIE_NAME = "__Host-language" if HTTPS else "language"
COUNTRY_COOKIE_NAME = "__Host-country" if HTTPS else "country"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "comptoir.identity.adapters.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_SAVE_EVERY_REQUEST = False
BEHIND_PROXY = os.environ.get("COMPTOIR_BEHIND_PROXY") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0  # whose address the limits on signing in count
SECURE_SSL_REDIRECT = HTTPS and not SANDBOX
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # they name people and amounts: in no cookie
CSRF_FAILURE_VIEW = "comptoir.ui.views.csrf_failure"

_ROOMY = {"OPTIONS": {"MAX_ENTRIES": 20_000}}  # past it a third is thrown away, limits on signing in among them
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["CACHE_URL"]}
        if os.environ.get("CACHE_URL")
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache", **_ROOMY}
    )
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Collected once per change, before the web starts: hashed, compressed, cached for ever. Else (tests) found where they lie.
_collected = os.environ.get("COMPTOIR_STATIC") == "collecting" or static_is_collected(COMPTOIR_HOME)
STATIC_ROOT = static_root(COMPTOIR_HOME) if _collected else None
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": COMPTOIR_HOME / "files"},
    },
    "releases": release_storage(COMPTOIR_HOME),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _collected
WHITENOISE_AUTOREFRESH = False

_smtp = urlsplit(os.environ.get("COMPTOIR_SMTP_URL", ""))
EMAIL_HOST = _smtp.hostname or ""
EMAIL_PORT = _smtp.port or 25
EMAIL_HOST_USER = unquote(_smtp.username or "")
EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_USE_TLS = _smtp.scheme == "smtp+starttls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("COMPTOIR_MAIL_FROM", f"{VENDOR.name} <{VENDOR.email}>")
MAIL_DOMAIN = VENDOR.email.rpartition("@")[2]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

_handler = "json" if MODE == "production" else "plain"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{levelname} {name}: {message}", "style": "{"},
        "json": {"()": "comptoir.environment.JsonLines"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": _handler}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("COMPTOIR_LOG_LEVEL", "WARNING" if SANDBOX else "INFO")},
    "loggers": {
        "django.security.DisallowedHost": {"level": "ERROR"},
        # they would write codes and tokens at DEBUG
        "oauthlib": {"level": "WARNING"},
        "oauth2_provider": {"level": "WARNING"},
    },
}
