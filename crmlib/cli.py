"""The command ``crm``: reads arguments, calls the product, prints; exit 0 well, 2 bad input, 1 failure."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, ProgrammingError

from crmlib.access.grants import Role
from crmlib.errors import CrmError, Invalid
from crmlib.words import IMPORT_KINDS

WELL, FAILURE, BAD_INPUT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(arguments)
    try:
        code: int = args.run(args) or WELL
    except Invalid as fault:
        return _complain(fault.faults.values(), BAD_INPUT)
    except CrmError as fault:
        return _complain([fault.message], BAD_INPUT)
    except (OperationalError, ProgrammingError) as fault:
        return _complain([_database_fault(str(fault.orig))], FAILURE)
    except OSError as fault:
        return _complain([f"文件错误：{fault.strerror}：{fault.filename}"], FAILURE)
    except KeyboardInterrupt:
        return FAILURE
    return code


def _database_fault(detail: str) -> str:
    if any(sign in detail for sign in ("no such", "does not exist", "no column")):
        return "数据库表结构不符，请先运行 crm migrate"
    return f"数据库无法使用：{detail.splitlines()[0]}"


def _complain(messages: Any, code: int) -> int:
    for message in messages:
        print(message, file=sys.stderr)
    return code


class _ChineseParser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        """Say what is wrong with the command line and how it is meant."""
        print(f"命令有误：{message}\n{self.format_usage().strip()}", file=sys.stderr)
        raise SystemExit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _ChineseParser(prog="crm", description="榫卯 CRM")
    commands = parser.add_subparsers(required=True, metavar="命令", parser_class=_ChineseParser)
    _add_operations(commands)
    _add_business(commands)
    return parser


def _add_operations(commands: Any) -> None:
    command = _add(commands, "init", _init, "建库、参考数据、演示数据")
    command.add_argument("--demo", choices=("small", "office", "company"), help="演示数据的规模")
    command.add_argument("--seed", type=int, default=1, help="同一种子得到同样的数据")
    command.add_argument("--if-empty", action="store_true", help="已有数据时不写入演示数据")
    command = _add(commands, "serve", _serve, "启动服务")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=2718)
    _add_analyst(commands)
    _add(commands, "migrate", _migrate, "升级表结构")
    _add(commands, "doctor", _doctor, "检查安装")
    command = _add(commands, "backup", _backup, "备份数据库和附件到文件")
    command.add_argument("file", type=Path)
    command = _add(commands, "restore", _restore, "从备份恢复")
    command.add_argument("file", type=Path)
    command.add_argument("--force", action="store_true", help="覆盖已有数据")


def _add_analyst(commands: Any) -> None:
    command = _add(commands, "analyst", _analyst, "打开分析员的报表编辑器（只读、脱敏的数据）")
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=2719)
    command.add_argument("--as", dest="login", help="为谁打开（或谁发布），默认第一个有权的人")
    command.add_argument("--every", type=float, default=10, metavar="分钟", help="副本的更新间隔")
    command.add_argument("--memory", type=float, default=8, metavar="GB", help="每个进程的内存上限")
    command.add_argument("--cpu", type=int, default=60, metavar="分钟", help="每个进程的 CPU 上限")
    command.add_argument("--prepare", action="store_true", help="PostgreSQL：建脱敏视图和只读角色")
    command.add_argument("--publish", metavar="登录名/报表名", help="检查草稿并发布到产品")


def _add_business(commands: Any) -> None:
    person = _add(commands, "person", None, "人员").add_subparsers(required=True, metavar="动作")
    command = _add(person, "add", _add_person, "添加人员，显示一次初始密码")
    for name in ("login", "name", "office"):
        command.add_argument(f"--{name}", required=True)
    command.add_argument("--role", required=True, choices=[role.value for role in Role])
    command.add_argument("--reports-to", metavar="LOGIN")
    files = _add(commands, "import", None, "导入").add_subparsers(required=True, metavar="内容")
    for kind, label in IMPORT_KINDS.items():
        command = _add(files, kind, _import_file, f"导入{label}（.xlsx 或 .csv）")
        command.set_defaults(kind=kind)
        command.add_argument("file", type=Path)
        command.add_argument("--as", dest="login", help="以谁的身份导入，默认第一个信息部人员")
        command.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        command.add_argument("--undo", action="store_true", help="撤销此文件的上一次导入")
        command.add_argument("--report", type=Path, metavar="OUT.xlsx", help="错误清单写到此文件")
        command.add_argument("--json", action="store_true")
    command = _add(commands, "collide", _collide, "撞单分析")
    command.add_argument("name")
    command.add_argument("--phone")
    command.add_argument("--json", action="store_true")
    command = _add(commands, "scan", _scan, "全库查重，结果进入重复候选")
    command.add_argument("--json", action="store_true")


def _add(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    made.set_defaults(run=run)
    return made


def _init(args: argparse.Namespace) -> None:
    from crmlib.demo.fill import fill, is_empty
    from crmlib.operations.setup import prepare
    from crmlib.store.engine import reading

    prepare()
    if not args.demo:
        return print("数据库已就绪")
    with reading() as session:
        if args.if_empty and not is_empty(session):
            return print("数据库中已有数据，未写入演示数据")
    filled = fill(args.demo, args.seed)
    return print(
        f"演示数据已写入：{filled.people} 人，{filled.customers} 个客户，"
        f"{filled.contacts} 个联系人，{filled.opportunities} 个商机，{filled.activities} 个活动"
    )


def _serve(args: argparse.Namespace) -> int:
    from crmlib.operations.setup import greeting
    from crmlib.web.serve import serve

    print(greeting(args.host, args.port), flush=True)
    try:
        serve(args.host, args.port)
    except SystemExit as end:  # uvicorn's way to say it could not start
        if end.code:
            message = f"服务未能启动，请检查端口 {args.port} 是否已被占用"
            return _complain([message], FAILURE)
    return WELL


def _analyst(args: argparse.Namespace) -> int:
    from crmlib.access.grants import Permission
    from crmlib.analysis import copying, editor, masked, publishing, views
    from crmlib.operations.staffing import actor_who_may

    if args.prepare:
        if copying.is_sqlite():
            return _complain(["SQLite 不需要此步骤"], BAD_INPUT)
        views.prepare()
        print(f"脱敏视图（模式 {masked.SCHEMA}）和只读角色 {views.ROLE} 已就绪")
    elif args.publish:
        actor = actor_who_may(Permission.ANALYSIS_PUBLISH, args.login)
        login, _, name = args.publish.partition("/")
        done = publishing.publish_report(actor, login, name)
        print(f"已发布：{done.title}（/reports/{done.name}/）")
    else:
        actor = actor_who_may(Permission.ANALYSIS_EDIT, args.login)
        wishes = editor.Wishes(args.host, args.port, args.every, args.memory, args.cpu)
        return editor.run(actor, wishes, lambda line: print(line, flush=True))
    return WELL


def _migrate(_args: argparse.Namespace) -> None:
    from crmlib.operations.setup import prepare

    prepare()
    print("表结构已是最新")


def _doctor(_args: argparse.Namespace) -> int:
    from crmlib.operations.doctor import examine, is_fit

    findings = examine()
    for finding in findings:
        print(f"{finding.state}  {finding.what}：{finding.detail}")
    return WELL if is_fit(findings) else FAILURE


def _backup(args: argparse.Namespace) -> None:
    from crmlib.operations.backup import back_up

    made = back_up(args.file)
    print(f"已备份到 {args.file}（{made.size:,} 字节，附件 {made.files:,} 个）")
    if made.missing or made.damaged:
        print(f"注意：{made.missing} 个附件的内容不在服务器上，{made.damaged} 个已损坏，未能备份")


def _restore(args: argparse.Namespace) -> None:
    from crmlib.operations.backup import restore

    done = restore(args.file, force=args.force)
    print(f"已从 {args.file} 恢复，附件 {done.files:,} 个；如版本较旧请再运行 crm migrate")
    if done.missing:
        print(f"注意：{done.missing} 个附件的内容不在备份和服务器上，请从其他备份复制 files 目录")


def _add_person(args: argparse.Namespace) -> None:
    from crmlib.operations.staffing import add_colleague

    added = add_colleague(
        login=args.login,
        name=args.name,
        role=Role(args.role),
        office=args.office,
        reports_to=args.reports_to,
    )
    print(f"已添加 {args.name}（{args.login}），编号 {added.seller_code or '—'}")
    print(f"初始密码（只显示这一次，首次登录须修改）：{added.password}")


def _import_file(args: argparse.Namespace) -> None:
    from crmlib.exchange.importing import import_file, undo_file
    from crmlib.exchange.model import ImportKind
    from crmlib.operations.staffing import actor_named

    actor, kind = actor_named(args.login), ImportKind(args.kind)
    if args.undo:
        undone = undo_file(actor, args.file, kind)
        if args.json:
            return print(json.dumps(asdict(undone), ensure_ascii=False))
        return print(f"已撤销批次 {undone.number}，保留 {undone.kept} 行")
    result = import_file(actor, args.file, kind=kind, dry_run=args.dry_run, report=args.report)
    if args.json:
        return print(json.dumps(result.counts(), ensure_ascii=False))
    prefix = "试算，未写入：" if args.dry_run else ""
    print(
        f"{prefix}共 {result.rows} 行，新建 {result.created}，更新 {result.updated}，"
        f"已存在 {result.duplicates}，错误 {result.errors}，疑似重复 {result.similar}"
    )
    if args.report:
        print(f"错误清单：{args.report}")
    return None


def _collide(args: argparse.Namespace) -> None:
    from crmlib.operations.questions import ask_collision

    text, rows = ask_collision(args.name, args.phone)
    if args.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return
    print(text)
    for row in rows:
        print(f"{row.same:.2f}  {row.code}  {row.name}  {'；'.join(row.reasons)}")


def _scan(args: argparse.Namespace) -> None:
    from crmlib.duplicates.scan import scan

    result = asdict(scan(None))
    if args.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(
        f"扫描完成：候选 {result['pairs_total']} 对，新增 {result['pairs_new']} 对，"
        f"用时 {result['seconds']:.1f} 秒"
    )


if __name__ == "__main__":
    sys.exit(main())
