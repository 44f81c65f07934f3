import { NitroError } from '@nitroagi/shared/errors'
import type { ModuleHealth } from '@nitroagi/shared/modules'
import type { Call } from '../../call.ts'
import { refusesImages, type LanguageModels, type NamedModel } from '../../ports/language-model/port.ts'
import type { Ocr } from '../../ports/ocr/port.ts'
import { createCitationReader } from '../citations.ts'
import { createModelCalls } from '../model-calls.ts'
import { freePlaces } from '../model-capacity.ts'
import type { Finding, Module, Task } from '../module.ts'
import { charactersIn } from '../usage.ts'
import { readLetters, type NearestLines } from './letters.ts'
import { buildPrompt, imageTokens, type Picture } from './prompt.ts'
import { testPicture, testWord } from './test-picture.ts'

interface Dependencies {
  models: LanguageModels
  ocr: Ocr
  nearestLines: NearestLines
  /** Looks at all pictures, whatever model writes the answers. */
  visionModel?: string | undefined
  now?: () => number
}

/** Models are exchanged and servers updated, so a refusal is not believed for ever. */
const rememberedMs = 10 * 60_000
const tokensToCharacters = 4
/** Held in memory while they are sent. */
const bytesAtOnce = 30 * 1024 * 1024

const howToSee =
  'To have pictures looked at, set OPENAI_API_KEY, ANTHROPIC_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY or ' +
  'OPENAI_COMPATIBLE_BASE_URL, or name a model that can see as NITRO_VISION_MODEL.'

/** Looks at pictures with a model that can see; without one, reads the letters in them. */
export function createVisionModule({ models, ocr, nearestLines, visionModel, now = Date.now }: Dependencies): Module {
  const blindUntil = new Map<string, number>()

  /** Whoever wants nitro-offline wants no picture to leave the machine. */
  function seeing(model: string | undefined, call?: Call): NamedModel | undefined {
    if (model === 'nitro-offline') return undefined
    const named = models.get(visionModel ?? model ?? 'nitro-auto', call)
    return named.info.isLanguageModel ? named : undefined
  }

  /** A model may take one sort of picture and refuse another. */
  const blindness = ({ info }: NamedModel, pictures: readonly Picture[]) =>
    [info.id, ...new Set(pictures.map(({ mediaType }) => mediaType).toSorted())].join(' ')

  async function* run(call: Call, task: Task): AsyncGenerator<Finding> {
    const pictures = await read(task)
    const named = seeing(task.model, call)
    let why = `No model that can see is configured. ${howToSee}`
    if (named) {
      const key = blindness(named, pictures)
      if (now() >= (blindUntil.get(key) ?? 0)) {
        try {
          return yield* look(call, task, named, pictures)
        } catch (error) {
          if (call.signal.aborted || !refusesImages(error)) throw error
          blindUntil.set(key, now() + rememberedMs)
        }
      }
      why = `${named.info.id} cannot look at pictures. Choose a model that can, or name one as NITRO_VISION_MODEL.`
      const message = `${named.info.id} cannot look at pictures, so only the text in them was read.`
      yield { type: 'notice', level: 'warning', code: 'vision_by_ocr', message }
    }
    yield* readLetters(call, ocr, nearestLines, {
      question: task.question,
      pictures,
      why,
      continueFrom: task.continueFrom,
    })
  }

  /** A model that does not exist is for `health` to tell, and no reason not to start. */
  const isSeeing = () => {
    try {
      return seeing(undefined) !== undefined
    } catch {
      return true
    }
  }

  return {
    manifest: {
      name: 'vision',
      description: 'Looks at pictures with a model that can see; without one, reads the text in them.',
      capabilities: ['look', 'images', 'ocr'],
      cost: isSeeing() ? 'expensive' : 'free',
      latency: isSeeing() ? 'slow' : 'fast',
      needs: [],
    },
    health: () => Promise.resolve(healthOf(() => seeing(undefined), ocr)),
    freeCapacity: () => freePlaces(models),
    run,
    async test(call) {
      const named = seeing(undefined, call)
      if (!named) {
        const { lines } = await ocr.read(testPicture(), call.signal)
        return checked(ocr.id, lines.join(' '))
      }
      const { content } = await named.model.doGenerate({
        prompt: [
          {
            role: 'user',
            content: [
              { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array(testPicture()) } },
              { type: 'text', text: 'Which one word is written in this picture? Answer with that word alone.' },
            ],
          },
        ],
        abortSignal: call.signal,
        maxOutputTokens: 200,
      })
      return checked(named.info.id, content.map((part) => (part.type === 'text' ? part.text : '')).join(''))
    },
  }
}

async function* look(call: Call, task: Task, named: NamedModel, pictures: readonly Picture[]): AsyncGenerator<Finding> {
  yield { type: 'report', model: named.info.id }
  const prompt = buildPrompt(task, pictures)
  const images = imageTokens(pictures)
  const calls = createModelCalls(call, task, named)
  const citations = createCitationReader(task.evidence.passages)
  const reservation = task.reserve(named, charactersIn(prompt) + images * tokensToCharacters)
  const words = calls.stream(prompt, { reservation, imageTokens: images })
  let said: Awaited<ReturnType<typeof words.next>>
  try {
    while (!(said = await words.next()).done) {
      yield { type: 'text-delta', delta: said.value }
      yield* citations.add(said.value)
    }
  } catch (error) {
    // Who did not look at anything has no account to give.
    if (!refusesImages(error)) yield* calls.account()
    throw error
  }
  yield* calls.account()
  const { text, isCut } = said.value
  if (isCut) {
    const message = 'The model reached its length limit, so the answer may be cut. Ask it to go on.'
    yield { type: 'notice', level: 'warning', code: 'answer_cut', message }
  }
  const name = pictures.map((picture) => picture.name).join(', ')
  yield { type: 'reading', reading: { name, kind: 'image', text } }
  yield { type: 'report', summary: `Looked at ${pictures.length === 1 ? name : `${pictures.length} pictures`}` }
}

async function read({ attachments }: Task): Promise<Picture[]> {
  const images = attachments.filter(({ mediaType }) => mediaType.startsWith('image/'))
  if (images.length === 0) throw new NitroError('invalid_input', 'There is no picture to look at. Attach one.')
  const bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (bytes > bytesAtOnce) {
    const [has, takes] = [bytes, bytesAtOnce].map((size) => Math.ceil(size / 1024 / 1024))
    throw new NitroError(
      'invalid_input',
      `These pictures have ${has} MB together; at most ${takes} are looked at at once.`,
    )
  }
  return Promise.all(images.map(async (image) => ({ ...image, bytes: await image.read() })))
}

function healthOf(seeing: () => NamedModel | undefined, ocr: Ocr): ModuleHealth {
  try {
    const named = seeing()
    return { status: 'ok', detail: named ? `looks with ${named.info.id}` : `reads text with ${ocr.id}` }
  } catch (error) {
    return {
      status: 'down',
      detail: `NITRO_VISION_MODEL: ${error instanceof NitroError ? error.message : 'this model cannot be used'}`,
    }
  }
}

function checked(who: string, said: string): string {
  if (said.toUpperCase().includes(testWord)) return `${who} read the word ${testWord} in a picture`
  throw new NitroError('step_failed', `${who} read “${said.trim().slice(0, 100)}” in a picture that says ${testWord}`)
}
