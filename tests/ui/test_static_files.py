import re

import pytest

from crmlib.ui.static_files import STATIC_DIR, asset, module
from crmlib.ui.theme import html_head

WIDGETS = ("actions", "collide", "compare", "form", "grid", "route", "tabs")


@pytest.mark.parametrize("name", WIDGETS)
def test_a_joined_module_stands_alone(name):
    text = module(name)
    assert not re.search(r"^import ", text, re.MULTILINE)
    assert len(re.findall(r"^export ", text, re.MULTILINE)) == 1
    assert text.rstrip().endswith("export default { render };")
    names = re.findall(r"^(?:async )?(?:function|class|const) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", sorted(STATIC_DIR.iterdir()), ids=lambda path: path.name)
def test_nothing_comes_from_outside_and_no_data_becomes_markup(path):
    text = path.read_text("utf-8")
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text)
    assert "innerHTML" not in text
    assert "insertAdjacentHTML" not in text


def test_an_address_changes_with_the_content():
    assert re.fullmatch(r"/static/theme\.css\?v=[0-9a-f]{12}", asset("theme.css"))


def test_the_head_names_the_workspace_safely():
    assert 'data-workspace="&quot;&gt;"' in html_head('">')
    assert asset("frame.js") in html_head()
