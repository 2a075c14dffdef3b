"""Domains of e-mail addresses: whose they can be."""

# where anybody gets an address: none of these shows who somebody works for
_PUBLIC = frozenset(
    """
    aol.com bluewin.ch free.fr gmail.com gmx.ch gmx.de gmx.fr gmx.net googlemail.com hotmail.com hotmail.fr
    icloud.com laposte.net libero.it live.com live.fr mac.com mail.com mail.ru me.com msn.com neuf.fr orange.fr
    outlook.com outlook.fr pm.me proton.me protonmail.com qq.com sfr.fr t-online.de tutanota.com wanadoo.fr web.de
    yahoo.com yahoo.fr yandex.ru ymail.com zoho.com
    """.split()  # noqa: SIM905 - a list to read, not one of quotes
)


def domain_of(email: str) -> str:
    """What stands behind the last @, in lower case; empty where there is none."""
    return email.rpartition("@")[2].lower() if "@" in email else ""


def is_public(domain: str) -> bool:
    """Whether anybody gets an address there."""
    return domain in _PUBLIC
