import type { AuditEntry } from '@nitroagi/shared/audit'
import type { Account, SignedIn } from '@nitroagi/shared/identity'
import type { CreatedInvitation, Invitation, Workspace } from '@nitroagi/shared/workspaces'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../src/ports/database/connection.ts'
import { eachDatabase } from './test-database.ts'
import { read, refusal, startWorkspaces, tokenOf } from './workspaces-backend.ts'

const list = '/api/v1/workspace/invitations'
const taken = '410 link_expired'

eachDatabase((_, database) => {
  let connection: Connection
  let web: Awaited<ReturnType<typeof startWorkspaces>>
  let ada: SignedIn
  beforeAll(async () => {
    connection = await database.open()
    web = await startWorkspaces(connection)
    ada = await web.person()
  })
  afterAll(() => web?.backend.close())

  let strangers = 0
  const stranger = () => `stranger-${++strangers}@example.com`
  const look = (token: string) => web.asWeb('/api/v1/auth/invitation', { token })
  const accept = (who: SignedIn, token: string) => web.post(who, '/api/v1/invitations/accept', { token })
  const registration = (mode: 'open' | 'invitation') =>
    web.backend.request('/api/v1/operator/installation', { method: 'PUT', json: { registration: mode } })

  describe('an invitation', () => {
    it('says what it opens, makes an account in that workspace alone, and is listed until then', async () => {
      const made = await web.invite(ada, { role: 'editor' })
      expect(made).toMatchObject({ email: null, role: 'editor', wasMailed: false })
      expect(made.link).toMatch(/^http:\/\/127\.0\.0\.1:3000\/invitation#ni_[\w-]{43}$/)
      const token = tokenOf(made.link)
      expect(await read(await look(token))).toMatchObject({ workspaceName: ada.workspaceName, role: 'editor' })
      const open = await read<{ items: Invitation[] }>(await web.asPerson(ada, list))
      expect(open.items.map(({ id }) => id)).toContain(made.id)
      expect(JSON.stringify(open)).not.toContain(token)

      const email = stranger()
      const account = await read<Account>(await web.signUp({ email, invitation: token }), 201)
      expect(account).toMatchObject({ email, workspaceId: ada.workspaceId, role: 'editor', isEmailVerified: false })
      const signedIn = await read<SignedIn>(await web.signIn(email))
      const mine = await read<{ items: Workspace[] }>(await web.asPerson(signedIn, '/api/v1/workspaces'))
      expect(mine.items.map(({ id }) => id)).toEqual([ada.workspaceId])
      const after = await read<{ items: Invitation[] }>(await web.asPerson(ada, list))
      expect(after.items.map(({ id }) => id)).not.toContain(made.id)
      expect(await refusal(await look(token))).toBe(taken)
      expect(await refusal(await web.signUp({ email: stranger(), invitation: token }))).toBe(taken)
    })

    it('is mailed to whom it names, with a link of its own that proves the address', async () => {
      const [one, other] = [stranger(), stranger()]
      const shown = await web.invite(ada, { email: one.toUpperCase(), role: 'member' })
      expect(shown).toMatchObject({ email: one, wasMailed: true })
      // Of those who signed up before, a letter may come at any time.
      const found = () => web.letters.findLast(({ to }) => to === one)
      await expect.poll(found, { timeout: 20_000 }).toBeDefined()
      const letter = found()!
      const mailed = tokenOf(/^http\S+$/m.exec(letter.text)![0])
      expect(mailed).not.toBe(tokenOf(shown.link))
      expect(await refusal(await web.signUp({ email: other, invitation: mailed }))).toBe('403 forbidden')
      const account = await read<Account>(await web.signUp({ email: one, invitation: mailed }), 201)
      expect(account.isEmailVerified).toBe(true)
      expect(await refusal(await look(tokenOf(shown.link)))).toBe(taken)

      const handed = await web.invite(ada, { email: other, role: 'member' })
      const unproven = await read<Account>(await web.signUp({ email: other, invitation: tokenOf(handed.link) }), 201)
      expect(unproven.isEmailVerified).toBe(false)
    })

    it('lets one of fifty in', async () => {
      const { link } = await web.invite(ada, { role: 'viewer' })
      const people = await Promise.all(Array.from({ length: 50 }, () => web.person()))
      const answers = await Promise.all(people.map((who) => accept(who, tokenOf(link))))
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
      expect(statuses.filter((status) => status === 410)).toHaveLength(49)
    })

    it('makes one account of several that sign up with it at once', async () => {
      const { link } = await web.invite(ada, { role: 'viewer' })
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => web.signUp({ email: stranger(), invitation: tokenOf(link) })),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 410, 410, 410, 410])
    })

    it('is taken by an account that exists, whose address it names, and nobody else', async () => {
      const [bob, eve] = [await web.person(), await web.person()]
      const { link } = await web.invite(ada, { email: bob.email, role: 'admin' })
      expect(await refusal(await accept(eve, tokenOf(link)))).toBe('403 forbidden')
      expect(await refusal(await web.signUp({ email: bob.email, invitation: tokenOf(link) }))).toBe('409 email_taken')
      const joined = await read(await accept(bob, tokenOf(link)))
      expect(joined).toEqual({ workspaceId: ada.workspaceId, workspaceName: ada.workspaceName, role: 'admin' })
      const there = { ...bob, workspaceId: ada.workspaceId }
      expect(await read(await web.asPerson(there, '/api/v1/me'))).toMatchObject({ role: 'admin' })
      expect(await refusal(await accept(bob, tokenOf(link)))).toBe(taken)
    })

    it('gives nobody who is in already another role, or a way around being suspended', async () => {
      const viewer = await web.person(ada, 'viewer')
      const { link } = await web.invite(ada, { role: 'admin' })
      expect(await refusal(await accept(viewer, tokenOf(link)))).toBe('409 conflict')
      const again = await web.post(ada, list, { email: viewer.email, role: 'admin' })
      expect(await refusal(again)).toBe('409 conflict')
      await web.change(ada, viewer.userId, { suspended: true })
      expect(await refusal(await web.signIn(viewer.email, { invitation: tokenOf(link) }))).toBe('403 forbidden')
      expect((await look(tokenOf(link))).status).toBe(200)
    })

    it('is over when it is called back, replaced, or too old', async () => {
      const [revoked, old] = [await web.invite(ada, { role: 'member' }), await web.invite(ada, { role: 'member' })]
      expect((await web.asPerson(ada, `${list}/${revoked.id}`, { method: 'DELETE' })).status).toBe(204)
      expect((await web.asPerson(ada, `${list}/${revoked.id}`, { method: 'DELETE' })).status).toBe(404)
      await connection.query(`UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1::uuid`, [
        old.id,
      ])
      const email = stranger()
      const [before] = [
        await web.invite(ada, { email, role: 'member' }),
        await web.invite(ada, { email, role: 'viewer' }),
      ]
      for (const { link } of [revoked, old, before]) expect(await refusal(await look(tokenOf(link)))).toBe(taken)
      expect(await refusal(await look('ni_'.padEnd(46, 'x')))).toBe(taken)
    })

    it.each([
      ['demoted', (admin: SignedIn) => web.change(ada, admin.userId, { role: 'editor' })],
      ['suspended', (admin: SignedIn) => web.change(ada, admin.userId, { suspended: true })],
      ['removed', (admin: SignedIn) => web.remove(ada, admin.userId)],
    ])('is over when whoever made it was %s', async (_name, end) => {
      const admin = await web.person(ada, 'admin')
      const { link } = await web.invite(admin, { role: 'viewer' })
      expect((await look(tokenOf(link))).status).toBe(200)
      expect((await end(admin)).ok).toBe(true)
      expect(await refusal(await look(tokenOf(link)))).toBe(taken)
      expect(await refusal(await accept(await web.person(), tokenOf(link)))).toBe(taken)
      expect(await refusal(await web.signUp({ email: stranger(), invitation: tokenOf(link) }))).toBe(taken)
    })

    it('is made by owners and admins alone, for no owner, and is nobody else’s to see', async () => {
      const admin = await web.person(ada, 'admin')
      const made = await web.invite(admin, { role: 'admin' })
      expect(await refusal(await web.post(ada, list, { role: 'owner' }))).toBe('400 invalid_input')
      for (const role of ['editor', 'member', 'viewer'] as const) {
        const who = await web.person(ada, role)
        expect(await refusal(await web.post(who, list, { role: 'viewer' }))).toBe('403 forbidden')
        expect(await refusal(await web.asPerson(who, list))).toBe('403 forbidden')
      }
      const bob = await web.person()
      expect(await read(await web.asPerson(bob, list))).toEqual({ items: [] })
      expect((await web.asPerson(bob, `${list}/${made.id}`, { method: 'DELETE' })).status).toBe(404)
      expect((await look(tokenOf(made.link))).status).toBe(200)
    })

    it('is in the audit log when it is made and when it is taken', async () => {
      const owner = await web.person()
      const { id, link } = await web.invite(owner, { role: 'viewer' })
      const { userId } = await read<Account>(await web.signUp({ email: stranger(), invitation: tokenOf(link) }), 201)
      const { items } = await read<{ items: AuditEntry[] }>(await web.asPerson(owner, '/api/v1/audit'))
      expect(items.slice(0, 2)).toMatchObject([
        { action: 'member.join', actorId: userId, targetId: userId, facts: { role: 'viewer', invitationId: id } },
        {
          action: 'invitation.create',
          actorId: owner.userId,
          targetId: id,
          facts: { role: 'viewer', isForEmail: false },
        },
      ])
    })

    it('leaves no link in the database or the audit log', async () => {
      const made = await web.invite(ada, { email: stranger(), role: 'member' })
      const rows = await connection.query(
        'SELECT i.*::text FROM invitations i UNION ALL SELECT a.*::text FROM audit_entries a',
      )
      expect(JSON.stringify(rows)).not.toContain(tokenOf(made.link))
    })
  })

  describe('an account', () => {
    it('is made by invitation, until registration is open to everybody', async () => {
      expect(await refusal(await web.signUp({ email: stranger() }))).toBe('403 registration_closed')
      await registration('open')
      try {
        const email = stranger()
        expect(await read(await web.signUp({ email }), 201)).toMatchObject({ email, role: 'owner' })
        const { workspaceId } = await read<SignedIn>(await web.signIn(email))
        expect(workspaceId).not.toBe(ada.workspaceId)
      } finally {
        await registration('invitation')
      }
      expect(await refusal(await web.signUp({ email: stranger() }))).toBe('403 registration_closed')
    })

    it('may be made by everybody when the owners of the first workspace say so, and nobody else', async () => {
      const path = '/api/v1/installation'
      const open = { method: 'PUT', json: { registration: 'open' } }
      const [bob, admin] = [await web.person(), await web.person(ada, 'admin')]
      for (const who of [bob, admin]) {
        expect(await refusal(await web.asPerson(who, path))).toBe('404 not_found')
        expect(await refusal(await web.asPerson(who, path, open))).toBe('404 not_found')
      }
      expect(await read(await web.asPerson(ada, path))).toEqual({ registration: 'invitation' })
      expect(await read(await web.asPerson(ada, path, open))).toEqual({ registration: 'open' })
      await registration('invitation')
      expect((await web.asPerson(ada, '/api/v1/operator/installation')).status).toBe(404)
    })

    it('that is in no workspace any more comes in by an invitation, or gets a workspace where anybody would', async () => {
      const eve = await web.person(ada, 'member')
      expect((await web.remove(eve, eve.userId)).status).toBe(204)
      expect(await refusal(await web.signIn(eve.email))).toBe('403 forbidden')
      const { link } = await web.invite(ada, { role: 'viewer' })
      const invited = await read<SignedIn>(await web.signIn(eve.email, { invitation: tokenOf(link) }))
      expect(invited).toMatchObject({ workspaceId: ada.workspaceId, role: 'viewer' })
      await web.remove(invited, invited.userId)
      await web.invite(ada, { email: eve.email, role: 'member' })
      expect(await refusal(await web.signIn(eve.email))).toBe('403 forbidden')
      await connection.query('UPDATE users SET email_verified_at = now() WHERE id = $1::uuid', [eve.userId])
      const again = await read<SignedIn>(await web.signIn(eve.email))
      expect(again).toMatchObject({ workspaceId: ada.workspaceId, role: 'member' })
      await web.remove(again, again.userId)
      await registration('open')
      try {
        const own = await read<SignedIn>(await web.signIn(eve.email))
        expect(own).toMatchObject({ role: 'owner' })
        expect(own.workspaceId).not.toBe(ada.workspaceId)
        expect((await web.asPerson(own, '/api/v1/me')).status).toBe(200)
      } finally {
        await registration('invitation')
      }
    })

    it('is suspended everywhere by the operator, and let in again', async () => {
      const bob = await web.person()
      const suspend = (suspended: boolean, email = bob.email) =>
        web.backend.request('/api/v1/operator/users/suspend', { method: 'POST', json: { email, suspended } })
      expect(await read(await suspend(true))).toEqual({ userId: bob.userId, email: bob.email, suspended: true })
      expect(await refusal(await web.asPerson(bob, '/api/v1/me'))).toBe('401 unauthenticated')
      expect(await refusal(await web.signIn(bob.email))).toBe('403 forbidden')
      await suspend(false)
      // A suspension has ended the sessions as well.
      expect(await refusal(await web.asPerson(bob, '/api/v1/me'))).toBe('401 unauthenticated')
      expect((await web.signIn(bob.email)).status).toBe(200)
      expect(await refusal(await suspend(true, 'nobody@example.com'))).toBe('404 not_found')
      expect(
        (await web.post(ada, '/api/v1/operator/users/suspend', { email: bob.email, suspended: true })).status,
      ).toBe(404)
    })

    it('cannot be deleted while a workspace would lose its only owner, and takes its own workspaces along', async () => {
      const [bob, eve] = [await web.person(), await web.person()]
      await accept(eve, tokenOf((await web.invite(bob, { role: 'admin' })).link))
      const { leaveAll } = web.removal
      await expect(leaveAll(bob.userId)).rejects.toMatchObject({ code: 'conflict' })
      await expect(leaveAll(ada.userId)).rejects.toMatchObject({ code: 'conflict' })
      await leaveAll(eve.userId)
      expect(await refusal(await web.signIn(eve.email))).toBe('403 forbidden')
      const left = () => connection.query('SELECT 1 FROM workspaces WHERE id = $1::uuid', [eve.workspaceId])
      await expect.poll(left, { timeout: 50_000, interval: 200 }).toEqual([])
      expect((await web.asPerson(bob, '/api/v1/me')).status).toBe(200)
    })
  })

  it('is refused with fields that nobody asked for', async () => {
    for (const extra of [{ workspaceId: ada.workspaceId }, { invitedBy: ada.userId }, { id: ada.userId }]) {
      const answer = await web.post(ada, list, { role: 'viewer', ...extra })
      expect(await refusal(answer)).toBe('400 invalid_input')
    }
    const made: CreatedInvitation = await web.invite(ada, { role: 'viewer' })
    expect(await refusal(await web.signUp({ email: stranger(), invitation: tokenOf(made.link), role: 'owner' }))).toBe(
      '400 invalid_input',
    )
  })
})
