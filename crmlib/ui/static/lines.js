// Lines of a record: rows of small inputs, worked by keyboard, filled from Excel.
import { el } from "./kit.js";
import { inputFor } from "./inputs.js";
import { lineCents, lineSheet, lineSum, lineText } from "./line_values.js";

const LINE_KEYS = "末行按回车增加一行 · Ctrl+Delete 删除当前行 · 可从 Excel 整块粘贴";
const FIXED_KEYS = "上下箭头换行 · 可从 Excel 整块粘贴";
const LINE_UNTYPED = new Set(["readonly", "computed"]);
const LINE_SHUT = "已锁定";
const LINE_FIXED = "只供查看";
const LINE_NO_OPTION = "请从列表中选择";

/** @param search (column) → (text, line) → options; leave(from) goes on to what follows the lines */
export function linesInput(told, id, search, changed, leave) {
  const columns = told.columns.filter((column) => column.kind !== "hidden");
  const typed = columns.filter((column) => !LINE_UNTYPED.has(column.kind));
  const secret = told.columns.filter((column) => column.kind === "hidden");
  const summed = columns.filter((column) => column.kind === "computed" && column.total);
  const body = el("tbody");
  const sums = new Map(summed.map((column) => [column.name, el("td", { class: "num", "data-sum": column.name })]));
  const more = el("button", { type: "button", class: "sm-btn small", text: "增加一行", tabindex: "-1", on: { click: () => (add(), focusCell(rows.length - 1, 0), changed()) } });
  const note = el("span", { class: "sm-fault" });
  const node = el(
    "div",
    { class: told.fixed ? "sm-lines given" : "sm-lines", id, role: "group", "aria-label": told.label },
    el(
      "table",
      {},
      el("colgroup", {}, el("col", { style: "width:28px" }), ...columns.map((column) => el("col", column.width > 1 ? { style: `width:${column.width}px` } : {})), el("col", { style: told.fixed ? "width:4px" : "width:30px" })),
      el("thead", {}, el("tr", {}, el("th", { text: "#" }), ...columns.map(head), el("th"))),
      body,
      summed.length ? el("tfoot", {}, el("tr", {}, el("td"), ...columns.map((column, at) => sums.get(column.name) || el("td", { text: at === 0 ? "合计" : null })), el("td"))) : null,
    ),
    el("div", { class: "sm-row" }, told.fixed ? null : more, el("span", { class: "sm-hint", text: told.fixed ? FIXED_KEYS : LINE_KEYS }), note),
  );
  let rows = [];
  let made = 0;

  function head(column) {
    const cell = el("th", { class: column.kind === "computed" || isNumber(column) ? "num" : null, title: column.hint || null }, column.label);
    if (column.required) cell.append(el("span", { class: "sm-star", "aria-hidden": "true", text: "*" }));
    return cell;
  }
  function isNumber(column) {
    return column.kind === "number" || column.kind === "money";
  }
  /** values.locked names the cells of a row that are only shown, or is true: then all of them. */
  function add(values = {}) {
    const fixed = values.locked === true;
    const shut = new Set(fixed ? typed.map((column) => column.name) : values.locked || []);
    const kept = [...secret.map((column) => column.name), ...shut];
    const row = { cells: new Map(), fixed, shut, kept: Object.fromEntries(kept.map((name) => [name, values[name] ?? ""])) };
    made += 1;
    const number = el("td", { class: "sm-line-number" });
    const drop = el("button", { type: "button", class: "sm-line-drop", tabindex: "-1", text: "×", on: { click: () => remove(row) } });
    drop.hidden = told.fixed;
    row.number = number;
    row.drop = drop;
    row.node = el("tr", {}, number, ...columns.map((column) => cell(row, column, values)), el("td", {}, drop));
    rows.push(row);
    body.append(row.node);
    count();
    work(row);
    return row;
  }
  function cell(row, column, values) {
    if (column.kind === "computed") {
      const shown = el("output", { class: "sm-line-sum" });
      row.cells.set(column.name, { column, shown });
      return el("td", { class: "num", "data-column": column.name }, shown);
    }
    const isShut = row.shut.has(column.name);
    const isRight = isNumber(column);
    if (isShut) column = { ...column, kind: "readonly" };
    const find = column.search ? (text) => search(column, text, valuesOf(row)) : null;
    const input = inputFor(column, `${id}-${made}-${column.name}`, find, () => touched(row, column));
    const fault = el("div", { class: "sm-fault", id: `${id}-${made}-${column.name}-fault` });
    if (isNumber(column)) input.control.classList.add("num");
    input.control?.setAttribute("placeholder", column.hint || "");
    input.control?.setAttribute("aria-describedby", fault.id);
    row.cells.set(column.name, { column, input, fault });
    input.write(values[column.name] ?? column.default ?? "");
    const look = isShut ? `readonly locked${isRight ? " right" : ""}` : column.kind;
    const why = isShut ? (row.fixed ? LINE_FIXED : LINE_SHUT) : null;
    return el("td", { class: look, title: why, "data-column": column.name }, input.node, fault);
  }
  function count() {
    rows.forEach((row, at) => {
      row.number.textContent = at + 1;
      row.drop.setAttribute("aria-label", `删除第 ${at + 1} 行`);
      for (const { column, input } of row.cells.values()) input?.control?.setAttribute("aria-label", `${column.label} 第 ${at + 1} 行`);
    });
  }
  function remove(row) {
    const at = rows.indexOf(row);
    const held = [...row.cells.values()].findIndex(({ input }) => input && input.node.contains(body.getRootNode().activeElement));
    rows = rows.filter((one) => one !== row);
    row.node.remove();
    if (!rows.length) add();
    count();
    work();
    focusCell(Math.min(at, rows.length - 1), Math.max(held, 0));
    changed();
  }
  function touched(row, column) {
    setCell(row.cells.get(column.name), "");
    note.textContent = "";
    work(row);
    changed();
  }
  function setCell(part, message) {
    if (!part?.input) return;
    part.fault.textContent = message;
    part.input.node.closest("td")?.classList.toggle("bad", Boolean(message));
    part.input.control?.setAttribute("aria-invalid", message ? "true" : "false");
  }
  function work(row) {
    for (const column of columns) {
      if (column.kind !== "computed") continue;
      if (row) {
        const value = (name) => (name ? String(row.cells.get(name).input.read() ?? "").replace("—", "") : "");
        const cents = column.plus.length ? lineSum(column.plus.map(value)) : lineCents(column.times.map(value), value(column.less));
        row.cells.get(column.name).cents = cents;
        const text = cents === null ? "" : lineText(cents);
        row.cells.get(column.name).shown.textContent = column.plus.length ? text.replace(/\.?0+$/, "") : text;
      }
      const whole = rows.reduce((sum, one) => sum + (one.cells.get(column.name).cents ?? 0n), 0n);
      if (sums.has(column.name)) sums.get(column.name).textContent = lineText(whole);
    }
  }

  const plain = (value) => (value && typeof value === "object" ? String(value.value ?? "") : value === false ? "" : String(value ?? "").trim());
  function isBlank(row) {
    return [...row.cells.values()].every(({ column, input }) => {
      if (!input) return true;
      const held = column.kind === "readonly" ? input.read().replace("—", "") : plain(input.read());
      return held === "" || held === plain(column.default);
    });
  }
  function valuesOf(row, take = "read") {
    const found = { ...row.kept };
    for (const [name, { column, input }] of row.cells) if (input && (take === "keep" || column.kind !== "readonly")) found[name] = input[take]();
    return found;
  }
  const filled = () => rows.filter((row) => !row.fixed && !isBlank(row));

  function focusCell(at, which) {
    const parts = rows[at] ? [...rows[at].cells.values()] : [];
    const open = ({ column, input }) => input && !LINE_UNTYPED.has(column.kind);
    (parts.slice(which).find(open) || parts.find(open))?.input.focus();
  }
  function placeOf(target) {
    const at = rows.findIndex((row) => row.node.contains(target));
    if (at < 0) return null;
    const parts = [...rows[at].cells.values()];
    return { at, which: parts.findIndex(({ input }) => input?.node.contains(target)), parts };
  }
  node.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const place = placeOf(event.target);
    if (!place || place.which < 0) return;
    const row = rows[place.at];
    const isLast = place.at === rows.length - 1;
    if (event.key === "Delete" && event.ctrlKey && !told.fixed) {
      event.preventDefault();
      remove(row);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      const after = place.parts.slice(place.which + 1).some(({ column, input }) => input && !LINE_UNTYPED.has(column.kind));
      if (after || !isLast) return;
      event.preventDefault();
      if (told.fixed || isBlank(row)) leave([...node.querySelectorAll("input, select")].pop());
      else {
        if (rows.length < told.most) add();
        focusCell(rows.length - 1, 0);
        changed();
      }
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && /^(text|number|money)$/.test(place.parts[place.which].column.kind)) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      let to = place.at + step;
      while (rows[to]?.fixed) to += step;
      if (!rows[to]) return;
      event.preventDefault();
      focusCell(to, place.which);
    }
  });
  node.addEventListener("paste", (event) => {
    const place = placeOf(event.target);
    const sheet = lineSheet(event.clipboardData?.getData("text/plain") ?? "");
    if (!place || place.which < 0 || (sheet.length < 2 && (sheet[0] ?? []).length < 2)) return;
    event.preventDefault();
    const first = typed.indexOf(place.parts[place.which].column);
    const into = typed.slice(Math.max(first, 0));
    if (sheet[0].some((text, at) => text && text === into[at]?.label)) sheet.shift();
    const most = told.fixed ? rows.length : told.most;
    const lost = sheet.length - (most - place.at);
    sheet.slice(0, most - place.at).forEach((texts, offset) => {
      const row = rows[place.at + offset] || add();
      texts.slice(0, into.length).forEach((text, at) => put(row.cells.get(into[at].name), text));
      work(row);
    });
    note.textContent = lost > 0 ? `最多 ${most} 行，有 ${lost} 行未粘贴` : "";
    focusCell(Math.min(place.at + sheet.length, most) - 1, place.which);
    changed();
  });
  function put(part, text) {
    const { column, input } = part;
    if (LINE_UNTYPED.has(column.kind)) return; // a locked cell of this row
    let value = text;
    let fault = "";
    if (column.options.length || column.search) {
      const found = column.options.find((option) => option.label === text || String(option.value) === text);
      value = found ? found.value : "";
      fault = text && !found ? LINE_NO_OPTION : "";
    } else if (column.kind === "checkbox") value = /^(是|√|1|true|y)$/i.test(text);
    else if (isNumber(column)) value = text.replace(/[%％,，¥￥\s]/g, "");
    else if (column.maxLength) value = text.slice(0, column.maxLength);
    input.write(value);
    setCell(part, fault);
  }

  return {
    node,
    control: null,
    read: () => filled().map((row) => valuesOf(row)),
    keep: () => filled().map((row) => valuesOf(row, "keep")),
    write(value) {
      body.replaceChildren();
      rows = [];
      for (const line of Array.isArray(value) ? value : []) add(line);
      if (!rows.length) add();
      work();
    },
    focus: () => focusCell(Math.max(rows.findIndex((row) => !row.fixed), 0), 0),
    disable: (off) => node.querySelectorAll("input, select, button").forEach((one) => (one.disabled = off)),
    /** Show the faults of cells ("0.quantity": message); answers how to reach the first. */
    faults(found) {
      const sent = filled();
      if (!sent.length) sent.push(...rows.slice(0, 1));
      let first = null;
      rows.forEach((row, at) => {
        [...row.cells.entries()].forEach(([name, part], which) => {
          const message = found[`${sent.indexOf(row)}.${name}`] || "";
          setCell(part, message);
          if (message && !first) first = () => focusCell(at, which);
        });
      });
      return first;
    },
  };
}
