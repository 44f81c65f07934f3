import type { Page } from '@playwright/test'

/** As a page of ours would ask the backend. */
export function ask(page: Page, method: string, path: string, body?: object): Promise<unknown> {
  return page.evaluate(
    async ([asked, at, json]) => {
      const init = json === '' ? {} : { body: json, headers: { 'content-type': 'application/json' } }
      const response = await fetch(`/api/backend/${at}`, { method: asked, ...init })
      const text = await response.text()
      if (!response.ok && response.status !== 401) throw new Error(text)
      return text === '' ? undefined : (JSON.parse(text) as unknown)
    },
    [method, path, body === undefined ? '' : JSON.stringify(body)] as const,
  )
}

/** The address of whoever is signed in; undefined of nobody. */
export const whoIs = async (page: Page) => ((await ask(page, 'GET', 'me')) as { email?: string }).email
