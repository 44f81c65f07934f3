import { expect, type Page } from '@playwright/test'
import type { ChosenFile } from '../pictures.ts'

export type ChatPage = ReturnType<typeof createChatPage>

export function createChatPage(page: Page) {
  const answers = page.getByRole('article', { name: 'Answer' })
  const questions = page.getByRole('article', { name: 'Your message' })
  const attachments = page
    .getByRole('form', { name: 'New message' })
    .getByRole('list', { name: 'Attachments' })
    .getByRole('listitem')
  async function choose(...files: ChosenFile[]) {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: /^Attach/ }).click()
    await (await chooser).setFiles(files)
  }
  return {
    questions,
    /** What will go with the next message. */
    attachments,
    tools: answers.last().getByRole('list', { name: 'Tools used' }).getByRole('listitem'),
    computation: answers.last().getByRole('list', { name: 'Computed from tables' }),
    trace: page.getByRole('complementary', { name: 'How this was answered' }),
    answers,
    lastAnswer: answers.last(),
    citation: (number: number) =>
      answers
        .last()
        .getByRole('button', { name: `Source ${number}:` })
        .first(),
    source: page.getByRole('complementary', { name: 'Source' }),
    /** Where the cited words stand on the picture of their page. */
    markOnPicture: page.getByRole('complementary', { name: 'Source' }).locator('[data-mark]').first(),
    async showText() {
      await page.getByRole('complementary', { name: 'Source' }).getByRole('button', { name: 'Text' }).click()
    },
    field: page.getByRole('textbox', { name: 'Message' }),

    async startNew() {
      await page.getByRole('link', { name: 'New conversation' }).click()
      await expect(page.getByRole('heading', { name: 'What would you like to know?' })).toBeVisible()
    },
    async ask(text: string) {
      await page.getByRole('textbox', { name: 'Message' }).fill(text)
      // Words that are typed early are kept; Enter says nothing to a page that is not alive yet.
      await expect(page.getByRole('button', { name: /^(Send|Stop the answer)$/ })).toBeEnabled()
      await page.keyboard.press('Enter')
    },
    /** Takes or drops collections from those that are drawn on. */
    async chooseCollections(...names: string[]) {
      await page.getByRole('button', { name: /^Documents to draw on/ }).click()
      for (const name of names) await page.getByRole('menuitemcheckbox', { name }).click()
      await page.keyboard.press('Escape')
      // As it closes it gives the focus back, which would take it from who writes already.
      await expect(page.getByRole('menu', { name: /^Documents to draw on/ })).toBeHidden()
    },
    /** A picture in the conversation, as opposed to one that is not sent yet. */
    picture: (name: string) => questions.getByRole('img', { name }),
    choose,
    async attach(...files: ChosenFile[]) {
      await choose(...files)
      for (const { name } of files) {
        await expect(attachments.filter({ hasText: name })).toHaveAttribute('data-status', 'ready')
      }
    },
    async openTrace() {
      await answers.last().getByRole('button', { name: 'How this was answered' }).click()
    },
    /** The words of the newest answer, as somebody would read them. */
    async words(): Promise<string> {
      return (await answers.last().locator('.prose').allInnerTexts()).join('\n')
    },
    async waitForWords(text: string | RegExp) {
      // Where tools were used in between, the words stand in several pieces.
      await expect(answers.last().locator('.prose').filter({ hasText: text }).first()).toBeVisible()
    },
    async waitForStatus(status: 'writing' | 'complete' | 'stopped' | 'failed' | 'interrupted') {
      await expect(answers.last()).toHaveAttribute('data-status', status)
    },
  }
}
