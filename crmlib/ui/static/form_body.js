// The form kit's browser half: one message with all fields, one answer with all faults.
import { busy, button, drafts, el, go, personKey, tell, ticketId, toast } from "./kit.js";
import { hitsPanel } from "./hits.js";
import { inputFor } from "./inputs.js";
import { linesInput } from "./lines.js";

let forms = 0;
const LIVE_PAUSE = 100;

/** Build a form: ask(name, payload) reaches Python; done(reply) and cancelled() tell the host. */
export function buildForm({ ask, undo = ask, el: host, spec, done, cancelled }) {
  const prefix = `sm${(forms += 1)}`;
  const fields = new Map();
  let token = "";
  let sentAs = "";
  let sending = false;
  let draftName = "";
  let start = "";
  let answers = {};

  const notice = el("div", { class: "sm-notice", hidden: true, role: "alert" });
  const restored = el("div", { class: "sm-restored", hidden: true, role: "status" });
  const question = el("div", { class: "sm-question", hidden: true });
  const grid = el("div", { class: `sm-fields cols${spec.columns}` });
  const save = button(spec.submit, () => submit(false), { kind: "primary", "data-sm": "save" });
  const more = spec.alsoNew ? button("保存并新增", () => submit(true), { "data-sm": "more" }) : null;
  const second = spec.second ? button(spec.second, () => submit(false, true), { "data-sm": "second" }) : null;
  const leave = spec.cancel || cancelled ? button("取消", () => escape()) : null;
  const keys = el("span", { class: "sm-hint sm-keys", text: `Ctrl+Enter ${spec.submit}` });
  const foot = el("div", { class: "sm-foot" }, save, more, second, leave, keys);
  const form = el(
    "form",
    { class: "sm sm-form", novalidate: true, autocomplete: "off", on: { submit: (e) => e.preventDefault() } },
    restored, notice, grid, question, foot,
  );
  for (const told of spec.fields) grid.append(told.section !== undefined ? heading(told) : block(told));
  host.append(form);

  function heading(told) {
    return el("div", { class: "sm-section" }, el("h3", { text: told.section }), told.hint ? el("span", { class: "sm-hint", text: told.hint }) : null);
  }
  function block(told) {
    const id = `${prefix}-${told.name}`;
    const search = told.search ? (text) => ask("ask", { name: told.search, text, values: read() }) : null;
    const input = told.kind === "lines" ? lines(told, id) : inputFor(told, id, search, () => changed(told));
    const fault = el("div", { class: "sm-fault", id: `${id}-fault`, "aria-live": "polite" });
    const live = told.live ? el("div", { class: "sm-live" }) : null;
    const hint = told.hint ? el("div", { class: "sm-hint", id: `${id}-hint`, text: told.hint }) : null;
    const label = el("label", { for: id }, told.label);
    if (told.required) label.append(el("span", { class: "sm-star", "aria-hidden": "true", text: "*" }));
    let tick = null;
    let line = input.node;
    if (told.noneTick) {
      tick = el("input", { type: "checkbox", on: { change: () => (ticked(told.name), changed(told)) } });
      line = el("div", { class: "sm-with-tick" }, input.node, el("label", { class: "sm-tick" }, tick, told.noneLabel));
    }
    const wide = told.width > 1 || told.kind === "textarea" || told.kind === "lines";
    const node = el("div", { class: `sm-field ${wide ? "wide" : ""} ${told.kind}`, "data-name": told.name }, label, line, hint, fault, live);
    input.control?.setAttribute("aria-describedby", `${id}-fault${hint ? ` ${id}-hint` : ""}`);
    if (told.required) input.control?.setAttribute("aria-required", "true");
    fields.set(told.name, { told, input, node, fault, live, tick, timer: 0, asked: 0 });
    return node;
  }
  function lines(told, id) {
    const search = (column, text, line) => ask("ask", { name: column.search, text, values: { ...read(), line } });
    return linesInput(told, id, search, () => changed(told), next);
  }
  function ticked(name) {
    const { tick, input } = fields.get(name);
    if (tick.checked) input.write("");
    input.disable(tick.checked);
  }
  function values(take) {
    const found = {};
    for (const [name, { told, input, tick }] of fields) {
      if (told.kind === "readonly") continue;
      found[name] = take(input);
      if (tick) found[told.noneTick] = tick.checked;
    }
    return found;
  }
  const read = () => values((input) => input.read());
  const held = () => values((input) => input.keep());

  function write(given) {
    for (const [name, { told, input, tick }] of fields) {
      if (tick && told.noneTick in given) tick.checked = given[told.noneTick] === true;
      if (name in given) input.write(given[name]);
      if (tick) ticked(name);
    }
    showing();
  }
  function showing() {
    const now = read();
    for (const { told, node } of fields.values()) {
      node.hidden = Boolean(told.showWhen) && !told.showWhen[1].includes(now[told.showWhen[0]]);
    }
    for (const { told, input } of fields.values()) {
      if (!told.enableWhen) continue;
      const open = told.enableWhen[1].includes(now[told.enableWhen[0]]);
      if (!open && told.kind === "checkbox") input.write(false);
      input.disable(!open);
    }
  }
  let composing = false; // pinyin that is not a word yet is nothing to look for
  form.addEventListener("compositionstart", () => (composing = true));
  form.addEventListener("compositionend", (event) => {
    composing = false;
    for (const { told, node } of fields.values()) if (told.live && node.contains(event.target)) changed(told);
  });
  function changed(told) {
    const field = fields.get(told.name);
    setFault(field, "");
    showing();
    remember();
    if (told.fills) fill(field);
    if (told.live) {
      clearTimeout(field.timer);
      if (!composing) field.timer = setTimeout(() => look(field), LIVE_PAUSE);
    }
  }
  /** What follows from a choice is put into other fields: the 主联系人 of a customer … */
  async function fill(field) {
    const mine = ++field.asked;
    try {
      const answer = await ask("ask", { name: field.told.fills, text: String(field.input.read()), values: read() });
      if (mine !== field.asked || !answer?.values) return;
      write(answer.values);
      remember();
    } catch (fault) {
      toast({ kind: "bad", text: fault.message });
    }
  }
  async function look(field) {
    const mine = ++field.asked;
    const text = String(field.input.read()).trim();
    if (!text) return field.live.replaceChildren();
    const wait = setTimeout(() => mine === field.asked && !field.live.firstChild && field.live.replaceChildren(hitsPanel({ verdict: "loading", text: "正在查找…" })), 150);
    try {
      const answer = await ask("ask", { name: field.told.live, text, values: read() });
      if (mine !== field.asked) return;
      field.live.replaceChildren(...(answer ? [hitsPanel(answer, step)] : []));
      // The index was not there yet: asked again by itself.
      if (answer?.loading) field.timer = setTimeout(() => field.node.isConnected && look(field), 1500);
    } catch (fault) {
      if (mine === field.asked) field.live.replaceChildren(el("div", { class: "sm-fault", text: fault.silent ? "查找暂无响应" : fault.message }));
    } finally {
      clearTimeout(wait);
    }
  }
  async function step(chosen, node) {
    const free = busy(node);
    try {
      tell(await ask("ask", { name: chosen.ask, text: String(chosen.row ?? ""), values: { ...read(), ...(chosen.values || {}) } }), ask);
    } catch (fault) {
      toast({ kind: "bad", text: fault.message });
    } finally {
      free();
    }
  }
  function setFault(field, message) {
    field.fault.textContent = message;
    field.node.classList.toggle("bad", Boolean(message));
    field.input.control?.setAttribute("aria-invalid", message ? "true" : "false");
  }
  function faults(errors, message) {
    let first = null;
    const spare = [];
    for (const field of fields.values()) setFault(field, "");
    for (const [name, field] of fields) {
      const inner = field.input.faults?.(within(errors, name));
      if (inner) first = first || { node: field.node, input: { focus: inner } };
      if (!errors[name]) continue;
      setFault(field, errors[name]);
      if (field.node.hidden) spare.push(errors[name]);
      else first = first || field;
    }
    for (const [name, text] of Object.entries(errors)) if (!fields.get(name) && !fields.get(name.split(".")[0])?.input.faults) spare.push(text);
    say([message, ...spare].filter(Boolean).join("；"));
    if (first) {
      first.node.scrollIntoView({ block: "center", behavior: "auto" });
      first.input.focus();
    } else if (message || spare.length) notice.scrollIntoView({ block: "nearest" });
  }
  /** Faults of the cells of lines come as name.row.column. */
  function within(errors, name) {
    const own = Object.entries(errors).filter(([key]) => key.startsWith(`${name}.`));
    return Object.fromEntries(own.map(([key, text]) => [key.slice(name.length + 1), text]));
  }
  function say(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }
  function put(asked) {
    if (!asked) {
      question.hidden = true;
      return question.replaceChildren();
    }
    const id = `${prefix}-question`;
    const text = el("textarea", { id, class: "sm-input", rows: 2, maxlength: 500, "aria-label": asked.label });
    const bad = el("div", { class: "sm-fault" });
    const yes = () => {
      const given = asked.askText ? text.value.trim() : "yes";
      if (asked.required && !given) {
        bad.textContent = `${asked.label} 为必录项`;
        return text.focus();
      }
      answers = { ...answers, [asked.name]: given };
      submit(question.again);
    };
    question.replaceChildren(
      el("p", { text: asked.text }),
      ...(asked.askText ? [el("label", { for: id }, asked.label, asked.required ? el("span", { class: "sm-star", text: "*" }) : null), text, bad] : []),
      el("div", { class: "sm-foot" }, button(asked.confirm, yes, { kind: "primary", "data-sm": "confirm" }), button("返回修改", () => (put(null), save.focus()))),
    );
    question.hidden = false;
    question.scrollIntoView({ block: "nearest" });
    (asked.askText ? text : question.querySelector("button")).focus();
  }
  async function submit(again, isSecond = false) {
    if (sending) return;
    const now = { ...read(), ...answers, ...(isSecond ? { pressed: "second" } : {}) };
    const shape = JSON.stringify(now);
    // The same attempt keeps its token, so that a lost answer never saves twice.
    if (!token || shape !== sentAs) token = ticketId();
    sentAs = shape;
    sending = true;
    remember();
    say("");
    const freed = [save, more, second, question.querySelector("[data-sm=confirm]")].filter(Boolean).map((node) => busy(node));
    let reply = null;
    try {
      reply = await ask("submit", { token, values: now });
      token = "";
    } catch (fault) {
      if (!fault.silent) token = "";
      faults(fault.faults, fault.message);
    } finally {
      sending = false;
      freed.forEach((free) => free());
    }
    if (reply) settle(reply, again);
  }
  function settle(reply, again) {
    answers = {};
    put(reply.question);
    question.again = again;
    if (!reply.ok) {
      if (reply.values) write(reply.values);
      return reply.question ? faults({}, "") : faults(reply.errors, reply.message || (Object.keys(reply.errors).length ? "" : "操作未成功，请重试"));
    }
    faults({}, "");
    drafts.clear(draftName);
    restored.hidden = true;
    renew(reply, again);
    done?.(reply);
    tell(again ? { ...reply, next: null } : reply, undo);
  }
  function renew(reply, again) {
    if (again || ((spec.renews || spec.alsoNew) && !reply.next)) {
      const kept = held();
      write(blank(Object.fromEntries(spec.keep.filter((name) => name in kept).map((name) => [name, kept[name]]))));
      [...fields.values()].forEach((field) => field.live?.replaceChildren());
      first();
    } else if (reply.values) write(reply.values);
    start = JSON.stringify(held());
  }
  function blank(kept) {
    const empty = {};
    for (const [name, { told }] of fields) {
      empty[name] = name in kept ? kept[name] : (spec.blank[name] ?? "");
      if (told.noneTick) empty[told.noneTick] = kept[told.noneTick] ?? false;
    }
    return empty;
  }
  /** Goes to the first field, or to the one named; a text that is there already is written above. */
  function first(name = "") {
    const named = fields.get(name);
    if (named) {
      named.input.focus();
      return named.input.control?.setSelectionRange?.(0, 0);
    }
    for (const { told, input, node } of fields.values()) {
      if (told.kind === "readonly" || node.hidden) continue;
      return input.focus();
    }
  }
  const dirty = () => JSON.stringify(held()) !== start;

  function remember() {
    if (!draftName) return;
    if (!dirty() && !token) return drafts.clear(draftName);
    drafts.write(draftName, { values: held(), token, sentAs, version: spec.version });
  }
  async function recall() {
    if (!spec.draft) return;
    draftName = drafts.name(await personKey(), spec.key);
    const draft = drafts.read(draftName);
    if (!draft) return;
    write(draft.values);
    ({ token = "", sentAs = "" } = draft);
    if (!dirty()) return;
    const stale = draft.version !== spec.version ? "，原记录已被修改，请核对" : "";
    restored.replaceChildren(
      el("span", { text: `已恢复未保存的内容${stale}` }),
      button("放弃", () => {
        drafts.clear(draftName);
        token = "";
        write({ ...blank({}), ...spec.values });
        for (const field of fields.values()) setFault(field, "");
        restored.hidden = true;
        first();
      }, { kind: "small" }),
    );
    restored.hidden = false;
    for (const field of fields.values()) if (field.live) look(field);
  }
  function escape() {
    // A page's draft stays; a dialog's does not, so only there something would be lost.
    const leaveNow = () => (cancelled ? cancelled() : spec.cancel && go(spec.cancel));
    if (!cancelled && !spec.cancel) return;
    if (spec.draft || !dirty()) return leaveNow();
    question.replaceChildren(
      el("p", { text: "放弃已填写的内容？" }),
      el("div", { class: "sm-foot" }, button("放弃", leaveNow, { kind: "danger" }), button("继续填写", () => (put(null), first()))),
    );
    question.hidden = false;
    question.querySelector("button").focus();
  }
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit(false);
    } else if (event.key === "Enter" && /^(INPUT|SELECT)$/.test(target.tagName)) {
      event.preventDefault();
      next(target);
    } else if (event.key === "Escape") {
      event.preventDefault();
      escape();
    }
  });
  function next(from) {
    const stops = [...form.querySelectorAll("input, select, textarea, [data-sm=save]")].filter(
      (node) => !node.disabled && !node.readOnly && node.tabIndex >= 0 && node.offsetParent !== null,
    );
    const group = from.type === "radio" ? from.name : "";
    const after = stops.slice(stops.indexOf(from) + 1).find((node) => !group || node.name !== group);
    (after || save).focus();
  }
  write({ ...blank({}), ...spec.values });
  start = JSON.stringify(held());
  // A name that came with the address is looked up as if it were typed.
  for (const field of fields.values()) if (field.told.live && spec.values[field.told.name]) look(field);
  const ready = recall();
  return { first, dirty, escape, ready };
}
