// Numbers of lines worked out exactly, and blocks copied from a spreadsheet taken apart.

/** "1,200.5" → [12005n, 1]: whole digits and how many of them are decimals; null if no number. */
function lineDigits(text) {
  const found = /^(\d+)(?:\.(\d*))?$/.exec(text.replace(/[,，¥￥\s]/g, ""));
  if (!found) return null;
  const decimals = found[2] || "";
  return [BigInt(found[1] + decimals), decimals.length];
}

/** The product of the factors less a percentage, in whole cents, half up; null if one is missing. */
export function lineCents(factors, less) {
  let value = 1n;
  let decimals = 0;
  for (const text of factors) {
    const digits = lineDigits(text);
    if (!digits) return null;
    value *= digits[0];
    decimals += digits[1];
  }
  if (less.trim()) {
    const digits = lineDigits(less);
    if (!digits) return null;
    value *= 100n * 10n ** BigInt(digits[1]) - digits[0];
    decimals += digits[1] + 2;
  }
  if (value < 0n) return null;
  if (decimals <= 2) return value * 10n ** BigInt(2 - decimals);
  const unit = 10n ** BigInt(decimals - 2);
  return (value * 2n + unit) / (unit * 2n);
}

/** The sum of what is there, in whole cents; null if nothing is. */
export function lineSum(texts) {
  const found = texts.filter((text) => text.trim()).map((text) => lineCents([text], ""));
  return found.length && !found.includes(null) ? found.reduce((sum, one) => sum + one, 0n) : null;
}

/** Whole cents as 1,234.50. */
export function lineText(cents) {
  const whole = String(cents / 100n).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${String(cents % 100n).padStart(2, "0")}`;
}

/** A block copied from a spreadsheet as rows of texts; cells with breaks inside are quoted there. */
export function lineSheet(text) {
  const rows = [[""]];
  let quoted = false;
  const append = (sign) => (rows[rows.length - 1][rows[rows.length - 1].length - 1] += sign);
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    const row = rows[rows.length - 1];
    if (quoted) {
      if (sign !== '"') append(sign);
      else if (text[at + 1] === '"') append(text[(at += 1)]);
      else quoted = false;
    } else if (sign === '"' && row[row.length - 1] === "") quoted = true;
    else if (sign === "\t") row.push("");
    else if (sign === "\n") rows.push([""]);
    else if (sign !== "\r") append(sign);
  }
  // A mark of inches that begins a cell closes nothing: then no mark is a quote.
  const plain = quoted ? text.replace(/\r/g, "").split("\n").map((line) => line.split("\t")) : rows;
  if (plain.length > 1 && plain[plain.length - 1].every((cell) => !cell)) plain.pop();
  return plain.map((row) => row.map((cell) => cell.replace(/\s+/g, " ").trim()));
}
