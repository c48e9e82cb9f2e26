// Tabs: the chosen one is in the address, and cells that read it run again.
import { adopt, el, keepInAddress } from "./kit.js";

function render({ model, el: host, signal }) {
  adopt(host);
  const { tabs } = model.get("spec");
  const row = el("div", { class: "sm sm-tabs", role: "tablist" });
  const buttons = tabs.map(([name, label, count]) =>
    el("button", { type: "button", role: "tab", "data-name": name, on: { click: () => choose(name) } }, label, count === null ? null : el("span", { class: "sm-tab-count", text: count })),
  );
  row.append(...buttons);
  function paint() {
    for (const button of buttons) {
      const here = button.dataset.name === model.get("chosen");
      button.setAttribute("aria-selected", here ? "true" : "false");
      button.tabIndex = here ? 0 : -1;
    }
  }
  function choose(name) {
    keepInAddress({ tab: name === tabs[0][0] ? "" : name });
    model.set("chosen", name);
    model.save_changes();
    paint();
  }
  row.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = tabs.findIndex(([name]) => name === model.get("chosen"));
    const next = (at + step + tabs.length) % tabs.length;
    choose(tabs[next][0]);
    buttons[next].focus();
  });
  // What a tab holds may grow while it is looked at.
  window.addEventListener("sunmao:tabcount", ({ detail }) => {
    const badge = buttons.find((button) => button.dataset.name === detail.name)?.querySelector(".sm-tab-count");
    if (badge) badge.textContent = detail.count;
  }, { signal });
  model.on("change:chosen", paint);
  signal?.addEventListener("abort", () => model.off("change:chosen", paint));
  host.append(row);
  paint();
}

export default { render };
