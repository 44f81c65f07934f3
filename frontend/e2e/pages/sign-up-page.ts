import { expect, type Page } from '@playwright/test'

export const owner = { name: 'Ada Example', email: 'ada@example.com', password: 'correct horse battery staple' }

export type SignUpPage = ReturnType<typeof createSignUpPage>

export function createSignUpPage(page: Page) {
  return {
    /** On a fresh server the first page leads here by itself. */
    async createFirstAccount() {
      await page.goto('/')
      await expect(page.getByRole('heading', { name: 'Create the first account' })).toBeVisible()
      await page.getByLabel('Name').fill(owner.name)
      await page.getByLabel('E-mail').fill(owner.email)
      await page.getByLabel('Password').fill(owner.password)
      await page.getByRole('button', { name: 'Create account' }).click()
      await expect(page).toHaveURL(/\/chat$/)
    },
    async signIn(password: string = owner.password) {
      await page.goto('/sign-in')
      await page.getByLabel('E-mail').fill(owner.email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page).toHaveURL(/\/chat$/)
    },
  }
}
