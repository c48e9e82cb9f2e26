"""Files of customers and opportunities: who may do what, and what is left behind."""

import os
import re
import time
from pathlib import Path

import pytest

from crmlib.access.actor import Actor
from crmlib.attachments import rules, shelf
from crmlib.attachments.actions import (
    ALREADY_THERE,
    attach_file,
    expect_attachable,
    hand_out,
    remove_attachment,
    restore_attachment,
)
from crmlib.attachments.holders import CLOSED
from crmlib.attachments.model import Attachment
from crmlib.attachments.queries import count_files, files_of
from crmlib.customers.model import CustomerShare, ShareLevel
from crmlib.duplicates.merging import merge
from crmlib.duplicates.undoing import undo_merge
from crmlib.errors import Invalid, NotAllowed, Refused
from crmlib.store.schema import ChangeLog
from tests import make
from tests.duplicates.build import change, save

Cast = dict[str, Actor]
PDF = b"%PDF-1.7 a drawing"


def content(data: bytes = PDF) -> shelf.Incoming:
    """A content that has arrived."""
    made = shelf.Incoming()
    made.write(data)
    return made


def put(
    actor: Actor, key: int, name: str = "图纸.pdf", data: bytes = PDF, entity: str = "customer"
) -> int:
    """Attach a file and return its number."""
    with content(data) as arrived:
        return attach_file(actor, entity, key, name, arrived).id


def on_disk() -> list[Path]:
    return [p for p in shelf.folder().rglob("*") if p.is_file()]


def test_the_owner_adds_and_takes_a_file(cast: Cast) -> None:
    key = make.customer()
    file = put(cast["wangqiang"], key)
    handed = hand_out(cast["wangqiang"], file)
    assert (handed.name, handed.size) == ("图纸.pdf", len(PDF))
    assert handed.path.read_bytes() == PDF
    assert handed.path.stat().st_mode & 0o077 == 0
    (line,) = files_of(cast["wangqiang"], "customer", key).files
    assert (line.name, line.uploaded_by, line.removed_at) == ("图纸.pdf", "王强", None)


def test_whoever_sees_the_record_sees_its_files(cast: Cast) -> None:
    key = make.customer()
    file = put(cast["wangqiang"], key)
    for login in ("zhangwei", "zhouting", "zhaolei", "limin"):
        assert hand_out(cast[login], file).size == len(PDF)
        assert count_files(cast[login], "customer", key) == 1
    with pytest.raises(NotAllowed):
        hand_out(cast["chengang"], file)
    with pytest.raises(NotAllowed):
        files_of(cast["chengang"], "customer", key)
    assert count_files(cast["chengang"], "customer", key) == 0


def test_masked_eyes_see_no_files_at_all(cast: Cast) -> None:
    # Nobody can blacken the phone numbers on a scanned contract.
    key = make.customer()
    file = put(cast["wangqiang"], key)
    with pytest.raises(NotAllowed):
        hand_out(cast["sunyue"], file)
    with pytest.raises(NotAllowed):
        files_of(cast["sunyue"], "customer", key)
    assert count_files(cast["sunyue"], "customer", key) is None


def test_whoever_may_edit_the_record_changes_its_files(cast: Cast) -> None:
    key = make.customer()
    file = put(cast["wangqiang"], key)
    for login in ("chengang", "limin", "sunyue"):
        for step in (
            lambda a: put(a, key),
            lambda a: expect_attachable(a, "customer", key, "a.pdf", 1),
            lambda a: remove_attachment(a, file),
            lambda a: restore_attachment(a, file),
        ):
            with pytest.raises(NotAllowed):
                step(cast[login])
    assert not files_of(cast["limin"], "customer", key).may_change
    assert files_of(cast["zhangwei"], "customer", key).may_change
    remove_attachment(cast["zhangwei"], file)


def test_a_share_to_read_does_not_write(cast: Cast) -> None:
    key = make.customer()
    share = CustomerShare(
        customer_id=key,
        person_id=cast["chengang"].person_id,
        level=ShareLevel.READ,
        shared_by_id=cast["wangqiang"].person_id,
        shared_at=make.clock.now(),
    )
    (number,) = save(share)
    file = put(cast["wangqiang"], key)
    assert hand_out(cast["chengang"], file)
    with pytest.raises(NotAllowed):
        put(cast["chengang"], key, "b.pdf")
    change(CustomerShare, number, level=ShareLevel.COLLABORATE)
    assert put(cast["chengang"], key, "b.pdf")


def test_one_content_lies_on_the_disk_once(cast: Cast) -> None:
    one, other = make.customer(), make.customer()
    put(cast["wangqiang"], one, "a.pdf")
    put(cast["wangqiang"], other, "b.pdf")
    assert len(on_disk()) == 1
    with pytest.raises(Invalid) as wrong:
        put(cast["wangqiang"], one, "a.pdf")
    assert wrong.value.faults == {"file": ALREADY_THERE}


def test_removed_files_are_gone_for_readers_and_come_back(cast: Cast) -> None:
    key = make.customer()
    file = put(cast["wangqiang"], key)
    remove_attachment(cast["wangqiang"], file)
    remove_attachment(cast["wangqiang"], file)
    with pytest.raises(NotAllowed):
        hand_out(cast["wangqiang"], file)
    found = files_of(cast["wangqiang"], "customer", key)
    assert not found.files
    assert [(line.id, line.removed_by) for line in found.removed] == [(file, "王强")]
    assert not files_of(cast["limin"], "customer", key).removed
    restore_attachment(cast["wangqiang"], file)
    assert hand_out(cast["wangqiang"], file)
    assert len(on_disk()) == 1


def test_a_file_added_again_is_not_restored_beside_itself(cast: Cast) -> None:
    key = make.customer()
    file = put(cast["wangqiang"], key)
    remove_attachment(cast["wangqiang"], file)
    put(cast["wangqiang"], key)
    with pytest.raises(Refused, match=ALREADY_THERE):
        restore_attachment(cast["wangqiang"], file)


def test_every_step_is_in_the_log(cast: Cast) -> None:
    key = make.customer()
    file = put(cast["wangqiang"], key)
    hand_out(cast["limin"], file)
    remove_attachment(cast["wangqiang"], file)
    restore_attachment(cast["wangqiang"], file)
    with pytest.raises(NotAllowed):
        hand_out(cast["chengang"], file)
    steps = [(r.action, r.kind) for r in make.rows(ChangeLog, entity="attachment")]
    assert steps == [
        ("attach_file", "insert"),
        ("hand_out", "event"),
        ("remove_attachment", "update"),
        ("restore_attachment", "update"),
    ]
    refused = make.rows(ChangeLog, kind="refused")[-1]
    assert (refused.action, refused.person_id) == ("hand_out", cast["chengang"].person_id)


@pytest.mark.parametrize(
    ("name", "data"), [("x.html", b"<script>"), ("x.pdf", b"<script>"), ("x.pdf", b"")]
)
def test_refused_files_leave_nothing(cast: Cast, name: str, data: bytes) -> None:
    key = make.customer()
    with pytest.raises(Invalid):
        put(cast["wangqiang"], key, name, data)
    assert not on_disk()
    assert not make.rows(Attachment)


def test_refusals_come_before_the_content(cast: Cast) -> None:
    key = make.customer()
    with pytest.raises(Invalid):
        expect_attachable(cast["wangqiang"], "customer", key, "x.exe", 1)
    with pytest.raises(Invalid):
        expect_attachable(cast["wangqiang"], "customer", key, "x.pdf", rules.MOST_BYTES + 1)
    with pytest.raises(NotAllowed):
        expect_attachable(cast["wangqiang"], "person", key, "x.pdf", 1)
    expect_attachable(cast["wangqiang"], "customer", key, "x.pdf", 1)


def test_files_of_a_deal_follow_the_rights_to_it(cast: Cast) -> None:
    deal = make.opportunity(make.customer())
    file = put(cast["wangqiang"], deal, entity="opportunity")
    assert hand_out(cast["zhouting"], file)
    with pytest.raises(NotAllowed):
        put(cast["zhouting"], deal, "b.pdf", entity="opportunity")
    with pytest.raises(NotAllowed):
        hand_out(cast["chengang"], file)
    change(make.Opportunity, deal, closed=True)
    with pytest.raises(Refused, match=CLOSED):
        remove_attachment(cast["wangqiang"], file)
    assert not files_of(cast["wangqiang"], "opportunity", deal).may_change


def test_a_merge_moves_files_and_its_undo_moves_them_back(cast: Cast) -> None:
    kept, gone = make.customer(), make.customer(owner="chengang")
    file = put(cast["chengang"], gone)
    done = merge(cast["zhouting"], kept, gone, {})
    assert make.fetch(Attachment, file).entity_id == kept
    assert hand_out(cast["wangqiang"], file)
    undo_merge(cast["zhouting"], done.merge_id)
    assert make.fetch(Attachment, file).entity_id == gone
    with pytest.raises(NotAllowed):
        hand_out(cast["wangqiang"], file)


def test_a_lost_content_is_told(cast: Cast) -> None:
    file = put(cast["wangqiang"], make.customer())
    hand_out(cast["wangqiang"], file).path.unlink()
    with pytest.raises(Refused, match="不在服务器上"):
        hand_out(cast["wangqiang"], file)
    assert shelf.missing() == [make.fetch(Attachment, file).sha256]


def test_the_sweep_takes_only_old_orphans(cast: Cast) -> None:
    file = put(cast["wangqiang"], make.customer())
    half, orphan = content(b"%PDF- half"), content(b"%PDF- orphan")
    orphan.keep()
    assert shelf.sweep() == 0
    for path in on_disk():
        old = time.time() - 2 * 24 * 3600
        os.utime(path, (old, old))
    remove_attachment(cast["wangqiang"], file)
    assert shelf.sweep() == 2
    half.drop()
    assert [p.name for p in on_disk()] == [make.fetch(Attachment, file).sha256]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "x" * 64])
def test_a_checksum_never_leads_elsewhere(name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        shelf.path_of(name)
