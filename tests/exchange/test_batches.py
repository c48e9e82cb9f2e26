"""A batch goes its way step by step, may be given up at each, and tells what it is doing."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from crmlib import clock
from crmlib.access.actor import Actor
from crmlib.customers.model import Customer
from crmlib.duplicates.model import DuplicatePair
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.exchange import batches, jobs, shelf
from crmlib.exchange.found import Options
from crmlib.exchange.model import BatchState, ImportBatch, ImportKind, ImportRow, Verdict
from crmlib.exchange.queries import batch_view, batches_page, faulty_file, rows_page
from crmlib.exchange.steps import batch_steps, work_state
from crmlib.store.engine import writing
from tests import make
from tests.exchange.conftest import applied, batch_of, checked, registered, workbook

KIND = ImportKind.CUSTOMERS
ROWS: list[dict[str, object]] = [
    {"客户名称": "佛山市云帆幕墙工程有限公司", "电话": "0757-81234567", "负责人": "王强"},
    {"客户名称": "长沙远岫门窗厂", "电话": "不是电话", "负责人": "王强"},
    {"客户名称": "中山星野建材商行", "电话": "0760-2222222", "负责人": "查无此人"},
]


def listed(folder: Path, *rows: dict[str, object]) -> Path:
    return workbook(folder / "名单.xlsx", *(rows or ROWS))


def change(batch_id: int, **values: object) -> None:
    with writing() as session, session.begin():
        session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(**values))


def test_titles_are_matched_by_what_they_say(boss: Actor, tmp_path: Path) -> None:
    key = registered(boss, KIND, listed(tmp_path))
    jobs.run(boss, key)
    view = batch_view(boss, key)
    assert view is not None
    assert [(c.title, c.field) for c in view.columns] == [
        ("客户名称", "name"), ("电话", "phone"), ("负责人", "owner"),
    ]  # fmt: skip
    assert view.columns[0].samples[0] == ROWS[0]["客户名称"]
    assert (view.rows, view.state) == (3, BatchState.READ)


def test_a_mapping_is_remembered_for_the_same_titles(boss: Actor, tmp_path: Path) -> None:
    odd = listed(tmp_path, {"甲": "佛山市云帆幕墙工程有限公司", "乙": "0757-81234567"})
    key = registered(boss, KIND, odd)
    jobs.run(boss, key)
    assert batch_of(key).mapping == {}
    batches.match_columns(boss, key, {0: "name", 1: "phone"})
    other = listed(tmp_path, {"乙": "0757-7654321", "甲": "长沙远岫门窗厂"})
    again = registered(boss, KIND, other)
    jobs.run(boss, again)
    assert batch_of(again).mapping == {"0": "phone", "1": "name"}


@pytest.mark.parametrize(
    ("fields", "where", "message"),
    [
        ({0: "name", 1: "name"}, "c1", "对应了多列"),
        ({1: "phone"}, "", "还没有对应的列：客户名称"),
        ({0: "name", 1: "password_hash"}, "c1", "请从列表中选择"),
        ({0: "name", 77: "phone"}, "c77", "请从列表中选择"),
    ],
)
def test_a_wrong_mapping_is_told_beside_its_column(
    boss: Actor, tmp_path: Path, fields: dict[int, str], where: str, message: str
) -> None:
    key = registered(boss, KIND, listed(tmp_path))
    jobs.run(boss, key)
    with pytest.raises(Invalid) as wrong:
        batches.match_columns(boss, key, fields)
    assert message in wrong.value.faults[where]


def test_each_row_has_its_verdict_with_reasons(boss: Actor, tmp_path: Path) -> None:
    make.customer("中山市星野建材商行")
    known = make.customer("江门鼎湖五金有限公司", address=None)
    rows = [
        *ROWS[:2],
        {"客户名称": "江门鼎湖五金有限公司", "地址": "江门市蓬江区1号", "电话": ""},
        {"客户名称": "佛山市云帆幕墙工程有限公司", "电话": ""},
    ]
    key = checked(boss, KIND, listed(tmp_path, *rows))
    found = {row.number: row for row in make.rows(ImportRow, batch_id=key)}
    assert [found[n].verdict for n in (2, 3, 4, 5)] == [
        Verdict.NEW, Verdict.ERROR, Verdict.UPDATE, Verdict.SAME,
    ]  # fmt: skip
    assert found[3].faults == [["电话", "不是电话", "电话 格式不正确，例如 0755-12345678"]]
    assert found[4].record == known
    assert "补充：地址" in found[4].reasons
    assert found[5].reasons == ["同第 2 行"]
    assert make.fetch(Customer, known).address is None
    errors = rows_page(boss, key, Verdict.ERROR, "", 1, 20)
    assert errors.total == 1
    assert "（电话：不是电话）" in errors.rows["told"][0]


def test_refused_rows_come_back_corrected(boss: Actor, tmp_path: Path) -> None:
    key = checked(boss, KIND, listed(tmp_path))
    name, content = faulty_file(boss, key)
    assert name.startswith("名单-错误行-DR")
    path = tmp_path / "again.xlsx"
    path.write_bytes(content)
    again = checked(boss, KIND, path)
    assert batch_of(again).counts == {"error": 2}
    with pytest.raises(Refused):
        faulty_file(boss, checked(boss, KIND, listed(tmp_path, ROWS[0])))


def test_doubtful_rows_stay_out_if_wanted(boss: Actor, tmp_path: Path) -> None:
    make.customer("佛山市云帆幕墙工程有限责任公司", phone="0757-81234567")
    path = listed(tmp_path, ROWS[0])
    key = checked(boss, KIND, path)
    assert batch_of(key).counts == {"similar": 1}
    done = applied(boss, key, Options(similar=False))
    assert len(make.rows(Customer)) == 1
    (row,) = make.rows(ImportRow, batch_id=done.id)
    assert (row.record, row.reasons[-1]) == (None, "未导入")
    applied(boss, checked(boss, KIND, path))
    assert len(make.rows(Customer)) == 2
    assert len(make.rows(DuplicatePair)) == 1


def test_the_same_file_again_is_said(boss: Actor, tmp_path: Path) -> None:
    path = listed(tmp_path)
    first = checked(boss, KIND, path)
    applied(boss, first)
    view = batch_view(boss, registered(boss, KIND, path))
    assert view is not None
    (told,) = view.twins
    assert told.startswith(batch_of(first).number)
    assert "赵磊" in told


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", b"%PDF-1.7", "只能导入"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "只能导入"),
        ("a.xlsx", b"MZ\x90\x00", "文件内容不是 .xlsx"),
        ("a.csv", b"PK\x03\x04zip", "文件内容不是 .csv"),
        ("a.csv", b"", "文件是空的"),
    ],
)
def test_what_is_no_list_is_refused_at_once(
    boss: Actor, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=message):
        registered(boss, KIND, tmp_path / name)
    assert make.rows(ImportBatch) == []


def test_an_upload_that_went_away_is_said(boss: Actor) -> None:
    with pytest.raises(Invalid, match="上传已失效"):
        batches.register_import(boss, KIND, "a.csv", "../../crm.db")


def test_an_unreadable_file_fails_in_words_and_can_be_dropped(boss: Actor, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 broken")
    key = registered(boss, KIND, path)
    jobs.run(boss, key)
    assert batch_of(key).state is BatchState.FAILED
    assert "不是有效的 Excel 文件" in (batch_of(key).note or "")
    assert batches.drop_import(boss, key).state == BatchState.DROPPED
    assert not list(shelf.folder().glob(f"{batch_of(key).number}.xlsx"))


def test_work_broken_off_leaves_nothing_and_goes_on(boss: Actor, tmp_path: Path) -> None:
    key = checked(boss, KIND, listed(tmp_path))
    batches.begin_apply(boss, key, Options())
    # The process died here: nobody holds the lock.
    view = batch_view(boss, key)
    assert view is not None
    assert view.interrupted
    assert [step.label for step in batch_steps(boss, view)] == ["继续", "取消"]
    assert batches_page(boss, 1, 20).rows["state"][0] == "中断"
    assert make.rows(Customer) == []
    jobs.check_resume(boss, key)
    jobs.run(boss, key)
    assert len(make.rows(Customer)) == 1
    with pytest.raises(Refused):
        jobs.check_resume(boss, key)


def test_cancelled_in_the_middle_nothing_came_in(boss: Actor, tmp_path: Path) -> None:
    key = checked(boss, KIND, listed(tmp_path))
    batches.begin_apply(boss, key, Options())
    number = batch_of(key).number
    with shelf.claim(number):
        view = batch_view(boss, key)
        assert view is not None
        assert work_state(boss, view).going
        batches.stop_import(boss, key)
        assert batch_of(key).state is BatchState.APPLYING
        jobs.run(boss, key)
    assert batch_of(key).state is BatchState.CHECKED
    assert make.rows(Customer) == []
    batches.begin_apply(boss, key, Options())
    assert batches.stop_import(boss, key).state == BatchState.CHECKED


def test_one_batch_has_one_worker(
    boss: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = registered(boss, KIND, listed(tmp_path))
    monkeypatch.setattr(shelf.claimed, "__defaults__", (0.0,))
    with shelf.claim(batch_of(key).number), pytest.raises(Refused, match="正在处理"):
        jobs.start(boss, key)


def test_a_worker_of_its_own_reads_the_file(boss: Actor, tmp_path: Path) -> None:
    key = registered(boss, KIND, listed(tmp_path))
    jobs.start(boss, key)
    assert jobs.wait_for_workers()
    assert batch_of(key).state is BatchState.READ


def test_steps_out_of_turn_are_refused(boss: Actor, tmp_path: Path) -> None:
    key = checked(boss, KIND, listed(tmp_path))
    for step in (batches.begin_undo, batches.stop_import):
        with pytest.raises(Refused, match="状态已变化"):
            step(boss, key)
    with pytest.raises(Refused):
        batches.step_back(boss, key, "")
    assert batches.match_again(boss, key).state == BatchState.READ
    with pytest.raises(Refused):
        batches.begin_apply(boss, key, Options())
    with pytest.raises(Refused):
        jobs.note_read(boss, key, 1, [], [], 0)
    with pytest.raises(Refused):
        jobs.note_check(boss, key, [])


def test_after_90_days_a_batch_stays(boss: Actor, tmp_path: Path) -> None:
    key = checked(boss, KIND, listed(tmp_path))
    applied(boss, key)
    change(key, applied_at=clock.now() - timedelta(days=91))
    with pytest.raises(Refused, match="90 天"):
        batches.begin_undo(boss, key)


def test_only_those_with_the_right_see_and_act(cast: dict[str, Actor], tmp_path: Path) -> None:
    key = checked(cast["zhouting"], KIND, listed(tmp_path))
    for who in ("wangqiang", "zhangwei", "limin", "sunyue"):
        with pytest.raises(NotAllowed):
            batches.begin_apply(cast[who], key, Options())
        for question in (
            lambda actor: batch_view(actor, key),
            lambda actor: batches_page(actor, 1, 20),
            lambda actor: rows_page(actor, key, None, "", 1, 20),
            lambda actor: faulty_file(actor, key),
        ):
            with pytest.raises(NotAllowed):
                question(cast[who])
    assert make.rows(Customer) == []
