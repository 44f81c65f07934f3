import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test } from '../test.ts'
import { expectUsable } from '../usable.ts'

const pages: Record<string, string> = {
  '/bees.html': `<title>The bees of Saltmere</title><main><h1>The bees of Saltmere</h1><p>Jonas Pell kept eleven hives in the gallery
    of the lighthouse and sold their honey in Orrin Bay every summer.</p></main>`,
}

test('text is pasted, and a web page is fetched into a collection', async ({
  app,
  page,
  signUpPage,
  knowledgePage,
}) => {
  const site = createServer((request, response) => {
    const html = pages[request.url ?? '']
    response.writeHead(html ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' }).end(html)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`
  await app.killBackend()
  await app.startBackend(undefined, { NITRO_ALLOWED_PRIVATE_HOSTS: host })
  await signUpPage.createFirstAccount()
  await knowledgePage.open()

  await test.step('a pasted text is a document', async () => {
    await knowledgePage.add('Paste text')
    await page.getByRole('dialog').getByLabel('Title').fill('Minutes of May')
    await page.getByRole('dialog').getByRole('textbox', { name: 'Text' }).fill('The board has the tower painted blue.')
    await expectUsable(page, 'pasting a text')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await knowledgePage.waitUntilReady('Minutes of May')
  })

  await test.step('what is no address, or not for the public, is refused with a reason', async () => {
    await knowledgePage.add('Web page')
    await page.getByLabel('Address').fill('saltmere')
    await page.getByRole('button', { name: 'Add and fetch' }).click()
    await expect(page.getByText('not a whole web address')).toBeVisible()
    await page.getByLabel('Address').fill('http://10.0.0.1/')
    await page.getByRole('button', { name: 'Add and fetch' }).click()
    await expect(page.getByText('not on the public internet')).toBeVisible()
    await expectUsable(page, 'adding a web page')
  })

  await test.step('a page is fetched, shown with its source, and found', async () => {
    await page.getByLabel('Address').fill(`http://${host}/bees.html`)
    await page.getByLabel('Fetch again').selectOption('Every day')
    await page.getByRole('button', { name: 'Add and fetch' }).click()
    const source = knowledgePage.row(`http://${host}/bees.html`)
    await expect(source).toContainText('1 added')
    await expect(source).toContainText('Every day')
    await expectUsable(page, 'sources')
    await page.getByRole('tab', { name: 'Documents' }).click()
    await knowledgePage.waitUntilReady('The bees of Saltmere')
    await knowledgePage.search('How many hives were in the gallery?')
    await expect(page.getByRole('region', { name: 'Search results' })).toContainText('eleven hives')
    await page.getByRole('button', { name: 'Clear the search' }).click()
  })

  await test.step('the source goes with its documents', async () => {
    await page.getByRole('tab', { name: 'Sources' }).click()
    await page.getByRole('button', { name: 'More about The bees of Saltmere' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('button', { name: 'Delete them too' }).click()
    await expect(page.getByText('Nothing is fetched yet')).toBeVisible()
    await page.getByRole('tab', { name: 'Documents' }).click()
    await expect(knowledgePage.row('Minutes of May')).toBeVisible()
    await expect(knowledgePage.row('The bees of Saltmere')).toBeHidden()
  })
  site.close()
})
