// One control per kind of field; each can be read, written, focused and disabled.
import { el } from "./kit.js";
import { dateBox, momentBox } from "./datebox.js";
import { picker } from "./picker.js";

const TYPES = { tel: "tel", email: "email", url: "url", password: "password" };

export function inputFor(told, id, search, changed) {
  if (told.kind === "picker" || told.kind === "multiselect") return choice(told, id, search, changed);
  if (told.kind === "select") return select(told, id, changed);
  if (told.kind === "radio") return radio(told, id, changed);
  if (told.kind === "checkbox") return checkbox(told, id, changed);
  if (told.kind === "readonly") return readonly(id);
  if (told.kind === "date") {
    const box = dateBox(id, changed);
    return { ...simple(box.node, box.input, box.read, box.write), focus: box.focus };
  }
  if (told.kind === "datetime") {
    const box = momentBox(id, told.label, changed);
    return { ...simple(box.node, box.input, box.read, box.write), focus: box.focus, disable: box.disable };
  }
  return typed(told, id, changed);
}

function simple(node, control, read, write) {
  return {
    node,
    control,
    read,
    keep: read,
    write,
    focus: () => control.focus(),
    disable: (off) => (control.disabled = off),
  };
}

function typed(told, id, changed) {
  const area = told.kind === "textarea";
  const control = el(area ? "textarea" : "input", {
    id,
    name: told.name,
    class: "sm-input",
    type: area ? null : TYPES[told.kind] || "text",
    rows: area ? told.rows : null,
    inputmode: told.kind === "money" || told.kind === "number" ? "decimal" : null,
    maxlength: told.maxLength,
    autocomplete: told.kind === "password" ? "new-password" : "off",
    on: { input: changed },
  });
  const amount = told.kind === "money";
  const bare = () => control.value.replace(/[,，¥￥\s]/g, "");
  if (amount) {
    control.classList.add("num");
    const dress = () => {
      const text = bare();
      if (/^-?\d+(\.\d+)?$/.test(text)) control.value = text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
    };
    control.addEventListener("blur", dress);
    const made = simple(
      el("div", { class: "sm-money" }, el("span", { text: "¥", "aria-hidden": "true" }), control),
      control,
      () => bare(),
      (value) => ((control.value = value ?? ""), dress()),
    );
    return made;
  }
  return simple(control, control, () => control.value, (value) => (control.value = value ?? ""));
}

function select(told, id, changed) {
  const control = el(
    "select",
    { id, name: told.name, class: "sm-input", on: { change: changed } },
    el("option", { value: "", text: "请选择" }),
    ...told.options.map((option) => el("option", { value: String(option.value), text: option.label })),
  );
  return simple(control, control, () => back(told, control.value), (value) => (control.value = String(value ?? "")));
}

// Values keep the type they had in Python: 7 stays a number.
function back(told, text) {
  const option = told.options.find((one) => String(one.value) === text);
  return option ? option.value : "";
}

function radio(told, id, changed) {
  const node = el("div", { class: "sm-radios", role: "radiogroup", "aria-label": told.label, id });
  told.options.forEach((option, index) => {
    const control = el("input", { type: "radio", name: id, value: String(option.value), id: `${id}-${index}`, on: { change: changed } });
    node.append(el("label", {}, control, option.label));
  });
  const inputs = () => [...node.querySelectorAll("input")];
  return {
    ...simple(
      node,
      node,
      () => back(told, inputs().find((one) => one.checked)?.value ?? ""),
      (value) => inputs().forEach((one) => (one.checked = one.value === String(value))),
    ),
    focus: () => (inputs().find((one) => one.checked) || inputs()[0])?.focus(),
    disable: (off) => inputs().forEach((one) => (one.disabled = off)),
  };
}

function checkbox(told, id, changed) {
  const control = el("input", { id, type: "checkbox", name: told.name, on: { change: changed } });
  return simple(el("div", { class: "sm-check" }, control), control, () => control.checked, (value) => (control.checked = value === true));
}

function readonly(id) {
  const control = el("output", { id, class: "sm-readonly", text: "—" });
  return { ...simple(control, null, () => control.textContent, (value) => (control.textContent = value || "—")), focus: () => {} };
}

function choice(told, id, search, changed) {
  const made = picker({ id, options: told.options, search, many: told.kind === "multiselect", value: [], changed });
  return { ...made, control: made.node.querySelector("input") };
}
