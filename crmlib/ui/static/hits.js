// The answer of 撞单分析: a verdict line and the hits with their reasons.
import { anchor, button, el } from "./kit.js";

const HEADS = ["相似度", "客户代码", "客户名称", "负责人", "负责部门", "区域", "交易客户", "依据"];

export function hitsPanel(answer, act) {
  const verdict = answer.verdict || "none";
  const line = el(
    "div",
    { class: `sm-verdict ${verdict}`, role: "status" },
    verdict === "loading" ? el("span", { class: "sm-spin" }) : null,
    el("span", { text: answer.text || "" }),
    ...steps(answer.actions, act),
  );
  const note = answer.note ? el("div", { class: "sm-verdict note", text: answer.note }) : null;
  const hits = answer.hits || [];
  if (!hits.length) return el("div", { class: "sm-hits" }, line, note);
  const heads = hits.some((hit) => (hit.actions || []).length) ? [...HEADS, "操作"] : HEADS;
  const table = el(
    "table",
    { class: "sm-hit-table" },
    el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { text: head, scope: "col" })))),
    el("tbody", {}, ...hits.map((hit) => hitRow(hit, act, heads !== HEADS))),
  );
  return el("div", { class: "sm-hits" }, line, note, el("div", { class: "sm-scroll" }, table));
}

function hitRow(hit, act, withSteps) {
  const name = hit.href ? anchor(hit.name, hit.href) : el("span", { text: hit.name });
  const tags = (hit.tags || []).map((tag) => el("span", { class: "sm-tag warn", text: tag }));
  const cell = (text) => el("td", { text: text || "—", title: text || "" });
  return el(
    "tr",
    {},
    el("td", { class: "num", text: similarity(hit.similarity) }),
    el("td", { class: "num", text: hit.code || "—" }),
    el("td", {}, name, ...tags),
    cell(hit.owner),
    cell(hit.office),
    cell(hit.region),
    cell(typeof hit.trading === "boolean" ? (hit.trading ? "是" : "否") : hit.trading),
    el("td", { class: "sm-reasons" }, (hit.reasons || []).join("；")),
    withSteps ? el("td", { class: "sm-steps" }, ...steps(hit.actions, act)) : null,
  );
}

function similarity(value) {
  if (typeof value !== "number") return value || "—";
  return `${(value <= 1 ? value * 100 : value).toFixed(0)}%`;
}

/** Steps are {label, href} or {label, ask, values}. */
export function steps(list, act) {
  return (list || []).map((step) =>
    step.href
      ? anchor(step.label, step.href, { class: "sm-btn small" })
      : button(step.label, (event) => act(step, event.currentTarget), { kind: "small" }),
  );
}
