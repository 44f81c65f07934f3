/** "report.pdf" becomes "report (2).pdf", or the next number that is free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const [, stem = name, ending = ''] = /^(.*?)(\.[^./]*)?$/.exec(name) ?? []
  for (let number = 2; ; number++) {
    const next = `${stem} (${number})${ending}`
    if (!taken.has(next)) return next
  }
}
