"""The command crm: exit 0 well, 2 bad input with one Chinese line per fault, never a traceback."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from crmlib.access.actor import Actor
from crmlib.cli import BAD_INPUT, FAILURE, WELL, main
from crmlib.customers.model import Contact, Customer
from crmlib.store.engine import engine_for
from tests import make

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def empty_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/var/crm.db"
    monkeypatch.setenv("CRM_DATABASE_URL", url)
    monkeypatch.setenv("CRM_VAR_DIR", str(tmp_path))
    return url


def test_init_makes_a_database_and_may_run_again(empty_url: str, capsys: Printed) -> None:
    assert main(["init"]) == WELL
    assert main(["init"]) == WELL
    assert main(["doctor"]) == WELL
    assert "故障" not in capsys.readouterr().out
    engine_for(empty_url).dispose()


def test_init_with_demo_fills_only_an_empty_database(empty_url: str, capsys: Printed) -> None:
    assert main(["init", "--demo", "small", "--seed", "2"]) == WELL
    assert main(["init", "--demo", "small"]) == BAD_INPUT
    assert main(["init", "--demo", "small", "--if-empty"]) == WELL
    assert "空数据库" in capsys.readouterr().err
    engine_for(empty_url).dispose()


@pytest.mark.parametrize("command", [["doctor"], ["collide", "甲公司"], ["scan"]])
def test_a_database_without_tables_is_said_in_one_line(
    empty_url: str, capsys: Printed, command: list[str]
) -> None:
    assert main(command) == FAILURE
    printed = capsys.readouterr()
    assert "crm migrate" in printed.out + printed.err
    assert "Traceback" not in printed.err
    engine_for(empty_url).dispose()


@pytest.mark.parametrize("arguments", [[], ["fly"], ["init", "--demo", "huge"], ["backup"]])
def test_a_wrong_command_line_ends_with_two(arguments: list[str], capsys: Printed) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == BAD_INPUT
    assert "命令有误" in capsys.readouterr().err


def test_person_add_prints_the_first_password_once(cast: dict[str, Actor], capsys: Printed) -> None:
    arguments = ["person", "add", "--login", "linmei", "--name", "林梅", "--role", "sales"]
    assert main([*arguments, "--office", "广州", "--reports-to", "zhangwei"]) == WELL
    assert "初始密码" in capsys.readouterr().out
    assert main([*arguments, "--office", "广州"]) == BAD_INPUT
    assert capsys.readouterr().err.strip() == "登录名已被使用"


def test_import_counts_as_json_and_names_the_faults(
    sqlite_database: str, tmp_path: Path, capsys: Printed
) -> None:
    path, report = tmp_path / "list.csv", tmp_path / "out.xlsx"
    path.write_text("客户名称,负责人\n肇庆鼎湖五金有限公司,王强\n,王强\n", encoding="gbk")
    assert main(["import", "customers", str(path), "--json", "--report", str(report)]) == WELL
    counts = {"rows": 2, "created": 0, "updated": 0, "duplicates": 0, "similar": 0, "errors": 1}
    assert json.loads(capsys.readouterr().out) == counts | {"created": 1}
    assert report.exists()


def test_import_of_a_kind_is_taken_back_by_its_file(
    sqlite_database: str, tmp_path: Path, capsys: Printed
) -> None:
    path = tmp_path / "contacts.csv"
    customer = make.customer("肇庆鼎湖五金有限公司")
    path.write_text("客户名称,姓名,手机\n肇庆鼎湖五金有限公司,林工,13900002222\n", encoding="gbk")
    assert main(["import", "contacts", str(path), "--json"]) == WELL
    assert json.loads(capsys.readouterr().out)["created"] == 1
    assert len(make.rows(Contact, customer_id=customer)) == 2
    assert main(["import", "contacts", str(path), "--undo"]) == WELL
    assert capsys.readouterr().out.startswith("已撤销批次 DR")
    assert len(make.rows(Contact, customer_id=customer)) == 1
    assert main(["import", "contacts", str(path), "--undo"]) == BAD_INPUT


def test_import_acts_for_the_person_named(
    sqlite_database: str, tmp_path: Path, capsys: Printed
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("客户名称,电话\n肇庆鼎湖五金有限公司,\n", encoding="utf-8")
    assert main(["import", "customers", str(path), "--as", "wangqiang"]) == BAD_INPUT
    assert capsys.readouterr().err.strip() == "您没有权限执行此操作"
    assert main(["import", "customers", str(tmp_path / "none.csv")]) == BAD_INPUT
    assert main(["import", "customers", str(path), "--dry-run"]) == WELL
    assert make.rows(Customer) == []


def test_collide_answers_rows_with_probabilities(cast: dict[str, Actor], capsys: Printed) -> None:
    make.customer("佛山市云帆幕墙工程有限公司")
    assert main(["collide", "佛山云帆幕墙工程公司", "--json"]) == WELL
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row) == {"code", "name", "same", "related", "reasons"}
    assert 0.5 < row["same"] <= 1
    assert main(["collide", " "]) == BAD_INPUT
    assert capsys.readouterr().err.strip() == "请输入客户名称"


def test_scan_fills_the_queue_once(cast: dict[str, Actor], capsys: Printed) -> None:
    make.customer("佛山市云帆幕墙工程有限公司", mobile="13800138000")
    make.customer("佛山云帆幕墙工程有限责任公司", mobile="13800138000")
    assert main(["scan", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out)["pairs_new"] == 1
    assert main(["scan", "--json"]) == WELL
    assert json.loads(capsys.readouterr().out)["pairs_new"] == 0


def test_backup_and_restore_by_file(sqlite_database: str, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    assert main(["backup", copy]) == WELL
    assert main(["backup", copy]) == BAD_INPUT
    assert main(["restore", copy]) == BAD_INPUT
    assert main(["restore", copy, "--force"]) == WELL


def test_serve_says_when_its_port_is_taken(sqlite_database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "crmlib.cli", "serve", "--port", port]
        done = subprocess.run(
            command,
            env=os.environ | {"CRM_WARM": "0"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == FAILURE
    assert f"端口 {port} 是否已被占用" in done.stderr
    assert "Traceback" not in done.stderr
    assert "limin" in done.stdout  # the accounts of the demo firm are told
