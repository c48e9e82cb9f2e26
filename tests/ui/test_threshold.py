from crmlib.ui.threshold import Stop, Threshold


def test_figures_come_with_the_slider_and_again_when_asked():
    found = [Stop(at=0.0, waiting=3, judged=0, wrong=None)]
    widget = Threshold(lambda: found, key="q")
    assert widget.spec["stops"] == [{"at": 0.0, "waiting": 3, "judged": 0, "wrong": None}]
    sent = []
    widget.send = sent.append
    found.append(Stop(at=0.9, waiting=1, judged=2, wrong=0.5))
    widget._asked(None, {"ticket": "x", "ask": "count", "with": {}}, [])
    assert [stop["at"] for stop in sent[0]["reply"]] == [0.0, 0.9]
