from crmlib.ui.route import Route, link


def test_a_link_carries_page_record_and_parameters():
    assert link("customers") == "?page=customers"
    assert link("customer", 12, tab="a b", none=None) == "?page=customer&id=12&tab=a+b"
    assert link("funnel", workspace="funnel") == "/funnel/?page=funnel"


def test_the_address_gives_the_first_values():
    route = Route("home", query={"page": "customer", "id": "12", "tab": ["log"]})
    assert (route.page, route.record, route.params) == ("customer", "12", {"tab": "log"})
    assert Route("home", query={}).page == "home"


def test_topics_are_told_per_page():
    route = Route("home", topics={"customers": ("customer",)}, query={})
    assert route.spec == {"home": "home", "topics": {"customers": ["customer"]}}
