"""How names are sorted and split."""

import unicodedata

# letters that a decomposition leaves whole, as people look them up
_WHOLE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"})


def sort_name(first: str, last: str) -> str:
    """What a list of people sorts by: last name first, lower case, without accents ("Łukasz Ångström": `angstrom lukasz`)."""
    whole = " ".join(f"{last} {first}".casefold().split()).translate(_WHOLE)
    return "".join(sign for sign in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(sign))


def split_name(whole: str) -> tuple[str, str]:
    """First and last name of a name in one piece: "Neu, Nina" and "Nina Neu" alike."""
    last, comma, first = whole.partition(",")
    if comma and first.strip():
        return " ".join(first.split()), " ".join(last.split())
    first, _space, last = " ".join(whole.split()).rpartition(" ")
    return (first, last) if first else (last, "")
