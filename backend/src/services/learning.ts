import type { Learning, LearningReport, SetLearning } from '@nitroagi/shared/learning'
import type { Call } from '../call.ts'
import { createFreshCache } from '../identity/fresh-cache.ts'
import { startingWeights } from '../orchestrator/selection.ts'
import { ratedAnswersNeeded, startingPolicy, type Policy } from '../orchestrator/selection-arms.ts'
import { learnFrom } from '../orchestrator/selection-learning.ts'
import type { CurrentPolicy, EndedStep, LearningRepository } from '../ports/database/learning-port.ts'
import type { Audit } from './audit.ts'

export type LearningService = ReturnType<typeof createLearning>

const dayMs = 24 * 60 * 60 * 1000
/** Thumbs older than that are about another product. */
const learnedDays = 90
/** The newest ones; more would not change the figures, only take time. */
const ratedAtMost = 20_000
const choicesAtMost = 5_000
const versionsKept = 30
/** The switch takes effect within 5 s everywhere. */
const freshSeconds = 4
const workspacesKept = 2_000
/** What an answer waits for the policy at most; without it the rules decide. */
const patienceMs = 500
const windowSteps = 2_000

interface Dependencies {
  repository: LearningRepository
  audit: Pick<Audit, 'together' | 'record'>
  now?: () => number
}

/** What a workspace learns from thumbs up and down about how to answer, and what is in effect of it. */
export function createLearning({ repository, audit, now = Date.now }: Dependencies) {
  const policies = createFreshCache(async (workspaceId) => policyFrom(await repository.current(workspaceId)), {
    seconds: freshSeconds,
    capacity: workspacesKept,
    now,
  })
  const forget = () => policies.forget(() => true)

  async function learn(call: Call, madeBy: 'person' | 'job', record?: () => Promise<void>): Promise<LearningReport> {
    const to = new Date(now())
    const from = new Date(now() - learnedDays * dayMs)
    const [current, rated, choices] = await Promise.all([
      repository.current(call.actor.workspaceId),
      repository.ratedAnswers(call, from, ratedAtMost),
      repository.choices(call, from, choicesAtMost),
    ])
    const before = policyFrom(current)
    const learned = learnFrom({ rated, choices, before, from, to })
    await audit.together(async () => {
      await repository.store(call, { madeBy, ...learned }, versionsKept)
      await record?.()
    })
    forget()
    return learned.report
  }

  async function read(call: Call): Promise<Learning> {
    const { isOn, report, versions } = await repository.history(call)
    const newest = isOn ? versions[0] : undefined
    return {
      isOn,
      version: newest?.version ?? null,
      weights: newest?.weights ?? startingWeights,
      startingWeights,
      ratedAnswersNeeded,
      report,
      versions,
    }
  }

  return {
    read,

    async set(call: Call, { isOn }: SetLearning): Promise<Learning> {
      await audit.together(async () => {
        await repository.setOn(call, isOn)
        await audit.record(call, { action: 'learning.switch', facts: { isOn } })
      })
      forget()
      return read(call)
    },

    /** Learns now, also while it is off: what comes of it is kept, and takes effect when it is on again. */
    async run(call: Call): Promise<Learning> {
      await learn(call, 'person', () => audit.record(call, { action: 'learning.run' }))
      return read(call)
    },

    /** For the nightly job. */
    learnByItself: (call: Call) => learn(call, 'job'),
    toLearn: () => repository.workspaces(new Date(now() - learnedDays * dayMs)),

    /** For each answer: at most a few seconds old, and never in its way when the database is. */
    async policy(call: Call): Promise<Policy> {
      try {
        return (await within(patienceMs, policies.get(call.actor.workspaceId))) ?? startingPolicy
      } catch (error) {
        call.log.warn('selection-policy-unread', { error })
        return startingPolicy
      }
    },

    endedSteps: (call: Call): Promise<EndedStep[]> => repository.endedSteps(call, new Date(now() - dayMs), windowSteps),
  }
}

const policyFrom = ({ isOn, version, weights, arms }: CurrentPolicy): Policy =>
  isOn && version !== null && weights !== null ? { version, weights, arms } : startingPolicy

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), milliseconds)))
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
