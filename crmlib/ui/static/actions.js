// The steps of a page: links, buttons that ask first, dialogs with a form inside.
import { formDialog, openDialog } from "./dialog.js";
import { adopt, anchor, asker, busy, button, canUndo, el, tell, toast } from "./kit.js";

function render({ model, el: host, signal }) {
  adopt(host);
  const { actions, refresh } = model.get("spec");
  const ask = asker(model, signal);
  canUndo(model.get("spec").asks, ask);
  const row = el("div", { class: "sm sm-actions" }, ...actions.map(step));
  host.append(row);
  window.addEventListener("sunmao:undone", () => refresh && window.dispatchEvent(new CustomEvent("sunmao:navigate")), { signal });

  function step(action) {
    if (action.href) return anchor(action.label, action.href, { class: `sm-btn ${action.kind}` });
    const node = button(action.label, () => (action.form ? dialog(action) : action.confirm ? sure(action, node) : call(action, node)), {
      kind: action.kind,
      "data-action": action.name,
      title: action.disabled || null,
      disabled: Boolean(action.disabled),
    });
    return node;
  }
  function settled(reply) {
    if (!reply.ok) return;
    model.set("saved", model.get("saved") + 1);
    model.save_changes();
    if (refresh && !reply.next) window.dispatchEvent(new CustomEvent("sunmao:navigate"));
  }
  async function call(action, node) {
    const free = busy(node);
    try {
      const reply = await ask("call", { action: action.name }, 30000);
      tell(reply, ask);
      settled(reply);
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? "服务器暂无响应，请重试" : fault.message });
    } finally {
      free();
    }
  }
  function sure(action, node) {
    const yes = button(action.label, () => (made.close(), call(action, node)), { kind: action.kind || "primary" });
    const no = button("取消", () => made.close());
    const made = openDialog(host, action.label, el("p", { text: action.confirm }), el("div", { class: "sm-foot" }, yes, no));
    made.box.addEventListener("close", () => made.box.remove());
    yes.focus();
  }
  function dialog(action) {
    formDialog(host, action.form, {
      ask: (name, sent, patience) => ask(name, { ...sent, action: action.name }, patience),
      undo: ask,
      done: settled,
    });
  }
}

export default { render };
