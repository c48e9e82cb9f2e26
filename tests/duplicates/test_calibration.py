"""What the names say becomes a probability that holds at the size of the base."""

import json
from importlib.resources import files

import pytest

from crmlib.duplicates import calibration
from crmlib.duplicates.calibration import (
    FEATURES,
    Calibration,
    Case,
    Circumstances,
    case_of,
    features,
    learned,
)


def around(**changes: object) -> Circumstances:
    plain = {
        "size": 10_000, "same_brand": 3, "asked_brand": 3, "rivals": -3.0, "lacks_form": False,
        "asks_no_area": False, "has_no_area": False, "length": 8,
    }  # fmt: skip
    return Circumstances(**(plain | changes))


def test_shipped_weights_cover_every_case_and_say_what_they_were_learned_from():
    text = files("crmlib.duplicates").joinpath(calibration.FILE).read_text(encoding="utf-8")
    learnt = json.loads(text)
    assert set(learnt["weights"]) == {case.value for case in Case}
    assert learnt["features"] == list(FEATURES)
    assert {"seed", "sizes", "questions"} <= set(learnt)
    assert all(len(weights) == len(FEATURES) for weights in learnt["weights"].values())
    assert len(text) < 10_000


def test_values_stand_in_the_order_of_their_names():
    assert len(features(1.0, around())) == len(FEATURES)


@pytest.mark.parametrize("case", list(Case))
def test_more_evidence_is_never_less_likely(case: Case):
    ladder = [learned().log_odds(case, step / 2, around()) for step in range(-17, 15)]
    assert ladder == sorted(ladder)


@pytest.mark.parametrize("case", [c for c in Case if c not in (Case.EXACT, Case.EDIT)])
def test_others_that_do_as_well_make_it_less_likely(case: Case):
    alone = learned().log_odds(case, 2.0, around(rivals=-3.0))
    assert learned().log_odds(case, 2.0, around(rivals=2.0)) < alone


def test_brand_that_others_bear_is_less_likely_mistyped():
    unheard = learned().log_odds(Case.HEARD, 1.0, around(asked_brand=0))
    assert learned().log_odds(Case.HEARD, 1.0, around(asked_brand=200)) < unheard


def test_equal_name_and_another_possible_brand_keep_their_evidence():
    for case in (Case.EXACT, Case.EDIT):
        assert learned().log_odds(case, 1.5, around(size=1_000_000, rivals=3.0)) == 1.5


def test_what_cannot_be_stays_so_and_an_unknown_case_is_taken_as_it_is():
    assert learned().log_odds(Case.BRAND, -9.0, around()) == -9.0
    assert Calibration({}).log_odds(Case.BRAND, 1.5, around()) == 1.5


def test_case_is_told_by_the_first_reason():
    assert case_of("字号同音") is Case.HEARD
    assert case_of("去掉“广州”后比较") is Case.OTHER
