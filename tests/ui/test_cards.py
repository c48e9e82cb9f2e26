from crmlib.ui import cards

EVIL = '<img src=x onerror="alert(1)">'


def test_everything_given_is_text():
    outputs = [
        cards.page_title(EVIL, record=EVIL, steps=[EVIL], tags=[cards.tag(EVIL)], note=EVIL),
        cards.section(EVIL, links=[cards.anchor(EVIL, EVIL)]),
        cards.details([(EVIL, EVIL)]),
        cards.stats([cards.Stat(label=EVIL, value=EVIL, note=EVIL, href=EVIL)]),
        cards.small_table([EVIL], [[EVIL]]),
        cards.timeline([(EVIL, EVIL, EVIL)]),
        cards.empty(EVIL),
        cards.notice(EVIL),
    ]
    assert not any("<img" in output.text for output in outputs)
    assert all("&lt;img" in output.text for output in outputs)


def test_an_attribute_cannot_be_left():
    assert cards.h("a", "x", href='"><script>') == '<a href="&quot;&gt;&lt;script&gt;">x</a>'


def test_elements_made_here_nest():
    assert cards.h("p", cards.h("b", "<"), " ", 1) == "<p><b>&lt;</b> 1</p>"


def test_an_empty_value_is_a_dash():
    assert "<dd>—</dd>" in cards.details([("电话", None)]).text


def test_a_change_for_the_worse_is_marked():
    worse = cards.stats([cards.Stat(label="停滞", value="3", change=0.2, good="down")]).text
    better = cards.stats([cards.Stat(label="新增", value="3", change=0.2)]).text
    assert "sm-change bad" in worse
    assert "较上期 ↑ 20.0%" in worse
    assert "sm-change good" in better
    huge = cards.stats([cards.Stat(label="赢单", value="3", change=185458.637)]).text
    assert "较上期 ↑ 10 倍以上" in huge
