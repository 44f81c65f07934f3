import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import type { ChosenFile } from '../pictures.ts'

export const fourPages = join(import.meta.dirname, '../fixtures/four-pages.pdf')

type NewCollection = { name: string; description?: string; isPrivate?: boolean }

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
    /** In one of the ways behind the button. */
    async add(way: string) {
      await page.getByRole('button', { name: 'Other ways to add' }).click()
      await page.getByRole('menuitem', { name: way }).click()
    },
    async createCollection({ name, description, isPrivate }: NewCollection) {
      await page.getByRole('button', { name: 'New collection' }).click()
      const dialog = page.getByRole('dialog', { name: 'New collection' })
      await dialog.getByLabel('Name').fill(name)
      if (description) await dialog.getByLabel('Description').fill(description)
      if (isPrivate) await dialog.getByLabel('Only members').check()
      await dialog.getByRole('button', { name: 'Create' }).click()
      await expect(dialog).toBeHidden()
    },
    async search(query: string) {
      await page.getByRole('searchbox', { name: 'Search all documents' }).fill(query)
      await page.keyboard.press('Enter')
    },
    async waitUntilReady(name: string, timeout = 120_000) {
      await expect(row(name).and(page.locator('[data-status="ready"]'))).toBeVisible({ timeout })
    },
  }
}
