/** A name is shown and searched, never used as a path; what could be mistaken for one goes. */
export function safeName(name: string, otherwise: string): string {
  const base = name
    .replace(/\p{Cc}/gu, ' ')
    // Turned round, "invoice\u202Efdp.exe" would be read as a PDF.
    .replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
    .split(/[\\/]/)
    .at(-1)!
    .trim()
  return base === '' || base === '.' || base === '..' ? otherwise : base.slice(0, 255)
}

/** The same for a name that says where in a folder it came from: "reports/2031/may.pdf". */
export function safePath(path: string, otherwise: string): string {
  const parts = path
    .split(/[\\/]/)
    .map((part) => safeName(part, ''))
    .filter((part) => part !== '' && !/^[A-Za-z]:$/.test(part))
  return parts.length === 0 ? otherwise : parts.join('/').slice(-500)
}
