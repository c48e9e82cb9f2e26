import marimo as mo

from crmlib.ui.route import Route
from crmlib.ui.workspace import Workspace

PAGES = {"home": mo.App(), "list": mo.App()}


def route(page, record=""):
    return Route("home", query={"page": page, "id": record})


def test_a_session_keeps_its_own_copy_of_each_page():
    mine, theirs = Workspace(PAGES, "home"), Workspace(PAGES, "home")
    assert mine.page(route("list", "1")) is mine.page(route("list", "2"))
    assert mine.page(route("list")) is not theirs.page(route("list"))
    assert mine.page(route("list")) not in (mine.page(route("home")), PAGES["list"])


def test_an_unknown_page_is_the_home_page():
    workspace = Workspace(PAGES, "home")
    assert workspace.page(route("../secret")) is workspace.page(route("home"))


def test_every_visit_hands_over_something_new():
    workspace, here = Workspace(PAGES, "home"), route("list", "7")
    before = workspace.given("李敏", here)
    here.version = 99
    assert workspace.given("李敏", here) == before
    here.visit += 1
    assert workspace.given("李敏", here) != before
    assert before["record"] == "7"
