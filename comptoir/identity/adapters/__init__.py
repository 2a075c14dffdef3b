"""What libraries call: allauth, the password hashers and the backend that finds a person.

Before a person is known no wall can be opened for them. The sign-in pages run with `app.signing_in` set (see
`docs/invariants.md`), which lets the people's table be searched, and nothing of any customer.
"""

from comptoir.identity.queries import signing_in  # every page that asks for it

from .codes import (
    ask_to_confirm,
    ask_to_prove,
    confirmed,
    confirming,
    forget_proof,
    mail_code,
    mail_registration,
    prove_by_code,
    prove_by_password,
    proved_other,
    proving,
)
from .elsewhere import SessionsAdapter, address_of, known_address, within_limit
from .hashers import OldPbkdf2Hasher, OldSha1Hasher
from .pages import (
    AccountAdapter,
    CodeRequestForm,
    ForgottenPasswordForm,
    OldOrNewSignIn,
    OneAtATime,
    OwnLanguageMiddleware,
    SignInForm,
    SignIns,
    WhoAreYouAgain,
    forget_sessions_that_are_over,
    one_at_a_time,
    sign_in,
    sign_in_page,
)

__all__ = [
    "AccountAdapter",
    "CodeRequestForm",
    "ForgottenPasswordForm",
    "OldOrNewSignIn",
    "OldPbkdf2Hasher",
    "OldSha1Hasher",
    "OneAtATime",
    "OwnLanguageMiddleware",
    "SessionsAdapter",
    "SignInForm",
    "SignIns",
    "WhoAreYouAgain",
    "address_of",
    "ask_to_confirm",
    "ask_to_prove",
    "confirmed",
    "confirming",
    "forget_proof",
    "forget_sessions_that_are_over",
    "known_address",
    "mail_code",
    "mail_registration",
    "one_at_a_time",
    "prove_by_code",
    "prove_by_password",
    "proved_other",
    "proving",
    "sign_in",
    "sign_in_page",
    "signing_in",
    "within_limit",
]
