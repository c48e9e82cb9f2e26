// One file to the server: chosen or dropped, with its progress; the answer says where to go on.
import { adopt, button, el, go } from "./kit.js";

const SILENT = "上传中断，请检查网络后重试";

function render({ model, el: host, signal }) {
  adopt(host);
  const spec = model.get("spec");
  let request = null;

  const radios = spec.options.map((option, at) => el("input", { type: "radio", name: "sm-upload-kind", value: option.value, checked: at === 0 }));
  const kinds = el("fieldset", { class: "sm-upload-kinds" }, el("legend", { text: spec.label }),
    ...spec.options.map((option, at) => el("label", {}, radios[at], el("span", { text: option.label }))));
  const input = el("input", { type: "file", hidden: true, accept: spec.suffixes.join(","), "aria-label": "文件", on: { change: () => take(input.files) } });
  const choose = button("选择文件", () => input.click(), { kind: "primary" });
  const meter = el("progress", { max: 100, value: 0, "aria-label": "上传进度" });
  const state = el("span", { class: "sm-hint" });
  const stop = button("取消", () => request?.abort(), { kind: "small" });
  const going = el("div", { class: "sm-row sm-upload-going", hidden: true }, state, meter, stop);
  const fault = el("p", { class: "sm-fault", role: "alert" });
  const zone = el("div", { class: "sm-upload-zone" }, choose, el("p", { class: "sm-hint", text: spec.hint }), input);
  host.append(el("div", { class: "sm sm-upload", "data-ready": "1" }, kinds, zone, going, fault));

  let depth = 0;
  const carries = (event) => !request && [...(event.dataTransfer?.types || [])].includes("Files");
  zone.addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth += 1;
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) zone.classList.remove("over");
  });
  zone.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    depth = 0;
    zone.classList.remove("over");
    take(event.dataTransfer.files);
  });
  // A file dropped beside the zone must not open in place of the page.
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault(), { signal });
  window.addEventListener("beforeunload", (event) => request && event.preventDefault(), { signal });
  signal?.addEventListener("abort", () => request?.abort());

  function refused(file) {
    const name = file.name.toLowerCase();
    if (!spec.suffixes.some((suffix) => name.endsWith(suffix))) return `只能导入 ${spec.suffixes.join(" 或 ")} 文件`;
    if (file.size > spec.most) return `文件超过 ${Math.round(spec.most / 1048576)} MB，请分批导入`;
    return file.size ? "" : "文件是空的";
  }
  function take(files) {
    const file = files[0];
    if (!file || request) return;
    fault.textContent = files.length > 1 ? "一次只能上传一个文件" : refused(file);
    input.value = "";
    if (!fault.textContent) send(file);
  }
  async function send(file) {
    const frame = await (window.__sunmao?.frame || Promise.resolve(null)).catch(() => null);
    const kind = radios.find((radio) => radio.checked)?.value || "";
    const query = new URLSearchParams({ kind, name: file.name });
    request = new XMLHttpRequest();
    request.open("POST", `${spec.address}?${query}`);
    request.setRequestHeader("X-CSRF-Token", frame?.csrf || "");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      const share = event.total ? Math.round((event.loaded / event.total) * 100) : 0;
      meter.value = share;
      state.textContent = share < 100 ? `${file.name} ${share}%` : `${file.name} 正在保存…`;
    });
    request.addEventListener("load", () => done(request.status, request.response));
    request.addEventListener("error", () => done(0, null));
    request.addEventListener("abort", () => done(-1, null));
    state.textContent = file.name;
    going.hidden = false;
    choose.disabled = true;
    request.send(file);
  }
  function done(status, answer) {
    request = null;
    going.hidden = true;
    choose.disabled = false;
    if (status === 201 && answer?.href) return go(answer.href);
    fault.textContent = status === -1 ? "" : answer?.error || SILENT;
    choose.focus();
  }
}

export default { render };
