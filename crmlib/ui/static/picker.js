// A searchable choice: Chinese, pinyin, initials, code; one or many; small sets or asked ones.
import { el } from "./kit.js";

const SHOWN = 50;

export function matching(options, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = options.filter((option) => words.every((word) => option.find.includes(word)));
  const starts = (option) => (words.length && option.label.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return found.sort((one, other) => starts(one) - starts(other));
}

/**
 * @param setup {id, options, search(text) → Promise<options> | null, many, value, changed()}
 * The options of an answer may say with ``total`` of how many they are the first.
 */
export function picker(setup) {
  const known = new Map(setup.options.map((option) => [String(option.value), option]));
  const listId = `${setup.id}-list`;
  let chosen = [];
  let shown = [];
  let active = -1;
  let listed = null; // what stood in the field when the list was made
  let asking = 0;
  let pause = 0;

  const input = el("input", {
    id: setup.id,
    class: "sm-input",
    type: "text",
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
    placeholder: setup.placeholder || (setup.search ? "输入名称、拼音或代码查找" : "请选择"),
  });
  const list = el("ul", { id: listId, class: "sm-options", role: "listbox", hidden: true });
  if (setup.many) list.setAttribute("aria-multiselectable", "true");
  const chips = el("span", { class: "sm-chips" });
  const wipe = el("button", {
    type: "button",
    class: "sm-wipe",
    tabindex: "-1",
    "aria-label": "清除",
    text: "×",
    hidden: true,
    on: { click: () => (choose([]), setup.changed(), input.focus()) },
  });
  const node = el("div", { class: `sm-picker ${setup.many ? "many" : ""}` }, chips, input, wipe, list);

  function choose(values) {
    // A value that is not among the choices (any more) is no choice: never show a bare id.
    const held = values.map((value) => {
      if (!value || typeof value !== "object") return known.get(String(value)) || (setup.search ? { value, label: "（已选）", hint: "" } : null);
      if (!setup.search) return known.get(String(value.value)) || null;
      known.set(String(value.value), value);
      return value;
    });
    chosen = held.filter(Boolean);
    paint();
  }
  function paint() {
    if (setup.many) {
      chips.replaceChildren(
        ...chosen.map((option) =>
          el(
            "span",
            { class: "sm-chip" },
            option.label,
            el("button", {
              type: "button",
              tabindex: "-1",
              "aria-label": `移除 ${option.label}`,
              text: "×",
              // Losing the focus would paint the chips anew, and the click would meet nothing.
              on: {
                mousedown: (event) => event.preventDefault(),
                click: () => (choose(chosen.filter((one) => one !== option)), setup.changed()),
              },
            }),
          ),
        ),
      );
      input.value = "";
    } else input.value = chosen[0]?.label || "";
    wipe.hidden = setup.many || !chosen.length;
  }
  function open() {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const room = window.innerHeight - input.getBoundingClientRect().bottom;
    list.classList.toggle("above", room < 260);
  }
  function close(restore = true) {
    asking += 1;
    clearTimeout(pause);
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    if (restore) paint();
  }
  function row(option, index) {
    const picked = chosen.some((one) => String(one.value) === String(option.value));
    return el(
      "li",
      {
        id: `${listId}-${index}`,
        role: "option",
        "aria-selected": picked ? "true" : "false",
        on: {
          mousedown: (event) => (event.preventDefault(), take(option)),
          mousemove: () => point(index),
        },
      },
      el("span", { text: option.label }),
      option.hint ? el("span", { class: "sm-hint", text: option.hint }) : null,
    );
  }
  function list_(options, note) {
    listed = note ? null : input.value.trim();
    shown = options.slice(0, SHOWN);
    list.replaceChildren(...shown.map(row));
    const more = (options.total ?? options.length) - shown.length;
    const words = note || (more > 0 ? `还有 ${more} 项，请继续输入` : options.length ? "" : "没有匹配的选项");
    if (words) list.append(el("li", { class: "sm-note", role: "presentation", text: words }));
    const at = shown.findIndex((option) => String(option.value) === String(chosen[0]?.value));
    point(!setup.many && at >= 0 ? at : shown.length && input.value && !note ? 0 : -1);
    open();
  }
  function point(index) {
    active = index;
    [...list.children].forEach((child, at) => child.classList.toggle("on", at === index));
    const node_ = index >= 0 ? list.children[index] : null;
    if (node_) {
      input.setAttribute("aria-activedescendant", node_.id);
      node_.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }
  function take(option) {
    known.set(String(option.value), option);
    if (setup.many) {
      const rest = chosen.filter((one) => String(one.value) !== String(option.value));
      chosen = rest.length === chosen.length ? [...chosen, option] : rest;
    } else chosen = [option];
    close();
    setup.changed();
  }
  /** What was typed and not yet looked up counts when the key that leaves comes fast. */
  function settle() {
    const text = input.value.trim();
    if (setup.search || !text || text === chosen[0]?.label) return;
    const found = matching(setup.options, text);
    if (found.length === 1) take(found[0]);
  }
  /** @param isChosen the key that chooses came already: it means the best of what is found */
  async function look(text, isChosen = false) {
    const same = !setup.many && text === (chosen[0]?.label || "");
    if (!setup.search) return list_(same ? setup.options : matching(setup.options, text));
    const mine = ++asking;
    const wait = setTimeout(() => mine === asking && list_([], "正在查找…"), 150);
    try {
      const found = await setup.search(same ? "" : text);
      if (mine !== asking || !node.contains(node.getRootNode().activeElement)) return;
      list_(found);
      if (isChosen && shown.length) take(shown[0]);
    } catch (fault) {
      if (mine === asking) list_([], fault.message);
    } finally {
      clearTimeout(wait);
    }
  }
  /** Choose what the key means that came before the list for what was typed. */
  function hurry(text) {
    clearTimeout(pause);
    const [best] = setup.search ? [] : matching(setup.options, text);
    if (best) take(best);
    else look(text, true);
  }
  input.addEventListener("input", () => {
    clearTimeout(pause);
    asking += 1; // an answer to less than this is none
    if (!setup.many && !input.value) {
      chosen = [];
      wipe.hidden = true;
      setup.changed();
    }
    pause = setTimeout(() => look(input.value.trim()), setup.search ? 150 : 0);
  });
  input.addEventListener("click", () => list.hidden && look(""));
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    settle();
    close();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const key = event.key;
    const typed = input.value.trim();
    const isListed = !list.hidden && listed === typed;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look("");
      else if (shown.length) {
        const step = key === "ArrowDown" ? 1 : -1;
        point((active + step + shown.length) % shown.length);
      }
    } else if (key === "Enter" && isListed && active >= 0 && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      take(shown[active]);
    } else if (key === "Enter" && !isListed && typed && typed !== chosen[0]?.label && !event.ctrlKey) {
      event.preventDefault();
      event.stopPropagation();
      hurry(typed);
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (key === "Backspace" && setup.many && !input.value && chosen.length) {
      choose(chosen.slice(0, -1));
      setup.changed();
    } else if (key === "Tab" && isListed && active >= 0 && typed) {
      take(shown[active]);
    } else if (key === "Tab" && !isListed && !list.hidden && typed && !setup.search) {
      hurry(typed);
    }
  });
  choose(setup.value);
  return {
    node,
    focus: () => input.focus(),
    read: () => (setup.many ? chosen.map((one) => one.value) : (chosen[0]?.value ?? "")),
    keep: () => (setup.many ? chosen : (chosen[0] ?? "")),
    write: (value) => choose(value === "" || value === null ? [] : [value].flat()),
    disable: (off) => (input.disabled = off),
  };
}
