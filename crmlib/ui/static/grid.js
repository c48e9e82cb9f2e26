// The one table: one page of rows at a time, asked from Python; its state is in the address.
import { dateBox, readDay } from "./datebox.js";
import { formDialog } from "./dialog.js";
import { schemeMenu } from "./schemes.js";
import { adopt, anchor, asker, busy, button, el, go, keepInAddress, saveFile, tell, toast } from "./kit.js";

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  let query = fromAddress(spec);
  let page = null;
  let asked = 0;
  let active = -1;
  const chosen = new Set();
  let everything = false; // all rows of all pages are chosen

  const heads = el("tr");
  const body = el("tbody");
  const cols = el("colgroup");
  const table = el(
    "table",
    { class: "sm-table", tabindex: "0", "aria-label": "列表" },
    cols,
    el("thead", {}, heads),
    body,
  );
  const state = el("div", { class: "sm-state", hidden: true });
  const scroll = el("div", { class: "sm-scroll sm-grid-scroll" }, table, state);
  const bulk = el("div", { class: "sm-bulk", hidden: true });
  const foot = el("div", { class: "sm-grid-foot" });
  const schemes = spec.schemes ? schemeMenu({ host, spec, ask, query: () => query, apply: (wanted) => ask_(wanted), signal }) : null;
  const bar = searchBar();
  host.append(el("div", { class: "sm sm-grid" }, bar.node, bulk, scroll, foot));
  fillScreen();

  /** The list ends where the screen ends, so that its foot is always in sight. */
  function fillScreen() {
    const fit = () => {
      const top = scroll.getBoundingClientRect().top + (document.getElementById("App")?.scrollTop || 0);
      scroll.style.maxHeight = `${Math.max(280, window.innerHeight - top - 64)}px`;
    };
    requestAnimationFrame(fit);
    window.addEventListener("resize", fit, { signal });
    new ResizeObserver(fit).observe(bar.node);
    new ResizeObserver(fit).observe(bulk);
  }

  function searchBar() {
    const parts = [];
    const field = spec.finds.length > 1
      ? el("select", { class: "sm-input sm-narrow", "aria-label": "查找字段" }, ...spec.finds.map(([name, label]) => el("option", { value: name, text: label })))
      : null;
    const text = el("input", {
      class: "sm-input",
      type: "search",
      "aria-label": "查找内容",
      placeholder: spec.finds.length ? `查找${spec.finds.length > 1 ? "" : spec.finds[0][1]}` : "",
      on: { keydown: (event) => event.key === "Enter" && !event.isComposing && find(), search: () => !text.value && query.text && find() },
    });
    if (spec.finds.length) parts.push(field, text, button("查找", () => find(), {}));
    const filters = spec.filters.map(filterNode);
    filters.forEach(({ node }) => parts.push(node));
    if (schemes) parts.unshift(schemes.node);
    const wipe = button("清除筛选", clear, { kind: "link", hidden: true });
    if (parts.length) parts.push(wipe);
    const fresh = spec.new ? anchor(spec.new[0], spec.new[1], { class: "sm-btn primary" }) : null;
    function find() {
      ask_({ ...query, page: 1, find: field ? field.value : query.find, text: text.value.trim() });
    }
    function paint() {
      if (field) field.value = query.find || spec.finds[0][0];
      text.value = query.text;
      filters.forEach((filter) => filter.paint());
      wipe.hidden = !narrowed();
      schemes?.paint();
    }
    const node = el("div", { class: "sm-grid-bar", hidden: !parts.length && !fresh }, el("div", { class: "sm-row" }, ...parts), fresh);
    return { node, paint };
  }
  function filterNode(filter) {
    const set = (value) => ask_({ ...query, page: 1, filters: { ...query.filters, [filter.name]: value } });
    if (filter.kind === "hidden") return { node: el("span", { hidden: true }), paint: () => {} };
    if (filter.kind === "between") {
      const boxes = ["从", "到"].map((end) => dateBox(null, () => send(), `${filter.label} ${end}`));
      const send = () => {
        const [from, to] = boxes.map((box) => box.input.value.trim());
        if ((from && !readDay(from)) || (to && !readDay(to)) || (from + to).length % 10) return;
        const value = from || to ? `${from}..${to}` : "";
        if (value !== (query.filters[filter.name] || "")) set(value);
      };
      return {
        node: el("span", { class: "sm-filter" }, el("span", { text: filter.label }), boxes[0].node, "至", boxes[1].node),
        paint: () => (query.filters[filter.name] || "..").split("..").forEach((day, at) => boxes[at].write(day)),
      };
    }
    if (filter.kind === "number") {
      const input = el("input", {
        class: "sm-input sm-figure",
        inputmode: "decimal",
        maxlength: 17,
        on: { change: () => send() }, // Enter counts as one
      });
      const send = () => {
        const text = input.value.trim().replace(/[,，]/g, "");
        const right = !text || /^\d{1,12}(\.\d{1,4})?$/.test(text);
        input.setAttribute("aria-invalid", String(!right));
        if (!right) return toast({ kind: "bad", text: `${filter.label} 请输入数字` });
        if (text !== (query.filters[filter.name] || "")) set(text);
      };
      return {
        node: el("label", { class: "sm-filter" }, el("span", { text: filter.label }), input),
        paint: () => (input.value = query.filters[filter.name] || ""),
      };
    }
    const choice = el(
      "select",
      { class: "sm-input sm-narrow", on: { change: () => set(choice.value) } },
      el("option", { value: "", text: "全部" }),
      ...filter.options.map((option) => el("option", { value: String(option.value), text: option.label })),
    );
    return {
      node: el("label", { class: "sm-filter" }, el("span", { text: filter.label }), choice),
      paint: () => {
        const value = query.filters[filter.name] || "";
        // A 方案 or a link may name what is offered no more; it holds all the same.
        if (value && ![...choice.options].some((option) => option.value === value)) choice.append(el("option", { value, text: "（已停用的选项）" }));
        choice.value = value;
      },
    };
  }
  // What the page starts with is no narrowing of the person's.
  const narrowed = () => Boolean(query.text) || spec.filters.some(({ name }) => (query.filters[name] || "") !== (spec.default.filters[name] || ""));
  function clear() {
    ask_({ ...query, page: 1, text: "", filters: { ...spec.default.filters } });
  }

  async function ask_(wanted, quiet = false) {
    const mine = (asked += 1);
    const before = [query.text, query.find, JSON.stringify(query.filters)].join();
    query = { ...wanted, filters: filled(wanted.filters) };
    // What was chosen of other conditions is not what is shown now.
    if (before !== [query.text, query.find, JSON.stringify(query.filters)].join()) everything = false;
    toAddress(spec, query);
    window.dispatchEvent(new CustomEvent("sunmao:filtered", { detail: { key: spec.key, filters: query.filters } }));
    bar.paint();
    const wait = setTimeout(() => {
      if (mine !== asked) return;
      if (page) body.classList.add("old");
      else skeleton();
    }, 150);
    try {
      const found = await ask("rows", query, 20000);
      if (mine === asked) show(found);
    } catch (fault) {
      if (mine === asked && !(quiet && page)) failed(fault);
    } finally {
      clearTimeout(wait);
      if (mine === asked) body.classList.remove("old");
    }
  }
  function show(found) {
    const last = Math.max(1, Math.ceil(found.total / query.size));
    if (!found.rows.length && found.total && query.page > last) return ask_({ ...query, page: last });
    const focusId = page?.rows[active]?.id;
    page = found;
    const ids = new Set(page.rows.map((row) => row.id));
    [...chosen].forEach((id) => ids.has(id) || chosen.delete(id));
    paintHeads();
    body.replaceChildren(...page.rows.map(rowNode));
    active = page.rows.findIndex((row) => row.id === focusId);
    mark(false);
    state.hidden = page.rows.length > 0;
    if (!page.rows.length) {
      state.replaceChildren(
        el("p", { text: narrowed() ? "没有符合条件的数据" : spec.empty }),
        el("div", { class: "sm-row center" },
          narrowed() ? button("清除筛选", clear) : null,
          spec.new ? anchor(spec.new[0], spec.new[1], { class: "sm-btn" }) : null),
      );
    }
    paintFoot();
    paintBulk();
    bar.paint();
  }
  /** The columns shown, in order, with their places in a row. */
  function shown() {
    const all = spec.columns.map((column, place) => ({ column, place }));
    const chosen_ = (query.cols || "").split(",").map((name) => all.find(({ column }) => column.name === name)).filter(Boolean);
    return chosen_.length ? chosen_ : all;
  }
  function skeleton() {
    paintHeads();
    body.replaceChildren(...Array.from({ length: 8 }, () => el("tr", { class: "sm-skeleton" }, ...widths(spec, shown()).map(() => el("td", {}, el("i"))))));
  }
  function failed(fault) {
    page = null;
    paintHeads();
    body.replaceChildren();
    foot.replaceChildren();
    state.replaceChildren(el("p", { text: fault.silent ? "服务器暂无响应，请重试" : fault.message }), button("重试", () => ask_(query)));
    state.hidden = false;
  }
  function paintHeads() {
    cols.replaceChildren(...widths(spec, shown()));
    heads.replaceChildren();
    if (spec.selectable) {
      const all = el("input", { type: "checkbox", "aria-label": "全选本页", on: { change: () => {
        (page?.rows || []).forEach((row) => (all.checked ? chosen.add(row.id) : chosen.delete(row.id)));
        body.querySelectorAll("input[type=checkbox]").forEach((box) => (box.checked = all.checked));
        paintBulk();
      } } });
      heads.append(el("th", { class: "sm-pick" }, all));
    }
    for (const { column } of shown()) {
      const sorted = query.sort === column.name;
      const th = el("th", { scope: "col", class: column.right ? "num" : "", "aria-sort": sorted ? (query.down ? "descending" : "ascending") : null });
      if (!column.sortable) th.append(column.label);
      else {
        const sort = () => ask_({ ...query, page: 1, sort: column.name, down: sorted ? !query.down : column.right || column.kind.startsWith("date") });
        th.append(el("button", { type: "button", class: "sm-sort", on: { click: sort } }, column.label, el("span", { class: "sm-arrow", "aria-hidden": "true", text: sorted ? (query.down ? "↓" : "↑") : "" })));
      }
      heads.append(th);
    }
  }
  function rowNode(row, index) {
    const node = el("tr", { "data-id": row.id, class: row.href ? "opens" : "", on: { click: (event) => {
      if (event.target.closest("input, a, button") || String(getSelection())) return;
      active = index;
      open(event.ctrlKey || event.metaKey);
    } } });
    if (spec.selectable) {
      const box = el("input", { type: "checkbox", "aria-label": "选择此行", on: { change: () => (box.checked ? chosen.add(row.id) : chosen.delete(row.id), paintBulk()) } });
      box.checked = chosen.has(row.id);
      node.append(el("td", { class: "sm-pick" }, box));
    }
    shown().forEach(({ column, place }, at) => {
      const cell = row.cells[place];
      const [text, tone] = Array.isArray(cell) ? cell : [cell, ""];
      const td = el("td", { class: `${column.right ? "num" : ""} ${column.kind}`, title: text });
      const inner = column.kind === "step" ? stepNode(column.name, text, row.id) : tone ? el("span", { class: `sm-tag ${tone}`, text }) : text;
      // The first cell is a true link: middle click, copy address, screen readers.
      td.append(at === 0 && row.href && !tone ? anchor(text, row.href, { tabindex: "-1" }) : inner);
      node.append(td);
    });
    return node;
  }
  function stepNode(name, label, id) {
    if (!label) return "";
    const { form } = spec.actions.find((each) => each.name === name) || {};
    const node = button(label, async () => {
      if (form) return stepForm(name, form, id);
      const free = busy(node);
      try {
        tell(await ask("act", { name, rows: [id] }, 30000), ask);
        if (table.isConnected) ask_(query, true);
      } catch (fault) {
        toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
      } finally {
        free();
      }
    }, { kind: "small" });
    return node;
  }
  function stepForm(name, form, id) {
    formDialog(host, form, {
      ask: (question, sent, patience) => ask(question, { ...sent, action: name, rows: [id] }, patience),
      undo: ask,
      done: () => table.isConnected && ask_(query, true),
    });
  }
  function open(apart = false) {
    const row = page?.rows[active];
    if (!row?.href) return;
    if (apart) window.open(row.href, "_blank", "noopener");
    else go(row.href);
  }
  function mark(scrollTo = true) {
    [...body.children].forEach((node, at) => node.classList.toggle("on", at === active));
    if (scrollTo && active >= 0) body.children[active]?.scrollIntoView({ block: "nearest" });
  }
  function paintBulk() {
    const all = heads.querySelector(".sm-pick input");
    if (all) all.checked = Boolean(page?.rows.length) && page.rows.every((row) => chosen.has(row.id));
    bulk.hidden = !chosen.size || !spec.actions.length;
    if (!spec.actions.length && String(model.get("selected")) !== String([...chosen])) {
      model.set("selected", [...chosen]);
      model.save_changes();
    }
    if (bulk.hidden) return;
    everything = everything && chosen.size === page.rows.length;
    const isMore = spec.actions.some((each) => each.preview) && chosen.size === page.rows.length && page.total > page.rows.length;
    const told = everything ? `已选全部 ${page.total.toLocaleString("zh-CN")} 条结果` : `已选 ${chosen.size} 行`;
    const steps = spec.actions.filter((each) => !each.inRow && (!everything || each.preview));
    bulk.replaceChildren(
      el("span", { text: told }),
      ...(isMore && !everything ? [button(`选择全部 ${page.total.toLocaleString("zh-CN")} 条结果`, () => ((everything = true), paintBulk()), { kind: "link" })] : []),
      ...inMenus(steps),
      button("取消选择", () => (chosen.clear(), (everything = false), show(page)), { kind: "link" }),
    );
  }
  /** Steps of one menu stand together under its name, where the first of them would. */
  function inMenus(steps) {
    const menus = new Map();
    return steps.flatMap((action) => {
      const node = bulkButton(action);
      if (!action.menu) return [node];
      const known = menus.get(action.menu);
      const list = known || el("div", { class: "sm-bulk-list" });
      list.append(node);
      if (known) return [];
      menus.set(action.menu, list);
      const menu = el("details", { class: "sm-bulk-menu" }, el("summary", { class: "sm-btn small", text: action.menu }), list);
      list.addEventListener("click", () => (menu.open = false));
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        menu.open = false;
        menu.firstChild.focus();
      });
      return [menu];
    });
  }
  function bulkButton(action) {
    const node = button(action.label, async () => {
      if (action.form) return bulkForm(action, node);
      if (action.confirm && node.dataset.sure !== "1") {
        node.dataset.sure = "1";
        node.textContent = action.confirm;
        return setTimeout(() => ((node.dataset.sure = ""), (node.textContent = action.label)), 4000);
      }
      const free = busy(node);
      try {
        const reply = await ask("act", { name: action.name, rows: [...chosen] }, 30000);
        tell(reply, ask);
        if (reply.ok) chosen.clear();
        ask_(query);
      } catch (fault) {
        toast({ kind: "bad", text: fault.message });
      } finally {
        free();
      }
    }, { kind: action.danger ? "danger small" : "small" });
    return node;
  }
  async function bulkForm(action, node) {
    const rows = [...chosen];
    const which = everything ? { rows: [], all: { ...query } } : { rows };
    let { note } = action.form;
    let count = rows.length;
    if (action.preview) {
      const free = busy(node);
      try {
        ({ note, count } = await ask("preview", { name: action.name, ...which }, 30000));
      } catch (fault) {
        return toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
      } finally {
        free();
      }
    }
    formDialog(host, { ...action.form, note, title: `${action.form.title}（${count} 行）` }, {
      ask: (name, sent, patience) => ask(name, { ...sent, action: action.name, ...which }, patience),
      undo: ask,
      done: () => (chosen.clear(), (everything = false), ask_(query, true)),
      cancelled: () => ask_(query, true),
    });
  }
  function paintFoot() {
    const last = Math.max(1, Math.ceil(page.total / query.size));
    const turn = (label, to, name) => button(label, () => ask_({ ...query, page: to }), { kind: "small", "aria-label": name, disabled: to < 1 || to > last || to === query.page });
    const size = el("select", { class: "sm-input sm-narrow small", "aria-label": "每页行数", on: { change: () => ask_({ ...query, page: 1, size: Number(size.value) }) } },
      ...spec.sizes.map((each) => el("option", { value: each, text: `${each} 行/页` })));
    size.value = String(query.size);
    const out = spec.export ? button(spec.export, () => download(out), { kind: "small" }) : null;
    foot.replaceChildren(
      el("span", { class: "sm-total", text: `共 ${page.total.toLocaleString("zh-CN")} 条` }),
      ...(page.note ? [el("span", { class: "sm-hint", text: page.note })] : []),
      ...(out && page.total ? [out] : []),
      el("span", { class: "sm-gap" }),
      turn("«", 1, "第一页"), turn("‹", query.page - 1, "上一页"),
      el("span", { class: "sm-page", text: `${query.page} / ${last}` }),
      turn("›", query.page + 1, "下一页"), turn("»", last, "最后一页"), size,
    );
  }
  async function download(node) {
    const free = busy(node);
    try {
      const file = await ask("export", query, 120000);
      const bytes = Uint8Array.from(atob(file.content), (one) => one.charCodeAt(0));
      saveFile(file.name, new Blob([bytes]));
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "导出暂无响应，请重试" : fault.message });
    } finally {
      free();
    }
  }
  table.addEventListener("keydown", (event) => {
    if (!page?.rows.length || event.target.closest("input, button")) return;
    const count = page.rows.length;
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: count - 1 };
    if (event.key in moves) {
      event.preventDefault();
      active = Math.min(count - 1, Math.max(0, moves[event.key]));
      mark();
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      open(event.ctrlKey);
    } else if (event.key === " " && active >= 0 && spec.selectable) {
      event.preventDefault();
      body.children[active].querySelector("input")?.click();
    } else if (event.key === "PageDown" && query.page * query.size < page.total) {
      event.preventDefault();
      ask_({ ...query, page: query.page + 1 });
    } else if (event.key === "PageUp" && query.page > 1) {
      event.preventDefault();
      ask_({ ...query, page: query.page - 1 });
    }
  });
  // Arrow down on a page where nothing has the focus starts to walk the list.
  window.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || event.defaultPrevented || event.altKey || event.ctrlKey) return;
    if (event.composedPath()[0] !== document.body || !page?.rows.length || !table.isConnected) return;
    event.preventDefault();
    table.focus({ preventScroll: true });
    active = Math.max(0, active);
    mark();
  }, { signal });
  window.addEventListener("sunmao:filter", (event) => {
    const { key, name, value } = event.detail;
    if (key === spec.key) ask_({ ...query, page: 1, filters: { ...query.filters, [name]: value } });
  }, { signal });
  model.on("change:stamp", () => ask_(query, true));
  window.addEventListener("sunmao:pulse", (event) => {
    if (event.detail.topics.some((topic) => spec.topics.includes(topic))) ask_(query, true);
  }, { signal });

  bar.paint();
  const first = spec.first;
  const seen = spec.seen;
  // Rows that came with the page are shown at once; a view shown again asks for fresh ones.
  if (first && same(first.query, query)) show(first);
  if (!first || seen || !same(first.query, query)) ask_(query);
  spec.seen = true;
  host.firstChild.dataset.ready = "1";
}

const NOTHING = "-"; // in the address: a filter the page starts with was taken away
const filled = (filters) => Object.fromEntries(Object.entries(filters).filter(([, value]) => value && value !== NOTHING));
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function widths(spec, shown) {
  const fixed = shown.map(({ column }) => column.width);
  // Where no column is left to take the rest, the last one does.
  if (fixed.every(Boolean)) fixed[fixed.length - 1] = 0;
  return [...(spec.selectable ? [36] : []), ...fixed].map((width) => el("col", { style: width ? `width:${width}px` : null }));
}

function fromAddress(spec) {
  const found = new URLSearchParams(location.search);
  const has = (name) => found.has(`${spec.key}.${name}`);
  const get = (name) => found.get(`${spec.key}.${name}`);
  const base = spec.query;
  const filters = { ...spec.default.filters };
  for (const filter of spec.filters) if (has(`f.${filter.name}`)) filters[filter.name] = get(`f.${filter.name}`);
  // With nothing in the address: the person's own 方案, if he chose one.
  if (![...found.keys()].some((name) => name.startsWith(`${spec.key}.`))) return spec.schemes ? spec.query : spec.default;
  const columns = spec.columns.filter((column) => column.sortable).map((column) => column.name);
  return {
    page: Math.max(1, Number(get("page")) || 1),
    size: spec.sizes.includes(Number(get("size"))) ? Number(get("size")) : base.size,
    sort: columns.includes(get("sort")) ? get("sort") : spec.default.sort,
    down: has("down") ? get("down") === "1" : spec.default.down,
    find: spec.finds.some(([name]) => name === get("find")) ? get("find") : spec.default.find,
    text: get("text") || "",
    filters: filled(filters),
    cols: get("cols") || "",
    scheme: Number(get("scheme")) || 0,
  };
}

function toAddress(spec, query) {
  const base = spec.default;
  const changes = {};
  const put = (name, value, usual) => (changes[`${spec.key}.${name}`] = value === usual ? "" : value);
  put("page", query.page, 1);
  put("size", query.size, base.size);
  put("sort", query.sort, base.sort);
  put("down", query.down ? "1" : "0", base.down ? "1" : "0");
  put("find", query.text ? query.find : base.find, base.find);
  put("text", query.text, "");
  put("cols", query.cols || "", "");
  // Named even where it is the system's own: else the person's chosen one would open instead.
  if (spec.schemes) changes[`${spec.key}.scheme`] = String(query.scheme || 0);
  for (const filter of spec.filters) {
    const value = query.filters[filter.name] || "";
    const usual = base.filters[filter.name] || "";
    put(`f.${filter.name}`, value || (usual ? NOTHING : ""), usual);
  }
  keepInAddress(changes);
}

export default { render };
