"""What libraries call: allauth, the password hashers and the backend that finds a person.

Before a person is known no wall can be opened for them. The sign-in pages run with `app.signing_in` set (see
`docs/invariants.md`), which lets the people's table be searched, and nothing of any customer.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher, make_password, mask_hash
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from comptoir.kernel import mail
from comptoir.kernel.walls import wall_opened

from . import queries
from .models import Person

View = Callable[..., HttpResponse]


@contextmanager
def signing_in() -> Iterator[None]:
    """A transaction in which the people's table can be searched by e-mail or old user id; one inside the other is one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.signing_in', true)")
        before = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('app.signing_in', 'yes', true)")
        yield
        cursor.execute("SELECT set_config('app.signing_in', %s, true)", [before])


def sign_in_page(view: View) -> View:
    """A page of allauth's: rendered inside the transaction, open to everybody, behind no customer's wall."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with signing_in(), wall_opened(person=request.user.pk if request.user.is_authenticated else None):
            response = view(request, *args, **kwargs)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
            return response

    run.permission = None  # type: ignore[attr-defined]
    run.gate = True  # type: ignore[attr-defined]
    return run


class OldOrNewSignIn:
    """Finds a person by e-mail or by a user id of the old centre (F1.5)."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> Person | None:
        """The person if the password is right. Takes as long whether or not the person exists."""
        name, password = credentials.get("email") or credentials.get("username"), credentials.get("password")
        if not name or password is None:
            return None
        with signing_in():
            person = queries.by_sign_in_name(name)
            if person is None:
                make_password(password)  # the time that a check would take
                return None
            # a right old password is stored anew by the current hasher here
            return person if person.check_password(password) and person.is_active else None

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session."""
        with wall_opened(person=user_id):
            return Person.objects.filter(pk=user_id, is_active=True).first()


class SignInForm(LoginForm):  # type: ignore[misc]
    """Sign-in with an e-mail or an old user id."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("E-mail or user ID of the old centre"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "spellcheck": "false"}),
        )
        self.order_fields(["login", "password", "remember"])


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """How allauth fits the house: nobody signs up alone, and its mails go our way."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "No account has this e-mail or user ID with this password. Check both, or have a code mailed."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only contract managers and software coordinators add people (F5.5)."""
        return False

    def send_notification_mail(
        self, template_prefix: str, user: Person, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody of a change to how they sign in; their address stands in their own row."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write allauth's mail as ours: in the person's language, handed over by a worker."""
        person = context.get("user") or queries.by_sign_in_name(email)
        if person is None:
            return
        language = queries.shown_language(person)
        told = {**context, "vendor": settings.VENDOR, "base_url": settings.BASE_URL, "to": person}
        with translation.override(language):
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", told).split())
            text = render_to_string(f"{template_prefix}_message.txt", told)
        to = mail.Recipient(person.pk, person.email, person.full_name, language)
        with transaction.atomic(), wall_opened(person=person.pk):
            mail.write_rendered(
                to,
                subject,
                text,
                language=language,
                once=f"{template_prefix}:{get_random_string(22)}",
                secret="code" in context,
            )


class OwnLanguageMiddleware:
    """A signed-in person reads their own language, whatever the browser asks for (F1.6)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the person's language for this request."""
        if isinstance(request.user, Person):
            translation.activate(queries.shown_language(request.user))
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        return self.get_response(request)


class _OldHasher(BasePasswordHasher):
    """A hash of the old centre, `<algorithm>$<salt>$<hex>`. Any right password is stored anew by the first hasher."""

    def digest(self, password: str, salt: str) -> str:
        raise NotImplementedError

    def encode(self, password: str, salt: str) -> str:
        """The old centre's form; only tests and the import write it."""
        return f"{self.algorithm}${salt}${self.digest(password, salt)}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password is right. A wrong one takes the time of the current hasher, as everybody's does."""
        _algorithm, salt, kept = encoded.split("$", 2)
        right = hmac.compare_digest(self.digest(password, salt).encode(), kept.lower().encode())
        if not right:
            make_password(password)
        return right

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What may be shown of it."""
        algorithm, _salt, kept = encoded.split("$", 2)
        return {"algorithm": algorithm, "hash": mask_hash(kept)}

    def must_update(self, encoded: str) -> bool:
        """Always: it is of the past."""
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """`verify` has done it."""


class OldSha1Hasher(_OldHasher):
    """Hex of SHA-1(salt + password), as the old centre kept it until the first sign-in here."""

    algorithm = "old_sha1"

    def digest(self, password: str, salt: str) -> str:
        """Hex of the salted password."""
        return hashlib.sha1(f"{salt}{password}".encode(), usedforsecurity=False).hexdigest()


class OldPbkdf2Hasher(_OldHasher):
    """Hex of PBKDF2-HMAC-SHA-256 with 20,000 rounds, as the old centre kept it until the first sign-in here."""

    algorithm = "old_pbkdf2_sha256"
    iterations = 20_000

    def digest(self, password: str, salt: str) -> str:
        """Hex of the stretched password."""
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), self.iterations).hex()
