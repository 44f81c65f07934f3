import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLocalEmbedder } from './local-model.ts'
import { onnxLookup } from './onnx-model.ts'
import type { Embedder } from './port.ts'

const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'red', 'blue', 'query', 'passage', ':']
const vectors = [
  [9, 9, 9],
  [0, 0, 0],
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [2, 2, 0],
  [0, 3, 0],
  [0, 0, 3],
  [0, 0, 0],
]
const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } })
const tokenizer = {
  version: '1.0',
  added_tokens: words.slice(0, 4).map((content, id) => ({ id, content, special: true, normalized: false })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: '[UNK]' },
}

let folder: string
let embedder: Embedder
const opened: Embedder[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nitro-model-'))
  embedder = await open('tiny')
})
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()))
  await rm(folder, { recursive: true, force: true })
})

async function open(name: string, files: Record<string, unknown> = {}, prefixes = {}): Promise<Embedder> {
  const dir = join(folder, name)
  await mkdir(join(dir, 'onnx'), { recursive: true })
  const all = {
    'config.json': { hidden_size: 3, max_position_embeddings: 5 },
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': { pad_token: '[PAD]', unk_token: '[UNK]', model_max_length: 1e30 },
    ...files,
  }
  for (const [path, content] of Object.entries(all)) {
    await mkdir(join(dir, path, '..'), { recursive: true })
    await writeFile(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  await writeFile(join(dir, 'onnx/model.onnx'), onnxLookup(vectors))
  const made = await openLocalEmbedder({ dir, workers: 1, prefixes })
  opened.push(made)
  return made
}

const near = (...values: number[]) => values.map((value) => expect.closeTo(value, 5))
const [third, sixth] = [1 / Math.sqrt(3), 1 / Math.sqrt(6)]

it('gives the mean of a text’s pieces as a vector of length one, however long its neighbours are', async () => {
  expect(embedder).toMatchObject({ id: 'local/tiny@3', dimensions: 3, location: 'local' })
  // [CLS] red [SEP] = (1, 1, 1) / 3; [CLS] blue blue [SEP] = (5, 5, 0) / 4; nothing known: [CLS] [UNK] [SEP].
  const half = Math.SQRT1_2
  const expected = [near(third, third, third), near(half, half, 0), near(half, half, 0)]
  expect(await embedder.embed(['Red', 'blue blue', 'unheard-of'])).toEqual(expected)
  expect(await embedder.embed([])).toEqual([])
  expect(
    await embedder.embed(
      Array.from({ length: 20 }, () => 'red'),
      undefined,
      'bulk',
    ),
  ).toHaveLength(20)
})

it('cuts a text that is longer than the model reads, and keeps the piece that ends it', async () => {
  // [CLS] red red red [SEP]
  const length = Math.sqrt(1 + 1 + 9)
  expect(await embedder.embed(['red '.repeat(50)])).toEqual([near(1 / length, 1 / length, 3 / length)])
})

it('takes the first piece or the last one where the model’s folder says so', async () => {
  const cls = await open('cls', { '1_Pooling/config.json': { pooling_mode_cls_token: true } })
  expect(await cls.embed(['red', 'blue red'])).toEqual([near(1, 0, 0), near(1, 0, 0)])
  const last = await open('last', { '1_Pooling/config.json': { pooling_mode_lasttoken: true } })
  expect(await last.embed(['red', 'blue red'])).toEqual([near(0, 1, 0), near(0, 1, 0)])
})

it('writes the prefixes that the folder or the settings name before a text', async () => {
  const files = { 'config_sentence_transformers.json': { prompts: { query: 'query ', passage: 'passage ' } } }
  const told = await open('told', files)
  // [CLS] query red [SEP] = (1, 4, 1); [CLS] passage red [SEP] = (1, 1, 4)
  const long = Math.sqrt(18)
  expect(await told.embed(['red'])).toEqual([near(1 / long, 4 / long, 1 / long)])
  expect(await told.embed(['red'], undefined, 'bulk')).toEqual([near(1 / long, 1 / long, 4 / long)])
  const set = await open('set', files, { question: 'red ' })
  expect(await set.embed(['red'])).toEqual([near(sixth, sixth, 2 * sixth)])
})

it.each([
  ['config.json', { 'config.json': {} }, 'does not say hidden_size'],
  ['tokenizer.json', { 'tokenizer.json': 'half a file' }, 'tokenizer.json in .* is not JSON'],
])('says what is wrong with %s before anything is embedded', async (name, files, words) => {
  await expect(open(`wrong-${name}`, files)).rejects.toThrow(new RegExp(`NITRO_EMBEDDING_MODEL_DIR.*${words}`))
})

it('says what is missing from a folder that holds no model', async () => {
  await expect(openLocalEmbedder({ dir: join(folder, 'nowhere'), workers: 1 })).rejects.toThrow('no config.json')
})

it('says that the configuration has another size than the model', async () => {
  const wrong = await open('size', { 'config.json': { hidden_size: 4 } })
  await expect(wrong.embed(['red'])).rejects.toThrow('vectors of 3 numbers, but its config.json says 4')
})

it('gives up when the call is aborted, and is healthy as long as its weights are there', async () => {
  await expect(embedder.embed(['late'], AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  await embedder.check()
  const gone = await open('gone')
  await rm(join(folder, 'gone'), { recursive: true })
  await expect(gone.check()).rejects.toThrow()
})
