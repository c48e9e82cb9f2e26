import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="导入文件 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib import words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.exchange.batches import importable
    from crmlib.exchange.sheets import MOST_UPLOADED, UPLOADED
    from crmlib.exchange.titles import LABELS, NEEDED
    from crmlib.ui import cards
    from crmlib.ui.identity import person_id
    from crmlib.ui.route import link
    from crmlib.ui.upload import Upload


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor):
    mo.stop(not actor.may(Permission.CUSTOMER_IMPORT), cards.notice("您没有权限执行此操作", "warn"))
    _kinds = importable(actor)
    upload = mo.ui.anywidget(
        Upload(
            "/imports",
            [(kind.value, words.IMPORT_KINDS[kind.value]) for kind in _kinds],
            label="导入内容",
            suffixes=sorted(UPLOADED, reverse=True),
            most_bytes=MOST_UPLOADED,
            hint=(
                f"可将文件拖放到此处；.xlsx 或 .csv（UTF-8、GBK），不超过 {MOST_UPLOADED >> 20} MB，"
                "只读取第一张工作表"
            ),
        )
    )
    mo.vstack(
        [
            cards.page_title(
                "导入文件",
                steps=("系统", "数据导入", "导入文件"),
                links=[cards.anchor("返回列表", link("imports"))],
            ),
            upload,
        ]
    )
    return


@app.cell
def _(actor):
    def _needed(kind):
        groups = [" 或 ".join(LABELS[kind][name] for name in group) for group in NEEDED[kind]]
        return "、".join(groups)

    mo.vstack(
        [
            cards.section("可以导入的列", note="标题可以与下列不同，上传后再对应"),
            cards.small_table(
                ["内容", "必须有", "可以有"],
                [
                    (
                        words.IMPORT_KINDS[kind.value],
                        _needed(kind),
                        "、".join(LABELS[kind].values()),
                    )
                    for kind in importable(actor)
                ],
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
