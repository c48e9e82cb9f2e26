// The filters of a dashboard: one line, in the address, with a dot that says the data is live.
import { adopt, button, el, keepInAddress } from "./kit.js";

const PAUSE = 400; // ms after the last key of an amount

function render({ model, el: host, signal }) {
  adopt(host);
  const { choices, topics } = model.get("spec");
  const inputs = choices.map((choice) => (choice.kind === "amount" ? amount(choice) : select(choice)));
  const defaults = Object.fromEntries(choices.filter((choice) => choice.default).map((choice) => [choice.name, choice.default]));
  const clear = button("清除筛选", () => put(defaults), { kind: "link" });
  const live = el("span", { class: "sm-live-dot", text: "实时", title: "他人的修改会自动显示" });
  host.append(el("div", { class: "sm sm-filters", role: "search" }, ...inputs.map((input) => input.node), clear, el("span", { class: "sm-gap" }), live));

  function put(chosen) {
    model.set("chosen", chosen);
    model.save_changes();
    // A default that was cleared is written down, else it would come back.
    const told = (choice) => [choice.name, (chosen[choice.name] || "") === choice.default ? "" : chosen[choice.name] || "all"];
    keepInAddress(Object.fromEntries(choices.map(told)));
    paint();
  }
  const set = (name, value) => {
    const { [name]: _gone, ...rest } = model.get("chosen");
    put(value ? { ...rest, [name]: value } : rest);
  };
  function select(choice) {
    const node = el(
      "select",
      { class: "sm-input sm-narrow", on: { change: () => set(choice.name, node.value) } },
      el("option", { value: "", text: "全部" }),
      ...choice.options.map((option) => el("option", { value: String(option.value), text: option.label })),
    );
    return { node: labelled(choice, node), paint: (value) => (node.value = value === "all" ? "" : value || "") };
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
  }
  function pulse(event) {
    if (!event.detail.topics.some((topic) => topics.includes(topic))) return;
    // Own steps come under the version that was there before.
    model.set("version", Math.max(event.detail.version, model.get("version") + 1));
    model.save_changes();
  }
  window.addEventListener("sunmao:pulse", pulse, { signal });
  paint();
}

export default { render };
