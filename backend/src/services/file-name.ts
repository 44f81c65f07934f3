/** A name is shown and searched, never used as a path; what could be mistaken for one goes. */
export function safeName(name: string, otherwise: string): string {
  const base = name
    .replace(/\p{Cc}/gu, ' ')
    .split(/[\\/]/)
    .at(-1)!
    .trim()
  return base === '' || base === '.' || base === '..' ? otherwise : base.slice(0, 255)
}
