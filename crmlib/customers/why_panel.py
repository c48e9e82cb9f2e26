"""为什么能看到 on a card: the reader's own paths, and those of somebody he asks about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import marimo as mo

from crmlib.access.actor import Actor
from crmlib.customers.why import Why, askable_people, why_customer
from crmlib.errors import NotAllowed
from crmlib.ui import cards
from crmlib.ui.choices import people
from crmlib.ui.fields import Field
from crmlib.ui.form import Form
from crmlib.ui.reply import Reply
from crmlib.ui.route import link

_LONGEST = 18  # digits of a number any database holds


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of record: its page, its name, and the query that finds the paths to one."""

    page: str
    label: str
    ask: Callable[[Actor, int, int | None], Why]


OF_CUSTOMER = Subject("customer", "客户", why_customer)


def access_panel(subject: Subject, actor: Actor, key: int, asked: str) -> mo.Html:
    """Return why the actor sees a record, and why somebody he asked about does or does not."""
    parts = [_paths(subject, subject.ask(actor, key, None), "我为什么能看到")]
    whom = _chosen(asked)
    if whom is not None and whom != actor.person_id:
        try:
            found = subject.ask(actor, key, whom)
        except NotAllowed:
            parts.append(cards.notice("您没有权限查询此人", "warn"))
        else:
            parts.append(_paths(subject, found, f"{found.person}（{found.role}，{found.office}）"))
    return mo.vstack(parts)


def _paths(subject: Subject, found: Why, title: str) -> mo.Html:
    rows = [(path.kind, path.text) for path in found.paths]
    told = (
        cards.small_table(["途径", "说明"], rows)
        if rows
        else cards.notice(found.note or f"{found.person} 看不到此{subject.label}", "info")
    )
    return mo.vstack([cards.section(title), told])


def access_form(subject: Subject, actor: Actor, key: int, asked: str) -> Form | None:
    """Return the form that asks about somebody else; None for those who manage nobody."""
    colleagues = [p for p in askable_people(actor) if p.id != actor.person_id]
    if not colleagues:
        return None

    def look(values: Mapping[str, Any], _token: str) -> Reply:
        way = link(subject.page, key, tab="access", person=values["person"])
        return Reply(ok=True, next=way)

    whom = Field(
        name="person",
        label="查询其他人员",
        kind="picker",
        options=people(colleagues),
        required=True,
    )
    return Form(
        [whom],
        look,
        key=f"why-{subject.page}-{key}",
        values={"person": _chosen(asked)},
        submit_label="查询",
        draft=False,
    )


def _chosen(asked: str) -> int | None:
    return int(asked) if asked.isdecimal() and len(asked) <= _LONGEST else None
