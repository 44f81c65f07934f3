import { NitroError } from '@nitroagi/shared/errors'
import { expect, it } from 'vitest'
import { testCall } from '../../../test/test-call.ts'
import { readConfig } from '../../config.ts'
import { meterReranker } from '../reranker/metered.ts'
import type { Meter, Payer, Taken } from './meter-port.ts'
import { meterModels } from './metered.ts'
import { meterSpeech } from './metered-speech.ts'
import { embeddingPriceOf, minutePriceOf, priceOf } from './prices.ts'
import { createScriptedLanguageModels } from './scripted.ts'
import type { SpeechModels } from './speech-port.ts'

const call = testCall()

/** Notes what is set aside and what is settled; with a cap of nothing it refuses. */
function createNotedMeter({ isReached = false, isLimited = true } = {}) {
  const noted: { payer: Payer | undefined; model: string; most: Taken; settled: Taken[] }[] = []
  const meter: Meter = {
    async begin(payer, { model, most }) {
      const note = { payer, model, most: most(), settled: [] as Taken[] }
      noted.push(note)
      if (isReached) throw new NitroError('spending_cap_reached', 'This would go beyond your own monthly cap.')
      return { isLimited, settle: (taken) => void (note.settled.length === 0 && note.settled.push(taken)) }
    },
  }
  return { meter, noted }
}

const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'How long is the bridge?' }] }]

it('sets aside more than a model can take, and counts what it says it took', async () => {
  const { meter, noted } = createNotedMeter()
  const models = createScriptedLanguageModels({ usage: { inputTokens: 12, outputTokens: 40 } })
  await meterModels(models, meter).get('nitro-auto', call).model.doGenerate({ prompt, maxOutputTokens: 100 })
  const [note] = noted
  expect(note!.payer).toBe(call)
  expect(note!.most.tokens).toBeGreaterThan(100)
  expect(note!.settled).toEqual([{ tokens: 52, usd: (12 + 2 * 40) / 1e6 }])
})

it('counts what came of a stream, whether it is read to its end, left, or breaks', async () => {
  const script = { deltas: ['word '], repeat: 20 }
  const read = async (models: ReturnType<typeof createScriptedLanguageModels>, parts: number) => {
    const { meter, noted } = createNotedMeter()
    const { stream } = await meterModels(models, meter).get('nitro-auto', call).model.doStream({ prompt })
    try {
      for await (const _ of stream) if (--parts === 0) break
    } catch {
      // It was to break.
    }
    return noted[0]!.settled
  }
  expect(await read(createScriptedLanguageModels(script), -1)).toEqual([{ tokens: 30, usd: 50 / 1e6 }])
  const [left, ...more] = await read(createScriptedLanguageModels(script), 6)
  expect(more).toEqual([])
  expect(left!.tokens).toBeGreaterThan(5)
  expect(left!.tokens).toBeLessThan(30)
  const broken = await read(createScriptedLanguageModels({ ...script, failAfter: 10, failure: 'cut' }), -1)
  expect(broken).toHaveLength(1)
  expect(broken[0]!.tokens).toBeGreaterThan(left!.tokens)
})

it('counts nothing of a call that a provider refused', async () => {
  const { meter, noted } = createNotedMeter()
  const models = createScriptedLanguageModels({ failAfter: 0, failure: { status: 500 } })
  await expect(meterModels(models, meter).get('nitro-auto', call).model.doStream({ prompt })).rejects.toThrow()
  expect(noted[0]!.settled).toEqual([{ tokens: 0, usd: 0 }])
})

const speechOf = (heard: number | undefined) => {
  const asked: unknown[] = []
  const speech = {
    transcriber: {
      name: 'openai/whisper-1',
      model: {
        doGenerate: async (options: unknown) => (asked.push(options), { text: 'Hello', durationInSeconds: heard }),
      },
    },
    speaker: {
      name: 'compatible/voice',
      voice: undefined,
      model: { doGenerate: async (options: unknown) => (asked.push(options), { audio: new Uint8Array(1) }) },
    },
  } as unknown as SpeechModels
  return { speech, asked }
}

it('counts recordings by their minutes and speech by its text, and tells the provider nothing of who pays', async () => {
  const { meter, noted } = createNotedMeter()
  const { speech, asked } = speechOf(120)
  const metered = meterSpeech(speech, meter, (name) =>
    minutePriceOf(name, { 'compatible/*': { inputUsd: 0.6, outputUsd: 0 } }),
  )
  const audio = new Uint8Array(480_000)
  await metered.transcriber!.model.doGenerate({ audio, mediaType: 'audio/webm', payer: call })
  await metered.speaker!.model.doGenerate({ text: 'x'.repeat(900), payer: call })
  expect(noted.map(({ settled }) => settled)).toEqual([[{ tokens: 0, usd: 0.012 }], [{ tokens: 0, usd: 0.6 }]])
  for (const { most, settled } of noted) expect(most.usd).toBeGreaterThan(settled[0]!.usd!)
  expect(asked).toEqual([{ audio, mediaType: 'audio/webm' }, { text: 'x'.repeat(900) }])
})

it('asks no recorder, speaker or reranker when a cap is reached', async () => {
  const { meter } = createNotedMeter({ isReached: true })
  const { speech, asked } = speechOf(1)
  const metered = meterSpeech(speech, meter, minutePriceOf)
  const reranker = { id: 'judge', rerank: async () => (asked.push('rerank'), [1]) }
  const calls = [
    metered.transcriber!.model.doGenerate({ audio: new Uint8Array(9), mediaType: 'audio/wav', payer: call }),
    metered.speaker!.model.doGenerate({ text: 'Hello', payer: call }),
    meterReranker(reranker, meter, null).rerank('Which?', ['This', 'That'], call.signal, call),
  ]
  for (const one of calls) await expect(one).rejects.toMatchObject({ code: 'spending_cap_reached' })
  expect(asked).toEqual([])
})

it('counts the question with every text that a reranker reads', async () => {
  const { meter, noted } = createNotedMeter()
  const price = embeddingPriceOf('rerank/judge', { 'rerank/judge': { inputUsd: 1, outputUsd: 0 } })
  const reranker = meterReranker({ id: 'judge', rerank: async () => [1, 0] }, meter, price)
  await reranker.rerank('1234', ['12345678', '1234'], call.signal, call)
  expect(noted[0]!.settled).toEqual([{ tokens: 5, usd: 5 / 1e6 }])
})

it('takes the operator’s prices before those of the list, and refuses what is none', () => {
  const { modelPrices } = readConfig({ NITRO_MODEL_PRICES: 'openai/my-tune=3/15, compatible/*=0, openai/gpt-5.5=1/2' })
  expect(priceOf('openai', 'my-tune', modelPrices)).toEqual({ inputUsd: 3, outputUsd: 15 })
  expect(priceOf('compatible', 'whatever/it-is', modelPrices)).toEqual({ inputUsd: 0, outputUsd: 0 })
  expect(priceOf('openai', 'gpt-5.5', modelPrices)).toEqual({ inputUsd: 1, outputUsd: 2 })
  expect(priceOf('openai', 'gpt-5.5')).toEqual({ inputUsd: 5, outputUsd: 30 })
  expect(priceOf('openai', 'nobody-knows', modelPrices)).toBeNull()
  for (const wrong of ['gpt=1/2', 'openai/gpt', 'openai/gpt=cheap', 'openai/gpt=-1/2']) {
    expect(() => readConfig({ NITRO_MODEL_PRICES: wrong })).toThrow('NITRO_MODEL_PRICES')
  }
})
