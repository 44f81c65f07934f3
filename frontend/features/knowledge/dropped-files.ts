/** A file with what it is to be called: its path inside the folder that it came with, or its own name. */
export type NamedFile = { file: File; name: string }

/** What a folder holds besides what somebody wrote. */
const isClutter = (name: string) =>
  name.startsWith('.') ||
  name === '__MACOSX' ||
  name === 'node_modules' ||
  name === 'Thumbs.db' ||
  name === 'desktop.ini'

/** What was chosen in a dialog; of a folder, each with its path. */
export const chosenFiles = (files: Iterable<File>): NamedFile[] =>
  [...files]
    .map((file) => ({ file, name: file.webkitRelativePath || file.name }))
    .filter(({ file, name }) => !file.webkitRelativePath || !name.split('/').some(isClutter))

/** All that was dropped, folders walked through. The entries are taken at once: after the event they are gone. */
export function droppedFiles(carried: DataTransfer): Promise<NamedFile[]> {
  const entries = [...carried.items].map((item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
  const files = [...carried.files]
  if (!entries.some((entry) => entry?.isDirectory)) return Promise.resolve(chosenFiles(files))
  return Promise.all(entries.map((entry) => (entry ? walk(entry, '') : []))).then((found) => found.flat())
}

async function walk(entry: FileSystemEntry, path: string): Promise<NamedFile[]> {
  if (path !== '' && isClutter(entry.name)) return []
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ file, name: path + entry.name }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: NamedFile[] = []
  // A folder is told in portions; an empty one is its end.
  for (let portion = await read(reader); portion.length > 0; portion = await read(reader)) {
    for (const child of portion) found.push(...(await walk(child, `${path}${entry.name}/`)))
  }
  return found
}

const read = (reader: FileSystemDirectoryReader) =>
  new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
