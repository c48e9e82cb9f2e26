"""Two shares of one person become one at a merge, which opens what either of them did."""

from crmlib.access.actor import Actor
from crmlib.customers.model import CustomerShare, ShareLevel
from crmlib.customers.sharing import Parts, share_customer
from crmlib.duplicates.merging import merge
from crmlib.duplicates.undoing import undo_merge
from tests import make

CONTACTS = Parts(with_contacts=True, with_opportunities=False, with_activities=False)
DEALS = Parts(with_contacts=False, with_opportunities=True, with_activities=False)


def parts(key: int) -> tuple[bool, bool, bool, ShareLevel]:
    (share,) = make.rows(CustomerShare, customer_id=key)
    return (share.with_contacts, share.with_opportunities, share.with_activities, share.level)


def test_the_parts_of_two_shares_are_joined_and_parted_again(cast: dict[str, Actor]) -> None:
    survivor, loser = make.customer("海珠幕墙有限公司"), make.customer("海珠幕墙一厂")
    partner, sales = cast["chengang"].person_id, cast["wangqiang"]
    share_customer(sales, survivor, partner, ShareLevel.READ, parts=CONTACTS)
    share_customer(sales, loser, partner, ShareLevel.COLLABORATE, parts=DEALS)
    done = merge(cast["zhouting"], survivor, loser, {})
    assert parts(survivor) == (True, True, False, ShareLevel.COLLABORATE)
    undo_merge(cast["zhouting"], done.merge_id)
    assert parts(survivor) == (True, False, False, ShareLevel.READ)
    assert parts(loser) == (False, True, False, ShareLevel.COLLABORATE)


def test_the_reviewers_own_choice_holds(cast: dict[str, Actor]) -> None:
    survivor, loser = make.customer("荔湾幕墙有限公司"), make.customer("荔湾幕墙一厂")
    partner, sales = cast["chengang"].person_id, cast["wangqiang"]
    share_customer(sales, survivor, partner, ShareLevel.READ, parts=CONTACTS)
    share_customer(sales, loser, partner, ShareLevel.READ, parts=DEALS)
    (theirs,) = make.rows(CustomerShare, customer_id=loser)
    chosen = {f"customer_share:{theirs.id}": "loser"}
    merge(cast["zhouting"], survivor, loser, {}, clash_choices=chosen)
    assert parts(survivor) == (False, True, False, ShareLevel.READ)
