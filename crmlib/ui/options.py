"""Choices of pickers and selects, searchable by Chinese, pinyin, initials and code."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

OptionValue = str | int


@dataclass(frozen=True, slots=True)
class Option:
    """One choice; the hint (an office, a code) is shown beside the label and searched too."""

    value: OptionValue
    label: str
    hint: str = ""


OptionLike = Option | tuple[OptionValue, str] | str


def options_of(choices: Iterable[OptionLike]) -> tuple[Option, ...]:
    """Return the choices as options: a text stands for itself, a pair is value and label."""
    return tuple(_option(choice) for choice in choices)


def _option(choice: OptionLike) -> Option:
    if isinstance(choice, Option):
        return choice
    if isinstance(choice, str):
        return Option(choice, choice)
    return Option(choice[0], choice[1])


@lru_cache(maxsize=20_000)
def search_text(label: str, hint: str) -> str:
    """Return what typing is compared with: the text, its pinyin and its initials."""
    syllables = lazy_pinyin(label)
    initials = "".join(lazy_pinyin(label, style=Style.FIRST_LETTER))
    return f"{label} {hint} {''.join(syllables)} {initials}".lower()


def matching(options: Iterable[Option], typed: str) -> list[Option]:
    """Return the options with all the words typed, those that begin with them first."""
    words = typed.lower().split()
    found = [
        option
        for option in options
        if all(word in search_text(option.label, option.hint) for word in words)
    ]
    if words:
        found.sort(key=lambda option: not option.label.lower().startswith(words[0]))
    return found


def for_browser(options: Iterable[Option]) -> list[dict[str, object]]:
    """Return the options as the browser's picker reads them."""
    return [
        {
            "value": option.value,
            "label": option.label,
            "hint": option.hint,
            "find": search_text(option.label, option.hint),
        }
        for option in options
    ]
