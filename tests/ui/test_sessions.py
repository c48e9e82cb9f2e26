"""What a session made is let go with it, and nothing of anybody else's."""

import gc
import subprocess
import sys
import threading

from marimo._plugins.ui._impl.anywidget.init import WIDGET_COMM_MANAGER

from crmlib.ui import sessions
from tests.server import HOME


class Owner:
    """Stands for a workspace."""


def test_widgets_go_with_their_session_only() -> None:
    comms = WIDGET_COMM_MANAGER.comms
    first, second = Owner(), Owner()

    def session(owner: Owner, name: str) -> None:
        sessions.begin(owner)
        comms[name] = object()
        sessions.belongs(name)

    for owner, name in ((first, "one"), (second, "two")):
        thread = threading.Thread(target=session, args=(owner, name))
        thread.start()
        thread.join()
    del first, owner
    gc.collect()
    assert "one" not in comms
    assert comms.pop("two")


def test_widget_of_a_page_opened_alone_is_nobodys() -> None:
    sessions.belongs(None)
    threading.Thread(target=sessions.belongs, args=("alone",)).start()


def test_kernels_and_widgets_do_not_pile_up_with_sessions() -> None:
    visits = 10  # two kernels and two widgets each
    told = subprocess.run(
        [sys.executable, "-m", "tests.ui.embedding.visits", str(visits)],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )
    kernels, widgets = map(int, told.stdout.split())
    assert kernels < visits // 2
    assert widgets == 0
