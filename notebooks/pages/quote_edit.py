import marimo

__generated_with = "0.25.2"
app = marimo.App(width="full", app_title="报价单—修改 · 榫卯")

with app.setup:
    import marimo as mo

    from crmlib.access.actor import actor_of
    from crmlib.errors import CrmError, Refused
    from crmlib.quotes.actions import edit_quote
    from crmlib.quotes.choices import editable_quote, quote_options
    from crmlib.quotes.form import draft_of_values, quote_fields, values_of_draft
    from crmlib.ui import cards
    from crmlib.ui.form import Form
    from crmlib.ui.identity import person_id
    from crmlib.ui.reply import saved
    from crmlib.ui.route import link


@app.cell
def _():
    actor = actor_of(person_id())
    return (actor,)


@app.cell
def _():
    record, params = mo.query_params().get("id", ""), mo.query_params().to_dict()
    return params, record


@app.cell
def _(actor, record):
    why = "您没有权限修改此报价单，或报价单不存在"
    try:
        opened = editable_quote(actor, int(record))
    except Refused as refusal:
        opened, why = None, refusal.message
    except (CrmError, ValueError):
        opened = None
    mo.stop(opened is None, cards.notice(why, "warn"))
    return opened, why


@app.cell
def _(actor, opened):
    def submit(values, token):
        done = edit_quote(
            actor, opened.id, draft_of_values(values), version=opened.version, token=token
        )
        return saved(f"保存成功，报价单 {done.number}", next=link("quote", done.quote_id))

    quote = mo.ui.anywidget(
        Form(
            quote_fields(quote_options()),
            submit,
            key=f"quote-{opened.id}",
            values=values_of_draft(opened.draft),
            version=opened.version,
            cancel=link("quote", opened.id),
        )
    )
    _record = f"{opened.number} 第 {opened.revision} 版"
    mo.vstack(
        [cards.page_title("报价单—修改", record=_record, steps=("商业机会", "报价单")), quote]
    )
    return (quote,)


if __name__ == "__main__":
    app.run()
