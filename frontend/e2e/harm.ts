import { expect, type BrowserContext, type Page } from '@playwright/test'

declare global {
  interface Window {
    __xss?: unknown
    __refused?: string[]
  }
}

/** What becomes of hostile texts in a browser; asked after each page. */
export async function watchForHarm(context: BrowserContext) {
  const seen: string[] = []
  await context.addInitScript(() => {
    window.__refused = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      window.__refused!.push(`${effectiveDirective} refused ${blockedURI}`)
    })
  })
  context.on('request', (request) => {
    const url = new URL(request.url())
    const isOurs = url.hostname === '127.0.0.1' || url.protocol === 'blob:' || url.protocol === 'data:'
    if (!isOurs || url.pathname.includes('hostile')) seen.push(`asks for ${request.url()}`)
  })
  context.on('dialog', (dialog) => {
    seen.push(`opens a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  context.on('weberror', (failure) => seen.push(`breaks: ${failure.error().message}`))
  context.on('page', (page) => page.on('popup', (popup) => seen.push(`opens ${popup.url()}`)))
  const found = async (page: Page) => [...seen.splice(0), ...(await page.evaluate(harmInPage))]
  return {
    found,
    expectNone: async (page: Page, where: string) => expect.soft(await found(page), where).toEqual([]),
  }
}

/** Runs in the page: whatever is there that is not ours. */
function harmInPage(): string[] {
  const found = [...(window.__refused ?? [])]
  if (window.__xss !== undefined) found.push('ran the script of a text')
  const foreign =
    'iframe, frame, object, embed, applet, base, math, foreignObject, animate, set, use, marquee, portal, template'
  for (const element of document.querySelectorAll('*')) {
    const { localName } = element
    const shown = element.outerHTML.slice(0, 200)
    if (element.matches(foreign) || localName.includes('-hostile')) found.push(`has an element: ${shown}`)
    // What our own scripts load in parts has no nonce of its own; that it is from here is enough.
    const isOurPart = element instanceof HTMLScriptElement && element.src.startsWith(`${location.origin}/_next/static/`)
    if (element.matches('script, style') && !isOurPart && !(element as HTMLElement).nonce)
      found.push(`has no nonce: ${shown}`)
    if (element.matches('meta[http-equiv]')) found.push(`has a meta: ${shown}`)
    for (const { name, value } of element.attributes) {
      const isAddress = /^(href|src|action|formaction|data|poster|background|ping|xlink:href)$/.test(name)
      if (/^on/.test(name) || name === 'srcdoc') found.push(`has a handler: ${shown}`)
      if (isAddress && /^\W*(javascript|vbscript|data:text|file|about|filesystem):/i.test(value)) {
        found.push(`leads to a script: ${shown}`)
      }
      if (isAddress && localName !== 'a' && URL.parse(value, location.href)?.host.includes('evil')) {
        found.push(`loads from elsewhere: ${shown}`)
      }
      if (name === 'style' && /url\(|expression|behavior/.test(value)) found.push(`has a style: ${shown}`)
      if (/^(id|name)$/.test(name) && /^(clobbered|__next_f|cookie|querySelector)$/.test(value)) {
        found.push(`has a name of ours: ${shown}`)
      }
    }
  }
  return found
}
