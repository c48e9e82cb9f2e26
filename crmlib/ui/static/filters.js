// The filters of a dashboard: one line, in the address, with a dot that says the data is live.
import { dateBox, readDay } from "./datebox.js";
import { picker } from "./picker.js";
import { schemeMenu } from "./schemes.js";
import { adopt, asker, button, el, keepInAddress, shared } from "./kit.js";

const PAUSE = 400; // ms after the last key of an amount

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = { ...model.get("spec"), columns: [] };
  const { choices, topics } = spec;
  const ask = asker(model, signal);
  const made = { amount, day, choice: select };
  const inputs = choices.map((choice) => (choice.typed ? typed : made[choice.kind])(choice));
  const defaults = spec.default.filters;
  let { scheme } = spec;
  const query = () => ({ filters: model.get("chosen"), scheme });
  const apply = (wanted) => {
    scheme = wanted.scheme;
    put(wanted.filters);
  };
  const schemes = spec.schemes ? schemeMenu({ host, spec, ask, query, apply, signal }) : null;
  const clear = button("清除筛选", () => put(defaults), { kind: "link" });
  const live = el("span", { class: "sm-live-dot", text: "实时", title: "他人的修改会自动显示" });
  host.append(el("div", { class: "sm sm-filters", role: "search" }, schemes?.node, ...inputs.map((input) => input.node), clear, el("span", { class: "sm-gap" }), topics.length ? live : null));

  function put(chosen) {
    model.set("chosen", chosen);
    model.save_changes();
    // A default that was cleared is written down, else it would come back.
    const told = (choice) => [choice.name, (chosen[choice.name] || "") === choice.default ? "" : chosen[choice.name] || "all"];
    keepInAddress({ ...Object.fromEntries(choices.map(told)), ...(schemes ? { scheme: scheme || "" } : {}) });
    carry();
    paint();
  }
  /** Let the menu take along what dashboards have in common. */
  function carry() {
    const chosen = model.get("chosen");
    const narrows = (choice) => ![undefined, "", "all", choice.default].includes(chosen[choice.name]);
    const common = choices.filter(({ name }) => spec.common.includes(name));
    shared.carry?.(Object.fromEntries(common.map((choice) => [choice.name, narrows(choice) ? chosen[choice.name] : ""])));
  }
  const set = (name, value) => {
    const { [name]: _gone, ...rest } = model.get("chosen");
    put(value ? { ...rest, [name]: value } : rest);
  };
  function select(choice) {
    const node = el(
      "select",
      { class: "sm-input sm-narrow", on: { change: () => set(choice.name, node.value) } },
      choice.always ? null : el("option", { value: "", text: "全部" }),
      ...choice.options.map((option) => el("option", { value: String(option.value), text: option.label })),
    );
    const paint = (told) => {
      const value = told === "all" ? "" : told || "";
      // A 方案 may name what is offered no more; it holds all the same.
      if (value && ![...node.options].some((option) => option.value === value)) node.append(el("option", { value, text: "（已停用的选项）" }));
      node.value = value;
    };
    return { node: labelled(choice, node), paint };
  }
  /** Of a long list some are looked up by typing; Python keeps the others. */
  function typed(choice) {
    const found = async (of) => {
      const { options, total } = await ask("options", { name: choice.name, ...of });
      return Object.assign(options, { total });
    };
    const search = (text) => found({ text });
    const box = picker({ id: `sm-filter-${choice.name}`, options: [], search, value: [], placeholder: "全部", changed: () => set(choice.name, String(box.read())) });
    box.node.querySelector("input").setAttribute("aria-label", choice.label);
    let asked = "";
    const paint = async (told) => {
      const value = told === "all" ? "" : told || "";
      asked = value;
      if (String(box.read()) === value) return;
      const [option] = value ? await found({ value }).catch(() => []) : [];
      // A 方案 may name what is offered no more; it holds all the same.
      if (asked === value) box.write(value && (option || { value, label: "（已停用的选项）" }));
    };
    // No label element: a click on one of the options would count as one on the input.
    return { node: el("span", { class: "sm-filter" }, el("span", { text: choice.label }), box.node), paint };
  }
  function day(choice) {
    const box = dateBox(null, () => {
      const text = box.input.value.trim();
      if (!text || readDay(text) === text) set(choice.name, text);
    }, choice.label);
    return { node: el("span", { class: "sm-filter" }, el("span", { text: choice.label }), box.node), paint: (value) => box.write(value === "all" ? "" : value || "") };
  }
  function amount(choice) {
    let wait = 0;
    const typed = () => {
      clearTimeout(wait);
      wait = setTimeout(() => /^\d*\.?\d*$/.test(node.value.trim()) && set(choice.name, node.value.trim()), PAUSE);
    };
    const node = el("input", { class: "sm-input sm-narrow num", inputmode: "decimal", placeholder: "不限", on: { input: typed } });
    return { node: labelled(choice, node), paint: (value) => node !== host.getRootNode().activeElement && (node.value = value || "") };
  }
  function labelled(choice, node) {
    return el("label", { class: "sm-filter" }, el("span", { text: choice.label }), node);
  }
  function paint() {
    const chosen = model.get("chosen");
    choices.forEach((choice, at) => inputs[at].paint(chosen[choice.name]));
    const narrows = (choice) => !["", "all", choice.default].includes(chosen[choice.name] || "");
    clear.hidden = !choices.some(narrows);
    schemes?.paint();
  }
  function pulse(event) {
    if (!event.detail.topics.some((topic) => topics.includes(topic))) return;
    // Own steps come under the version that was there before.
    model.set("version", Math.max(event.detail.version, model.get("version") + 1));
    model.save_changes();
  }
  window.addEventListener("sunmao:pulse", pulse, { signal });
  carry();
  paint();
}

export default { render };
