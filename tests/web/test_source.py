"""The product's own notebooks, which embed pages, never tell their source."""

from pathlib import Path

from crmlib.web.notebooks import FOLDER
from tests.server import running_server
from tests.web.conftest import Visitor, new_page


def test_no_message_of_a_workspace_holds_code(sqlite_database: str) -> None:
    with running_server(sqlite_database) as site:
        visitor = Visitor(site)
        visitor.sign_in("zhouting")
        for workspace in ("entry", "admin"):
            told: list[str] = []
            with visitor.socket(new_page(), workspace) as socket:
                while not any("completed-run" in message for message in told):
                    told.append(str(socket.recv(timeout=30)))
            page = visitor.http.get(f"/{workspace}/").text
            lines = {line.strip() for line in _source(workspace) if len(line.strip()) > 25}
            for text in (*told, page):
                assert not [line for line in lines if line in text], workspace
        visitor.http.close()


def _source(workspace: str) -> list[str]:
    files: list[Path] = [FOLDER / f"{workspace}.py", FOLDER / "pages" / "home.py"]
    return [line for file in files for line in file.read_text("utf-8").splitlines()]
