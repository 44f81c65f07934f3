import { draw } from '../pictures.ts'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

// Without any language model: computed and read on this machine.

const keepers = `Keeper,Island,Year,Salary
Jonas Pell,Skerry,1901,320
Mara Lind,Skerry,1902,410
Tove Aas,Holm,1901,295
Per Aas,Holm,1903,505
`

test('a question on a table is computed, and one sees how', async ({ page, signUpPage, knowledgePage, chatPage }) => {
  await signUpPage.createFirstAccount()
  await knowledgePage.open()
  await knowledgePage.upload({ name: 'keepers.csv', mimeType: 'text/csv', buffer: Buffer.from(keepers) })
  await knowledgePage.waitUntilReady('keepers.csv')
  await chatPage.startNew()
  await chatPage.ask('What is the total salary on Skerry?')
  await chatPage.waitForStatus('complete')
  await chatPage.waitForWords('730')

  await page.reload()
  await chatPage.waitForWords('730')
  await expect(chatPage.computation).toContainText('keepers.csv')
  await chatPage.computation.locator('summary').first().click()
  await expect(chatPage.computation).toContainText(/select[\s\S]*sum/i)
  await expect(chatPage.computation.getByRole('cell', { name: '730' })).toBeVisible()
  await expectUsable(page, 'a computed answer')
})

test('the words in a picture are read', async ({ page, signUpPage, chatPage }) => {
  await signUpPage.createFirstAccount()
  const bill = await draw(page, {
    name: 'bill.png',
    width: 760,
    height: 300,
    lines: ['Bill 2041 of the Lighthouse Shop', 'Total due: 345.50 EUR', 'Pay by 14 March 2031'],
  })
  await chatPage.attach(bill)
  await chatPage.ask('What is the total due?')
  await chatPage.waitForStatus('complete')
  await chatPage.waitForWords('345.50')
  await page.reload()
  await chatPage.waitForWords('345.50')
  await expect(chatPage.picture('bill.png')).toBeVisible()
  await expectUsable(page, 'a picture that was read')
})
