import { expect, it } from 'vitest'
import { chosenFiles, droppedFiles } from './dropped-files.ts'

const file = (name: string, webkitRelativePath = '') => Object.assign(new File(['x'], name), { webkitRelativePath })

/** A folder as a browser tells of it: in portions, and an empty one at the end. */
type Tree = { [name: string]: Tree | null }
function entry(name: string, inside: Tree | null): object {
  if (!inside) return { name, isFile: true, isDirectory: false, file: (done: (file: File) => void) => done(file(name)) }
  const portions = [...Object.entries(inside).map(([child, tree]) => [entry(child, tree)]), []]
  const createReader = () => ({ readEntries: (done: (entries: object[]) => void) => done(portions.shift()!) })
  return { name, isFile: false, isDirectory: true, createReader }
}
const drop = (tree: Tree) =>
  ({
    items: Object.entries(tree).map(([name, inside]) => ({
      kind: 'file',
      webkitGetAsEntry: () => entry(name, inside),
    })),
    files: Object.keys(tree).map((name) => file(name)),
  }) as unknown as DataTransfer

it('takes a dropped folder apart, each file with its place, without what no person wrote', async () => {
  const dropped = drop({
    reports: { 'may.txt': null, old: { 'june.txt': null, '.DS_Store': null }, '.git': { HEAD: null }, empty: {} },
    'alone.pdf': null,
  })
  expect((await droppedFiles(dropped)).map(({ name }) => name)).toEqual([
    'reports/may.txt',
    'reports/old/june.txt',
    'alone.pdf',
  ])
})

it('takes dropped files as they are, hidden ones too: somebody meant them', async () => {
  expect((await droppedFiles(drop({ '.env.txt': null }))).map(({ name }) => name)).toEqual(['.env.txt'])
})

it('calls the files of a chosen folder by their place in it', () => {
  const files = [file('may.txt', 'reports/may.txt'), file('.hidden', 'reports/.hidden'), file('alone.pdf')]
  expect(chosenFiles(files).map(({ name }) => name)).toEqual(['reports/may.txt', 'alone.pdf'])
})
