"""How allauth fits the house: its pages, its forms, who is found by which name, and when somebody has to show who they are."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import LoginForm, RequestLoginCodeForm, ResetPasswordForm
from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from comptoir.kernel.errors import Refused
from comptoir.kernel.gate import themselves
from comptoir.kernel.prepared import Prepared
from comptoir.kernel.walls import wall_opened

from .. import actions, queries
from ..models import Person
from ..ports import Ports
from ..queries import signing_in
from .codes import have_code_mailed, write

View = Callable[..., HttpResponse]


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
    run.one_at_a_time = True  # type: ignore[attr-defined]
    return run


def one_at_a_time(view: View) -> View:
    """A page of ours whose posts must be counted one after the other, as those of `sign_in_page` are."""
    view.one_at_a_time = True  # type: ignore[attr-defined]
    return view


class OneAtATime:
    """What one session posts to the sign-in pages is answered one after the other, each seeing what the one before left.

    It stands outside the session's own middleware: a guess is counted before the next one is read, and a code that has
    signed somebody in has ended the session of its twins.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Lock the session's row until the answer has left its traces."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if not key or request.method != "POST" or not _is_sign_in_page(request):
            return self.get_response(request)
        with transaction.atomic():
            Session.objects.select_for_update().filter(session_key=key).first()
            return self.get_response(request)


def _is_sign_in_page(request: HttpRequest) -> bool:
    try:
        return hasattr(resolve(request.path_info).func, "one_at_a_time")
    except Http404:
        return False


class SignIns:
    """What the kernel asks about somebody's sign-in."""

    def proved_at(self, request: HttpRequest) -> datetime | None:
        """When the signed-in person last showed who they are, in this session."""
        if not hasattr(request, "session"):
            return None
        times = [record["at"] for record in get_authentication_records(request, request.user)]
        return datetime.fromtimestamp(max(times), UTC) if times else None


class WhoAreYouAgain:
    """A page that lets `step_up_needed` through leads to the page that asks for the password, and back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing, as long as nobody is refused."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, refusal: Exception) -> HttpResponse | None:
        """Lead there. What was posted is not kept: the person comes back to the page, and sees it anew."""
        if not isinstance(refusal, Refused) or refusal.code != "step_up_needed":
            return None
        page = request.resolver_match.func if request.resolver_match else None
        comes_back = "GET" in getattr(page, "methods", ("GET",))
        query = {"next": request.get_full_path()} if comes_back else None
        return redirect(reverse("account_reauthenticate", query=query))


_SIGNED_IN: Prepared[Person] = Prepared(lambda person: Person.objects.filter(pk=person, is_active=True), person=int)


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
            return _checked(person, password)

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session."""
        return next(iter(_SIGNED_IN.behind({"person": int(user_id)}, person=int(user_id))), None)


def sign_in(request: HttpRequest, person: Person, *, method: str) -> None:
    """Somebody is in who has shown who they are by another way than a page of allauth's. Needs the person's wall."""
    with signing_in():
        login(request, person, backend="comptoir.identity.adapters.OldOrNewSignIn")
        record_authentication(request, person, method=method)


def _checked(person: Person, password: str) -> Person | None:
    """The person if the password is right. One of the old centre is then kept as ours are, and the person's log says so."""
    if person.has_old_password:
        with wall_opened(person=person.pk):
            person = queries.locked(person.pk)  # or a password that was changed meanwhile would come back
            if person.has_old_password:
                if not check_password(password, person.password) or not person.is_active:
                    return None
                return actions.upgrade_password(themselves(person.pk), person, hashed=make_password(password))
    return person if person.check_password(password) and person.is_active else None


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


class CodeRequestForm(RequestLoginCodeForm):  # type: ignore[misc]
    """Asking for a code to sign in with: that of a merged account means the one that it leads to, whose mailbox gets it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")  # as every other page calls it

    def clean_email(self) -> str:
        """The address that was typed, which is all that is shown."""
        email: str = super().clean_email()
        # never the library's own find, which takes an address that looks like another one for that one
        self._user: Person | None = _kept_for(email)
        return email


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """The same for a code to choose a new password with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")  # as every other page calls it

    def clean_email(self) -> str:
        """The address that was typed, which is all that is shown."""
        email: str = super().clean_email()
        kept = _kept_for(email)
        self.users: list[Person] = [] if kept is None else [kept]
        return email


def _kept_for(email: str) -> Person | None:
    with signing_in():
        person = queries.by_sign_in_name(email)
    return person if person is not None and person.is_active else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """How allauth fits the house: nobody signs up alone, and its mails go our way."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "No account has this e-mail or user ID with this password. Check both, or have a code mailed."
        ),
    }

    def login(self, request: HttpRequest, user: Person) -> None:
        """Sign in by the one backend, under the name that the settings have for it."""
        (user.backend,) = settings.AUTHENTICATION_BACKENDS
        super().login(request, user)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only contract managers and software coordinators add people (F5.5)."""
        return False

    def send_notification_mail(
        self, template_prefix: str, user: Person, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell somebody of a change to how they sign in; their address stands in their own row."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def set_password(self, user: Person, password: str) -> None:
        """Keep a new password; what signs in as this person outside of a browser ends with the old one."""
        super().set_password(user, password)
        Ports.elsewhere.end_all(user.pk)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count guesses by the person found, whichever of their names is typed; by the name where there is nobody."""
        name = credentials.get("email") or credentials.get("username") or ""
        with signing_in():
            person = queries.by_sign_in_name(name)
        counted = f"name:{name.strip()}" if person is None else f"person:{person.pk}"
        super().pre_authenticate(request, email=counted)

    def reauthenticate(self, user: Person, password: str) -> bool:
        """Whether it is this person's password; their address stands in their own row."""
        found = self.authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write allauth's mail as ours: in the person's language, handed over by a worker.

        Who asks for a code is not known: whether there is an account must not show, not even by time. So a worker looks.
        """
        if "timestamp" in context:
            with signing_in():
                person = queries.by_sign_in_name(email)
            if person is not None:
                write(person, template_prefix, context, once=get_random_string(22))
            return
        have_code_mailed(template_prefix, email, context.get("code", ""))


def forget_sessions_that_are_over() -> None:
    """Erase the rows of sessions whose time is over."""
    SessionStore.clear_expired()


class OwnLanguageMiddleware:
    """A signed-in person reads their own language, whatever the browser asks for (F1.6)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the person's language and time zone for this request."""
        if queries.speak_to(request.user):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        return self.get_response(request)
