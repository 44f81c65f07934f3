import { expect, it } from 'vitest'
import { safeName, safePath } from './file-name.ts'

it('keeps of an attachment its name alone', () => {
  expect(safeName('C:\\secret\\bill.pdf', 'attachment')).toBe('bill.pdf')
  expect(safeName('../..', 'attachment')).toBe('attachment')
})

it.each([
  ['reports/2031/may.pdf', 'reports/2031/may.pdf'],
  ['reports\\2031\\may.pdf', 'reports/2031/may.pdf'],
  ['../../etc/passwd', 'etc/passwd'],
  ['/var//log/./a.txt', 'var/log/a.txt'],
  ['C:\\Users\\me\\a.txt', 'Users/me/a.txt'],
  ['a\u0000b.txt', 'a b.txt'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['\u2067a\u200F.txt\u2069', 'a.txt'],
  ['/', 'document'],
])('calls a document that came as "%s" by its place in the folder', (path, name) => {
  expect(safePath(path, 'document')).toBe(name)
})
