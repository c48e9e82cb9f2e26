"""Text of users as a database and a screen can hold it."""

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def clean(value: object) -> str:
    """Return one line of text: trimmed, white space single, unseen characters dropped."""
    return " ".join("".join(_seen(str(value or ""))).split())


def clean_lines(value: object) -> str:
    """Return text of several lines: line ends kept, unseen characters dropped."""
    lines = str(value or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(_seen(line)).rstrip() for line in lines).strip()


def half_width(value: object) -> str:
    """Return one line of text with full-width digits, letters and signs made half-width."""
    return clean(unicodedata.normalize("NFKC", clean(value)))


def _seen(text: str) -> list[str]:
    # A tab is white space to people; PostgreSQL refuses NUL and lone surrogates.
    return [
        " " if c in "\t\n\v\f" else c
        for c in text
        if c in "\t\n\v\f" or unicodedata.category(c) not in _UNSEEN
    ]
