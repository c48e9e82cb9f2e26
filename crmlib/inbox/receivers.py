"""接收人 of a message: groups and people, found while one types; a firm is too large to send."""

from collections.abc import Collection, Sequence

from crmlib.access.actor import Actor
from crmlib.inbox.groups import groups_of
from crmlib.people.queries import colleagues
from crmlib.ui.choices import people
from crmlib.ui.options import Option, search_text

SHOWN = 50
_GROUP, _PERSON = "group", "person"


def person_key(person_id: int) -> str:
    """Return the value of a choice that is a person."""
    return f"{_PERSON}:{person_id}"


def find_receivers(actor: Actor, text: str) -> list[Option]:
    """Return groups, then people, by name, pinyin, initials, 编号 or office.

    Before anything is typed these are the groups and the actor's own office.
    """
    words = text.lower().split()
    found = [option for option in _groups(actor) if _fits(option, words)]
    team = people(colleagues(actor))
    if words:
        named = [option for option in team if _fits(option, words)]
        # Who is called what was typed stands before those whose office is.
        named.sort(key=lambda option: not option.label.lower().startswith(words[0]))
    else:
        named = [option for option in team if option.hint.startswith(actor.office)]
    return [*found, *_keyed(actor, named)][:SHOWN]


def receivers_named(actor: Actor, wanted: Collection[str]) -> list[Option]:
    """Return the choices with these values (``person:3``) or with one of these names."""
    every = [*_groups(actor), *_keyed(actor, people(colleagues(actor)))]
    return [option for option in every if option.value in wanted or option.label in wanted]


def chosen(values: Sequence[object]) -> tuple[list[int], list[str]]:
    """Return the people and the groups among what a form sent; what is neither is nobody."""
    parts = [str(value).partition(":") for value in values]
    persons = [int(key) for kind, _, key in parts if kind == _PERSON and key.isdecimal()]
    return persons, [key for kind, _, key in parts if kind == _GROUP]


def _groups(actor: Actor) -> list[Option]:
    return [
        Option(f"{_GROUP}:{group.key}", group.name, f"接收组 {len(group.people)} 人")
        for group in groups_of(actor)
    ]


def _keyed(actor: Actor, team: Sequence[Option]) -> list[Option]:
    return [
        Option(person_key(int(option.value)), option.label, option.hint)
        for option in team
        if option.value != actor.person_id
    ]


def _fits(option: Option, words: Sequence[str]) -> bool:
    text = search_text(option.label, option.hint)
    return all(word in text for word in words)
