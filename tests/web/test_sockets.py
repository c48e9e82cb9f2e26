"""Whose notebook session it is, over time."""

import json

from starlette.types import Message

from crmlib import clock
from crmlib.access.grants import Role
from crmlib.people.sessions import Session
from crmlib.web.sockets import (
    GRACE,
    MOST_LEFT,
    MOST_PER_PERSON,
    SIGNED_OUT,
    Socket,
    Sockets,
    without_code,
)
from tests.web.conftest import run


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def session(key: str, person_id: int = 1) -> Session:
    return Session(key, person_id, "limin", "李敏", Role.CLERK, "广州", False, "token", clock.now())


class Wire:
    def __init__(self) -> None:
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message)


def opened(sockets: Sockets, key: str, page: str = "s_1", person_id: int = 1) -> Socket:
    socket = Socket(session(key, person_id), "entry", page, Wire().send)
    sockets.open(socket)
    return socket


def test_page_stays_bound_until_marimo_forgot_it() -> None:
    time = Clock()
    sockets = Sockets(clock=time)
    sockets.closed(opened(sockets, "a"))
    time.now = 1800 + GRACE - 1
    opened(sockets, "a", "s_2")
    assert not sockets.may_open(session("b"), "entry", "s_1")
    time.now += 2
    opened(sockets, "a", "s_3")
    assert sockets.may_open(session("b"), "entry", "s_1")


def test_open_page_stays_bound_however_long() -> None:
    time = Clock()
    sockets = Sockets(clock=time)
    opened(sockets, "a")
    time.now = 10**6
    opened(sockets, "a", "s_2")
    assert not sockets.may_open(session("b"), "entry", "s_1")


def test_room_is_counted_per_person_over_all_his_logins() -> None:
    sockets = Sockets()
    first = [opened(sockets, f"k{n}", f"s_{n}") for n in range(MOST_PER_PERSON)]
    assert not sockets.has_room(session("another login"))
    assert sockets.has_room(session("x", person_id=2))
    sockets.closed(first[0])
    assert sockets.has_room(session("another login"))


async def _ended() -> tuple[list[Message], list[Message]]:
    sockets, mine, others = Sockets(), Wire(), Wire()
    for key, wire in (("a", mine), ("b", others)):
        sockets.open(Socket(session(key), "entry", f"s_{key}", wire.send))
    (socket,) = [s for s in sockets._open if s.session.key == "a"]
    for _ in range(2):
        await sockets.end(lambda one, _workspace: one.key == "a")
    await socket.forward({"type": "websocket.send", "text": "later output"})
    return mine.sent, others.sent


def test_cut_socket_is_closed_once_and_says_nothing_more() -> None:
    mine, others = run(_ended())
    assert [(m["type"], m.get("code")) for m in mine] == [("websocket.close", SIGNED_OUT)]
    assert others == []


def test_source_of_embedded_pages_is_not_told() -> None:
    told = '{"op": "execution", "data": {"cell_id": "a", "code": "secret = 1"}}'
    passed = without_code({"type": "websocket.send", "text": told})
    assert json.loads(passed["text"])["data"] == {"cell_id": "a", "code": None}


def test_other_messages_pass_as_they_are() -> None:
    message = {"type": "websocket.send", "text": '{"op": "cell-op", "data": {"code": "x"}}'}
    assert without_code(message) is message


def test_pages_left_behind_are_ended_beyond_the_latest_few() -> None:
    time, ended = Clock(), []
    sockets = Sockets(lambda _workspace, page: ended.append(page), time)
    for number in range(MOST_LEFT + 2):
        time.now += 1
        sockets.closed(opened(sockets, "a", f"s_{number}"))
    sockets.closed(opened(sockets, "b", "s_other", person_id=2))
    assert ended == ["s_0", "s_1"]
    assert sockets.owns(session("a"), "entry", "s_2")


def test_pages_left_behind_end_with_their_login() -> None:
    ended: list[str] = []
    sockets = Sockets(lambda _workspace, page: ended.append(page))
    sockets.closed(opened(sockets, "a"))
    opened(sockets, "b", "s_2")
    run(sockets.end(lambda one, _workspace: one.key == "a"))
    assert ended == ["s_1"]
    assert sockets.keys() == {"b"}


def test_page_of_a_cut_socket_is_ended_when_the_notebook_lets_go() -> None:
    ended: list[str] = []
    sockets = Sockets(lambda _workspace, page: ended.append(page))
    socket = opened(sockets, "a")
    run(socket.cut())
    assert ended == []
    sockets.closed(socket)
    assert ended == ["s_1"]
