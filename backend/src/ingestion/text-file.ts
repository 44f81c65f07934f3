import { readFile } from 'node:fs/promises'
import { NitroError } from '@nitroagi/shared/errors'
import { decodeText } from './text.ts'

export async function readText(path: string): Promise<string> {
  const text = decodeText(await readFile(path))
  if (text === undefined) throw new NitroError('document_unsupported', 'This begins as text and goes on as binary data')
  return text
}
