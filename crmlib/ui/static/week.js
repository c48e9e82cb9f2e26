// A week of one person: seven columns of entries; arrows walk them, PageUp and PageDown turn weeks.
import { adopt, anchor, asker, busy, button, el, keepInAddress, toast } from "./kit.js";
import { picker } from "./picker.js";

const WEEK_DAYS = "一二三四五六日";

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  let week = spec.first;
  let asked = 0;

  const title = el("h2", { class: "sm-week-title", "aria-live": "polite" });
  const note = el("span", { class: "sm-hint" });
  const whose = spec.choosing
    ? picker({ id: `week-${Math.random().toString(36).slice(2)}`, options: [spec.person], search: (text) => ask("people", { text }), many: false, value: [spec.person], changed: () => whose.read() && turn({ person: whose.read() }) })
    : null;
  const turns = [
    button("‹ 上一周", () => turn({ monday: week.before }), { "data-sm": "before" }),
    button("本周", () => turn({ monday: spec.thisWeek }), { "data-sm": "today" }),
    button("下一周 ›", () => turn({ monday: week.after }), { "data-sm": "after" }),
  ];
  const exports_ = spec.exporting
    ? [button("导出本周 .ics", (event) => download(event.currentTarget, false)), button("导出此后全部 .ics", (event) => download(event.currentTarget, true))]
    : [];
  const columns = el("div", { class: "sm-week", role: "grid", "aria-label": "活动日历" });
  const bar = el(
    "div",
    { class: "sm-row sm-week-bar" },
    ...turns,
    title,
    whose ? el("label", { class: "sm-filter" }, "负责人", whose.node) : null,
    note,
    el("span", { class: "sm-gap" }),
    spec.new ? anchor("新增", spec.new, { class: "sm-btn primary" }) : null,
    ...exports_,
  );
  host.append(el("div", { class: "sm" }, bar, columns));
  whose?.node.querySelector("input").setAttribute("aria-label", "负责人");

  function paint() {
    const [first, last] = [week.days[0], week.days[6]];
    title.textContent = `${first} 至 ${last.slice(5)}（第 ${week.number} 周）`;
    note.textContent = week.note;
    columns.replaceChildren(...week.days.map(column));
  }
  function column(day, at) {
    const here = week.entries.filter((entry) => entry.days.includes(at));
    const name = week.names[at];
    return el(
      "section",
      { class: `sm-week-day${day === spec.today ? " today" : ""}${at > 4 ? " rest" : ""}`, role: "row", "aria-label": `周${WEEK_DAYS[at]} ${day}` },
      el("h3", {}, `周${WEEK_DAYS[at]} ${day.slice(5)}`, name ? el("span", { class: "sm-tag", text: name }) : null),
      ...(here.length ? here.map(entryNode) : [el("p", { class: "sm-hint", text: "—" })]),
    );
  }
  function entryNode(entry) {
    const node = anchor("", entry.href, { class: `sm-week-entry ${entry.tone}`, title: `${entry.title} ${entry.note}` });
    node.append(
      el("span", { class: "sm-week-time" }, entry.time, entry.mark ? el("span", { class: `sm-tag ${entry.tone}`, text: entry.mark }) : null),
      el("b", { text: entry.title }),
      el("span", { class: "sm-hint", text: entry.note }),
    );
    return node;
  }
  async function turn(change, quiet = false) {
    const mine = (asked += 1);
    const timer = setTimeout(() => columns.classList.add("old"), 150);
    try {
      const found = await ask("week", { person: week.person, monday: week.monday, ...change }, 30000);
      if (mine !== asked) return;
      week = found;
      keepInAddress({ week: week.monday === spec.thisWeek ? "" : week.monday, person: String(week.person) === String(spec.person.value) && !has("person") ? "" : week.person });
      paint();
    } catch (fault) {
      if (!quiet) toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
    } finally {
      clearTimeout(timer);
      columns.classList.remove("old");
    }
  }
  const has = (name) => new URLSearchParams(location.search).has(name);

  async function download(node, later) {
    const free = busy(node);
    try {
      const file = await ask("export", { person: week.person, monday: week.monday, later }, 60000);
      const bytes = Uint8Array.from(atob(file.content), (one) => one.charCodeAt(0));
      const url = URL.createObjectURL(new Blob([bytes], { type: "text/calendar" }));
      el("a", { href: url, download: file.name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "导出暂无响应，请重试" : fault.message });
    } finally {
      free();
    }
  }
  function walk(key) {
    const root = host.getRootNode();
    const days = [...columns.children].map((day) => [...day.querySelectorAll(".sm-week-entry")]);
    const at = days.findIndex((entries) => entries.includes(root.activeElement));
    if (at < 0) return days.flat()[0]?.focus();
    const place = days[at].indexOf(root.activeElement);
    if (key === "ArrowDown" || key === "ArrowUp") return days[at][place + (key === "ArrowDown" ? 1 : -1)]?.focus();
    const step = key === "ArrowRight" ? 1 : -1;
    for (let to = at + step; to >= 0 && to < 7; to += step) {
      if (days[to].length) return days[to][Math.min(place, days[to].length - 1)].focus();
    }
    return null;
  }
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !columns.isConnected) return;
    const target = event.composedPath()[0];
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    if (["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"].includes(event.key)) {
      event.preventDefault();
      walk(event.key);
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      turn({ monday: event.key === "PageUp" ? week.before : week.after });
    }
  }, { signal });
  window.addEventListener("sunmao:pulse", (event) => {
    if (event.detail.topics.some((topic) => spec.topics.includes(topic))) turn({}, true);
  }, { signal });
  paint();
  // A view shown again may be old.
  if (spec.seen) turn({}, true);
  spec.seen = true;
  host.firstChild.dataset.ready = "1";
}

export default { render };
