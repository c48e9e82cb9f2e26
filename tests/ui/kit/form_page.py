import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full")

with app.setup:
    import marimo as mo

    from crmlib.errors import Invalid
    from crmlib.ui import cards
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.options import Option
    from crmlib.ui.reply import Question, Reply, saved
    from crmlib.ui.route import link

    SAVED = []


@app.cell
def _():
    actor, record, params = None, "", {}
    return actor, params, record


@app.cell
def _(actor):
    cards.page_title("客户—新增", note=f"{actor}")
    return


@app.cell
def _():
    def save(values, token):
        if values["name"] == "炸":
            raise RuntimeError("secret")
        if values["name"] == "相似" and not values.get("reason"):
            return Reply(ok=False, question=Question(text="存在相似客户"))
        if len(values["phone"]) < 7:
            raise Invalid({"phone": "电话 格式不正确"})
        if token not in [one[0] for one in SAVED]:
            SAVED.append((token, values))
        code = f"KH{len(SAVED):04d}"
        return saved(f"保存成功，客户代码 {code}", ("查看客户", link("list", code)))

    def collision(text, values):
        hit = {
            "code": "KH9",
            "name": f"<b>{text}</b>有限公司",
            "similarity": 0.9,
            "reasons": ["字号相同"],
        }
        return {"verdict": "similar", "text": "相似 1", "hits": [hit]}

    return collision, save


@app.cell
def _(collision, save):
    form = mo.ui.anywidget(
        Form(
            [
                Field(name="name", label="客户名称", required=True, live="collision", width=2),
                Field(
                    name="region",
                    label="区域",
                    kind="picker",
                    required=True,
                    options=[Option(1, "广州市", "广东省"), Option(2, "重庆市", "西南")],
                ),
                Field(name="phone", label="电话", kind="tel", required=True),
                Field(name="remark", label="备注", kind="textarea"),
            ],
            save,
            key="kit",
            also_new=True,
            on_ask={"collision": collision},
        )
    )
    form  # noqa: B018
    return (form,)


@app.cell
def _(form):
    cards.notice(f"本次已保存 {form.value['saved']} 张，共 {len(SAVED)} 张")
    return


if __name__ == "__main__":
    app.run()
