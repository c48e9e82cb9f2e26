// The menu of a table's 过滤方案, and the choice and order of its columns.
import { formDialog, openDialog } from "./dialog.js";
import { button, busy, el, tell, toast } from "./kit.js";

const SYSTEM = 0;
const SYSTEM_NAME = "默认方案";

/** Make the menu; query() is what the table shows, apply(query) shows another one. */
export function schemeMenu({ host, spec, ask, query, apply, signal }) {
  let shelf = spec.schemes;
  const opener = button("", () => (panel.hidden ? open() : close()), { kind: "sm-scheme", "aria-haspopup": "menu", "aria-expanded": "false" });
  const panel = el("div", { class: "sm-scheme-panel", role: "menu", "aria-label": "过滤方案", hidden: true });
  const node = el("span", { class: "sm-scheme-menu" }, opener, panel);
  const line = (id) => shelf.lines.find((each) => each.id === id);
  const current = () => line(query().scheme);

  node.addEventListener("keydown", (event) => {
    if (panel.hidden) return;
    const items = [...panel.querySelectorAll("button:not(:disabled)")];
    const at = items.indexOf(panel.getRootNode().activeElement);
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
      opener.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
    }
  });
  window.addEventListener("pointerdown", (event) => event.composedPath().includes(node) || close(), { signal });

  function close() {
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
  }
  function open() {
    const mine = current();
    const item = (label, call, props = {}) => el("button", { type: "button", role: "menuitem", class: "sm-scheme-item", text: label, ...props, on: { click: () => (close(), call()) } });
    const usual = (id) => (shelf.chosen === id ? "（默认）" : "");
    panel.replaceChildren(
      item(SYSTEM_NAME + usual(SYSTEM), () => show(SYSTEM), { class: `sm-scheme-item${mine ? "" : " on"}` }),
      ...shelf.lines.map((each) => item(
        each.name + usual(each.id) + (each.by ? ` · ${each.by} 发布` : each.published ? " · 已发布" : ""),
        () => show(each.id),
        { class: `sm-scheme-item${mine === each ? " on" : ""}` },
      )),
      el("hr"),
      item("保存方案", () => save(mine), { disabled: !mine?.own, title: mine?.own ? null : "请用「另存为」保存为自己的方案" }),
      item("另存为…", () => save(null)),
      item("设为默认", () => step("choose", { scheme: mine.id }), { disabled: !mine || shelf.chosen === mine.id }),
      item("恢复默认方案", () => restore(), { disabled: !mine && shelf.chosen === SYSTEM }),
      ...(shelf.mayPublish ? [item(mine?.published ? "取消发布" : "发布", () => step("publish", { scheme: mine.id, on: !mine.published }), { disabled: !mine?.own })] : []),
      item("删除", () => remove(mine), { disabled: !mine?.own, title: mine ? (mine.own ? null : "只能删除自己的方案") : "系统默认方案不能删除" }),
      ...(spec.columns.length ? [el("hr"), item("表格设置…", () => columns())] : []),
    );
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    panel.querySelector("button").focus();
  }
  function show(id) {
    const base = id === SYSTEM ? spec.default : { ...spec.default, ...line(id).content };
    apply({ ...base, filters: { ...(base.filters || {}) }, page: 1, scheme: id });
  }
  async function step(name, sent) {
    const free = busy(opener);
    try {
      const { reply, shelf: now } = await ask("scheme", { do: name, ...sent }, 20000);
      shelf = now;
      tell(reply, ask);
      paint();
      return reply.ok;
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
      return false;
    } finally {
      free();
    }
  }
  async function restore() {
    if (shelf.chosen === SYSTEM || (await step("choose", { scheme: SYSTEM }))) show(SYSTEM);
  }
  function remove(mine) {
    const yes = button("删除", async () => {
      made.close();
      if (await step("delete", { scheme: mine.id })) show(SYSTEM);
    }, { kind: "danger" });
    const made = openDialog(host, "删除方案", el("p", { text: `删除后不能恢复：${mine.name}` }), el("div", { class: "sm-foot" }, yes, button("取消", () => made.close())));
    made.box.addEventListener("close", () => made.box.remove());
    yes.focus();
  }
  function save(mine) {
    const form = { ...spec.schemeForm, title: mine ? "保存方案" : "另存为方案" };
    form.values = { ...form.values, name: mine ? mine.name : "", open_with: Boolean(mine && shelf.chosen === mine.id) };
    formDialog(host, form, {
      ask: (name, sent, patience) => ask(name === "submit" ? "save_scheme" : name, { ...sent, query: query(), scheme: mine ? mine.id : null }, patience),
      undo: ask,
      done: (reply) => {
        shelf = reply.data.shelf;
        apply({ ...query(), scheme: reply.data.scheme });
      },
    });
  }
  function columns() {
    const shown = query().cols ? query().cols.split(",") : spec.columns.map(({ name }) => name);
    const rest = spec.columns.map(({ name }) => name).filter((name) => !shown.includes(name));
    const list = el("ul", { class: "sm-columns", "aria-label": "列" });
    [...shown, ...rest].forEach((name) => {
      const box = el("input", { type: "checkbox" });
      box.checked = shown.includes(name);
      const label = spec.columns.find((each) => each.name === name).label;
      const row = el("li", { "data-name": name });
      const move = (by) => button(by < 0 ? "↑" : "↓", (event) => {
        const beside = by < 0 ? row.previousElementSibling : row.nextElementSibling;
        if (!beside) return;
        if (by < 0) beside.before(row);
        else beside.after(row);
        event.target.focus();
      }, { kind: "small", "aria-label": `${label} ${by < 0 ? "上移" : "下移"}` });
      row.append(el("label", { class: "sm-tick" }, box, el("span", { text: label })), el("span", { class: "sm-gap" }), move(-1), move(1));
      list.append(row);
    });
    const fault = el("p", { class: "sm-fault", role: "alert" });
    const done = button("确定", () => {
      const names = [...list.children].filter((row) => row.querySelector("input").checked).map((row) => row.dataset.name);
      if (!names.length) return (fault.textContent = "请至少选择一列");
      made.close();
      const all = spec.columns.map(({ name }) => name).join(",");
      apply({ ...query(), cols: names.join(",") === all ? "" : names.join(",") });
    }, { kind: "primary" });
    const made = openDialog(host, "表格设置", list, fault, el("div", { class: "sm-foot" }, done, button("取消", () => made.close())));
    made.box.addEventListener("close", () => made.box.remove());
    list.querySelector("input").focus();
  }
  function paint() {
    opener.textContent = `方案：${current()?.name || SYSTEM_NAME} ▾`;
  }
  return { node, paint };
}
