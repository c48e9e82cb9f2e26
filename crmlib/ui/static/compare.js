// Side by side: survivor left, loser right; keys decide, the next pair comes in place.
import { adopt, anchor, asker, busy, button, canUndo, el, go, keepInAddress, tell, ticketId, toast } from "./kit.js";
import { panelParts } from "./compare_panel.js";
import { differing, marked } from "./differ.js";

const STEPS = [
  ["merge", "合并", "M"],
  ["distinct", "不是重复", "N"],
  ["affiliated", "关联公司", "R"],
  ["defer", "暂缓", "L"],
];
const EMPTY = "—";
const HELP = "按键：M 合并 · N 不是重复 · R 关联公司 · L 暂缓 · S 交换两边 · J 下一对 · K 上一对 · G 整组 · E 展开相同项 · B 返回列表；确认时 1–9 选快捷项，Enter 确定，Esc 取消";

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  canUndo(spec.asks, ask);
  const node = el("div", { class: "sm sm-compare", tabindex: "-1" });
  host.append(node);
  let turn = spec.first;
  let picks = {};
  let clashes = {};
  let touched = {};
  let folded = true;
  let working = false;
  let panel = null;
  let token = "";
  let sentAs = "";

  function show(next, keep = {}) {
    turn = next;
    panel = null;
    const pair = turn.pair;
    touched = keep;
    picks = Object.fromEntries((pair?.fields || []).filter((row) => row.choosable && row.survivor !== row.loser).map((row) => [row.key, keep[row.key] || row.pick]));
    clashes = Object.fromEntries((pair?.clashes || []).map((row) => [row.key, row.pick]));
    if (pair) keepInAddress({ id: pair.key });
    paint();
    document.getElementById("App")?.scrollTo(0, 0);
  }
  function paint() {
    const pair = turn.pair;
    if (!pair) {
      const back = spec.back ? anchor(spec.back[0], spec.back[1], { class: "sm-btn" }) : null;
      const done = turn.done ? el("p", { text: `今天您已处理 ${turn.done} 对` }) : null;
      return node.replaceChildren(el("div", { class: "sm-state" }, el("p", { text: "没有待审的重复候选了" }), done, back));
    }
    node.replaceChildren(summary(pair), el("div", { class: "sm-cmp-body" }, table(pair), beside(pair)), foot(pair));
  }
  function summary(pair) {
    return el("div", { class: "sm-cmp-score" }, el("b", { text: pair.verdict }), ...pair.parts.map((part) => el("span", { class: "sm-tag info", text: part })), pair.note ? el("span", { class: "sm-hint", text: `备注：${pair.note}` }) : null,
      pair.group ? anchor(`${pair.group[0]} (G)`, pair.group[1], { class: "sm-btn small" }) : null);
  }
  function side(record, role, why) {
    return el("th", { scope: "col" },
      el("div", { class: "sm-hint", text: why ? `${role}：${why}` : role }),
      record.href ? anchor(record.name, record.href) : el("span", { text: record.name }),
      ...record.tags.map((tag) => el("span", { class: "sm-tag warn", text: tag })),
      el("div", { class: "sm-hint", text: [record.code, ...record.facts].filter(Boolean).join(" · ") }));
  }
  function table(pair) {
    const swap = button("⇄ 交换 (S)", turnRound, { kind: "small", "data-key": "S" });
    const equal = pair.fields.filter((row) => row.survivor === row.loser);
    const differs = pair.fields.filter((row) => row.survivor !== row.loser);
    const fold = button(`${folded ? "▸" : "▾"} 相同的 ${equal.length} 项`, () => ((folded = !folded), paint()), { kind: "link", "aria-expanded": folded ? "false" : "true" });
    return el("table", { class: "sm-cmp" },
      el("thead", {}, el("tr", {}, el("th", {}, swap), side(pair.survivor, "保留方", pair.survivor_why), side(pair.loser, "被合并方", ""))),
      el("tbody", {}, ...differs.map(fieldRow), ...pair.clashes.map(clashRow),
        ...pair.children.map(([label, mine, theirs]) => el("tr", { class: "sm-cmp-count" }, el("th", { scope: "row", text: label }), el("td", { text: `${mine} 条` }), el("td", { text: `${theirs} 条` }))),
        equal.length ? el("tr", {}, el("td", { colspan: 3 }, fold)) : null,
        ...(folded ? [] : equal.map((row) => el("tr", { class: "sm-cmp-equal" }, el("th", { scope: "row", text: row.label }), el("td", { colspan: 2, text: row.survivor || EMPTY }))))));
  }
  function fieldRow(row) {
    const [left, right] = differing(row.survivor, row.loser);
    const cell = (name, parts, text) => choice(row, name, text ? marked(parts) : [EMPTY], picks, (value) => {
      touched[row.key] = value;
      if (row.telling && spec.weighs) weigh();
    });
    return el("tr", {}, el("th", { scope: "row" }, row.label, row.why ? el("div", { class: "sm-hint", text: row.why }) : null), cell("survivor", left, row.survivor), cell("loser", right, row.loser));
  }
  function clashRow(row) {
    const cell = (name) => choice({ ...row, choosable: true }, name, [row[name] || EMPTY], clashes, () => {});
    return el("tr", {}, el("th", { scope: "row", text: row.label }), cell("survivor"), cell("loser"));
  }
  function choice(row, name, content, chosen, changed) {
    if (!row.choosable) return el("td", { class: "sm-cmp-fixed" }, ...content);
    const group = `sm-pick-${row.key}`;
    const radio = el("input", { type: "radio", name: group, on: { change: () => {
      chosen[row.key] = name;
      changed(name);
      radio.closest("tr").querySelectorAll("td").forEach((td) => td.classList.toggle("picked", td.contains(radio)));
    } } });
    radio.checked = chosen[row.key] === name;
    return el("td", { class: radio.checked ? "picked" : "" }, el("label", {}, radio, el("span", {}, ...content)));
  }
  function beside(pair) {
    if (!pair.impact.length) return "";
    return el("aside", { class: "sm-cmp-beside", "aria-label": "合并后" }, el("h3", { text: "如果合并" }), impactList(pair.impact));
  }
  function impactList(lines) {
    return el("ul", { class: "sm-cmp-impact" }, ...lines.map((line) => el("li", { text: line })));
  }
  async function weigh() {
    const pair = turn.pair;
    const lines = await ask("weigh", { pair: pair.key, survivor: pair.survivor.id, picks }).catch(() => null);
    if (lines && turn.pair === pair) node.querySelector(".sm-cmp-impact")?.replaceWith(impactList(lines));
  }
  function foot(pair) {
    const steps = STEPS.filter(([name]) => pair.verdicts.includes(name)).map(([name, label, key]) => button(`${label} (${key})`, () => begin(name), { kind: name === "merge" ? "primary" : "", "data-step": name }));
    const nav = [button("上一对 (K)", () => move("previous")), button("下一对 (J)", () => move("next"))];
    return el("div", { class: "sm-cmp-foot" }, el("div", { class: "sm-cmp-panel", hidden: true }), el("div", { class: "sm-row" }, ...steps, el("span", { class: "sm-gap" }), turn.done ? el("span", { class: "sm-left", text: `今天已处理 ${turn.done} 对` }) : null, el("span", { class: "sm-left", text: `还剩 ${turn.left} 对` }), ...nav), el("div", { class: "sm-hint", text: HELP }));
  }

  // ---- deciding ----------------------------------------------------------------------------
  function begin(name) {
    if (!turn.pair?.verdicts.includes(name) || working) return;
    const [, label] = STEPS.find(([step]) => step === name);
    const parts = panelParts(name, turn.pair, spec);
    const sure = name === "merge" && turn.pair.confirm ? el("input", { type: "checkbox" }) : null;
    const bad = el("div", { class: "sm-fault", role: "alert" });
    const words = name === "merge"
      ? `将「${turn.pair.loser.name}」并入「${turn.pair.survivor.name}」`
      : `「${turn.pair.survivor.name}」与「${turn.pair.loser.name}」：${label}`;
    const yes = button(`确定${label}`, () => decide(name, { ...parts, sure, bad, yes }), { kind: "primary", "data-sure": name });
    panel = node.querySelector(".sm-cmp-panel");
    panel.replaceChildren(
      el("p", { text: words }),
      ...parts.rows,
      sure ? el("label", { class: "sm-tick" }, sure, turn.pair.confirm) : "", bad,
      el("div", { class: "sm-row" }, parts.reason, yes, button("取消 (Esc)", leave)));
    panel.hidden = false;
    panel.onkeydown = (event) => {
      if (/^[1-9]$/.test(event.key) && !event.isComposing && !event.ctrlKey && !event.altKey && !event.metaKey) {
        if (parts.digit(Number(event.key) - 1, event.target)) event.preventDefault();
      } else if (event.key === "Enter" && !event.isComposing && event.target.tagName === "INPUT") {
        event.preventDefault();
        yes.click();
      }
    };
    (parts.first || yes).focus();
  }
  function leave() {
    if (!panel) return;
    panel.hidden = true;
    panel.replaceChildren();
    panel = null;
    node.focus({ preventScroll: true });
  }
  async function decide(name, { reason, extra, sure, bad, yes }) {
    if (working) return;
    if (spec.needs.includes(name) && !reason.value.trim()) {
      bad.textContent = "原因 为必录项";
      return reason.focus();
    }
    if (sure && !sure.checked) {
      bad.textContent = "请先勾选确认";
      return sure.focus();
    }
    const pair = turn.pair;
    const sent = { pair: pair.key, verdict: name, survivor: pair.survivor.id, loser: pair.loser.id, picks, clashes, reason: reason.value, ...extra(), confirmed: Boolean(sure?.checked) };
    const shape = JSON.stringify(sent);
    if (!token || shape !== sentAs) token = ticketId();
    sentAs = shape;
    working = true;
    const free = busy(yes);
    try {
      const next = await ask("decide", { ...sent, token }, 20000);
      token = "";
      if (!next.reply.ok) {
        bad.textContent = next.reply.message || Object.values(next.reply.errors).join("；");
        return;
      }
      tell({ ...next.reply, next: null }, ask);
      show(next);
      node.focus({ preventScroll: true });
      model.set("decided", model.get("decided") + 1);
      model.save_changes();
      if (next.reply.next) go(next.reply.next);
    } catch (fault) {
      if (!fault.silent) token = "";
      const told = fault.silent ? "服务器暂无响应，请重试" : [fault.message, ...Object.values(fault.faults)].filter((text, at, all) => text && all.indexOf(text) === at).join("；");
      bad.replaceChildren(told, fault.silent ? "" : button("重新载入这一对", () => load({ step: "this" }), { kind: "link" }));
    } finally {
      working = false;
      free();
    }
  }
  async function load(wanted, keep) {
    if (working || !turn.pair) return;
    working = true;
    try {
      const next = await ask("load", { pair: turn.pair.key, ...wanted });
      if (next.pair) show(next, keep);
      else toast({ kind: "warn", text: next.reply.message || (wanted.step === "previous" ? "已经是第一对" : "已经是最后一对") });
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
    } finally {
      working = false;
    }
  }
  const move = (step) => load({ step });
  function turnRound() {
    // What was chosen by hand stays with its record.
    const other = { survivor: "loser", loser: "survivor" };
    const kept = Object.fromEntries(Object.entries(touched).map(([key, name]) => [key, other[name]]));
    load({ step: "this", survivor: turn.pair.loser.id }, kept);
  }
  window.addEventListener("sunmao:undone", (event) => {
    if (event.detail?.ok && event.detail.data?.pair) {
      turn = turn.pair ? turn : { ...turn, pair: { key: String(event.detail.data.pair) } };
      ask("load", { pair: String(event.detail.data.pair), step: "this" }).then((next) => next.pair && show(next), () => {});
    }
  }, { signal });
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && panel) return leave();
    if (event.defaultPrevented) return;
    const at = event.composedPath()[0];
    if (/^(TEXTAREA|SELECT)$/.test(at.tagName) || (at.tagName === "INPUT" && !/^(radio|checkbox)$/.test(at.type))) return;
    const key = event.key.toUpperCase();
    const step = STEPS.find(([, , letter]) => letter === key);
    if (!step && !(key.length === 1 && "SKJGEB".includes(key))) return;
    if (!turn.pair || panel) return;
    event.preventDefault();
    if (step) begin(step[0]);
    else if (key === "S") turnRound();
    else if (key === "G") turn.pair.group && go(turn.pair.group[1]);
    else if (key === "B") spec.back && go(spec.back[1]);
    else if (key === "E") (folded = !folded), paint();
    else move(key === "J" ? "next" : "previous");
  }, { signal });
  show(turn);
  node.dataset.ready = "1";
}

export default { render };
