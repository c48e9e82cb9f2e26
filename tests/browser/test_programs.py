"""接口令牌 and 变更推送: 赵磊 gives a program a token, uses it, revokes it, and tells an OA of changes."""

import re
from collections.abc import Callable

import httpx2
import pytest
from playwright.sync_api import Error, Page, expect

pytestmark = pytest.mark.browser


def _choose(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()


def _revoke(page: Page) -> None:
    """Press 吊销 twice; the button asks for four seconds only, which a slow machine may miss."""
    for _ in range(3):
        page.get_by_role("button", name="吊销", exact=True).click()
        try:
            page.get_by_role("button", name="再次点击确认").click(timeout=4000)
        except Error:
            continue
        return


def test_a_token_is_given_used_and_revoked(page_as: Callable[[str], Page], site: str) -> None:
    page = page_as("zhaolei")
    page.goto("/admin/?page=api_token_new")
    # The first page of a server on a loaded machine takes longer than any other.
    expect(page.get_by_role("button", name="开通")).to_be_visible(timeout=90_000)
    page.get_by_role("button", name="开通").click()
    expect(page.get_by_text("名称 为必录项")).to_be_visible()
    page.get_by_label("名称").fill("ERP 客户同步")
    _choose(page, "人员", "王强")
    page.get_by_role("button", name="开通").click()
    told = page.get_by_text("只显示这一次")
    expect(told).to_be_visible()
    found = re.search(r"sunmao_[\w-]+", told.inner_text())
    assert found
    with httpx2.Client(base_url=site, trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {found[0]}"
        assert http.get("/api/v1/me").json()["person"] == "王强"
        page.goto("/admin/?page=api_tokens")
        row = page.get_by_role("row").filter(
            has=page.get_by_role("checkbox"), has_text="ERP 客户同步"
        )
        expect(row).to_contain_text("有效")
        expect(page.get_by_text("/me", exact=True)).to_be_visible()
        row.get_by_role("checkbox").check()
        _revoke(page)
        expect(page.get_by_role("row").filter(has_text="已吊销")).to_be_visible()
        assert http.get("/api/v1/me").status_code == 401


def test_a_webhook_is_kept(page_as: Callable[[str], Page]) -> None:
    page = page_as("zhaolei")
    page.goto("/admin/?page=webhook&id=new")
    expect(page.get_by_role("button", name="启用")).to_be_visible(timeout=90_000)
    page.get_by_label("名称").fill("OA")
    _choose(page, "人员", "周婷")
    page.get_by_label("地址").fill("https://127.0.0.1/hook")
    _choose(page, "事件", "客户新增")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_text("指向本机或内网")).to_be_visible()
    page.get_by_label("地址").fill("https://oa.example/hook")
    page.get_by_role("button", name="启用").click()
    expect(page.get_by_text("只显示这一次")).to_contain_text("whsec_")
    page.goto("/admin/?page=webhooks")
    page.get_by_role("link", name="OA").click()
    page.get_by_role("button", name="停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(page.get_by_role("button", name="启用")).to_be_visible()
    page.get_by_role("button", name="删除").click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(page.get_by_role("heading", name="变更推送")).to_be_visible()
    expect(page.get_by_role("link", name="OA")).to_have_count(0)


def test_others_find_neither(page_as: Callable[[str], Page]) -> None:
    page = page_as("zhouting")
    for name in ("api_tokens", "api_token_new", "webhooks", "webhook"):
        page.goto(f"/admin/?page={name}&id=new")
        expect(page.get_by_text("您没有权限管理")).to_be_visible()
