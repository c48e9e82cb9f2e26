// 撞单分析: asked as one types; an older answer never replaces a newer one.
// An answer shall stand 200 ms after the last key: the pause takes half of that.
import { adopt, asker, busy, button, canUndo, el, keepInAddress, tell, toast } from "./kit.js";
import { hitsPanel } from "./hits.js";

const PAUSE = 100;
const RETRY = 1500;

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  canUndo(spec.asks, ask);
  const typed = new URLSearchParams(location.search);
  let asked = 0;
  let pause = 0;
  let again = 0; // the index was not there yet
  let composing = false; // pinyin that is not a word yet
  const input = (id, label, props) => {
    const control = el("input", { id, class: "sm-input", autocomplete: "off", ...props, on: { input: later, keydown: enter, compositionstart: () => (composing = true), compositionend: () => ((composing = false), later()) } });
    return { control, node: el("div", { class: "sm-field" }, el("label", { for: id }, label), control) };
  };
  const name = input("sm-collide-name", "客户名称", { maxlength: 200 });
  const phone = input("sm-collide-phone", "电话", { type: "tel", maxlength: 60 });
  const find = button("查找", () => look(true), { kind: "primary" });
  const fault = el("div", { class: "sm-fault", "aria-live": "polite" });
  const answer = el("div", { class: "sm-live" });
  host.append(el("div", { class: "sm sm-collide", "data-ready": "1" }, el("div", { class: "sm-collide-bar" }, name.node, phone.node, find), fault, answer));
  name.control.value = typed.get("name") || spec.name;
  phone.control.value = typed.get("phone") || spec.phone;

  function later() {
    clearTimeout(pause);
    fault.textContent = "";
    if (!composing) pause = setTimeout(() => look(false), PAUSE);
  }
  function enter(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    look(true);
  }
  async function look(pressed) {
    clearTimeout(pause);
    clearTimeout(again);
    const mine = (asked += 1);
    const text = name.control.value.trim();
    keepInAddress({ name: text, phone: phone.control.value.trim() });
    if (!text || (!pressed && text.length < 2)) {
      answer.replaceChildren();
      if (pressed) {
        fault.textContent = "请输入客户名称";
        name.control.focus();
      }
      return;
    }
    const wait = setTimeout(() => mine === asked && answer.replaceChildren(hitsPanel({ verdict: "loading", text: "正在查找…" })), 150);
    try {
      const found = await ask("search", { name: text, phone: phone.control.value });
      if (mine !== asked) return;
      answer.replaceChildren(hitsPanel(found, step));
      if (found.loading) again = setTimeout(() => host.isConnected && look(false), RETRY);
    } catch (wrong) {
      if (mine !== asked) return;
      answer.replaceChildren();
      fault.textContent = wrong.silent ? "查找暂无响应，请重试" : wrong.message;
    } finally {
      clearTimeout(wait);
    }
  }
  async function step(chosen, node) {
    const free = busy(node);
    try {
      tell(await ask("ask", { name: chosen.ask, text: String(chosen.row ?? ""), values: chosen.values || {} }), ask);
    } catch (wrong) {
      toast({ kind: "bad", text: wrong.message });
    } finally {
      free();
    }
  }
  signal?.addEventListener("abort", () => (clearTimeout(pause), clearTimeout(again)));
  if (name.control.value) look(true);
  name.control.focus();
}

export default { render };
