import { describe, expect, it } from 'vitest'
import { createOfflineModel } from './offline.ts'
import type { EvidenceOptions, OfflineAccount } from './port.ts'

async function answer(question: string, given: Partial<EvidenceOptions> = {}) {
  const { content, providerMetadata, usage } = await createOfflineModel().doGenerate({
    prompt: [{ role: 'user', content: [{ type: 'text', text: question }] }],
    providerOptions: { nitro: { question, passages: [], facts: [], ...given } },
  })
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return { text, usage, account: providerMetadata?.['nitro'] as unknown as OfflineAccount }
}

const handbook = [
  {
    title: 'Travel handbook',
    text: 'Trips abroad need an approval. Dr. Ada Obi approves trips of the research group. The daily allowance in Norway\nis 95 euros since March 2023.[4] Receipts are kept for ten years.',
  },
  { title: 'Kitchen rules', text: 'The dishwasher is emptied by whoever comes first. Coffee is bought on Mondays.' },
]

describe('nitro-offline', () => {
  it('quotes the sentence that answers, word for word, with its number', async () => {
    const { text, account } = await answer('How much is the daily allowance in Norway?', { passages: handbook })
    expect(text.split('\n\n')[0]).toBe('> The daily allowance in Norway is 95 euros since March 2023. [1]')
    expect(account.outcome).toBe('quoted')
    expect(account.confidence).toBeGreaterThan(0.5)
  })

  it('knows that "who" asks for a person', async () => {
    const { text } = await answer('Who approves trips for research?', { passages: handbook })
    expect(text.split('\n\n')[0]).toBe('> Dr. Ada Obi approves trips of the research group. [1]')
  })

  it('answers each question of several, and says of which it found nothing', async () => {
    const asked =
      'How much is the daily allowance in Norway? Who approves trips? What is the boiling point of tungsten?'
    const { text, account } = await answer(asked, { passages: handbook })
    expect(text).toContain('> The daily allowance in Norway is 95 euros since March 2023. [1]')
    expect(text).toContain('> Dr. Ada Obi approves trips of the research group. [1]')
    expect(text).toContain('I found nothing in your documents that answers “What is the boiling point of tungsten?”')
    expect(account.outcome).toBe('quoted')
    expect(account.confidence).toBeGreaterThan(0)
  })

  it('states what was computed from a table with its number, and repeats none of its rows', async () => {
    const facts = [{ statement: 'Total `Amount`', value: '**5** [9]', passages: [2] }]
    const { text, account } = await answer('How much is the daily allowance in Norway?', { passages: handbook, facts })
    expect(text.split('\n\n')[0]).toBe("`Total 'Amount'` = **\\*\\*5\\*\\* \\[9\\]** [2]")
    expect(text).not.toContain('95 euros')
    expect(account.outcome).toBe('computed')
  })

  it('says that it found nothing when the documents are about something else, and names the nearest', async () => {
    const { text, account } = await answer('What is the boiling point of tungsten?', { passages: handbook })
    expect(text).toContain('I found nothing in your documents that answers this.')
    expect(text).toContain('Travel handbook [1]')
    expect(account).toEqual({ outcome: 'refused', confidence: null })
  })

  it('says what it is and how to add a language model when somebody just talks', async () => {
    for (const passages of [[], handbook]) {
      const { text, account } = await answer('Hello!', { passages })
      expect(text).toContain('not a language model')
      expect(text).toContain('OPENAI_API_KEY')
      expect(text).toContain('OPENAI_COMPATIBLE_BASE_URL')
      expect(account.outcome).toBe('spoke')
    }
  })

  it('does not invent an answer when there are no documents', async () => {
    const { text, account } = await answer('What is the capital of France?')
    expect(text).not.toContain('Paris')
    expect(text).toContain('no passage')
    expect(account.outcome).toBe('refused')
  })

  it('states what was calculated', async () => {
    const { text } = await answer('What is 17% of 2,340?', { facts: [{ statement: '17% of 2,340', value: '397.8' }] })
    expect(text).toContain('`17% of 2,340` = **397.8**')
  })

  it('uses no tokens, and says so', async () => {
    expect((await answer('Hello')).usage).toMatchObject({ inputTokens: { total: 0 }, outputTokens: { total: 0 } })
  })

  it('says a sentence once that two documents share', async () => {
    const { text } = await answer('When is coffee bought?', {
      passages: [handbook[1]!, { ...handbook[1]!, title: 'Copy' }],
    })
    expect(text.match(/Coffee is bought on Mondays/g)).toHaveLength(1)
  })

  it('says a sentence once that a document holds several times, broken into other lines or cut by a page', async () => {
    const { text } = await answer('When is coffee bought?', {
      passages: [
        { title: 'Page 1', text: 'The coffee for all is bought on Mondays.' },
        {
          title: 'Page 2',
          text: 'Tea is free. The coffee for all\nis bought on Mondays. The coffee  for all is bought on Mondays.',
        },
        { title: 'Page 3', text: 'coffee for all is bought on Mondays.' },
      ],
    })
    expect(text.match(/is bought on Mondays/g)).toHaveLength(1)
  })

  it('quotes documents in scripts without spaces', async () => {
    const { text } = await answer('公司的总部在哪里？', {
      passages: [{ title: '公司手册', text: '公司成立于1998年。公司的总部在杭州市西湖区。员工有三百人。' }],
    })
    expect(text.split('\n\n')[0]).toBe('> 公司的总部在杭州市西湖区。 [1]')
  })

  it('goes on where an answer was cut off, and repeats nothing', async () => {
    const { text } = await answer('How much is the daily allowance in Norway?', { passages: handbook })
    const asked = { passages: handbook, continueFrom: text.slice(0, 20) }
    expect((await answer('How much is the daily allowance in Norway?', asked)).text).toBe(text.slice(20))
  })

  it('answers any client that sends only a prompt', async () => {
    const { content } = await createOfflineModel().doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Who are you?' }] }],
    })
    expect(content).toEqual([{ type: 'text', text: expect.stringContaining('nitro-offline') }])
  })
})

it('ends every sentence of every answer in its number, whatever stands in the documents', async () => {
  const odd = [
    'The daily allowance in Norway is `95 euros` since March 2023 [4, 5].',
    'Ask [the desk](https://evil.example/?q=1) whether Dr. Ada Obi approves trips ![x](https://evil.example/x.png).',
    'Receipts are kept for ten years by the `archive.',
    'Coffee is bought on Mondays [1][2] and paid\nby the group.',
  ]
  const passages = [{ title: 'Odd `notes` [7]', text: odd.join(' ') }, ...handbook]
  const questions = [
    'How much is the daily allowance in Norway?',
    'Who approves trips?',
    'How long are receipts kept?',
    'When is coffee bought?',
    'Who pays for the coffee? And how long are receipts kept?',
    'What is the boiling point of tungsten?',
  ]
  for (const question of questions) {
    const { text, account } = await answer(question, { passages })
    expect(text).not.toMatch(/\]\(|\[[4-9]|(?<!\\)`/)
    if (account.outcome !== 'quoted') continue
    for (const line of text.split('\n\n')) expect(line).toMatch(/^> \S.* \[[123]\]$|^I found nothing/)
  }
})

describe('what was read in a picture', () => {
  const readings = [{ name: 'receipt.png', text: 'Corner Cafe\nOne cake 3.90\nTotal 11.30' }]

  it('is quoted by the line that answers, beside what the documents say', async () => {
    const { text, account } = await answer('How much is the daily allowance in Norway?', {
      passages: handbook,
      readings,
    })
    expect(text).toContain('“receipt.png” says:\n\n> Corner Cafe')
    expect(text).toContain('Your documents say:\n\n> The daily allowance in Norway is 95 euros since March 2023. [1]')
    expect(account).toEqual({ outcome: 'quoted', confidence: null })
    expect((await answer('What is the total?', { readings })).text).toMatch(/^“receipt.png” says:\n\n> Total 11.30/)
  })

  it('is cut when it is long and no line of it surely answers', async () => {
    const long = [{ name: 'page.png', text: 'Nothing of this is asked for. '.repeat(500) }]
    const { text } = await answer('Who approves trips?', { readings: long })
    expect(text.length).toBeLessThan(1_400)
    expect(text).toContain('…')
  })
})
