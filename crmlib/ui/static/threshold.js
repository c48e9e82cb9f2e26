// From which score on: the figures follow the hand, the list follows when it lets go.
import { adopt, asker, el } from "./kit.js";

const SETTLE = 400; // ms; a burst of decisions asks for the figures once

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  let stops = spec.stops;
  let wait = 0;
  const percent = (share) => `${(share * 100).toFixed(1)}%`;
  const range = el("input", { id: "sm-threshold", type: "range", min: 0, max: stops.length - 1, step: 1, on: { input: paint, change: send } });
  const bars = el("div", { class: "sm-bars", "aria-hidden": "true" });
  const said = el("output", { for: "sm-threshold", "aria-live": "polite" });
  host.append(el("div", { class: "sm sm-threshold", "data-ready": "1" }, el("label", { for: "sm-threshold", text: "相似度不低于" }), el("div", { class: "sm-scale" }, bars, range), said));

  const at = (value) => Math.max(0, stops.findIndex((stop) => stop.at === Number(value || 0)));
  const chosen = () => stops[Number(range.value)] || stops[0];
  function words(stop) {
    const from = stop.at ? `≥ ${Math.round(stop.at * 100)}%` : "全部";
    const judged = stop.judged ? `已判 ${stop.judged} 对，其中判错 ${percent(stop.wrong)}` : "尚无判定";
    return `${from}：待审 ${stop.waiting.toLocaleString("zh-CN")} 对；${judged}`;
  }
  function paint() {
    const most = Math.max(1, ...stops.map((stop) => stop.waiting));
    bars.replaceChildren(...stops.map((stop, place) => el("i", { class: place >= Number(range.value) ? "in" : "", style: `height:${Math.round((stop.waiting / most) * 100)}%` })));
    said.textContent = words(chosen());
    range.setAttribute("aria-valuetext", said.textContent);
  }
  function send() {
    const { at: value } = chosen();
    window.dispatchEvent(new CustomEvent("sunmao:filter", { detail: { key: spec.key, name: spec.name, value: value ? String(value) : "" } }));
  }
  function put(value) {
    range.value = String(at(value));
    paint();
  }
  window.addEventListener("sunmao:filtered", (event) => {
    if (event.detail.key === spec.key) put(event.detail.filters[spec.name]);
  }, { signal });
  window.addEventListener("sunmao:pulse", (event) => {
    if (!event.detail.topics.some((topic) => spec.topics.includes(topic))) return;
    clearTimeout(wait);
    wait = setTimeout(async () => {
      const found = await ask("count", {}).catch(() => null);
      if (!found) return; // the old figures stay; the next change asks again
      stops = found;
      paint();
    }, SETTLE);
  }, { signal });
  put(new URLSearchParams(location.search).get(`${spec.key}.f.${spec.name}`));
}

export default { render };
