// Which characters of two texts differ, so that they can be marked inside the text.
import { el } from "./kit.js";

export function differing(one, other) {
  const a = [...one];
  const b = [...other];
  if (a.length * b.length > 40000) return [[[one, one !== other]], [[other, one !== other]]];
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  const left = [];
  const right = [];
  const put = (list, char, marked) => {
    const last = list.at(-1);
    if (last && last[1] === marked) last[0] += char;
    else list.push([char, marked]);
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put(left, a[i++], false);
      put(right, b[j++], false);
    } else if (j >= b.length || (i < a.length && table[i + 1][j] >= table[i][j + 1])) put(left, a[i++], true);
    else put(right, b[j++], true);
  }
  return [left, right];
}

export function marked(parts) {
  return parts.map(([text, differs]) => (differs ? el("mark", { text }) : text));
}
