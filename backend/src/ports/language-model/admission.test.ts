import { describe, expect, it } from 'vitest'
import { createAdmission, type Leave } from './admission.ts'

const later = { signal: undefined, withinMs: 5_000 }

function open(settings: { places: number; ageingSeconds?: number; queueMax?: number }) {
  const admission = createAdmission({ ageingSeconds: 10, queueMax: 100, ...settings }, 'The provider')
  const order: string[] = []
  const come = async (name: string, priority: number): Promise<void> => {
    const leave: Leave = await admission.enter({ ...later, priority })
    order.push(name)
    await new Promise(setImmediate)
    leave()
  }
  return { admission, order, come }
}

describe('the way in to a provider', () => {
  it('is free at once while there is a place, and one place serves once', () => {
    const { admission } = open({ places: 2 })
    const first = admission.enter({ ...later, priority: 1 })
    expect(typeof first).toBe('function')
    ;(first as Leave)()
    ;(first as Leave)()
    expect(admission.active()).toBe(0)
  })

  it('lets people go before background work, and equals in their order', async () => {
    const { order, come } = open({ places: 1 })
    await Promise.all([come('inside', 0), come('job 1', 0), come('job 2', 0), come('person 1', 1), come('person 2', 1)])
    expect(order).toEqual(['inside', 'person 1', 'person 2', 'job 1', 'job 2'])
  })

  it('lets nobody wait for ever: who has waited long enough goes before who came later', async () => {
    const { order, come } = open({ places: 1, ageingSeconds: 0.02 })
    const inside = come('inside', 1)
    const job = come('job', 0)
    const until = performance.now() + 40
    while (performance.now() < until);
    await Promise.all([inside, job, come('person', 1)])
    expect(order).toEqual(['inside', 'job', 'person'])
  })

  it('forgets who left the queue, and goes on with the next', async () => {
    const { admission, order, come } = open({ places: 1 })
    const leaving = new AbortController()
    const inside = come('inside', 1)
    const gone = Promise.resolve(admission.enter({ priority: 1, signal: leaving.signal, withinMs: 5_000 }))
    const next = come('next', 1)
    leaving.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    await Promise.all([inside, next])
    expect(order).toEqual(['inside', 'next'])
    expect([admission.active(), admission.waiting()]).toEqual([0, 0])
  })

  it('says so when no place came free in time, or when too many wait', async () => {
    const { admission } = open({ places: 1, queueMax: 1 })
    void admission.enter({ ...later, priority: 1 })
    const late = Promise.resolve(admission.enter({ priority: 1, signal: undefined, withinMs: 20 }))
    await expect(Promise.resolve(admission.enter({ ...later, priority: 1 }))).rejects.toMatchObject({
      code: 'unavailable',
    })
    await expect(late).rejects.toMatchObject({ code: 'model_timeout' })
    expect(admission.waiting()).toBe(0)
  })
})
