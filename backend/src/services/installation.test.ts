import type { Installation } from '@nitroagi/shared/workspaces'
import { describe, expect, it } from 'vitest'
import { createRecordedAudit } from '../../test/recorded-audit.ts'
import { testCall } from '../../test/test-call.ts'
import type { Actor, Call } from '../call.ts'
import { createInstallation } from './installation.ts'

function setUp(caretaker: string | undefined = 'w1') {
  let registration: Installation['registration'] = 'invitation'
  const { audit, recorded } = createRecordedAudit()
  const installation = createInstallation({
    repository: {
      registration: async () => registration,
      setRegistration: async (next) => void (registration = next),
      caretaker: async () => caretaker,
    },
    audit,
  })
  return { installation, recorded, registration: () => registration }
}

const as = (more: Partial<Actor>): Call => {
  const call = testCall({ workspaceId: 'w1' })
  return { ...call, actor: { ...call.actor, ...more } }
}
const nothing = { code: 'not_found', message: 'There is nothing at this address' }

describe('who may make an account', () => {
  it('is decided by an owner of the oldest workspace, and recorded there', async () => {
    const { installation, recorded, registration } = setUp()
    expect(await installation.read(as({}))).toEqual({ registration: 'invitation' })
    expect(await installation.change(as({}), { registration: 'open' })).toEqual({ registration: 'open' })
    expect(registration()).toBe('open')
    const facts = { registration: 'open', registrationBefore: 'invitation' }
    expect(recorded).toEqual([{ action: 'registration.change', facts, workspaceId: 'w1' }])
  })

  it.each<Partial<Actor>>([{ role: 'admin' }, { role: 'viewer' }, { workspaceId: 'w2' }])(
    'is nobody else’s to know or to change: %o',
    async (actor) => {
      const { installation, registration } = setUp()
      await expect(installation.read(as(actor))).rejects.toMatchObject(nothing)
      await expect(installation.change(as(actor), { registration: 'open' })).rejects.toMatchObject(nothing)
      expect(registration()).toBe('invitation')
    },
  )

  it('is recorded when it changes, and not when it stays', async () => {
    const { installation, recorded } = setUp()
    await installation.change(as({}), { registration: 'invitation' })
    expect(recorded).toEqual([])
  })

  it('is decided by the operator too, also before there is a workspace', async () => {
    const operator = as({ via: 'operator', role: 'viewer', workspaceId: 'none' })
    const { installation, recorded } = setUp()
    expect(await installation.readAsOperator(operator)).toEqual({ registration: 'invitation' })
    await installation.changeAsOperator(operator, { registration: 'open' })
    expect(recorded).toMatchObject([{ workspaceId: 'w1' }])
    await expect(installation.readAsOperator(as({}))).rejects.toMatchObject(nothing)
    await expect(installation.changeAsOperator(as({}), { registration: 'invitation' })).rejects.toMatchObject(nothing)
    const { audit, recorded: none } = createRecordedAudit()
    const empty = createInstallation({
      repository: {
        registration: async () => 'invitation',
        setRegistration: async () => {},
        caretaker: async () => undefined,
      },
      audit,
    })
    expect(await empty.changeAsOperator(operator, { registration: 'open' })).toEqual({ registration: 'open' })
    expect(none).toEqual([])
    await expect(empty.read(as({}))).rejects.toMatchObject(nothing)
  })
})
