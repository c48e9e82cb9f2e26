// A day typed as clerks type it (1123, 20261123, 2026-11-23, 今天) or picked from a calendar.
import { el } from "./kit.js";

const two = (number) => String(number).padStart(2, "0");
const iso = (day) => `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;

export function readDay(text, now = new Date()) {
  const bare = text.trim().replace(/[年月./]/g, "-").replace(/日/g, "");
  const words = { 今天: 0, 明天: 1, 昨天: -1, 后天: 2 };
  if (bare in words) return iso(new Date(now.getFullYear(), now.getMonth(), now.getDate() + words[bare]));
  const year = now.getFullYear();
  const found =
    /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(bare) ||
    /^(\d{4})(\d{2})(\d{2})$/.exec(bare) ||
    (/^(\d{1,2})-(\d{1,2})$/.test(bare) && [0, year, ...bare.split("-")]) ||
    (/^\d{4}$/.test(bare) && [0, year, bare.slice(0, 2), bare.slice(2)]);
  if (!found) return null;
  const [, y, m, d] = [...found].map(Number);
  const day = new Date(y, m - 1, d);
  return day.getMonth() === m - 1 && day.getDate() === d && y > 1900 ? iso(day) : null;
}

export function dateBox(id, changed, label = "") {
  const input = el("input", { id, class: "sm-input", type: "text", inputmode: "numeric", autocomplete: "off", placeholder: "年-月-日", maxlength: 12, "aria-label": label || null });
  const toggle = el("button", { type: "button", class: "sm-wipe", tabindex: "-1", "aria-label": "打开日历", text: "▾" });
  const sheet = el("div", { class: "sm-calendar", role: "dialog", "aria-label": "日历", hidden: true });
  const node = el("div", { class: "sm-picker sm-date" }, input, toggle, sheet);
  let shown = new Date();

  function settle() {
    const day = readDay(input.value);
    if (day && day !== input.value) {
      input.value = day;
      changed();
    }
  }
  function pick(day) {
    input.value = day;
    close();
    input.focus();
    changed();
  }
  function open() {
    const now = readDay(input.value);
    shown = now ? new Date(`${now}T00:00`) : new Date();
    paint();
    sheet.hidden = false;
    sheet.classList.toggle("above", window.innerHeight - input.getBoundingClientRect().bottom < 290);
  }
  const close = () => (sheet.hidden = true);
  function turn(months) {
    shown = new Date(shown.getFullYear(), shown.getMonth() + months, 1);
    paint();
  }
  function paint() {
    const first = new Date(shown.getFullYear(), shown.getMonth(), 1);
    const lead = (first.getDay() + 6) % 7;
    const chosen = readDay(input.value);
    const today = iso(new Date());
    const step = (text, name, months) => el("button", { type: "button", tabindex: "-1", "aria-label": name, text, on: { click: () => turn(months) } });
    const days = Array.from({ length: 42 }, (_, at) => {
      const day = new Date(first.getFullYear(), first.getMonth(), at - lead + 1);
      const name = iso(day);
      const look = [day.getMonth() === first.getMonth() ? "" : "out", name === today ? "today" : "", name === chosen ? "chosen" : ""].join(" ");
      return el("button", { type: "button", tabindex: "-1", class: look, "aria-label": name, text: day.getDate(), on: { click: () => pick(name) } });
    });
    sheet.replaceChildren(
      el("div", { class: "sm-cal-head" }, step("«", "上一年", -12), step("‹", "上一月", -1), el("b", { text: `${shown.getFullYear()} 年 ${shown.getMonth() + 1} 月` }), step("›", "下一月", 1), step("»", "下一年", 12)),
      el("div", { class: "sm-cal-days" }, ...[..."一二三四五六日"].map((text) => el("span", { text })), ...days),
      el("div", { class: "sm-cal-head" }, el("button", { type: "button", tabindex: "-1", text: "今天", on: { click: () => pick(today) } })),
    );
  }
  toggle.addEventListener("click", () => (sheet.hidden ? (input.focus(), open()) : close()));
  node.addEventListener("mousedown", (event) => event.target !== input && event.preventDefault());
  input.addEventListener("input", changed);
  input.addEventListener("blur", () => (settle(), close()));
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !sheet.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "ArrowDown" && event.altKey) open();
    else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && readDay(input.value)) {
      event.preventDefault();
      const day = new Date(`${readDay(input.value)}T00:00`);
      day.setDate(day.getDate() + (event.key === "ArrowUp" ? 1 : -1));
      input.value = iso(day);
      changed();
    } else if (event.key === "Enter") settle();
  });
  return {
    node,
    input,
    read: () => readDay(input.value) || input.value.trim(),
    write: (value) => (input.value = value || ""),
    focus: () => input.focus(),
  };
}

/** "9:30", "930", "9", "14点" as 09:30 …; null if no time of day. */
export function readClock(text) {
  const bare = text.trim().replace(/[：.]/g, ":").replace(/[点时]/g, ":").replace(/分/g, "").replace(/:$/, "");
  const found = /^(\d{1,2})(?::(\d{1,2}))?$/.exec(bare) || /^(\d{1,2})(\d{2})$/.exec(bare);
  if (!found) return null;
  const [hour, minute] = [Number(found[1]), Number(found[2] || 0)];
  return hour < 24 && minute < 60 ? `${two(hour)}:${two(minute)}` : null;
}

/** A day and a time of day side by side; read and written as "2026-11-24 10:00". */
export function momentBox(id, label, changed) {
  const day = dateBox(id, changed);
  const time = el("input", { class: "sm-input sm-clock", type: "text", inputmode: "numeric", autocomplete: "off", placeholder: "时:分", maxlength: 6, "aria-label": `${label}（时:分）`, on: { input: changed } });
  const node = el("div", { class: "sm-moment" }, day.node, time);
  function settle() {
    const found = readClock(time.value);
    if (found && found !== time.value) {
      time.value = found;
      changed();
    }
  }
  /** Both in one: pasted, or sent by a program. */
  function part(text) {
    const found = /^(\S+)[T\s]+(\d{1,2}[:：]\d{2})/.exec(text.trim().replace("T", " "));
    if (found) [day.input.value, time.value] = [found[1], readClock(found[2]) || found[2]];
    return Boolean(found);
  }
  day.input.removeAttribute("maxlength");
  day.input.addEventListener("input", () => part(day.input.value) && changed());
  time.addEventListener("blur", settle);
  time.addEventListener("keydown", (event) => event.key === "Enter" && settle());
  return {
    node,
    input: day.input,
    read: () => [day.read(), readClock(time.value) || time.value.trim()].filter(Boolean).join(" "),
    write: (value) => {
      const text = String(value || "");
      if (!part(text)) [day.input.value, time.value] = [text, ""];
    },
    focus: day.focus,
    disable: (off) => [day.input, time].forEach((each) => (each.disabled = off)),
  };
}
