import { describe, expect, it } from 'vitest'
import { extract } from './extract.ts'
import { piecesOf, scattered, spread } from './material.ts'

const options = { count: undefined, title: '', signal: new AbortController().signal }
const story = `The harbour of Kvarn was dug in 1870 for the trade in timber. Timber came down the river to the harbour in spring. The harbour master counted every log of timber by hand. His dog was called Bo. When the timber trade ended in 1931, the harbour of Kvarn was closed. The weather that day was mild.`

describe('chosen sentences', () => {
  it('are those that share most with the others, word for word and in their order', async () => {
    const { chosen, sentences } = await extract(piecesOf(story), { ...options, count: 3 })
    expect(sentences).toBe(6)
    const said = chosen.map(({ text }) => text)
    for (const sentence of said) expect(story).toContain(sentence)
    expect(said.map((sentence) => story.indexOf(sentence))).toEqual(
      said.map((sentence) => story.indexOf(sentence)).sort((one, other) => one - other),
    )
    expect(said.join(' ')).not.toMatch(/Bo\.|weather/)
    expect(said.join(' ')).toContain('1931')
  })

  it('are all there is of a document of one sentence, and none of an empty one', async () => {
    expect((await extract(piecesOf('Only this is said.'), options)).chosen.map(({ text }) => text)).toEqual([
      'Only this is said.',
    ])
    expect(await extract([], options)).toEqual({ chosen: [], sentences: 0 })
    expect((await extract(piecesOf('… — !'), options)).chosen).toEqual([])
  })

  it('say a thing once, however often the text says it', async () => {
    const { chosen } = await extract(
      piecesOf(`${'The harbour was closed in 1931. '.repeat(40)}Bo was a dog of the harbour.`),
      options,
    )
    expect(chosen.filter(({ text }) => text.includes('1931'))).toHaveLength(1)
  })

  it('are found in scripts without spaces too', async () => {
    const { chosen } = await extract(
      piecesOf('港口于1870年为木材贸易而建。木材在春天运到港口。狗叫博。木材贸易结束后港口关闭。'),
      {
        ...options,
        count: 2,
      },
    )
    expect(chosen).toHaveLength(2)
  })

  it('come from a very long text while others have their turn', async () => {
    const pieces = Array.from({ length: 2_000 }, (_, index) => ({ text: story.replaceAll('Kvarn', `Kvarn ${index}`) }))
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    const { chosen, sentences } = await extract(pieces, options)
    isOver = true
    expect(sentences).toBe(12_000)
    expect(chosen).not.toEqual([])
    expect(turns).toBeGreaterThan(10)
  })

  it('stop when nobody waits for them', async () => {
    const stop = new AbortController()
    async function* endless() {
      for (let count = 0; ; count++) {
        if (count === 500) stop.abort(new Error('stopped'))
        yield { text: story }
      }
    }
    await expect(extract(endless(), { ...options, signal: stop.signal })).rejects.toThrow('stopped')
  })
})

describe('what is read of something long', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index)

  it('lies evenly over it, with its beginning and its end', () => {
    expect(spread(numbers, 5).map(({ item }) => item)).toEqual([0, 25, 50, 74, 99])
    expect(spread(numbers, 200)).toHaveLength(100)
    expect(spread(numbers, 1).map(({ item }) => item)).toEqual([0])
  })

  it('is read in an order that lies over the whole wherever it ends', () => {
    const order = scattered(numbers)
    expect(order.toSorted((one, other) => one - other)).toEqual(numbers)
    const quarters = new Set(order.slice(0, 8).map((number) => Math.floor(number / 25)))
    expect(quarters.size).toBe(4)
  })
})
