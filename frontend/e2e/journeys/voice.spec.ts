import { silence } from '../recordings.ts'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

test('one speaks instead of typing, and has the answer read aloud', async ({
  app,
  page,
  context,
  modelServer,
  signUpPage,
  chatPage,
}) => {
  const dictate = page.getByRole('button', { name: 'Dictate' })

  await test.step('without a voice provider there is neither microphone nor loudspeaker', async () => {
    await signUpPage.createFirstAccount()
    await chatPage.ask('What is 2 + 2?')
    await chatPage.waitForStatus('complete')
    await expect(page.getByRole('button', { name: /^How to answer/ })).toBeVisible()
    await expect(dictate).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Read aloud' })).toHaveCount(0)
  })

  await test.step('a microphone that is not allowed is explained', async () => {
    await app.killBackend()
    await app.startBackend(undefined, {
      OPENAI_COMPATIBLE_BASE_URL: modelServer.baseUrl,
      NITRO_TRANSCRIPTION_MODEL: 'compatible/ears',
      NITRO_SPEECH_MODEL: 'compatible/mouth',
    })
    await page.reload()
    await dictate.click()
    await expect(page.getByText('This page may not use the microphone')).toBeVisible()
    await expectUsable(page, 'a microphone that is not allowed')
  })

  await test.step('what was said comes into the field', async () => {
    await context.grantPermissions(['microphone'])
    await chatPage.field.fill('He said:')
    await dictate.click()
    const stop = page.getByRole('button', { name: 'Stop and write it down' })
    await expect(stop).toBeVisible()
    // Something has to be recorded before there is anything to write down.
    await expect(page.getByText('0:02')).toBeVisible()
    await expectUsable(page, 'a dictation')
    await stop.click()
    await expect(chatPage.field).toHaveValue(/^He said: A recording of \d+ bytes\.$/)
    await expect(chatPage.field).toBeFocused()
  })

  await test.step('a recording can be thrown away', async () => {
    const before = await chatPage.field.inputValue()
    await dictate.click()
    await page.getByRole('button', { name: 'Throw the recording away' }).click()
    await expect(dictate).toBeEnabled()
    await expect(chatPage.field).toHaveValue(before)
  })

  await test.step('a recording goes with a message, and can be heard again', async () => {
    await chatPage.attach({ name: 'note.wav', mimeType: 'audio/wav', buffer: silence(1) })
    await chatPage.field.fill('What do I say there?')
    await chatPage.field.press('Enter')
    await expect(chatPage.answers).toHaveCount(2)
    await chatPage.waitForStatus('complete')
    await page.reload()
    await chatPage.questions.getByRole('button', { name: 'Play note.wav' }).click()
    await expect(chatPage.questions.locator('audio[aria-label="note.wav"]')).toBeVisible()
    await expectUsable(page, 'a recording in a conversation')
  })

  await test.step('the answer is read aloud', async () => {
    const spoken = page.waitForResponse((response) => response.url().endsWith('/audio/speech'))
    await chatPage.lastAnswer.getByRole('button', { name: 'Read aloud' }).click()
    expect((await spoken).headers()['content-type']).toBe('audio/mpeg')
    // The voice of this server is a short silence, after which one may ask for it again.
    await expect(chatPage.lastAnswer.getByRole('button', { name: 'Read aloud' })).toBeVisible()
    await expect(chatPage.lastAnswer.getByRole('alert')).toHaveCount(0)
  })
})
