import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** How many there are in OWASP ASVS 5.0.0: github.com/OWASP/ASVS, 5.0/docs_en, the CSV file, column L. */
const requirements = { '1': 70, '2': 183 }

const [header = [], ...lines] = parse(read('docs/asvs.csv')) as string[][]
const asked = lines.map(([id = '', level = '', applies = '', shownBy = '', note = '']) => ({
  id,
  level,
  applies,
  note,
  tests: shownBy.split(' ').filter((path) => path !== ''),
}))
const those = (fits: (line: (typeof asked)[number]) => boolean) => asked.filter(fits).map(({ id }) => id)
const isWhole = ({ note }: { note: string }) => !/^(partly|not met): /.test(note)

describe('the list of what ASVS asks', () => {
  it('has five columns in every line', () => {
    expect(header).toEqual(['id', 'level', 'applies', 'shown_by', 'note'])
    expect(lines.filter((line) => line.length !== 5)).toEqual([])
    expect(those(({ id }) => !/^V\d+\.\d+\.\d+$/.test(id))).toEqual([])
    expect(those(({ applies }) => applies !== 'yes' && applies !== 'no')).toEqual([])
  })

  it('has each requirement of levels 1 and 2 once, in their order', () => {
    for (const [level, count] of Object.entries(requirements)) {
      expect(those((line) => line.level === level)).toHaveLength(count)
    }
    expect(asked).toHaveLength(requirements['1'] + requirements['2'])
    const place = (id: string) => id.slice(1).split('.').map(Number)
    const ids = asked.map(({ id }) => id)
    const inOrder = [...new Set(ids)].sort((one, other) => {
      const [a, b] = [place(one), place(other)]
      return a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!
    })
    expect(ids).toEqual(inOrder)
  })

  it('shows what applies with tests that exist, or says something of it', () => {
    expect(asked.flatMap(({ tests }) => tests).filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(asked.flatMap(({ tests }) => tests).filter((path) => !/\.(test|spec)\.tsx?$/.test(path))).toEqual([])
    expect(those(({ tests, note }) => tests.length === 0 && note === '')).toEqual([])
    expect(those(({ applies, tests }) => applies === 'no' && tests.length > 0)).toEqual([])
    expect(those(({ note }) => note.split(' ').length > 25)).toEqual([])
  })

  it('is summed up in docs/security.md as it is', () => {
    const applying = asked.filter(({ applies }) => applies === 'yes')
    const counts = {
      all: asked.length,
      applying: applying.length,
      shown: applying.filter((line) => isWhole(line) && line.tests.length > 0).length,
      read: applying.filter((line) => isWhole(line) && line.tests.length === 0).length,
      partly: applying.filter(({ note }) => note.startsWith('partly: ')).length,
      notMet: applying.filter(({ note }) => note.startsWith('not met: ')).length,
    }
    expect(read('docs/security.md')).toContain(
      `Of ${counts.all} requirements ${counts.applying} apply: ${counts.shown} are met and shown by a test, ${counts.read} are met as far as reading tells, ${counts.partly} are met in part, and ${counts.notMet} are not met.`,
    )
  })
})
