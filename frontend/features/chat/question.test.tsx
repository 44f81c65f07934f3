import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { NitroPart } from '@nitroagi/shared/runs'
import { Question } from './question.tsx'

const id = '01890a5d-ac96-774b-bcce-b302099a8057'
const show = (...parts: NitroPart[]) =>
  renderToStaticMarkup(
    <Question message={{ id: 'one', role: 'user', parts: [...parts, { type: 'text', text: 'And?' }] }} />,
  )

describe('what came with a message', () => {
  it('is loaded with the session of the reader, a recording only when it is to be heard', () => {
    const url = `/api/v1/attachments/${id}`
    const html = show(
      { type: 'file', mediaType: 'image/png', filename: 'map.png', url },
      { type: 'file', mediaType: 'audio/webm', filename: 'note.webm', url: `${url.slice(0, -1)}8` },
    )
    expect(html).toContain(`<img src="/api/backend/attachments/${id}" alt="map.png"`)
    expect(html).toContain('aria-label="Play note.webm"')
    expect(html).not.toContain('<audio')
  })

  it.each([
    'https://evil.example/track.png',
    'data:image/svg+xml,<svg/>',
    'javascript:alert(1)',
    '/api/v1/attachments/../me',
  ])('is not loaded from %s', (url) => {
    const html = show({ type: 'file', mediaType: 'image/png', filename: 'map.png', url })
    expect(html).not.toContain('<img')
    expect(html).toContain('map.png cannot be shown')
  })
})
