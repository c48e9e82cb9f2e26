import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    from crmlib.ui.identity import person_id

    me = person_id()
    return me, mo


@app.cell
def _(mo):
    word = mo.ui.text(label="词")
    mo.hstack([word])
    return (word,)


@app.cell
def _(me, mo, word):
    request = mo.app_meta().request
    seen = len(request.cookies) + ("cookie" in request.headers) if request else "?"
    mo.md(f"me={me} cookies={seen} word={word.value}")
    return


if __name__ == "__main__":
    app.run()
