// Work under way: asked once a second how far it is; when it ends, the page reads afresh.
import { adopt, asker, busy, button, el, tell, toast } from "./kit.js";

const EVERY = 1000;

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  let over = false;

  const meter = el("progress", { max: 100, "aria-label": "进度" });
  const said = el("output", { "aria-live": "polite" });
  const stop = spec.stop ? button(spec.stop, end, { kind: "small" }) : null;
  host.append(el("div", { class: "sm sm-work", "data-ready": "1", role: "status" }, el("div", { class: "sm-row" }, said, meter, ...(stop ? [stop] : [])), el("p", { class: "sm-hint", text: spec.note })));
  paint(spec.first);
  const timer = setInterval(look, EVERY);
  signal?.addEventListener("abort", () => clearInterval(timer));

  function paint(now) {
    const share = now.of ? Math.round((now.done / now.of) * 100) : null;
    if (share === null) meter.removeAttribute("value");
    else meter.value = share;
    const far = now.of ? ` ${now.done.toLocaleString("zh-CN")} / ${now.of.toLocaleString("zh-CN")} 行` : "…";
    said.textContent = `${now.what}${far}`;
    if (!now.going && !over) {
      over = true;
      clearInterval(timer);
      window.dispatchEvent(new CustomEvent("sunmao:navigate"));
    }
  }
  async function look() {
    const now = await ask("look", {}).catch(() => null);
    if (now && !over) paint(now);
  }
  async function end() {
    const free = busy(stop);
    try {
      tell(await ask("stop", {}), ask);
    } catch (fault) {
      toast({ kind: "bad", text: fault.message });
      free();
    }
  }
}

export default { render };
