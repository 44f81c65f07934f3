import { expect, type Page } from '@playwright/test'

export type ChatPage = ReturnType<typeof createChatPage>

export function createChatPage(page: Page) {
  const answers = page.getByRole('article', { name: 'Answer' })
  const questions = page.getByRole('article', { name: 'Your message' })
  return {
    questions,
    answers,
    lastAnswer: answers.last(),
    citation: (number: number) =>
      answers
        .last()
        .getByRole('button', { name: `Source ${number}:` })
        .first(),
    source: page.getByRole('complementary', { name: 'Source' }),
    field: page.getByRole('textbox', { name: 'Message' }),

    async startNew() {
      await page.getByRole('link', { name: 'New conversation' }).click()
      await expect(page.getByRole('heading', { name: 'What would you like to know?' })).toBeVisible()
    },
    async ask(text: string) {
      await page.getByRole('textbox', { name: 'Message' }).fill(text)
      await page.keyboard.press('Enter')
    },
    /** The words of the newest answer, as somebody would read them. */
    async words(): Promise<string> {
      return (await answers.last().locator('.prose').allInnerTexts()).join('\n')
    },
    async waitForWords(text: string | RegExp) {
      await expect(answers.last().locator('.prose')).toContainText(text)
    },
    async waitForStatus(status: 'writing' | 'complete' | 'stopped' | 'failed' | 'interrupted') {
      await expect(answers.last()).toHaveAttribute('data-status', status)
    },
  }
}
