import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import type { ChosenFile } from '../pictures.ts'

export const fourPages = join(import.meta.dirname, '../fixtures/four-pages.pdf')

export type KnowledgePage = ReturnType<typeof createKnowledgePage>

export function createKnowledgePage(page: Page) {
  const row = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  return {
    row,
    async open() {
      await page.getByRole('link', { name: 'Knowledge' }).click()
      await expect(page.getByRole('heading', { name: 'Knowledge' })).toBeVisible()
    },
    async upload(file: string | ChosenFile) {
      const chooser = page.waitForEvent('filechooser')
      await page.getByRole('button', { name: 'Add files' }).click()
      await (await chooser).setFiles(file)
    },
    async waitUntilReady(name: string) {
      await expect(row(name).and(page.locator('[data-status="ready"]'))).toBeVisible({ timeout: 120_000 })
    },
  }
}
