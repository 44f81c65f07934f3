import { NitroError } from '@nitroagi/shared/errors'
import type { Installation } from '@nitroagi/shared/workspaces'
import type { Call } from '../call.ts'
import type { InstallationRepository } from '../ports/database/installation-port.ts'
import type { Audit } from './audit.ts'
import { requireOperator } from './operator.ts'

export type InstallationService = ReturnType<typeof createInstallation>

interface Needs {
  repository: InstallationRepository
  audit: Pick<Audit, 'together' | 'record'>
}

/** What holds for the whole installation. The owners of the oldest workspace decide, and the machine's operator. */
export function createInstallation({ repository, audit }: Needs) {
  async function requireCaretaker({ actor }: Call): Promise<string> {
    const caretaker = await repository.caretaker()
    if (actor.role !== 'owner' || caretaker !== actor.workspaceId) {
      throw new NitroError('not_found', 'There is nothing at this address')
    }
    return caretaker
  }

  async function set(call: Call, { registration }: Installation, workspaceId: string | undefined) {
    await audit.together(async () => {
      const registrationBefore = await repository.registration()
      await repository.setRegistration(registration)
      if (workspaceId !== undefined && registrationBefore !== registration) {
        const facts = { registration, registrationBefore }
        await audit.record(call, { action: 'registration.change', facts, workspaceId })
      }
    })
    return { registration }
  }

  return {
    async read(call: Call): Promise<Installation> {
      await requireCaretaker(call)
      return { registration: await repository.registration() }
    },

    change: async (call: Call, wanted: Installation): Promise<Installation> =>
      set(call, wanted, await requireCaretaker(call)),

    async readAsOperator(call: Call): Promise<Installation> {
      requireOperator(call)
      return { registration: await repository.registration() }
    },

    async changeAsOperator(call: Call, wanted: Installation): Promise<Installation> {
      requireOperator(call)
      return set(call, wanted, await repository.caretaker())
    },
  }
}
