"""The index follows every commit, whoever wrote it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import AliasKind, Contact, Customer, CustomerAlias, CustomerStatus
from crmlib.duplicates import live, storing
from crmlib.duplicates.search import SearchIndex
from crmlib.settings import settings
from crmlib.store import log
from crmlib.store.engine import writing
from crmlib.store.schema import ChangeLog
from tests import make


def found(name: str, **fields: str) -> set[int]:
    index = live.index()
    assert index is not None
    return {hit.id for hit in index.find(name, **fields)}


def test_index_holds_what_was_there_before_it(cast: dict[str, Actor]) -> None:
    keys = {
        make.customer("恒晟幕墙有限公司"),
        make.customer("恒晟门窗有限公司", status=CustomerStatus.RECYCLED),
        make.customer("恒晟玻璃有限公司", status=CustomerStatus.MERGED),
    }
    live.start()
    assert live.wait(60)
    assert keys <= found("恒晟")


def test_each_commit_is_found_by_the_next_search(indexed: dict[str, Actor]) -> None:
    assert found("恒晟幕墙") == set()
    key = make.customer("恒晟幕墙有限公司")
    assert found("恒晟幕墙") == {key}
    with writing() as session, session.begin():
        session.get_one(Customer, key).name = "沪申门窗有限公司"
    assert found("恒晟幕墙") == set()
    assert found("沪申门窗") == {key}


def test_deleted_customer_is_gone(indexed: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司")
    assert found("恒晟幕墙") == {key}
    with writing() as session, session.begin():
        for contact in session.query(Contact).filter_by(customer_id=key):
            session.delete(contact)
        session.flush()
        session.delete(session.get_one(Customer, key))
    assert found("恒晟幕墙") == set()


def test_alias_comes_moves_and_goes(indexed: dict[str, Actor]) -> None:
    one, other = make.customer("恒晟幕墙有限公司"), make.customer("沪申门窗有限公司")
    alias = CustomerAlias(
        customer_id=one,
        kind=AliasKind.NAME,
        value="旧东岳玻璃厂",
        key="旧东岳玻璃厂",
        since=clock.now(),
    )
    with writing() as session, session.begin():
        session.add(alias)
    assert found("旧东岳玻璃厂") == {one}
    with writing() as session, session.begin():
        session.get_one(CustomerAlias, alias.id).customer_id = other
    assert found("旧东岳玻璃厂") == {other}
    with writing() as session, session.begin():
        session.delete(session.get_one(CustomerAlias, alias.id))
    assert found("旧东岳玻璃厂") == set()
    assert found("沪申门窗") == {other}


def test_phone_of_contact_and_alias_is_found(indexed: dict[str, Actor]) -> None:
    key = make.customer("恒晟幕墙有限公司", mobile="13912345678")
    assert key in found("沪申门窗有限公司", phone="139-1234-5678")
    with writing() as session, session.begin():
        session.query(Contact).filter_by(customer_id=key).one().mobile = "13912340000"
        session.add(
            CustomerAlias(
                customer_id=key,
                kind=AliasKind.PHONE,
                value="0755-22223333",
                key="075522223333",
                since=clock.now(),
            )
        )
    assert key in found("沪申门窗有限公司", phone="13912340000")
    assert key in found("沪申门窗有限公司", phone="0755-22223333")


def test_rolled_back_customer_is_never_found(indexed: dict[str, Actor]) -> None:
    with writing() as session:
        session.add(
            Customer(
                code="KHX",
                name="恒晟幕墙有限公司",
                name_key="恒晟幕墙有限公司",
                core_key="恒晟幕墙",
                registered_at=clock.now(),
            )
        )
        session.flush()
        session.rollback()
    assert found("恒晟幕墙") == set()


def test_rows_written_past_the_log_come_in_with_a_new_index(indexed: dict[str, Actor]) -> None:
    with writing() as session, session.begin():
        session.execute(
            Customer.__table__.insert().values(
                code="KHB",
                name="恒晟幕墙有限公司",
                name_key="恒晟幕墙有限公司",
                core_key="恒晟幕墙",
                brand="恒晟",
                pinyin="",
                initials="",
                status="potential",
                version=1,
                registered_at=clock.now(),
                no_fax=False,
                no_email=False,
                no_website=False,
                incomplete=False,
            )
        )
        log.write(session, [{"entity": "customer", "kind": "event", "after": {"rows": 1}}])
    for _ in range(200):
        if found("恒晟幕墙"):
            break
        live.wait(1)
        ready = live._successor
        if ready is not None:
            ready.ready.wait(30)
    assert len(found("恒晟幕墙")) == 1


def test_searches_and_saves_at_once(indexed: dict[str, Actor]) -> None:
    def save(number: int) -> int:
        return make.customer(f"恒晟{'甲乙丙丁戊己庚辛'[number]}幕墙有限公司")

    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(found, "恒晟") for _ in range(8)]
        keys = set(pool.map(save, range(8)))
        assert all(isinstance(look.result(), set) for look in looks)
    for number, key in enumerate(sorted(keys)):
        row = make.fetch(Customer, key)
        assert key in found(row.name), number


def test_another_database_gets_its_own_index(
    indexed: dict[str, Actor], tmp_path, monkeypatch
) -> None:
    make.customer("恒晟幕墙有限公司")
    assert found("恒晟幕墙")
    monkeypatch.setenv("CRM_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    from crmlib.store.migrate import migrate

    migrate()
    live.start()
    assert live.wait(60)
    assert found("恒晟幕墙") == set()


def test_stored_index_is_read_at_the_next_start_and_follows_what_came_since(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "WORTH_SAVING", 1)
    gone, kept = make.customer("恒晟幕墙有限公司"), make.customer("沪申门窗有限公司")
    _start_again()
    path = live.path_of(settings().database_url)
    assert path.exists()
    with writing() as session, session.begin():
        session.get_one(Customer, gone).name = "云岭石材有限公司"
    late = make.customer("东岳玻璃有限公司")
    monkeypatch.setattr(SearchIndex, "build", _never_built)
    _start_again()
    assert (found("东岳玻璃"), found("沪申门窗"), found("恒晟幕墙")) == ({late}, {kept}, set())


@pytest.mark.parametrize("fault", ["damaged", "other_log"])
def test_stored_index_that_does_not_fit_is_built_again(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(live, "WORTH_SAVING", 1)
    key = make.customer("恒晟幕墙有限公司")
    _start_again()
    path = live.path_of(settings().database_url)
    if fault == "damaged":
        path.write_bytes(path.read_bytes()[:5000])
    else:  # a copy of earlier days was put in place of the database
        with writing() as session, session.begin():
            session.execute(delete(ChangeLog))
            session.execute(delete(Contact))
            session.execute(delete(Customer).where(Customer.id == key))
    _start_again()
    assert found("恒晟幕墙") == ({key} if fault == "damaged" else set())


def test_index_is_saved_when_the_process_ends(
    cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "WORTH_SAVING", 1)
    make.customer("恒晟幕墙有限公司")
    _start_again()
    path = live.path_of(settings().database_url)
    path.unlink()
    live.stop()
    assert not path.exists()  # nothing new
    make.customer("沪申门窗有限公司")
    assert found("沪申门窗")
    live.stop()
    assert storing.read(path)[0].search("沪申门窗")


def _start_again() -> None:
    live._live = None
    live.start()
    assert live.wait(60)
    live._live._thread.join(60)


def _never_built(*_: object) -> None:
    raise AssertionError("was built")
