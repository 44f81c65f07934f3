import { afterEach, expect, it, vi } from 'vitest'
import { forgetTypedText, forgetWithOtherTabs } from './typed-text.ts'

afterEach(() => vi.unstubAllGlobals())

/** As browsers have it: names are properties of it. */
function storageWith(names: readonly string[]) {
  const storage = Object.fromEntries(names.map((name) => [name, 'typed']))
  const removeItem = (name: string) => void delete storage[name]
  Object.defineProperty(storage, 'removeItem', { value: removeItem, enumerable: false })
  return storage
}

it('leaves nothing that was typed behind for whoever sits there next', () => {
  const storage = storageWith(['nitro-draft:one', 'nitro-options:one', 'nitro-invitation'])
  vi.stubGlobal('sessionStorage', storage)
  forgetTypedText(['nitro-invitation'])
  expect(Object.keys(storage)).toEqual(['nitro-invitation'])
  forgetTypedText()
  expect(Object.keys(storage)).toEqual([])
})

it('forgets in the other tabs as well, and they leave too', async () => {
  const storage = storageWith([])
  vi.stubGlobal('sessionStorage', storage)
  const left = new Promise<void>((resolve) => {
    const stop = forgetWithOtherTabs(() => {
      stop()
      resolve()
    })
  })
  storage['nitro-draft:two'] = 'typed'
  const other = new BroadcastChannel('nitro-sign-out')
  other.postMessage({ kept: [] })
  await left
  other.close()
  expect(Object.keys(storage)).toEqual([])
})

it('leaves the tab that somebody signs out in to where it is sent', async () => {
  vi.stubGlobal('sessionStorage', storageWith([]))
  const left = vi.fn()
  const stop = forgetWithOtherTabs(left)
  const other = new BroadcastChannel('nitro-sign-out')
  const told = new Promise((resolve) => (other.onmessage = resolve))
  forgetTypedText()
  await told
  expect(left).not.toHaveBeenCalled()
  stop()
  other.close()
})

it('gives way to a browser that keeps nothing', () => {
  vi.stubGlobal('BroadcastChannel', undefined)
  forgetTypedText()
  forgetWithOtherTabs(() => {})()
})
