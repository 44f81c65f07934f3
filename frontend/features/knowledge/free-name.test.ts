import { expect, it } from 'vitest'
import { freeName } from './free-name.ts'

it('numbers a second file of one name, before its ending', () => {
  expect(freeName('report.pdf', new Set(['report.pdf']))).toBe('report (2).pdf')
  expect(freeName('report.pdf', new Set(['report.pdf', 'report (2).pdf']))).toBe('report (3).pdf')
  expect(freeName('a/b.c/notes', new Set())).toBe('a/b.c/notes (2)')
  expect(freeName('archive.tar.gz', new Set())).toBe('archive.tar (2).gz')
})
