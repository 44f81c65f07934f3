import { scan } from '../scan.ts'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

// Without any language model: the letters are read on this machine.

test('a scanned page is read, cited, and shown with the passage marked on it', async ({
  page,
  signUpPage,
  knowledgePage,
  chatPage,
}) => {
  await signUpPage.createFirstAccount()
  const letter = await scan(page, 'letter.pdf', [
    'Letter to the harbour office, 4 May 1931',
    '',
    'The lighthouse on Skerry needs a new lens.',
    'The lens was ordered from Fresnel Brothers in Paris.',
    'It weighs 480 kilograms and arrives in June.',
    '',
    'Supplies of oil are sufficient until October.',
  ])
  await knowledgePage.open()
  await knowledgePage.upload(letter)
  await knowledgePage.waitUntilReady('letter.pdf')

  await chatPage.startNew()
  await chatPage.ask('From whom was the lens of the lighthouse ordered?')
  await chatPage.waitForStatus('complete')
  await chatPage.waitForWords('Fresnel Brothers')

  await chatPage.citation(1).click()
  const picture = chatPage.source.getByRole('img', { name: 'Page 1 of letter.pdf' })
  await expect(picture).toBeVisible()
  await expect(chatPage.markOnPicture).toBeInViewport()
  await expect.poll(() => shareOfHeight(chatPage.markOnPicture, picture)).toBeCloseTo(0.22, 1)
  await expectUsable(page, 'a passage on a scanned page')

  await page.getByRole('button', { name: 'Larger' }).click()
  await expect(chatPage.markOnPicture).toBeInViewport()
  await chatPage.showText()
  await expect(chatPage.source.locator('mark')).toContainText('Fresnel Brothers')

  await test.step('a search finds it, and shows it in the same way', async () => {
    await page.keyboard.press('Escape')
    await knowledgePage.open()
    await page.getByRole('searchbox', { name: 'Search all documents' }).fill('the lens from Paris')
    await page.keyboard.press('Enter')
    await page
      .getByRole('region', { name: 'Search results' })
      .getByRole('button', { name: 'letter.pdf' })
      .first()
      .click()
    const found = page.getByRole('dialog', { name: 'letter.pdf' })
    await expect(found.locator('[data-mark]').first()).toBeInViewport()
    await expectUsable(page, 'a found passage')
    await found.getByRole('link', { name: 'Open the document' }).click()
    await expect(page.getByRole('heading', { name: 'letter.pdf', level: 1 })).toBeVisible()
  })
})

type Placed = { boundingBox(): Promise<{ y: number; height: number } | null> }

/** How far down on the picture the mark stands: 0 at its upper edge, 1 at its lower one. */
async function shareOfHeight(mark: Placed, picture: Placed): Promise<number> {
  const [inner, outer] = [await mark.boundingBox(), await picture.boundingBox()]
  return inner && outer ? (inner.y - outer.y) / outer.height : NaN
}
