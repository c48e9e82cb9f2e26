import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报价单—新增 · 榫卯")

with app.setup:
    from datetime import timedelta

    import marimo as mo

    from crmlib import clock, words
    from crmlib.access.actor import actor_of
    from crmlib.access.grants import Permission
    from crmlib.quotes.actions import create_quote
    from crmlib.quotes.choices import deal_choice, deal_choices, quote_options
    from crmlib.quotes.form import draft_of_values, quote_fields
    from crmlib.ui import cards
    from crmlib.ui.choices import by_id
    from crmlib.ui.fields import Field
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import Reply
    from crmlib.ui.route import link

    DAYS = 30  # an offer usually holds


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = "", mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, params):
    mo.stop(not actor.may(Permission.QUOTE_EDIT), cards.notice("您没有权限编制报价单", "warn"))
    _asked = str(params.get("opportunity", ""))
    deal = deal_choice(actor, int(_asked)) if _asked.isdecimal() else None
    mo.stop(
        bool(_asked) and deal is None,
        cards.notice("您没有权限为此商机报价，或商机已经结束", "warn"),
    )
    return (deal,)


@app.cell
def _(actor, deal):
    def submit(values, token):
        made = create_quote(actor, values["opportunity_id"], draft_of_values(values), token=token)
        return Reply(
            ok=True,
            message=f"保存成功，报价单号 {made.number}",
            link=("打开报价单", link("quote", made.quote_id)),
            next=link("quote", made.quote_id),
        )

    quote = mo.ui.anywidget(
        Form(
            [
                Field(
                    name="opportunity_id",
                    label=words.QUOTE["opportunity"],
                    kind="picker",
                    search="deals",
                    required=True,
                ),
                *quote_fields(quote_options()),
            ],
            submit,
            key=f"quote_new {deal.name if deal else ''}".strip(),
            values={
                "opportunity_id": by_id([deal])[0] if deal else None,
                "valid_until": clock.today() + timedelta(days=DAYS),
            },
            cancel=link("opportunity", int(deal.code), tab="quotes") if deal else link("quotes"),
            on_ask={"deals": lambda text, _values: by_id(deal_choices(actor, text))},
        )
    )
    mo.vstack([cards.page_title("报价单—新增", steps=("商业机会", "报价单")), quote])
    return (quote,)


if __name__ == "__main__":
    app.run()
