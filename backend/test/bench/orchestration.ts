import { setTimeout as sleep } from 'node:timers/promises'
import { createKnowledgeModule } from '../../src/modules/knowledge/knowledge.ts'
import { createLanguageModule } from '../../src/modules/language/language.ts'
import { createOrchestrator } from '../../src/orchestrator/orchestrator.ts'
import { createModuleRegistry } from '../../src/orchestrator/registry.ts'
import { createScriptedLanguageModels } from '../../src/ports/language-model/scripted.ts'
import { hitOf } from '../orchestration.ts'
import { testCall } from '../test-call.ts'
import { createWordEmbedder } from '../word-embedder.ts'
import { atMost, percentile, type Figure, type Row } from './row.ts'

const question = 'When was the bridge built?'
const threeSteps = 'When was the bridge built? Who paid for the tower?'
const runsAtOnce = 100
const stepMs = 20

export const orchestration: Row = {
  name: 'orchestration',
  title: 'Planning and dispatch',
  method: `In one process, without HTTP and database, over a model and a search that answer at once: the first word of a planned answer (plan, search, answer, trace) beside the first word of the model itself, in turns. Then ${runsAtOnce} runs at the same moment, each of two searches and an answer that take ${stepMs} ms each.`,
  async run(bench) {
    const models = createScriptedLanguageModels()
    const orchestrator = over(models, 0)
    const samples = bench.isQuick ? 50 : 1_000
    const [direct, planned, planning]: number[][] = [[], [], []]
    for (let turn = -20; turn < samples; turn++) {
      const alone = await timed(() => firstWordOf(models))
      const { milliseconds, planningMs } = await firstAnswerOf(orchestrator)
      if (turn < 0) continue
      direct!.push(alone)
      planned!.push(milliseconds)
      planning!.push(planningMs)
    }
    bench.say(`${runsAtOnce} runs at once`)
    const slow = createScriptedLanguageModels({ firstDelayMs: stepMs })
    const busy = over(slow, stepMs)
    const rounds = bench.isQuick ? 1 : 5
    const whole: number[] = []
    for (let round = 0; round < rounds; round++) {
      whole.push(...(await Promise.all(Array.from({ length: runsAtOnce }, () => timed(() => wholeAnswer(busy))))))
    }
    return figures(direct!, planned!, planning!, whole)
  },
}

type Models = ReturnType<typeof createScriptedLanguageModels>
type Orchestrator = ReturnType<typeof over>

function over(models: Models, searchMs: number) {
  const search = async () => {
    if (searchMs > 0) await sleep(searchMs)
    return [hitOf('The bridge was built in 1930.')]
  }
  return createOrchestrator({
    registry: createModuleRegistry([createKnowledgeModule({ search }), createLanguageModule({ models })]),
    models,
    embedder: createWordEmbedder(),
    canCompute: () => false,
    measureSupport: () => ({ value: 1, basis: 'given' }),
  })
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

async function firstWordOf(models: Models): Promise<void> {
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: question }] }]
  const { stream } = await models.get('nitro-auto').model.doStream({ prompt })
  for await (const part of stream) if (part.type === 'text-delta') return
}

async function firstAnswerOf(orchestrator: Orchestrator): Promise<{ milliseconds: number; planningMs: number }> {
  let planningMs = NaN
  const milliseconds = await timed(async () => {
    for await (const chunk of orchestrator.answer(testCall(), { question, history: [] })) {
      if (chunk.type === 'data-plan') planningMs = chunk.data.planningMs
      if (chunk.type === 'text-delta') return
    }
  })
  return { milliseconds, planningMs }
}

async function wholeAnswer(orchestrator: Orchestrator): Promise<void> {
  let said = ''
  for await (const chunk of orchestrator.answer(testCall(), { question: threeSteps, history: [] })) {
    if (chunk.type === 'text-delta') said += chunk.delta
  }
  if (said === '') throw new Error('A run gave no answer')
}

function figures(direct: number[], planned: number[], planning: number[], whole: number[]): Figure[] {
  const added = (share: number) => percentile(planned, share) - percentile(direct, share)
  const beside = `model alone ${percentile(direct, 0.5).toFixed(2)} ms, planned ${percentile(planned, 0.5).toFixed(2)} ms`
  return [
    {
      what: 'Added before the first word, p50',
      aim: atMost(5, 'ms'),
      measured: added(0.5),
      unit: 'ms',
      remark: beside,
    },
    { what: 'Added before the first word, p95', aim: null, measured: added(0.95), unit: 'ms' },
    { what: 'Planning by rules, p95', aim: atMost(1, 'ms'), measured: percentile(planning, 0.95), unit: 'ms' },
    {
      what: `${runsAtOnce} runs of 3 steps at once, p95 of the whole run`,
      aim: null,
      measured: percentile(whole, 0.95),
      unit: 'ms',
      remark: `the steps alone take ${2 * stepMs} ms, because the searches run together`,
    },
  ]
}
