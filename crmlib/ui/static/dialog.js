// A dialog, and a dialog that holds a form.
import { buildForm } from "./form_body.js";
import { el } from "./kit.js";

/** Open a dialog; its content is given, closing takes it away. */
export function openDialog(host, title, ...content) {
  const box = el("dialog", { class: "sm sm-dialog", "aria-label": title }, el("h2", { text: title }), ...content);
  const close = () => (box.close(), box.remove());
  host.append(box);
  box.showModal();
  return { box, close };
}

/** Open a form in a dialog; done(reply) after a success, cancelled() when it is given up. */
export function formDialog(host, spec, { ask, undo, done, cancelled = () => {} }) {
  const place = el("div");
  const made = openDialog(host, spec.title, spec.note ? el("p", { class: "sm-hint", text: spec.note }) : null, place);
  const form = buildForm({
    ask,
    undo,
    el: place,
    spec,
    done: (reply) => (made.close(), done(reply)),
    cancelled: () => (made.close(), cancelled()),
  });
  made.box.addEventListener("cancel", (event) => {
    event.preventDefault();
    form.escape();
  });
  form.first();
}
