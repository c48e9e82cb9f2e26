// A form that is a page, or a part of one.
import { adopt, asker, canUndo } from "./kit.js";
import { buildForm } from "./form_body.js";

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  canUndo(spec.asks, ask);
  const made = buildForm({
    ask,
    el: host,
    spec,
    done: () => {
      model.set("saved", model.get("saved") + 1);
      model.save_changes();
    },
  });
  host.firstChild.dataset.ready = "1";
  made.ready.then(() => {
    const taken = document.activeElement && document.activeElement !== document.body;
    if (spec.focus !== false && !taken) made.first(typeof spec.focus === "string" ? spec.focus : "");
  });
}

export default { render };
