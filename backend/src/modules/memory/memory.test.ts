import { describe, expect, it } from 'vitest'
import { testCall } from '../../../test/test-call.ts'
import { createInProcessWorkingMemory } from '../../ports/working-memory/in-process.ts'
import type { WorkingMemory } from '../../ports/working-memory/port.ts'
import type { Turn } from '../module.ts'
import { leftOut, subjectOf } from './follow-up.ts'
import { gistOf, rollSummary } from './gist.ts'
import { createTurnMemory } from './turn-memory.ts'

/** Somebody who takes a minute over everything. */
function openTurns(workingMemory: WorkingMemory) {
  let now = 1_700_000_000_000
  return createTurnMemory({ workingMemory, now: () => (now += 60_000) })
}

const tower = { question: 'Who designed the Eiffel Tower?', subject: 'Eiffel Tower' }

describe('a follow-up', () => {
  it.each([
    'And when was it built?',
    'How tall is it?',
    'Why?',
    'Who paid for that?',
    'What is its colour?',
    'When did they open this?',
    'And the height?',
  ])('%s is searched together with what the turn before was about', (question) => {
    expect(leftOut(question, tower)).toBe('Eiffel Tower')
  })

  it.each([
    'Who wrote Faust?',
    'When was the Brooklyn Bridge built and how long is it?',
    'What is a mitochondrion and what does it do?',
    'What is the drug that inhibits the growth of tumours?',
    'Which proteins bind to membranes?',
    'And who painted the Mona Lisa?',
    'How many people live in Paris today?',
    'How many kinds of jelly are there?',
    'Which university has its origins in a school of medicine?',
    'How long does it take for effects to show?',
  ])('%s stands by itself', (question) => {
    expect(leftOut(question, tower)).toBeUndefined()
  })

  it('that names another thing asks the same of it', () =>
    expect(leftOut('And the Golden Gate Bridge?', tower)).toBe('designed'))

  it('is about the names of a question, or without any its telling words', () => {
    expect(subjectOf('When did Marie Curie die?')).toBe('Marie Curie')
    expect(subjectOf('what is the warranty of the pump?')).toBe('warranty pump')
  })
})

describe('the gist of an answer', () => {
  it('is its first sentences without marks, and what it cites when that is not said yet', () => {
    const source = { title: 'Towers', quote: 'Gustave Eiffel’s company designed and built the tower.' }
    const answer = '**Stephen Sauvestre** drew it [1]. It took two years. Then it opened.'
    expect(gistOf(answer, [source])).toBe(
      'Stephen Sauvestre drew it. It took two years. “Gustave Eiffel’s company designed and built the tower.” (Towers)',
    )
    expect(gistOf(`> ${source.quote} [1]`, [source])).toBe(`${source.quote} (Towers)`)
  })

  it('stays short, whatever was said', () => {
    expect(gistOf('word '.repeat(50_000), [{ title: 'T', quote: 'quote '.repeat(10_000) }]).length).toBeLessThan(500)
  })

  it('becomes a line of the summary when it falls out, and the oldest lines fade', () => {
    const fellOut = Array.from({ length: 80 }, (_, at) => ({
      question: `Question ${at}?`,
      gist: 'One. Two.'.repeat(3),
    }))
    const summary = rollSummary('What came first?', fellOut)
    expect(summary).toMatch(/Question 79\? One\.$/)
    expect(summary).not.toContain('What came first?')
    expect(summary.length).toBeLessThanOrEqual(1_200)
  })
})

describe('a conversation', () => {
  const call = testCall()
  const ask = async (
    turns: ReturnType<typeof createTurnMemory>,
    pairs: readonly (readonly [string, string])[],
    conversationId = 'c',
  ) => {
    const history: Turn[] = []
    for (const [at, [question, text]] of pairs.entries()) {
      if (history.length > 0) await turns.recall(call, { conversationId, question, history })
      await turns.ended(call, { conversationId, messageId: `m${at}`, question, answer: { text, sources: [] } })
      history.push({ role: 'user', text: question }, { role: 'assistant', text })
    }
    return history
  }
  const recallOf = (
    turns: ReturnType<typeof createTurnMemory>,
    question: string,
    history: Turn[],
    conversationId = 'c',
  ) => turns.recall(call, { conversationId, question, history })

  it('keeps what it is about over several follow-ups, and turns to a new thing at once', async () => {
    const turns = openTurns(createInProcessWorkingMemory())
    const history = await ask(turns, [
      ['Who designed the Eiffel Tower?', 'Stephen Sauvestre did.'],
      ['And when was it built?', 'In 1889.'],
      ['How tall is it?', '330 metres.'],
    ])
    expect(await recallOf(turns, 'Who owns it?', history)).toMatchObject({ subject: 'Eiffel Tower', isAway: false })
    expect(await recallOf(turns, 'Who wrote Faust?', history)).toMatchObject({ subject: undefined, notes: [] })
  })

  it('recalls the turns that bear on the question, and not the others', async () => {
    const turns = openTurns(createInProcessWorkingMemory())
    const history = await ask(turns, [
      ['Who discovered penicillin?', 'Alexander Fleming discovered penicillin in 1928.'],
      ['How long is the Nile?', 'The Nile is 6,650 km long.'],
      ['Who wrote Faust?', 'Goethe wrote Faust.'],
    ])
    const { notes } = await recallOf(turns, 'Did Fleming get a prize for penicillin?', history)
    expect(notes.map((note) => note.question)).toEqual(['Who discovered penicillin?'])
    expect(notes[0]).toMatchObject({ gist: 'Alexander Fleming discovered penicillin in 1928.', uses: 1 })
  })

  const pairsOf = (many: number) =>
    Array.from(
      { length: many },
      (_, at) => [`What is the ${names[at]}?`, `The ${names[at]} is thing ${at}. It is old.`] as const,
    )
  const names = 'Atlas Boreas Cronus Daphne Eos Faunus Gaia Helios Iris Janus Kora Leto'.split(' ')

  it('sums up what falls out beyond nine turns', async () => {
    const turns = openTurns(createInProcessWorkingMemory())
    const history = await ask(turns, pairsOf(12))
    const { held, summary } = await recallOf(turns, 'What is the Leto?', history)
    expect(held).toHaveLength(9)
    expect(summary.split('\n')).toEqual(
      [0, 1, 2].map((at) => `What is the ${names[at]}? The ${names[at]} is thing ${at}.`),
    )
  })

  it('is rebuilt from its messages when the memory was emptied, and noted again', async () => {
    const workingMemory = createInProcessWorkingMemory()
    const turns = openTurns(workingMemory)
    const history = await ask(turns, pairsOf(11))
    const before = await recallOf(turns, 'And what is it made of?', history)
    await turns.forget(call, 'c')
    const after = await recallOf(turns, 'And what is it made of?', history)
    expect(after).toMatchObject({ summary: before.summary, subject: before.subject, isAway: false })
    expect(after.held.map(({ question, gist }) => [question, gist])).toEqual(
      before.held.map(({ question, gist }) => [question, gist]),
    )
    await turns.ended(call, {
      conversationId: 'c',
      messageId: 'm',
      question: 'New?',
      answer: { text: 'Yes.', sources: [] },
    })
    const scope = { workspaceId: call.actor.workspaceId, conversationId: 'c' }
    expect((await workingMemory.recall(scope)).notes).toHaveLength(9)
  })

  it('goes on from its messages while the memory is away', async () => {
    const away = () => Promise.reject(new Error('away'))
    const turns = openTurns({
      ...createInProcessWorkingMemory(),
      recall: away,
      remember: away,
      forget: away,
    } as WorkingMemory)
    const history = await ask(turns, [['Who designed the Eiffel Tower?', 'Stephen Sauvestre did.']])
    const recalled = await recallOf(turns, 'And when was it built?', history)
    expect(recalled).toMatchObject({ subject: 'Eiffel Tower', isAway: true })
    await turns.forget(call, 'c')
  })

  it('does not recall what was said in a branch that was left', async () => {
    const turns = openTurns(createInProcessWorkingMemory())
    const history = await ask(turns, [
      ['Who designed the Eiffel Tower?', 'Stephen Sauvestre did.'],
      ['Tell me about Paris', 'It has many towers.'],
    ])
    const { held } = await recallOf(turns, 'Which towers?', history.slice(0, 2))
    expect(held.map((note) => note.question)).toEqual(['Who designed the Eiffel Tower?'])
  })

  it('remembers nothing of an answer that was not finished, and nothing of another workspace', async () => {
    const turns = openTurns(createInProcessWorkingMemory())
    await turns.ended(call, { conversationId: 'c', messageId: 'm', question: 'Who?', answer: undefined })
    expect((await recallOf(turns, 'Why?', [])).held).toEqual([])
    await ask(turns, [['Who designed the Eiffel Tower?', 'Stephen Sauvestre did.']])
    const stranger = await turns.recall(testCall(), { conversationId: 'c', question: 'Why?', history: [] })
    expect(stranger.held).toEqual([])
  })
})
