"""The numbers that the sandbox's payment page knows, and what charging each does."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class TestNumber:
    """A card number or an IBAN that belongs to nobody. `behaviour` is good, challenge, disputed or a decline's code."""

    kind: str
    number: str
    brand: str
    behaviour: str
    told: str

    @property
    def words(self) -> str:
        """What charging it does, in the reader's language."""
        return gettext(self.told)


NUMBERS = (
    TestNumber("card", "4242 4242 4242 4242", "Visa", "good", _("succeeds")),
    TestNumber("card", "5555 5555 5555 4444", "Mastercard", "good", _("succeeds")),
    TestNumber("card", "4000 0025 0000 3155", "Visa", "challenge", _("asks to be confirmed (3-D Secure)")),
    TestNumber("card", "4000 0000 0000 0341", "Visa", "card_declined", _("is declined when it is charged")),
    TestNumber("card", "4000 0000 0000 9995", "Visa", "insufficient_funds", _("is declined: too little money")),
    TestNumber("card", "4000 0000 0000 0069", "Visa", "expired_card", _("is declined: expired")),
    TestNumber("card", "4000 0000 0000 0259", "Visa", "disputed", _("succeeds, and is disputed at the bank")),
    TestNumber("sepa", "FR14 2004 1010 0505 0001 3M02 606", "SEPA", "good", _("is paid after two days")),
    TestNumber("sepa", "DE62 3704 0044 0532 0130 01", "SEPA", "bank_refused", _("is refused after two days")),
)


def known(kind: str, number: str) -> TestNumber | None:
    """The test number that was typed, with or without blanks; None for any other."""
    typed = "".join(number.split()).upper()
    return next((each for each in NUMBERS if each.kind == kind and "".join(each.number.split()) == typed), None)
