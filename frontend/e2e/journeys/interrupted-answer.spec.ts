import { expect, test } from '../test.ts'

test('a backend that dies in mid-answer loses no word, and the answer can be continued', async ({
  app,
  page,
  signUpPage,
  chatPage,
}) => {
  await app.killBackend()
  await app.startBackend({ deltas: Array.from({ length: 600 }, (_, index) => `word${index} `), delayMs: 60 })
  await signUpPage.createFirstAccount()
  await chatPage.ask('Tell me a long story')
  await chatPage.waitForWords('word10 ')
  const seen = await chatPage.words()

  await app.killBackend()
  await expect(page.getByText('The connection was lost')).toBeVisible()
  await app.startBackend({ deltas: ['and so', ' it', ' ended.'] })

  await chatPage.waitForStatus('interrupted')
  await expect(chatPage.questions).toHaveCount(1)
  await expect(chatPage.lastAnswer).toContainText('What had arrived is kept')
  // What was shown had been stored first: the kept text begins with it, and it is a piece of the script.
  const kept = await chatPage.words()
  expect(kept.startsWith(seen.trimEnd())).toBe(true)

  await page.reload()
  await chatPage.waitForStatus('interrupted')
  expect(await chatPage.words()).toBe(kept)
  await expect(chatPage.questions).toHaveCount(1)

  await page.getByRole('button', { name: 'Continue' }).click()
  await expect(chatPage.answers).toHaveCount(2)
  await chatPage.waitForStatus('complete')
  await chatPage.waitForWords('it ended.')
  await expect(chatPage.questions).toHaveCount(1)
  await expect(chatPage.answers.first()).toHaveAttribute('data-status', 'interrupted')
})
