"""Lists, cards and counts of quotations: the same rows by every way, on both databases."""

from datetime import timedelta

import pytest

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.audit.history import history_of
from crmlib.audit.queries import AuditQuery, AuditReader
from crmlib.errors import NotAllowed, Refused
from crmlib.inbox.queries import pending
from crmlib.inbox.related import related_record
from crmlib.opportunities.model import Opportunity, Outcome
from crmlib.people.model import Person
from crmlib.quotes.actions import (
    approve_quote,
    copy_quote,
    create_quote,
    return_quote,
    submit_quote,
)
from crmlib.quotes.card import quote_card
from crmlib.quotes.choices import deal_choice, deal_choices, editable_quote, quote_options
from crmlib.quotes.form import draft_of_values, quote_fields, values_of_draft
from crmlib.quotes.model import Quotation
from crmlib.quotes.queries import QuoteQuery, of_customer, of_opportunity, quote_page
from crmlib.quotes.states import QuoteStatus, QuoteStep
from crmlib.store.engine import reading, writing
from crmlib.ui.sheet import Sheet
from tests import make
from tests.quotes.build import draft, quote

Cast = dict[str, Actor]
S, T = QuoteStatus, QuoteStep
SEES = {
    "limin": False,
    "wangqiang": True,
    "chengang": False,
    "zhangwei": True,
    "liuyang": True,
    "zhouting": True,
    "zhaolei": False,
    "sunyue": True,
}


def test_every_way_to_a_quotation_is_open_to_the_same_people(cast: Cast) -> None:
    customer = make.customer()
    deal = make.opportunity(customer)
    key = quote(cast, S.APPROVED, deal=deal)
    for login, sees in SEES.items():
        actor = cast[login]
        with reading() as session:
            named = related_record(session, actor, "quotation", key)
        ways = (
            quote_page(actor).rows["id"].to_list() == [key],
            of_opportunity(actor, deal).height == 1,
            of_customer(actor, customer).height == 1,
            named is not None or login == "sunyue",  # analysts get no mail about records
        )
        assert set(ways) == {sees}, login
        if sees:
            assert quote_card(actor, key).id == key
        else:
            with pytest.raises(NotAllowed):
                quote_card(actor, key)


def test_the_log_tells_of_quotations_to_those_who_may_read_them(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    quote(cast, S.WAITING, deal=deal)
    for login, reads in (("wangqiang", True), ("limin", False)):
        entries = history_of(cast[login], "opportunity", deal).entries
        assert ("quotation" in {e.entity for e in entries}) is reads
    log = AuditReader(cast["zhaolei"]).page(AuditQuery(table="quotation"))
    assert {e.step for e in log.entries} == {"新增报价单", "提交报价审批"}


def test_what_waits_is_counted_for_the_one_it_was_put_before(cast: Cast) -> None:
    def waits(login: str) -> dict[str, int]:
        return {p.label: p.count for p in pending(cast[login]) if "报价" in p.label}

    key = quote(cast, S.WAITING)
    assert waits("zhangwei") == {"待审批报价": 1}
    assert waits("liuyang") == waits("wangqiang") == waits("zhouting") == {}
    assert quote_page(cast["zhangwei"], QuoteQuery(waiting=True)).total == 1
    return_quote(cast["zhangwei"], key, "再议")
    assert (waits("zhangwei"), waits("wangqiang")) == ({}, {"被退回的报价": 1})
    submit_quote(cast["wangqiang"], key)
    with writing() as session, session.begin():  # he leaves before he decides
        session.get_one(Person, cast["zhangwei"].person_id).active = False
    assert waits("liuyang") == {"待审批报价": 1}
    approve_quote(cast["liuyang"], key)
    assert waits("liuyang") == waits("wangqiang") == {}


def test_the_list_filters_and_shows_the_newest_version(cast: Cast) -> None:
    wang = cast["wangqiang"]
    first = quote(cast, S.SENT, deal=make.opportunity(make.customer("广州甲幕墙有限公司")))
    second = copy_quote(wang, first).quote_id
    other = create_quote(cast["zhangwei"], make.opportunity(make.customer()), draft()).quote_id

    def found(**asked: object) -> set[int]:
        return set(quote_page(wang, QuoteQuery(**asked)).rows["id"])  # type: ignore[arg-type]

    today = clock.today()
    assert found() == {second, other}
    assert found(every_version=True) == {first, second, other}
    assert found(statuses=(S.SENT,), every_version=True) == {first}
    assert found(find_text="甲幕墙") == {second}
    assert found(find_field="number", find_text="甲幕墙") == set()
    assert found(mine=True) == {second}
    assert found(created_from=today, created_to=today) == {second, other}
    assert found(created_from=today + timedelta(days=1)) == set()
    for column in quote_page(wang).rows.columns:
        assert quote_page(wang, QuoteQuery(sort=column, descending=False)).total == 2
    page = quote_page(wang, QuoteQuery(size=1, page=2))
    assert (page.rows.height, page.total) == (1, 2)


@pytest.mark.parametrize(
    ("status", "seller", "manager"),
    [
        (S.DRAFT, {T.EDIT, T.SUBMIT, T.VOID}, {T.EDIT, T.SUBMIT, T.VOID}),
        (S.WAITING, {T.RECALL, T.VOID}, {T.APPROVE, T.RETURN, T.VOID}),
        (S.APPROVED, {T.SEND, T.VOID, T.COPY}, {T.SEND, T.VOID, T.COPY}),
        (S.SENT, {T.ACCEPT, T.VOID, T.COPY}, {T.ACCEPT, T.VOID, T.COPY}),
    ],
)
def test_the_card_offers_what_may_be_done(
    cast: Cast, status: QuoteStatus, seller: set[QuoteStep], manager: set[QuoteStep]
) -> None:
    key = quote(cast, status)
    assert quote_card(cast["wangqiang"], key).steps == seller
    assert quote_card(cast["zhangwei"], key).steps == manager
    assert quote_card(cast["zhouting"], key).steps == frozenset()
    deal = make.fetch(Quotation, key).opportunity_id
    with writing() as session, session.begin():
        session.get_one(Opportunity, deal).outcome = Outcome.LOST
    card = quote_card(cast["wangqiang"], key)
    assert card.steps == frozenset()
    assert card.refusal is not None
    assert card.refusal.endswith("已经完成输赢单操作！")


def test_ones_own_waiting_quotation_says_why_it_cannot_be_approved(cast: Cast) -> None:
    deal = make.opportunity(make.customer(owner="zhangwei"), owner="zhangwei")
    key = create_quote(cast["zhangwei"], deal, draft()).quote_id
    submit_quote(cast["zhangwei"], key)
    assert quote_card(cast["zhangwei"], key).own_waits
    assert not quote_card(cast["liuyang"], key).own_waits
    assert T.APPROVE in quote_card(cast["liuyang"], key).steps


def test_the_form_offers_open_deals_and_gives_a_draft_back_as_it_was(cast: Cast) -> None:
    wang = cast["wangqiang"]
    deal = make.opportunity(make.customer("广州乙幕墙有限公司"))
    ended = make.opportunity(make.customer(), outcome=Outcome.WON)
    assert [o.code for o in deal_choices(wang, "乙幕墙")] == [str(deal)]
    assert deal_choice(wang, ended) is None
    assert deal_choice(cast["chengang"], deal) is None
    key = quote(cast, deal=deal)
    opened = editable_quote(wang, key)
    fields = quote_fields(quote_options())
    got = []
    form = Sheet(
        fields,
        lambda values, _: got.append(draft_of_values(values)) or "好",
        values=values_of_draft(opened.draft),
    )
    shown = form.spec()["values"]
    assert form.submit({"token": "t", "values": shown})["ok"]
    back = got[0]
    assert [line.quantity for line in back.lines] == [line.quantity for line in opened.draft.lines]
    assert (back.delivery, back.valid_until) == (opened.draft.delivery, opened.draft.valid_until)
    with pytest.raises(NotAllowed):
        editable_quote(cast["zhouting"], key)
    submit_quote(wang, key)
    with pytest.raises(Refused, match="待批"):
        editable_quote(wang, key)
