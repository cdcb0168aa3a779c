/** Rows of equal keys: one JSON object a line, or a table with the keys as its head. */
export function printRows(rows: readonly Readonly<Record<string, string | number>>[], json: boolean): void {
  if (json) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  const [first = {}] = rows;
  const columns = Object.keys(first).map((key) => {
    const cells = rows.map((row) => String(row[key]));
    const width = Math.max(key.length, ...cells.map((cell) => cell.length));
    return [key, ...cells].map((cell) => cell.padStart(width));
  });
  for (let line = 0; line <= rows.length; line += 1) console.log(columns.map((column) => column[line]).join('  '));
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** @param values not empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
