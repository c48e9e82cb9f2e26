// 批量撞单: a pasted list in, a table of verdicts out, in the order of the list.
import { adopt, anchor, asker, busy, button, el, go, toast } from "./kit.js";
import { steps } from "./hits.js";

const TONES = { same: "bad", similar: "warn", related: "info", none: "good" };
const WORDS = { same: "相同", similar: "相似", related: "关联", none: "可新增", vague: "不完整" };

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const columns = spec.columns.filter(([name]) => name !== "phone"); // it stands under the name
  const ask = asker(model, signal);
  let answer = null;
  let chosen = "";
  const text = el("textarea", {
    id: "sm-list-names",
    class: "sm-input",
    rows: 7,
    placeholder: "从微信或 Excel 粘贴，每行一个名称；行首编号和其他列（如电话）会自动识别",
    on: { input: typed, keydown: enter },
  });
  const count = el("span", { class: "sm-hint", "aria-live": "polite" });
  const fault = el("div", { class: "sm-fault", role: "alert" });
  const start = button("开始分析", analyse, { kind: "primary" });
  const wipe = button("清空", clear, {});
  const result = el("div");
  host.append(
    el("div", { class: "sm sm-collide-list", "data-ready": "1" },
      el("div", { class: "sm-list-box sm-field" }, el("label", { for: "sm-list-names" }, `客户名称（一次最多 ${spec.most} 个）`), text, fault),
      el("div", { class: "sm-list-bar" }, start, wipe, count, el("span", { class: "sm-hint", text: "Ctrl+Enter 开始分析" })),
      result),
  );

  function kept(change) {
    // What was pasted outlives a look at another page, not the browser's tab.
    try {
      if (change === undefined) return JSON.parse(sessionStorage.getItem(spec.key) || "null") || {};
      sessionStorage.setItem(spec.key, JSON.stringify(change));
    } catch {
      // A full or forbidden store only costs the text.
    }
    return {};
  }
  function typed() {
    fault.textContent = "";
    const lines = text.value.split("\n").filter((line) => line.trim()).length;
    count.textContent = lines ? `${lines} 行` : "";
    kept({ text: text.value, done: false });
  }
  function enter(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    analyse();
  }
  function clear() {
    text.value = "";
    answer = null;
    result.replaceChildren();
    typed();
    text.focus();
  }
  async function analyse() {
    if (start.disabled) return;
    fault.textContent = "";
    const free = busy(start);
    const wait = setTimeout(() => result.replaceChildren(el("div", { class: "sm-verdict loading", role: "status" }, el("span", { class: "sm-spin" }), `正在分析 ${count.textContent || "名称"}…`)), 150);
    try {
      answer = await ask("analyse", { text: text.value }, 60000);
      chosen = "";
      kept({ text: text.value, done: true });
      clearTimeout(wait);
      paint();
    } catch (wrong) {
      clearTimeout(wait);
      answer = null;
      result.replaceChildren();
      fault.textContent = wrong.silent ? "服务器暂无响应，名单已保留，请重试" : wrong.message;
      text.focus();
    } finally {
      free();
    }
  }
  const shown = () => answer.lines.filter((line) => !chosen || line.verdict === chosen);

  function paint() {
    const out = button("导出 Excel", () => download(out), {});
    const filters = [["", "全部"], ...Object.entries(WORDS)].map(([verdict, label]) => {
      const size = answer.lines.filter((line) => !verdict || line.verdict === verdict).length;
      if (verdict === "vague" && !size) return null;
      return button(`${label} ${size}`, () => ((chosen = verdict), paint()), { kind: "small", "aria-pressed": String(chosen === verdict), disabled: Boolean(verdict) && !size });
    }).filter(Boolean);
    const rows = shown().map(rowNode);
    const table = el("table", { class: "sm-hit-table", "aria-label": "批量撞单结果" },
      el("thead", {}, el("tr", {}, ...columns.map(([, label]) => el("th", { text: label, scope: "col" })), el("th", { text: "操作", scope: "col" }))),
      el("tbody", {}, ...rows));
    result.replaceChildren(
      el("div", { class: "sm-list-bar" }, el("span", { role: "status", text: answer.text }), ...filters, el("span", { class: "sm-gap" }), out),
      ...(answer.note ? [el("div", { class: "sm-verdict note", text: answer.note })] : []),
      el("div", { class: "sm-list-scroll", tabindex: "0" }, table),
    );
  }
  function rowNode(line) {
    const cells = columns.map(([name]) => cell(line, name));
    return el("tr", { class: line.href ? "opens" : "", on: { click: (event) => {
      if (line.href && !event.target.closest("a, button") && !String(getSelection())) go(line.href);
    } } }, ...cells, el("td", { class: "sm-steps tight" }, ...steps(line.actions)));
  }
  function cell(line, name) {
    const value = String(line[name] ?? "");
    if (name === "conclusion") return el("td", { class: "tight" }, el("span", { class: `sm-tag ${TONES[line.verdict] || ""}`, text: value }));
    if (name === "name" && line.href) return el("td", {}, anchor(value, line.href));
    if (name === "asked") return el("td", {}, value, line.phone ? el("div", { class: "sm-hint", text: line.phone }) : null);
    const loose = ["name", "reasons", "region"].includes(name);
    return el("td", { class: loose ? "" : "tight", text: value || "—" });
  }
  async function download(node) {
    const free = busy(node);
    try {
      const file = await ask("export", { verdict: chosen }, 30000);
      const bytes = Uint8Array.from(atob(file.content), (one) => one.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes]));
      el("a", { href: url, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    } catch (wrong) {
      toast({ kind: "bad", text: wrong.silent ? "导出暂无响应，请重试" : wrong.message });
    } finally {
      free();
    }
  }
  const before = kept();
  if (before.text) {
    text.value = before.text;
    typed();
    if (before.done) analyse();
  }
  text.focus();
}

export default { render };
