// The panel that asks once more: reason, kind, day; digits choose, Enter decides, Esc leaves.
import { button, el } from "./kit.js";
import { dateBox } from "./datebox.js";

const QUICK_DAYS = [["明天", 1, 0], ["一周后", 7, 0], ["一个月后", 0, 1]];
let panels = 0;

function dayIn(days, months) {
  const now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth() + months, now.getDate() + days);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** Radios in a line; ``choose(n)`` takes the n-th. */
function choices(name, label, options, chosen) {
  const inputs = options.map(([value]) => el("input", { type: "radio", name: `${name}-${panels}`, value }));
  inputs.forEach((input) => (input.checked = input.value === chosen));
  const node = el("div", { class: "sm-radios", role: "radiogroup", "aria-label": label }, el("span", { text: label }), ...options.map(([, text], at) => el("label", {}, inputs[at], text)));
  return { node, inputs, read: () => inputs.find((input) => input.checked)?.value || "", choose: (at) => inputs[at] && ((inputs[at].checked = true), inputs[at].focus()) };
}

/** Build the parts of a panel for one decision; ``digit(n)`` is a quick answer. */
export function panelParts(name, pair, spec) {
  panels += 1;
  const needs = spec.needs.includes(name);
  const reason = el("input", { class: "sm-input", maxlength: 255, "aria-label": "原因", placeholder: needs ? "原因（必填）" : "原因（可不填）" });
  const parts = { reason, rows: [], first: needs ? reason : null, digit: () => false, extra: () => ({}) };
  if (name === "distinct" && spec.reasons.length) {
    const take = (at) => spec.reasons[at] !== undefined && ((reason.value = spec.reasons[at]), reason.focus(), true);
    parts.rows.push(el("div", { class: "sm-row" }, ...spec.reasons.map((text, at) => button(`${at + 1} ${text}`, () => take(at), { kind: "small" }))));
    // A digit is an answer only while nothing else was typed.
    parts.digit = (at) => (!reason.value || spec.reasons.includes(reason.value)) && take(at);
  }
  if (name === "affiliated" && spec.ties.length) {
    const [kind, above] = pair.tie;
    const kinds = choices("tie", "关系", spec.ties.map((tie, at) => [tie.value, `${at + 1} ${tie.label}`]), kind || spec.ties[0].value);
    const sides = choices("above", "上级", [["survivor", `「${pair.survivor.name}」`], ["loser", `「${pair.loser.name}」`], ["", "不分上下级"]], above);
    parts.rows.push(kinds.node, sides.node);
    parts.first = kinds.inputs.find((input) => input.checked);
    parts.digit = (at, target) => target !== reason && Boolean(kinds.choose(at), kinds.inputs[at]);
    parts.extra = () => ({ kind: kinds.read(), parent: sides.read() });
  }
  if (name === "defer") {
    const until = dateBox(null, () => {}, "暂缓到");
    until.write(dayIn(7, 0));
    const take = (at) => QUICK_DAYS[at] && (until.write(dayIn(QUICK_DAYS[at][1], QUICK_DAYS[at][2])), true);
    parts.rows.push(el("div", { class: "sm-row" }, el("span", { class: "sm-filter" }, "暂缓到", until.node), ...QUICK_DAYS.map(([label], at) => button(`${at + 1} ${label}`, () => take(at), { kind: "small" }))));
    parts.digit = (at, target) => target.type !== "text" && Boolean(take(at));
    parts.extra = () => ({ until: until.read() });
  }
  return parts;
}
