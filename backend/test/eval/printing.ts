export function printTable(head: readonly string[], body: readonly (readonly string[])[]): void {
  const table = [head, head.map(() => '---'), ...body]
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  for (const row of table) console.log(`| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
}

/** On one line that is written over, where somebody watches. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `)
}

/** At most so many, spread over all of them, so that a part stands for the whole. */
export function spread<Item>(items: readonly Item[], limit = Infinity): Item[] {
  const step = Math.max(1, Math.floor(items.length / limit))
  return items.filter((_, index) => index % step === 0).slice(0, limit)
}
