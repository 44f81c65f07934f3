import type { Meter, Metered, Payer, Taken } from './meter-port.ts'
import type { SpeechModels } from './speech-port.ts'

/** Bytes of a second: of the thinnest recording that anybody makes, and of an ordinary one. Sound without compression is thicker. */
const bytesPerSecond = {
  packed: { least: 750, usual: 4_000 },
  plain: { least: 8_000, usual: 32_000 },
}
/** Letters of a second, spoken slowly and as usual. */
const charactersPerSecond = { least: 8, usual: 15 }

/** The same, what is heard and said being paid for by the minute. There are no tokens in it. */
export function meterSpeech(
  { transcriber, speaker }: SpeechModels,
  meter: Meter,
  minutePriceOf: (name: string) => number | null,
): SpeechModels {
  const takenBy = (name: string) => {
    const price = minutePriceOf(name)
    return (seconds: number): Taken => ({ tokens: 0, usd: price && (seconds / 60) * price })
  }
  return {
    transcriber: transcriber && {
      ...transcriber,
      model: {
        ...transcriber.model,
        doGenerate: async ({ payer, ...options }) => {
          const taken = takenBy(transcriber.name)
          const rate = /\b(wav|wave|x-wav|aiff|flac)$/.test(options.mediaType)
            ? bytesPerSecond.plain
            : bytesPerSecond.packed
          const bytes = options.audio.length
          const likely = taken(bytes / rate.usual)
          const metered = await begin(meter, payer, transcriber.name, taken(bytes / rate.least), likely)
          return settled(
            metered,
            () => transcriber.model.doGenerate(options),
            options.abortSignal,
            likely,
            (heard) => (heard.durationInSeconds === undefined ? likely : taken(heard.durationInSeconds)),
          )
        },
      },
    },
    speaker: speaker && {
      ...speaker,
      model: {
        ...speaker.model,
        doGenerate: async ({ payer, ...options }) => {
          const taken = takenBy(speaker.name)
          const { length } = options.text
          const likely = taken(length / charactersPerSecond.usual)
          const metered = await begin(meter, payer, speaker.name, taken(length / charactersPerSecond.least), likely)
          return settled(
            metered,
            () => speaker.model.doGenerate(options),
            options.abortSignal,
            likely,
            () => likely,
          )
        },
      },
    },
  }
}

const begin = (meter: Meter, payer: Payer | undefined, model: string, most: Taken, least: Taken) =>
  meter.begin(payer, { model, most: () => most, least: () => least })

async function settled<Result>(
  metered: Metered,
  work: () => PromiseLike<Result>,
  signal: AbortSignal | undefined,
  likely: Taken,
  takenOf: (result: Result) => Taken,
): Promise<Result> {
  try {
    const result = await work()
    metered.settle(takenOf(result))
    return result
  } catch (error) {
    metered.settle(signal?.aborted ? likely : { tokens: 0, usd: 0 })
    throw error
  }
}
