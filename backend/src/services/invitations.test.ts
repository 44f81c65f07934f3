import { describe, expect, it } from 'vitest'
import type { Invitation } from '@nitroagi/shared/workspaces'
import { testCall } from '../../test/test-call.ts'
import type { Actor, Call } from '../call.ts'
import { hashSecret } from '../identity/secrets.ts'
import type { InvitationsRepository, Joined, NewInvitation } from '../ports/database/invitations-port.ts'
import type { WorkspacesRepository } from '../ports/database/workspaces-port.ts'
import type { Letter } from '../ports/mail/port.ts'
import type { AuditEvent } from './audit.ts'
import { createInvitations } from './invitations.ts'

const made: Invitation = {
  id: 'invitation',
  email: null,
  role: 'member',
  invitedBy: 'Ada',
  createdAt: '2026-11-22T00:00:00.000Z',
  expiresAt: '2026-11-29T00:00:00.000Z',
}
const joined: Joined = { workspaceId: 'w', workspaceName: 'Team', role: 'member', invitationId: 'invitation' }

/** Invitations that answer as the test wants, a letter box, and what was noted. */
function open({ isConfigured = true, isAway = false } = {}) {
  const state = {
    created: undefined as Invitation | 'member' | 'full' | undefined,
    accepted: joined as Awaited<ReturnType<InvitationsRepository['accept']>>,
    isOpen: true,
    name: 'Team' as string | undefined,
    asked: [] as NewInvitation[],
    hashes: [] as string[],
    letters: [] as Letter[],
    events: [] as AuditEvent[],
    changed: [] as string[],
    warned: [] as string[],
  }
  const repository = {
    async create(_: Call, wanted: NewInvitation) {
      state.asked.push(wanted)
      return state.created ?? { ...made, email: wanted.email ?? null, role: wanted.role }
    },
    list: async () => [made],
    revoke: async () => state.isOpen,
    find: async (hash: string) => (
      state.hashes.push(hash),
      state.isOpen ? { ...made, workspaceName: 'Team' } : undefined
    ),
    accept: async (hash: string) => (state.hashes.push(hash), state.accepted),
  } as unknown as InvitationsRepository
  const invitations = createInvitations({
    invitations: repository,
    workspaces: {
      list: async () => [{ id: 'other', name: 'Other' }, ...(state.name ? [{ id: 'w', name: state.name }] : [])],
    } as unknown as WorkspacesRepository,
    mail: {
      isConfigured,
      async send(letter) {
        if (isAway) throw new Error('away')
        state.letters.push(letter)
      },
    },
    audit: {
      together: <Result>(work: () => Promise<Result>) => work(),
      record: async (_: unknown, event: AuditEvent) => void state.events.push(event),
    } as Parameters<typeof createInvitations>[0]['audit'],
    webUrl: 'https://nitro.example',
    onChange: (userId) => state.changed.push(userId),
  })
  const by = (more: Partial<Actor> = {}): Call => {
    const call = testCall({ userId: 'ada', workspaceId: 'w' })
    const log = {
      ...call.log,
      warn: (event: string, fields?: object) =>
        void state.warned.push(`${event} ${JSON.stringify(Object.keys(fields ?? {}))}`),
    }
    return { ...call, log, actor: { ...call.actor, ...more } }
  }
  return { state, invitations, by }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
const tokenIn = (text: string) => /https:\/\/nitro\.example\/invitation#(ni_\S+)/.exec(text)![1]!

describe('an invitation', () => {
  it('gives no role above the inviter’s own, and none at all by who is no admin', async () => {
    for (const own of ['owner', 'admin', 'editor', 'member', 'viewer'] as const) {
      for (const role of ['admin', 'editor', 'member', 'viewer'] as const) {
        const { invitations, by, state } = open()
        const may = own === 'owner' || own === 'admin'
        const code = await codeOf(invitations.create(by({ role: own }), { role, days: 7 }))
        expect([own, role, code]).toEqual([own, role, may ? 'done' : 'forbidden'])
        expect(state.asked).toHaveLength(may ? 1 : 0)
      }
    }
  })

  it('by mail has another link than the one that is shown, and the database has neither', async () => {
    const { invitations, by, state } = open()
    const created = await invitations.create(by(), { email: 'bob@example.com', role: 'editor', days: 3 })
    expect(created).toMatchObject({ id: 'invitation', email: 'bob@example.com', role: 'editor', wasMailed: true })
    const [letter] = state.letters
    const [shown, mailed] = [tokenIn(created.link), tokenIn(letter!.text)]
    expect(shown).not.toBe(mailed)
    expect(state.asked).toEqual([
      {
        email: 'bob@example.com',
        role: 'editor',
        days: 3,
        secretHash: hashSecret(shown),
        mailedHash: hashSecret(mailed),
        openAtMost: 100,
      },
    ])
    expect(letter).toMatchObject({ to: 'bob@example.com', text: expect.stringContaining('the workspace "Team"') })
    expect(state.events).toMatchObject([
      {
        action: 'invitation.create',
        targetId: 'invitation',
        facts: { role: 'editor', isForEmail: true, expiresAt: made.expiresAt },
      },
    ])
  })

  it('goes to nobody where there is no address, or no mail, and then has one link alone', async () => {
    const open_ = open()
    const shared = await open_.invitations.create(open_.by(), { role: 'member', days: 7 })
    expect([shared.wasMailed, open_.state.letters, open_.state.asked[0]!.mailedHash]).toEqual([false, [], undefined])
    expect(open_.state.events[0]!.facts).toMatchObject({ isForEmail: false })
    const without = open({ isConfigured: false })
    const named = await without.invitations.create(without.by(), { email: 'bob@example.com', role: 'member', days: 7 })
    expect([named.wasMailed, without.state.letters, without.state.asked[0]!.mailedHash]).toEqual([false, [], undefined])
    expect(without.state.events[0]!.facts).toMatchObject({ isForEmail: true })
  })

  it('that was stored for no address is mailed to none', async () => {
    const { invitations, by, state } = open()
    state.created = { ...made, email: null }
    expect((await invitations.create(by(), { email: 'bob@example.com', role: 'member', days: 7 })).wasMailed).toBe(
      false,
    )
    expect(state.letters).toEqual([])
  })

  it('is good by its shown link when the letter cannot be sent, and says so', async () => {
    const { invitations, by, state } = open({ isAway: true })
    const created = await invitations.create(by(), { email: 'bob@example.com', role: 'member', days: 7 })
    expect([created.wasMailed, state.warned]).toEqual([false, ['invitation-not-mailed ["error"]']])
    expect(hashSecret(tokenIn(created.link))).toBe(state.asked[0]!.secretHash)
  })

  it('names no workspace in its letter that its inviter is not in any more', async () => {
    const { invitations, by, state } = open()
    state.name = undefined
    await invitations.create(by(), { email: 'bob@example.com', role: 'member', days: 7 })
    expect(state.letters[0]!.text).toContain('the workspace "a workspace"')
  })

  it.each(['member', 'full'] as const)(
    'is not made when the rows say %s, and nobody is written to',
    async (created) => {
      const { invitations, by, state } = open()
      state.created = created
      expect(await codeOf(invitations.create(by(), { email: 'bob@example.com', role: 'member', days: 7 }))).toBe(
        'conflict',
      )
      expect([state.letters, state.events]).toEqual([[], []])
    },
  )

  it('is called back while it is open, and shown', async () => {
    const { invitations, by, state } = open()
    expect(await invitations.list(by())).toEqual([made])
    await invitations.revoke(by(), 'invitation')
    expect(state.events).toMatchObject([{ action: 'invitation.revoke', targetId: 'invitation' }])
    state.isOpen = false
    expect(await codeOf(invitations.revoke(by(), 'invitation'))).toBe('not_found')
    expect(state.events).toHaveLength(1)
  })
})

describe('whoever has a link', () => {
  it('sees what it opens, and of one that was used nothing', async () => {
    const { invitations, state } = open()
    expect(await invitations.find('ni_token')).toMatchObject({ workspaceName: 'Team' })
    expect(state.hashes).toEqual([hashSecret('ni_token')])
    state.isOpen = false
    expect(await codeOf(invitations.find('ni_token'))).toBe('link_expired')
  })

  it.each(['operator', 'api-key', 'ticket', 'service', 'job'] as const)(
    'joins by a sign-in alone, not by %s',
    async (via) => {
      const { invitations, by, state } = open()
      expect(await codeOf(invitations.accept(by({ via }), 'ni_token'))).toBe('forbidden')
      expect([state.hashes, state.events, state.changed]).toEqual([[], [], []])
    },
  )

  it('is in with the role that it gives, and everything knows', async () => {
    const { invitations, by, state } = open()
    expect(await invitations.accept(by(), 'ni_token')).toEqual({
      workspaceId: 'w',
      workspaceName: 'Team',
      role: 'member',
    })
    expect(state.hashes).toEqual([hashSecret('ni_token')])
    expect(state.changed).toEqual(['ada'])
    expect(state.events).toEqual([
      {
        action: 'member.join',
        targetId: 'ada',
        facts: { role: 'member', invitationId: 'invitation' },
        workspaceId: 'w',
      },
    ])
  })

  it.each([
    ['closed', 'link_expired'],
    ['other-address', 'forbidden'],
    ['member', 'conflict'],
  ] as const)('is not in when the rows say %s', async (accepted, code) => {
    const { invitations, by, state } = open()
    state.accepted = accepted
    expect(await codeOf(invitations.accept(by(), 'ni_token'))).toBe(code)
    expect([state.events, state.changed]).toEqual([[], []])
  })
})
