// Amounts as people type them, and the steps of a titration pack.

const GLYPHS = { "½": 0.5, "¼": 0.25, "¾": 0.75 };

export function number(text) {
  let value = text.trim().replace(",", ".");
  for (const [sign, part] of Object.entries(GLYPHS)) {
    if (value.endsWith(sign)) return Number(value.slice(0, -1) || 0) + part;
  }
  if (/^\d+\/\d+$/.test(value)) {
    const [top, bottom] = value.split("/").map(Number);
    return top / bottom;
  }
  return /^\d*\.?\d+$|^\d+\.$/.test(value) ? Number(value) : NaN; // 1e9 is no dose: the server refuses it too
}

// The further steps of a titration pack: after how many days, how many a day.
export function steps(form) {
  const lines = (row) => [...form.querySelectorAll(`[data-pack="line"][data-row="${row}"]`)];
  return [...form.querySelectorAll('[data-pack="after"]')]
    .map((after) => ({
      after: number(after.value),
      units: lines(after.dataset.row)
        .filter((one) => one.value.trim())
        .reduce((sum, one) => sum + number(one.value), 0),
    }))
    .filter(({ after, units }) => after > 0 && units > 0);
}

// Units for so many days: every step whole, the rest of the days at the last.
export function stepped(days, first, further) {
  let [needed, gone, now] = [0, 0, first];
  for (const step of further) {
    needed += step.after * now;
    gone += step.after;
    now = step.units;
  }
  return days > gone ? needed + (days - gone) * now : NaN;
}
