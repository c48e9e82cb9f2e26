"""The kit in a real browser, on trial pages of its own (tests/ui/kit)."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

HOME = Path(__file__).parents[2]
pytestmark = pytest.mark.browser


@contextmanager
def served(port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.ui.kit.server", str(port)]
    process = subprocess.Popen(command, cwd=HOME, stderr=subprocess.DEVNULL)
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/login")
                break
            except urllib.error.URLError:
                assert process.poll() is None
                time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def kit() -> Iterator[str]:
    port = free_port()
    with served(port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(chromium: Browser, kit: str) -> Iterator[Page]:
    with chromium.new_context(
        base_url=kit, viewport={"width": 1366, "height": 768}, locale="zh-CN"
    ) as context:
        context.set_default_timeout(20_000)
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        yield opened
        assert wrong == []


def open_form(page: Page) -> None:
    page.goto("/kit/?page=form")
    page.locator(".sm-form[data-ready]").wait_for()
    expect(page.get_by_label("客户名称")).to_be_focused()


def fill(page: Page, name: str = "甲公司", phone: str = "02088886666") -> None:
    page.get_by_label("客户名称").fill(name)
    page.get_by_label("区域").fill("gz")
    page.keyboard.press("Enter")
    page.get_by_label("电话").fill(phone)


def total(page: Page) -> int:
    text = page.locator(".sm-box").inner_text()
    return int(re.search(r"共 (\d+) 张", text).group(1))  # type: ignore[union-attr]


def toast(page: Page) -> str:
    page.locator(".sm-toast").last.wait_for()
    return page.locator(".sm-toast").last.inner_text()


def draft(page: Page) -> object:
    return json.loads(page.evaluate("localStorage.getItem('sunmao:draft:7:kit')") or "null")


def test_a_double_click_saves_once_and_the_rest_of_the_page_follows(page):
    open_form(page)
    before = total(page)
    fill(page)
    page.get_by_role("button", name="保存", exact=True).dblclick()
    assert "保存成功，客户代码 KH" in toast(page)
    expect(page.locator(".sm-box")).to_contain_text("本次已保存 1 张")
    assert total(page) == before + 1
    assert draft(page) is None
    page.locator(".sm-toast a").click()
    expect(page.locator(".sm-page-title h1")).to_contain_text("KH")
    assert "page=list&id=KH" in page.url


def test_faults_stand_under_their_fields_and_the_first_gets_the_focus(page):
    open_form(page)
    page.get_by_label("客户名称").fill("乙公司")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".sm-field.bad .sm-fault")).to_have_text(["区域 为必录项", "电话 为必录项"])
    expect(page.get_by_label("区域")).to_be_focused()
    expect(page.get_by_label("区域")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("客户名称")).to_have_value("乙公司")


def test_enter_moves_on_and_ctrl_enter_saves(page):
    open_form(page)
    page.keyboard.type("丙公司")
    page.keyboard.press("Enter")
    expect(page.get_by_label("区域")).to_be_focused()
    page.keyboard.type("chongq")
    page.keyboard.press("Enter")
    expect(page.get_by_label("区域")).to_have_value("重庆市")
    page.keyboard.press("Enter")
    page.keyboard.type("02012345678")
    page.keyboard.press("Enter")
    expect(page.get_by_label("备注")).to_be_focused()
    page.keyboard.type("一\n二")
    page.keyboard.press("Control+Enter")
    assert "保存成功" in toast(page)


def test_a_key_faster_than_the_list_means_what_was_typed(page):
    open_form(page)
    area = page.get_by_label("区域")
    area.focus()
    area.evaluate("""(input) => {
      const put = (text) => {
        input.value = text;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      };
      put("guang");
      return new Promise((done) => setTimeout(() => {
        put("chongq");
        input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
        done();
      }, 100));
    }""")
    expect(area).to_have_value("重庆市")


def test_the_next_form_keeps_what_repeats(page):
    open_form(page)
    fill(page)
    page.get_by_role("button", name="保存并新增").click()
    assert "保存成功" in toast(page)
    expect(page.get_by_label("客户名称")).to_have_value("")
    expect(page.get_by_label("客户名称")).to_be_focused()
    expect(page.get_by_label("区域")).to_have_value("广州市")


def test_a_draft_survives_a_reload_and_can_be_dropped(page):
    open_form(page)
    fill(page, name="草稿公司")
    page.reload()
    page.locator(".sm-form[data-ready]").wait_for()
    expect(page.locator(".sm-restored")).to_contain_text("已恢复未保存的内容")
    expect(page.get_by_label("客户名称")).to_have_value("草稿公司")
    expect(page.get_by_label("区域")).to_have_value("广州市")
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_label("客户名称")).to_have_value("")
    assert draft(page) is None


def test_logging_out_takes_the_drafts_away(page):
    open_form(page)
    fill(page)
    assert draft(page) is not None
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")
    assert draft(page) is None


def test_a_question_is_answered_in_place(page):
    open_form(page)
    fill(page, name="相似")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".sm-question")).to_contain_text("存在相似客户")
    page.get_by_role("button", name="仍要保存").click()
    expect(page.locator(".sm-question .sm-fault")).to_have_text("原因 为必录项")
    page.get_by_label("原因").fill("地址不同")
    page.get_by_role("button", name="仍要保存").click()
    assert "保存成功" in toast(page)


def test_an_unknown_error_shows_a_number_and_keeps_everything(page):
    open_form(page)
    fill(page, name="炸")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".sm-notice")).to_contain_text("系统出错了（编号")
    assert "secret" not in page.locator("body").inner_text()
    expect(page.get_by_label("客户名称")).to_have_value("炸")


def test_without_an_answer_nothing_is_lost_and_the_retry_saves_once(page):
    open_form(page)
    before = total(page)
    fill(page, name="断线公司")
    path = "**/api/kernel/set_model_value"
    page.route(path, lambda route: route.abort())
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".sm-notice")).to_have_text("服务器暂无响应，内容已保留，请重试")
    token = draft(page)["token"]
    page.unroute(path)
    with page.expect_request(lambda request: '"submit"' in (request.post_data or "")) as sent:
        page.get_by_role("button", name="保存", exact=True).click()
    assert token in sent.value.post_data
    assert "保存成功" in toast(page)
    expect(page.locator(".sm-box")).to_contain_text(f"共 {before + 1} 张")


def test_collision_shows_while_typing_and_data_stays_text(page):
    open_form(page)
    page.keyboard.type("北大")
    expect(page.locator(".sm-hit-table tbody td").nth(2)).to_have_text("<b>北大</b>有限公司")
    expect(page.locator(".sm-verdict")).to_contain_text("相似 1")
    expect(page.get_by_label("客户名称")).to_be_focused()


def test_the_list_keeps_its_place_in_the_address(page):
    page.goto("/kit/?page=list")
    rows = page.locator(".sm-table tbody tr[data-id]")
    expect(rows).to_have_count(20)
    expect(rows.first).to_contain_text("<i>客户</i>")
    page.get_by_role("button", name="预计金额").click()
    expect(rows.first).to_contain_text("K060")
    page.get_by_role("button", name="下一页").click()
    expect(rows.first).to_contain_text("K040")
    page.locator(".sm-table").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".sm-page-title h1")).to_have_text("39")
    page.go_back()
    expect(rows.first).to_contain_text("K040")
    page.reload()
    expect(rows.first).to_contain_text("K040")
    expect(page.locator(".sm-page")).to_have_text("2 / 3")


def test_nothing_found_and_a_fault_show_the_way_on(page):
    page.goto("/kit/?page=list")
    find = page.get_by_label("查找内容")
    find.fill("没有")
    find.press("Enter")
    expect(page.locator(".sm-state")).to_contain_text("没有符合条件的数据")
    find.fill("炸")
    find.press("Enter")
    expect(page.locator(".sm-state")).to_contain_text("系统出错了（编号")
    expect(page.get_by_role("button", name="重试")).to_be_visible()
    find.fill("K001")
    find.press("Enter")
    expect(page.locator(".sm-table tbody tr[data-id]")).to_have_count(1)


def test_one_of_hundreds_is_looked_up_in_the_filter_line(page):
    page.goto("/kit/?page=board")
    told = page.get_by_role("status").filter(has_text="没有筛选")
    expect(told).to_be_visible()
    box = page.get_by_role("combobox", name="负责人")
    box.click()
    expect(page.get_by_text("还有 351 项，请继续输入")).to_be_visible()
    box.fill("limin")
    expect(page.locator(".sm-options [role=option]")).to_have_text(["李敏"])
    box.press("Enter")
    expect(page.get_by_text("负责人 李敏")).to_be_visible()
    expect(page).to_have_url(re.compile("owner=900"))
    page.reload()
    expect(page.get_by_role("combobox", name="负责人")).to_have_value("李敏")
    page.get_by_label("区域").select_option("华东")
    expect(page.get_by_text("负责人 李敏，区域 华东")).to_be_visible()
    expect(page.get_by_role("combobox", name="负责人")).to_have_value("李敏")
    page.get_by_role("button", name="清除筛选").click()
    expect(told).to_be_visible()
    expect(page.get_by_role("combobox", name="负责人")).to_have_value("")


def test_another_persons_change_refreshes_list_and_counts(page, kit):
    page.goto("/kit/?page=list")
    first = page.locator(".sm-table tbody tr[data-id]").first
    expect(first).to_be_visible()
    expect(page.locator(".sm-inbox .sm-count").first).to_have_text("2")
    seen = first.inner_text()
    urllib.request.urlopen(f"{kit}/bump")  # noqa: S310
    expect(first).not_to_have_text(seen)
    expect(page.locator(".sm-inbox .sm-count").first).to_have_text("5")


def test_the_menu_moves_in_place_and_names_the_tab(page):
    page.goto("/kit/?page=list")
    page.locator(".sm-table tbody tr[data-id]").first.wait_for()
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="客户—新增").click()
    page.locator(".sm-form[data-ready]").wait_for()
    assert page.evaluate("window.stays")
    expect(page).to_have_title("客户—新增 · 榫卯")
    expect(page.locator(".sm-path")).to_have_text("商机管理 / 客户管理 / 客户—新增")
    assert page.evaluate("document.documentElement.scrollWidth") == 1366


def test_two_people_on_one_page_see_only_their_own(page, chromium, kit):
    open_form(page)
    with chromium.new_context(base_url=kit, locale="zh-CN") as context:
        other = context.new_page()
        open_form(other)
        fill(other, name="乙的草稿")
        fill(page, name="甲的公司")
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.locator(".sm-box")).to_contain_text("本次已保存 1 张")
        expect(other.locator(".sm-box")).to_contain_text("本次已保存 0 张")
        expect(other.get_by_label("客户名称")).to_have_value("乙的草稿")


def test_a_page_chosen_again_starts_anew(page):
    open_form(page)
    fill(page)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".sm-box")).to_contain_text("本次已保存 1 张")
    page.get_by_role("link", name="客户—维护").click()
    page.locator(".sm-table tbody tr[data-id]").first.wait_for()
    page.get_by_role("link", name="客户—新增").click()
    expect(page.locator(".sm-box")).to_contain_text("本次已保存 0 张")
    expect(page.get_by_label("客户名称")).to_have_value("")


def test_a_lost_server_says_so_and_a_new_one_gets_the_draft(chromium):
    port = free_port()
    with chromium.new_context(base_url=f"http://127.0.0.1:{port}", locale="zh-CN") as context:
        page = context.new_page()
        with served(port):
            open_form(page)
            fill(page, name="重启公司")
        expect(page.locator(".sm-lost")).to_be_visible(timeout=20_000)
        with served(port):
            page.goto("/kit/?page=form")
            page.locator(".sm-form[data-ready]").wait_for(timeout=20_000)
            expect(page.get_by_label("客户名称")).to_have_value("重启公司")
            page.get_by_role("button", name="保存", exact=True).click()
            assert "保存成功" in toast(page)
