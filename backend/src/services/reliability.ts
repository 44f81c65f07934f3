import type { Reliability, ReliabilityBin } from '@nitroagi/shared/reliability'
import type { Call } from '../call.ts'
import { createFreshCache } from '../identity/fresh-cache.ts'
import type { Calibrate } from '../orchestrator/confidence.ts'
import type { ConfidenceRepository, RatedAnswer } from '../ports/database/confidence-port.ts'
import { createCalibration } from './calibration.ts'

export type ReliabilityService = ReturnType<typeof createReliability>

/** With fewer, chance would say more than people did. */
const neededAnswers = 30
const answersRead = 5_000
const binCount = 10

/** Whether stated confidence comes true, and what ratings make of it. */
export function createReliability({ repository, now }: { repository: ConfidenceRepository; now?: () => number }) {
  // Read once for many answers; a thumb counts a minute later.
  const known = createFreshCache(
    async (workspaceId) => {
      const rated = await repository.rated(workspaceId, answersRead)
      return { count: rated.length, correct: rated.length < neededAnswers ? undefined : createCalibration(rated) }
    },
    { seconds: 60, capacity: 1_000, ...(now ? { now } : {}) },
  )
  const calibrate: Calibrate = async ({ actor }, raw) => {
    const found = await known.get(actor.workspaceId)
    return { value: found?.correct?.(raw), ratedAnswers: found?.count ?? 0, neededAnswers }
  }

  return {
    calibrate,
    async curve({ actor }: Call): Promise<Reliability> {
      const rated = await repository.rated(actor.workspaceId, answersRead)
      const bins = rated.length === 0 ? [] : Array.from({ length: binCount }, (_, place) => binAt(place, rated))
      return {
        ratedAnswers: rated.length,
        neededAnswers,
        isCalibrated: rated.length >= neededAnswers,
        bins,
        brier: mean(rated.map(({ stated, good }) => (stated - good) ** 2)),
        expectedCalibrationError:
          rated.length === 0
            ? null
            : rounded(bins.reduce((sum, bin) => sum + distance(bin) * bin.answers, 0) / rated.length),
      }
    },
  }
}

function binAt(place: number, rated: readonly RatedAnswer[]): ReliabilityBin {
  const inside = rated.filter(({ stated }) => Math.min(binCount - 1, Math.floor(stated * binCount + 1e-6)) === place)
  return {
    from: place / binCount,
    to: (place + 1) / binCount,
    answers: inside.length,
    stated: mean(inside.map(({ stated }) => stated)),
    good: mean(inside.map(({ good }) => good)),
  }
}

const distance = ({ stated, good }: ReliabilityBin) => (stated === null || good === null ? 0 : Math.abs(stated - good))

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : rounded(values.reduce((sum, value) => sum + value, 0) / values.length)

const rounded = (value: number) => Math.round(value * 1000) / 1000
