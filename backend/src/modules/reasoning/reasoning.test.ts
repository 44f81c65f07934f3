import { describe, expect, it } from 'vitest'
import type { Call } from '../../call.ts'
import { silentLog } from '../../log.ts'
import { testTask } from '../../../test/test-task.ts'
import { createReasoningModule } from './reasoning.ts'
import { recognise } from './recognise.ts'

const result = (question: string) => recognise(question)?.calculate()

describe('a question that can be calculated', () => {
  it.each([
    ['What is 17% of 2,340?', '397.8'],
    ['(3+4)*12', '84'],
    ['0.1 + 0.2', '0.3'],
    ['(1/3)*3', '1'],
    ['1/3 + 1/6', '0.5'],
    ['(0.1+0.2-0.3)*1000000000000000', '0'],
    ['-2^2', '-4'],
    ['2^3^2', '512'],
    ['-7 mod 3', '2'],
    ['10/3', '≈ 3.33333333333'],
    ['2^100', '1,267,650,600,228,229,401,496,703,205,376'],
    ['2^1000', '≈ 1.07150860719 × 10^301'],
    ['What is the square root of 144?', '12'],
    ['sqrt 2', '≈ 1.41421356237'],
    ['How much is 12 times 12?', '144'],
    ['200 + 15%', '230'],
    ['increase 200 by 15%', '230'],
    ['decrease 80 by 25 percent', '60'],
    ['20 is what percent of 80?', '25%'],
    ['What percent of 80 is 20?', '25%'],
    ['5!', '120'],
    ['the sum of 12, 15 and 20', '47'],
    ['What is the average of 4, 8 and 15?', '9'],
    ['cube root of 27', '3'],
    ['cube root of -2', '≈ -1.25992104989'],
    ['two thirds of 90', '60'],
    ['2 million + 500 thousand', '2,500,000'],
    ['Was ist 12 mal 12?', '144'],
    ['¿Cuánto es 8 por 9?', '72'],
    ['Combien font 6 fois 7 ?', '42'],
    ['30 is 60% of what?', '50'],
    ['percentage change from 65 to 50', '≈ -23.0769230769%'],
    ['What is 30% off 120?', '84'],
    ['What is a 20% discount on 80?', '16 off, which leaves 64'],
    ['If 3 apples cost 6 dollars, how much do 5 apples cost?', '10'],
    ['A car drives 150 km in 2 hours. What is its average speed?', '75 km/h'],
    ['How much is 1000 at 5% compound interest for 2 years?', '1102.5'],
  ])('%s is %s', (question, value) => expect(result(question)).toBe(value))

  it.each([
    ['5 km in miles', '≈ 3.10685596119 miles'],
    ['What is 100 fahrenheit in celsius?', '≈ 37.7777777778 °C'],
    ['-40 °C in °F', '-40 °F'],
    ['How many ounces are in a pound?', '16 oz'],
    ['Convert 100 mph to km/h', '160.9344 km/h'],
    ['How many bytes are in 5 MiB?', '5,242,880 bytes'],
    ['What is 5 feet 10 inches in cm?', '177.8 cm'],
    ['How many square meters are in an acre?', '4046.8564224 m²'],
    ['Wie viele Meter sind 2 Kilometer?', '2000 m'],
  ])('%s is %s', (question, value) => expect(result(question)).toBe(value))

  it.each([
    ['days between 2024-02-01 and 2024-03-01', '29 days'],
    ['How many days are there from 1 March 2024 to March 15th, 2024?', '14 days'],
    ['weeks between 2024-01-01 and 2024-01-20', '2 weeks and 5 days'],
    ['What date is 90 days after 2024-02-01?', '2024-05-01 (Wednesday)'],
    ['a month after 2024-01-31', '2024-02-29 (Thursday)'],
    ['What day of the week was 29 February 2024?', 'Thursday'],
    ['How many months are between 2024-01-31 and 2024-03-01?', '1 month and 1 day'],
    ['How many years are between 1990-05-01 and 2024-07-04?', '34 years, 2 months and 3 days'],
    ['Is 1900 a leap year?', 'no'],
    ['Which week of the year is 2021-01-03?', 'week 53 of 2020'],
    ['How many days are in February 2023?', '28 days'],
    ['What day of the year is 2024-03-01?', '61 of 366'],
    ['What is the age on 2023-03-01 of a person born on 2000-02-29?', '23 years'],
    ['How many hours are between 9am and 5:30pm?', '8.5 hours (8 hours and 30 minutes)'],
  ])('%s is %s', (question, value) => expect(result(question)).toBe(value))
})

describe('a question that cannot be calculated', () => {
  it.each([
    'What is 9/11?',
    'What is 24/7 support?',
    'What is 2024-02-01?',
    'What happened in 1984-1985?',
    'Call 555-1234',
    '2024',
    'Who is 5?',
    '3 of 4',
    'How many days are in February?',
    'How many hours are between 22:00 and 06:00?',
    'If 3 workers build a wall, how long do 5 take?',
    'If 3 apples cost 6 dollars, how much do 5 pears cost?',
    '5 feet 10 kg in cm',
    'What is 10 °C 5 °C in °F?',
    '1,5 + 2',
    '5 kg in meters',
    'days between 03/04/2024 and 2024-05-01',
    '2024-02-30',
    'How many days are in the handbook?',
    'What is the square root of all evil?',
    '((((1',
    '2 + process.exit()',
    '1+'.repeat(200),
    `${'('.repeat(120)}1${')'.repeat(120)}+1`,
  ])('is left to others: %s', (question) => expect(recognise(question)).toBeUndefined())

  it.each([
    '1/0',
    '5 mod 0',
    '2^100000',
    '9^9^9',
    '(1000!)!',
    '(-1)!',
    'sqrt(-1)',
    '2^0.5',
    '100 years after 9950-01-01',
  ])('is refused with a reason: %s', (question) => {
    const calculation = recognise(question)
    expect(calculation).toBeDefined()
    expect(() => calculation?.calculate()).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })
})

describe('the reasoning module', () => {
  const call: Call = {
    actor: { userId: 'u', workspaceId: 'w', role: 'owner', via: 'session', scopes: ['chat'] },
    requestId: 'r',
    signal: new AbortController().signal,
    log: silentLog,
  }
  const run = (question: string) => Array.fromAsync(createReasoningModule().run(call, testTask({ question })))

  it('states what it calculated and the result', async () => {
    expect(await run('What is 17% of 2,340?')).toEqual([
      { type: 'fact', statement: '17% of 2,340', value: '397.8' },
      { type: 'report', summary: 'Calculated 17% of 2,340' },
    ])
  })

  it('refuses what it cannot check', async () => {
    await expect(run('What is love?')).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
