import { beforeEach, describe, expect, it, vi } from 'vitest'
import { clearDraft, keyFor, readDraft, saveDraft } from './drafts.ts'

const picture = {
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  name: 'map.png',
  mediaType: 'image/png',
  sizeBytes: 12,
  width: 3,
  height: 4,
}

describe('a draft', () => {
  beforeEach(() => {
    const kept = new Map<string, string>()
    vi.stubGlobal('sessionStorage', {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
      removeItem: (name: string) => kept.delete(name),
    })
    return () => vi.unstubAllGlobals()
  })

  it('keeps words and files for one conversation, and nothing for another', () => {
    saveDraft('one', { text: 'What is this?', attachments: [picture] })
    expect(readDraft('one')).toEqual({ text: 'What is this?', attachments: [picture] })
    expect(readDraft('two')).toEqual({ text: '', attachments: [] })
    clearDraft('one')
    expect(readDraft('one')).toEqual({ text: '', attachments: [] })
  })

  it('keeps files without words', () => {
    saveDraft('one', { text: '', attachments: [picture] })
    expect(readDraft('one').attachments).toEqual([picture])
  })

  it('is sent again under its key until something of it changes', () => {
    const message = { text: 'What is this?', attachments: [picture] }
    const key = keyFor('one', message)
    saveDraft('one', message)
    expect(keyFor('one', message)).toBe(key)
    const withoutPicture = keyFor('one', { ...message, attachments: [] })
    expect(withoutPicture).not.toBe(key)
    saveDraft('one', { text: 'What is that?', attachments: [] })
    expect(keyFor('one', { text: 'What is this?', attachments: [] })).not.toBe(withoutPicture)
  })

  it('is empty rather than broken when what was kept makes no sense', () => {
    sessionStorage.setItem('nitro-draft:one', '{"text":7}')
    expect(readDraft('one')).toEqual({ text: '', attachments: [] })
    sessionStorage.setItem('nitro-draft:one', '{"text":"As an older page kept it"}')
    expect(readDraft('one')).toEqual({ text: 'As an older page kept it', attachments: [] })
  })
})
