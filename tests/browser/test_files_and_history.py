"""附件, 历史 and 操作日志 as people use them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from crmlib.access.actor import actor_of
from crmlib.attachments.model import Attachment
from crmlib.attachments.rules import MOST_BYTES
from crmlib.customers.model import Customer
from crmlib.duplicates.entry import edit_customer
from tests import make
from tests.browser.card import told

pytestmark = pytest.mark.browser
Open = Callable[[str], Page]
FIRST = 60_000  # milliseconds for the first look at a page, on a machine that does much else
PDF = b"%PDF-1.7 " + b"drawing " * 40_000


def files_tab(page: Page, customer: int) -> Locator:
    """Open the tab 附件 of a customer and return its box."""
    page.goto(f"/entry/?page=customer&id={customer}&tab=files")
    box = page.get_by_role("region", name="附件")
    expect(box).to_be_visible(timeout=FIRST)
    return box


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    given = [
        {"name": n, "mimeType": "application/octet-stream", "buffer": data} for n, data in files
    ]
    page.locator(".sm-files input[type=file]").set_input_files(given)


def test_a_file_is_put_in_taken_removed_and_brought_back(page_as: Open) -> None:
    key = make.customer()
    page = page_as("wangqiang")
    box = files_tab(page, key)
    expect(box.get_by_text("还没有附件")).to_be_visible()
    choose(page, ("报价 单（二版）.pdf", PDF))
    link = box.get_by_role("link", name="报价 单（二版）.pdf")
    expect(link).to_be_visible()
    told(page, "已上传「报价 单（二版）.pdf」")
    expect(page.get_by_role("tab", name="附件")).to_contain_text("1")
    with page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == "报价 单（二版）.pdf"
    assert waiting.value.path().read_bytes() == PDF

    # By keyboard: the button stands behind the link.
    drop = box.get_by_role("button", name="删除 报价 单（二版）.pdf")
    link.press("Tab")
    if not drop.evaluate("(node) => node.getRootNode().activeElement === node"):
        link.press("Tab")  # the list was drawn anew for its own file meanwhile
    expect(drop).to_be_focused()
    page.keyboard.press("Enter")
    gone = box.get_by_text("已删除的附件（1）")
    expect(gone).to_be_visible()
    expect(link).to_have_count(0)
    gone.click()
    box.get_by_role("button", name="恢复 报价 单（二版）.pdf").click()
    expect(link).to_be_visible()

    page.get_by_role("tab", name="历史").click()
    for step in ("恢复附件", "删除附件", "下载附件", "上传附件"):
        expect(page.locator(".sm-timeline").get_by_text(step)).to_be_visible()


def test_files_are_dropped_and_each_fault_stands_beside_its_file(
    page_as: Open, troubles: object
) -> None:
    troubles.allow("422")  # type: ignore[attr-defined]
    key = make.customer()
    page = page_as("wangqiang")
    box = files_tab(page, key)
    box.evaluate(
        """(node, most) => {
            const data = new DataTransfer();
            data.items.add(new File(["<html>"], "网页.html"));
            data.items.add(new File(["<html>"], "假的.pdf"));
            data.items.add(new File(["%PDF-1.7"], "真的.pdf"));
            data.items.add(new File([new Uint8Array(most + 1)], "太大.pdf"));
            for (const name of ["dragenter", "dragover", "drop"])
                node.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true, composed: true }));
        }""",
        MOST_BYTES,
    )
    expect(box.get_by_role("link", name="真的.pdf")).to_be_visible()
    line = box.get_by_role("listitem")
    expect(line.filter(has_text="假的.pdf").get_by_role("alert")).to_have_text(
        "文件内容与扩展名 .pdf 不符"
    )
    expect(line.filter(has_text="网页.html").get_by_role("alert")).to_contain_text("不支持此类文件")
    expect(line.filter(has_text="太大.pdf").get_by_role("alert")).to_have_text("文件不能超过 20 MB")
    line.filter(has_text="太大.pdf").get_by_role("button", name="知道了").click()
    expect(line).to_have_count(2)
    assert [a.name for a in make.rows(Attachment, entity_id=key)] == ["真的.pdf"]


def test_a_reader_downloads_but_changes_nothing(page_as: Open) -> None:
    key = make.customer()
    writer, reader = page_as("wangqiang"), page_as("limin")
    box = files_tab(writer, key)
    choose(writer, ("图纸.pdf", PDF))
    expect(box.get_by_role("link", name="图纸.pdf")).to_be_visible()
    seen = files_tab(reader, key)
    expect(seen.get_by_role("link", name="图纸.pdf")).to_be_visible()
    expect(seen.get_by_role("button")).to_have_count(0)
    # What the other one removes goes from an open page too.
    box.get_by_role("button", name="删除 图纸.pdf").click()
    expect(seen.get_by_text("还没有附件")).to_be_visible()


def test_the_log_is_narrowed_opened_and_leads_to_the_record(page_as: Open) -> None:
    key = make.customer(phone="020-81112222")
    name = make.fetch(Customer, key).name
    seller = actor_of(make.people_ids()["wangqiang"])
    edit_customer(seller, key, {"phone": "020-83334444"}, None)
    page = page_as("zhaolei")
    page.goto("/admin/")
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="操作日志").click()
    rows = page.locator("tr.opens")
    expect(rows.filter(has_text="登录").first).to_be_visible(timeout=FIRST)
    page.get_by_label("操作人").select_option(label="王强")
    page.get_by_label("类型").select_option(label="修改")
    row = rows.filter(has_text=name)
    expect(row).to_have_count(1)
    expect(row).to_contain_text("电话：020-81112222 → 020-83334444")
    row.click()
    expect(page.get_by_role("heading", name="修改客户")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="电话")).to_contain_text("020-83334444")
    page.get_by_role("link", name="完整历史").click()
    expect(page.get_by_role("heading", name=f"{name} 的历史")).to_be_visible()
    expect(page.get_by_text("电话：020-81112222 → 020-83334444")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_whoever_may_not_read_the_log_is_told(page_as: Open) -> None:
    key = make.customer(owner="chengang")
    page = page_as("zhouting")
    page.goto("/admin/?page=audit_entry&id=1")
    expect(page.get_by_text("您没有权限查看此操作记录")).to_be_visible(timeout=FIRST)
    page = page_as("wangqiang")
    page.goto(f"/entry/?page=history&id=customer.{key}")
    expect(page.get_by_text("您没有权限查看此记录的历史")).to_be_visible(timeout=FIRST)
