// A column per record: arrows walk, S keeps, space joins or leaves out, M asks once more.
import { adopt, anchor, asker, busy, button, canUndo, el, go, tell, ticketId } from "./kit.js";
import { differing, marked } from "./differ.js";

const NONE = "—";
const KEYS = "按键：← → 选一列 · S 设为保留方 · 空格 并入/不并入 · E 展开相同项 · M 合并 · B 返回；确认时 Enter 确定，Esc 取消";

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  canUndo(spec.asks, ask);
  const all = spec.candidates;
  let survivor = spec.survivor;
  let why = spec.why;
  let chosen = preset();
  let current = 0;
  let folded = true;
  let working = false;
  let finished = false;
  let panel = null;
  let token = "";
  let sentAs = "";
  const node = el("div", { class: "sm sm-cluster", tabindex: "-1" });
  host.append(node);

  const one = (id) => all.find((record) => record.id === id);
  // Who was judged apart from the survivor stays out unless the judgement is taken back.
  function preset() {
    return new Set(all.filter((record) => record.id !== survivor && !record.apart.includes(survivor)).map((record) => record.id));
  }
  const losers = () => all.filter((record) => chosen.has(record.id)).map((record) => record.id);
  const others = () => all.filter((record) => record.id !== survivor && !chosen.has(record.id));

  function paint() {
    node.replaceChildren(table(), foot());
  }
  function table() {
    const rows = spec.fields.map(([label, texts]) => ({ label, texts, same: texts.every((text) => text === texts[0]) }));
    const equal = rows.filter((row) => row.same);
    const fold = button(`${folded ? "▸" : "▾"} 相同的 ${equal.length} 项`, () => ((folded = !folded), paint()), { kind: "link", "aria-expanded": folded ? "false" : "true" });
    return el("div", { class: "sm-scroll" }, el("table", { class: "sm-cmp sm-cluster-table", style: `min-width:${130 + all.length * 190}px` },
      el("thead", {}, el("tr", {}, el("th", {}, el("span", { text: `共 ${all.length} 家` })), ...all.map(head))),
      el("tbody", {}, ...rows.filter((row) => !row.same).map(line),
        equal.length ? el("tr", {}, el("td", { colspan: all.length + 1 }, fold)) : null,
        ...(folded ? [] : equal.map((row) => el("tr", { class: "sm-cmp-equal" }, el("th", { scope: "row", text: row.label }), el("td", { colspan: all.length, text: row.texts[0] || NONE })))))));
  }
  function head(record, at) {
    const kept = record.id === survivor;
    const stay = el("input", { type: "radio", name: "sm-cluster-survivor", disabled: !spec.can, on: { change: () => keep(record.id) } });
    stay.checked = kept;
    const join = el("input", { type: "checkbox", disabled: kept || !spec.can, on: { change: () => toggle(record.id) } });
    join.checked = chosen.has(record.id);
    const bond = kept ? why : record.bonds[survivor] || "与保留方无直接候选";
    return el("th", { scope: "col", class: `${kept ? "kept" : chosen.has(record.id) ? "joins" : "out"} ${at === current ? "on" : ""}`, on: { click: () => at !== current && ((current = at), paint()) } },
      anchor(record.name, record.href), ...record.tags.map((tag) => el("span", { class: "sm-tag warn", text: tag })),
      el("div", { class: "sm-hint", text: record.code }), el("div", { class: "sm-hint", text: bond }),
      el("div", { class: "sm-row" }, el("label", { class: "sm-tick" }, stay, "保留方"), el("label", { class: "sm-tick" }, join, "并入")));
  }
  function line(row) {
    const at = all.findIndex((record) => record.id === survivor);
    return el("tr", {}, el("th", { scope: "row", text: row.label }), ...row.texts.map((text, place) => {
      const parts = place === at || text === row.texts[at] ? [text || NONE] : text ? marked(differing(row.texts[at], text)[1]) : [NONE];
      return el("td", { class: `${place === at ? "picked" : ""} ${place === current ? "on" : ""}` }, ...parts);
    }));
  }
  function foot() {
    const out = others().length;
    const told = `保留「${one(survivor).name}」，并入 ${chosen.size} 家${out ? `，不并入 ${out} 家` : ""}`;
    const merge = spec.can ? button("合并 (M)", begin, { kind: "primary" }) : null;
    return el("div", { class: "sm-cmp-foot" }, el("div", { class: "sm-cmp-panel", hidden: true }),
      el("div", { class: "sm-row" }, merge, el("span", { class: "sm-left", text: told }), el("span", { class: "sm-gap" }), anchor(`${spec.back[0]} (B)`, spec.back[1], { class: "sm-btn" })),
      el("div", { class: "sm-hint", text: KEYS }));
  }

  function keep(id) {
    if (id === survivor || !spec.can) return;
    survivor = id;
    why = "由您选择";
    chosen = preset();
    paint();
  }
  function toggle(id) {
    if (id === survivor || !spec.can) return;
    if (!chosen.delete(id)) chosen.add(id);
    paint();
  }

  // ---- deciding ----------------------------------------------------------------------------
  function begin() {
    if (working || panel || !spec.can) return;
    const reason = el("input", { class: "sm-input", maxlength: 255, "aria-label": "原因", placeholder: "合并原因（可不填）" });
    const rest = others();
    const apart = rest.length ? el("input", { type: "checkbox" }) : null;
    const apartWhy = el("input", { class: "sm-input", maxlength: 255, "aria-label": "不是重复的原因", placeholder: "不是重复的原因（必填）", list: "sm-cluster-reasons", disabled: true });
    apart?.addEventListener("change", () => {
      apartWhy.disabled = !apart.checked;
      if (apart.checked) apartWhy.focus();
    });
    const quick = el("datalist", { id: "sm-cluster-reasons" }, ...spec.reasons.map((text) => el("option", { value: text })));
    const sure = el("input", { type: "checkbox" });
    const sureText = el("span");
    const sureLine = el("label", { class: "sm-tick", hidden: true }, sure, sureText);
    const bad = el("div", { class: "sm-fault", role: "alert" });
    const yes = button("确定合并", () => decide({ reason, apart, apartWhy, sure, sureLine, sureText, bad, yes }), { kind: "primary" });
    panel = node.querySelector(".sm-cmp-panel");
    panel.replaceChildren(
      el("p", { text: `将 ${chosen.size} 家并入「${one(survivor).name}」，每家一张合并单，可分别撤销` }),
      rest.length ? el("div", { class: "sm-row" }, el("label", { class: "sm-tick" }, apart, `其余 ${rest.length} 家标为不是重复`), apartWhy, quick) : "",
      sureLine, bad, el("div", { class: "sm-row" }, reason, yes, button("取消 (Esc)", leave)));
    panel.hidden = false;
    panel.onkeydown = (event) => {
      if (event.key === "Enter" && !event.isComposing && event.target.tagName === "INPUT") {
        event.preventDefault();
        yes.click();
      }
    };
    yes.focus();
  }
  function leave() {
    panel?.replaceChildren();
    if (panel) panel.hidden = true;
    panel = null;
    node.focus({ preventScroll: true });
  }
  async function decide({ reason, apart, apartWhy, sure, sureLine, sureText, bad, yes }) {
    if (working) return;
    const sent = { survivor, losers: losers(), others: apart?.checked ? others().map((record) => record.id) : [], reason: reason.value, others_reason: apartWhy.value, confirmed: sure.checked };
    const shape = JSON.stringify(sent);
    if (!token || shape !== sentAs) token = ticketId();
    sentAs = shape;
    working = true;
    const free = busy(yes);
    try {
      const reply = await ask("decide", { ...sent, token }, 60000);
      if (!reply.ok) return void (bad.textContent = reply.message || Object.values(reply.errors).join("；"));
      tell({ ...reply, next: null }, ask);
      finish(reply);
    } catch (fault) {
      if (!fault.silent) token = "";
      const { confirm, ...faults } = fault.faults;
      if (confirm) {
        sureText.textContent = confirm;
        sureLine.hidden = false;
        sure.focus();
      }
      if (faults.others_reason) apartWhy.focus();
      const texts = Object.values(faults);
      bad.textContent = fault.silent ? "服务器暂无响应，请重试" : confirm && !texts.length ? "请先勾选确认" : texts.join("；") || fault.message;
    } finally {
      working = false;
      free();
    }
  }
  /** Stay here until the person goes on: the way back leads through this widget. */
  function finish(reply) {
    panel = null;
    finished = true;
    const list = anchor("返回列表", reply.next || spec.back[1], { class: "sm-btn primary" });
    node.replaceChildren(el("div", { class: "sm-state" }, el("p", { text: reply.message }), list));
    list.focus();
  }
  window.addEventListener("sunmao:undone", (event) => {
    if (finished && event.detail?.ok) go(location.href);
  }, { signal });
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape" && panel) return leave();
    const at = event.composedPath()[0];
    if (panel || finished || !node.isConnected || /^(TEXTAREA|SELECT|BUTTON)$/.test(at.tagName) || (at.tagName === "INPUT" && event.key === " ")) return;
    const steps = {
      ArrowLeft: () => ((current = Math.max(0, current - 1)), paint()),
      ArrowRight: () => ((current = Math.min(all.length - 1, current + 1)), paint()),
      s: () => keep(all[current].id),
      " ": () => toggle(all[current].id),
      e: () => ((folded = !folded), paint()),
      m: begin,
      b: () => go(spec.back[1]),
    };
    const step = steps[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!step) return;
    event.preventDefault();
    step();
    if (!panel) node.focus({ preventScroll: true });
  }, { signal });
  paint();
  node.dataset.ready = "1";
}

export default { render };
