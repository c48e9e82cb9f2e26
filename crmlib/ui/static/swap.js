// A table as a workbook: taken along, brought back filled in; faults by the place in the sheet.
import { adopt, asker, busy, button, el, saveFile, tell, ticketId, toast } from "./kit.js";

const SWAP_SILENT = "服务器暂无响应，请重试";
const SWAP_SHOWN = 50;

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  const ask = asker(model, signal);
  const give = spec.gives ? button("下载 Excel", download, { kind: "small" }) : null;
  const input = el("input", { type: "file", hidden: true, accept: spec.suffixes.join(","), "aria-label": "文件", on: { change: chosen } });
  const take = spec.takes ? button("导入 Excel", () => input.click(), { kind: "small", title: "导入下载后填好的文件" }) : null;
  const faults = el("div", { class: "sm-notice sm-swap-faults", role: "alert", tabindex: "-1", hidden: true });
  host.append(el("div", { class: "sm sm-swap", "data-ready": "1" }, el("div", { class: "sm-row" }, give, take, input), faults));

  async function download() {
    const free = busy(give);
    try {
      const file = await ask("give", null, 60000);
      saveFile(file.name, new Blob([Uint8Array.from(atob(file.content), (one) => one.charCodeAt(0))]));
    } catch (fault) {
      toast({ kind: "bad", text: fault.silent ? SWAP_SILENT : fault.message });
    } finally {
      free();
    }
  }
  function refused(file) {
    if (!spec.suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix))) return `只能导入 ${spec.suffixes.join(" 或 ")} 文件`;
    return file.size > spec.most ? `文件超过 ${spec.most >> 20} MB` : "";
  }
  async function chosen() {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    const wrong = refused(file);
    show(wrong, {});
    if (wrong) return;
    const free = busy(take);
    try {
      const reply = await ask("take", { name: file.name, content: await packed(file), token: ticketId() }, 60000);
      tell(reply, ask);
    } catch (fault) {
      show(fault.silent ? SWAP_SILENT : fault.message, fault.faults || {});
    } finally {
      free();
      if (!faults.hidden) faults.focus();
    }
  }
  function packed(file) {
    return new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ""));
      reader.onerror = () => failed(reader.error);
      reader.readAsDataURL(file);
    });
  }
  function show(message, found) {
    const lines = Object.entries(found);
    const rest = lines.length - SWAP_SHOWN;
    const told = lines.length ? `没有导入：共 ${lines.length} 处有误，改好后再导入整个文件` : message;
    faults.replaceChildren(
      el("p", { text: told }),
      lines.length ? el("ul", {}, ...lines.slice(0, SWAP_SHOWN).map(([place, text]) => el("li", {}, el("b", { text: place }), ` ${text}`))) : "",
      rest > 0 ? el("p", { text: `另有 ${rest} 处` }) : "",
    );
    faults.hidden = !told;
  }
}

export default { render };
