import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'

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
    async upload(path: string) {
      const chooser = page.waitForEvent('filechooser')
      await page.getByRole('button', { name: 'Add files' }).click()
      await (await chooser).setFiles(path)
    },
    async waitUntilReady(name: string) {
      await expect(row(name).and(page.locator('[data-status="ready"]'))).toBeVisible({ timeout: 120_000 })
    },
  }
}
