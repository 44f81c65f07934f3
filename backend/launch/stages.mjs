const nameWidth = 11
const reportEveryMs = 10_000

/**
 * One line for each stage. A terminal sees it grow; a log gets a line every ten seconds while it lasts, and one at
 * the end.
 */
export function createStages(out = process.stdout) {
  const line = (name, text) => `${name.padEnd(nameWidth)}${text}`

  return {
    say: (name, text) => void out.write(`${line(name, text)}\n`),

    /** `work` gets a function that says how far it is, and returns what to say at the end. */
    async run(name, doing, work) {
      const begun = performance.now()
      const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`
      let detail = ''
      let reported = begun
      const show = () => {
        const text = line(name, `${doing} … ${[seconds(), detail].filter(Boolean).join(', ')}`)
        if (out.isTTY) out.write(`\r\x1b[K${text.slice(0, (out.columns || 80) - 1)}`)
        else if (performance.now() - reported >= reportEveryMs) {
          reported = performance.now()
          out.write(`${text}\n`)
        }
      }
      const timer = setInterval(show, 200)
      if (out.isTTY) show()
      try {
        const outcome = await work((text) => (detail = text))
        if (out.isTTY) out.write('\r\x1b[K')
        out.write(`${line(name, `${outcome} (${seconds()})`)}\n`)
      } catch (error) {
        if (out.isTTY) out.write('\r\x1b[K')
        out.write(`${line(name, `failed after ${seconds()}`)}\n`)
        throw error
      } finally {
        clearInterval(timer)
      }
    },
  }
}
