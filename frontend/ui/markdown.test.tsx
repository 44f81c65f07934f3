import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { hostileTexts } from '../e2e/fixtures/hostile-texts.ts'
import { Markdown } from './markdown.tsx'

const html = (text: string, isStreaming = false) =>
  renderToStaticMarkup(
    <Markdown
      text={text}
      isStreaming={isStreaming}
      numberMark={(number) => (number < 3 ? <button>{number}</button> : undefined)}
    />,
  )

describe('text from a model', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b onclick="alert(1)">b</b> c',
    '<iframe src="https://evil.example"></iframe>',
    '<svg/onload=alert(1)>',
    '<style>*{display:none}</style>',
  ])('shows %s as the characters it is made of', (text) => {
    for (const streaming of [false, true]) {
      expect(html(text, streaming)).not.toMatch(/<(script|img|iframe|svg|style|b)[\s/>]/)
    }
    expect(html(text)).toContain('&lt;')
  })

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'JaVaScRiPt:alert(1)',
    '//x',
  ])('makes no link of %s', (target) => {
    expect(html(`[click](${target}) <${target}>`)).not.toContain('href')
  })

  it('links to the web and to mail, without telling where one comes from', () => {
    expect(html('[here](https://example.com/a)')).toContain(
      '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer nofollow">here</a>',
    )
    expect(html('<ada@example.com>')).toContain('href="mailto:ada@example.com"')
  })

  it('loads no image from elsewhere and offers a link to it', () => {
    const shown = html('![a cat](https://evil.example/cat.png?secret=1)')
    expect(shown).not.toContain('<img')
    expect(shown).toContain('>a cat</a>')
  })
})

describe('text that wants to be more than text', () => {
  it.each(['<p><img src="a" alt=""></p>', '<p onclick="a">', '<a href="javascript:a">', '<p><!-- a -->'])(
    'would be seen in %s',
    (markup) => expect(problemsIn(markup)).not.toEqual([]),
  )

  it.each([false, true])('comes out as elements that can do nothing, also while it arrives: %s', (isStreaming) => {
    const problems = hostileTexts.flatMap((text) =>
      problemsIn(html(text, isStreaming)).map((problem) => [text, problem]),
    )
    expect(problems).toEqual([])
  })

  it('does so whole, and wherever it is cut off', () => {
    const whole = hostileTexts.join('\n\n')
    expect(problemsIn(html(whole))).toEqual([])
    const cuts = hostileTexts.map((text) => text.slice(0, text.length / 2))
    expect(cuts.flatMap((text) => problemsIn(html(text, true)))).toEqual([])
  })
})

const harmless = new Set(
  'a blockquote br button code del div em h2 h3 h4 hr input li ol p path pre rect section span strong sup svg table tbody td th thead tr ul'.split(
    ' ',
  ),
)

/** React writes every tag and quotes every value, so that what is left of the text cannot look like one. */
function problemsIn(markup: string): string[] {
  const tags = [...markup.matchAll(/<([a-z][\w-]*)((?:\s[^<>"\s=]+(?:="[^"]*")?)*)\s*\/?>/gi)]
  if (tags.length !== markup.match(/<[a-z!?]/gi)?.length) return ['a tag that is not read here']
  return tags.flatMap(([whole, tag, attributes]) => [
    ...(harmless.has(tag!) ? [] : [whole]),
    ...[...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)]
      .filter(([, name, value]) => isHarmful(name!.toLowerCase(), value!))
      .map(([attribute]) => attribute),
  ])
}

const isHarmful = (name: string, value: string): boolean =>
  /^on|^srcdoc$|^formaction$|^xlink:|^ping$|^name$/.test(name) ||
  (/^(href|src|action|data)$/.test(name) && !/^(https?:\/\/|mailto:)/.test(value)) ||
  (name === 'style' && /url|expression|fixed/.test(value)) ||
  (name === 'id' && !value.startsWith('user-content-'))

describe('citations', () => {
  it('become marks, on the line of their word', () => {
    expect(html('Founded in 1911 [1].')).toContain('1911\u2060<button>1</button>.')
    expect(html('Both [1][2] say so')).toContain('Both\u2060<button>1</button>\u2060<button>2</button> say so')
  })

  it('stay text where no source has that number, and in code', () => {
    expect(html('As in [7]')).toContain('As in [7]')
    expect(html('`a[1]`')).toContain('a[1]')
    expect(html('```js\nconst b = a[1]\n```')).toContain('a[1]')
  })

  it('do not turn into a link while only half of them has arrived', () => {
    expect(html('Founded in 1911 [1', true)).not.toContain('href')
  })
})
