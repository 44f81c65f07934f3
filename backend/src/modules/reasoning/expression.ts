import { NitroError } from '@nitroagi/shared/errors'
import {
  add,
  divide,
  factorial,
  multiply,
  negate,
  parseRational,
  power,
  rational,
  remainder,
  squareRoot,
  type Rational,
} from './rational.ts'

export type Expression =
  | { kind: 'number'; value: Rational }
  | { kind: 'negative' | 'root' | 'factorial' | 'percent'; of: Expression }
  | { kind: Operator; left: Expression; right: Expression }

type Operator = '+' | '-' | '*' | '/' | '^' | 'mod'

const token = /\s*(?:(\d[\d,]*(?:\.\d+)?|\.\d+)|(\*\*|[-+*/^()!%])|(sqrt|mod|of)\b)/iy
const depthAtMost = 50

/** Parses ordinary notation; undefined when it is anything else. Nothing is guessed, and no words are skipped. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = tokenise(text)
  if (!tokens) return undefined
  let at = 0
  let depth = 0
  const is = (...symbols: string[]) => at < tokens.length && symbols.includes(tokens[at]!)
  const fail = (): never => {
    throw new SyntaxError('not an expression')
  }

  function sum(): Expression {
    let left = product()
    while (is('+', '-')) {
      const kind = tokens![at++] as '+' | '-'
      const right = product()
      // "200 + 15%" means fifteen per cent of the two hundred, as on every pocket calculator.
      left = { kind, left, right: right.kind === 'percent' ? { kind: '*', left, right } : right }
    }
    return left
  }
  function product(): Expression {
    let left = signed()
    while (is('*', '/', 'mod', 'of')) {
      const symbol = tokens![at++]!
      left = { kind: symbol === 'of' ? '*' : (symbol as Operator), left, right: signed() }
    }
    return left
  }
  function signed(): Expression {
    if (++depth > depthAtMost) fail()
    try {
      if (is('-')) return (at++, { kind: 'negative', of: signed() })
      if (is('+')) return (at++, signed())
      return raised()
    } finally {
      depth--
    }
  }
  function raised(): Expression {
    const left = postfixed()
    // To the right first, and below a sign: -2^2 is -4, 2^3^2 is 512.
    return is('^') ? (at++, { kind: '^', left, right: signed() }) : left
  }
  function postfixed(): Expression {
    let of = atom()
    while (is('!', '%')) of = { kind: tokens![at++] === '!' ? 'factorial' : 'percent', of }
    return of
  }
  function atom(): Expression {
    if (is('(')) {
      at++
      const inner = sum()
      return is(')') ? (at++, inner) : fail()
    }
    if (is('sqrt')) return (at++, { kind: 'root', of: signed() })
    const digits = tokens![at]
    return digits !== undefined && /^[\d.]/.test(digits)
      ? (at++, { kind: 'number', value: parseRational(digits) })
      : fail()
  }

  try {
    const expression = sum()
    return at === tokens.length ? expression : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function tokenise(text: string): string[] | undefined {
  const tokens: string[] = []
  token.lastIndex = 0
  const end = text.trimEnd().length
  while (token.lastIndex < end) {
    const match = token.exec(text)
    if (!match) return undefined
    if (match[1] !== undefined) {
      // A comma groups thousands or is not understood: "1,5" may be one and a half.
      if (match[1].includes(',') && !/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(match[1])) return undefined
      tokens.push(match[1].replaceAll(',', '').replace(/^\./, '0.'))
    } else tokens.push((match[2] ?? match[3]!).toLowerCase().replace('**', '^'))
  }
  return tokens.length === 0 ? undefined : tokens
}

/** The exact value, calculated twice. Throws `invalid_input` for what has none, such as a division by zero. */
export function evaluate(expression: Expression): { value: Rational; isExact: boolean } {
  let isExact = true
  const value = exact(expression, () => (isExact = false))
  const residue = residueOf(expression)
  if (residue !== undefined && residue !== residueOfRational(value)) {
    throw new NitroError('internal', 'Two ways of calculating this disagree, so no result is given.')
  }
  return { value, isExact }
}

function exact(node: Expression, onRounded: () => void): Rational {
  if (node.kind === 'number') return node.value
  if ('of' in node) {
    const of = exact(node.of, onRounded)
    if (node.kind === 'negative') return negate(of)
    if (node.kind === 'percent') return divide(of, rational(100n))
    if (node.kind === 'factorial') return factorial(of)
    const root = squareRoot(of)
    if (!root.isExact) onRounded()
    return root.value
  }
  return operations[node.kind](exact(node.left, onRounded), exact(node.right, onRounded))
}

const operations: Record<Operator, (left: Rational, right: Rational) => Rational> = {
  '+': add,
  '-': (left, right) => add(left, negate(right)),
  '*': multiply,
  '/': divide,
  mod: remainder,
  '^': power,
}

/**
 * The second opinion, as one casts out nines but with a prime of 61 bits: the same expression calculated in remainders
 * must leave the remainder of the result. undefined where remainders are no judge (roots, modulo, the prime itself).
 */
function residueOf(node: Expression): bigint | undefined {
  if (node.kind === 'number') return residueOfRational(node.value)
  if ('of' in node) {
    const of = residueOf(node.of)
    if (of === undefined || node.kind === 'root' || node.kind === 'factorial') return undefined
    return node.kind === 'negative' ? wrap(-of) : wrap(of * inverse(100n))
  }
  const [left, right] = [residueOf(node.left), residueOf(node.right)]
  if (left === undefined || right === undefined) return undefined
  switch (node.kind) {
    case '+':
      return wrap(left + right)
    case '-':
      return wrap(left - right)
    case '*':
      return wrap(left * right)
    case '/':
      return right === 0n ? undefined : wrap(left * inverse(right))
    case '^': {
      const times = exact(node.right, () => {}).dividend
      if (left === 0n && times <= 0n) return undefined
      return times < 0n ? inverse(residuePower(left, -times)) : residuePower(left, times)
    }
    case 'mod':
      return undefined
  }
}

const prime = 2n ** 61n - 1n
const wrap = (value: bigint): bigint => ((value % prime) + prime) % prime
const inverse = (value: bigint): bigint => residuePower(value, prime - 2n)
const residueOfRational = ({ dividend, divisor }: Rational): bigint | undefined =>
  wrap(divisor) === 0n ? undefined : wrap(wrap(dividend) * inverse(wrap(divisor)))

function residuePower(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let [square, rest] = [wrap(base), exponent]; rest > 0n; square = wrap(square * square), rest >>= 1n) {
    if (rest & 1n) result = wrap(result * square)
  }
  return result
}

export const hasOperator = (expression: Expression): boolean =>
  expression.kind !== 'number' && !(expression.kind === 'negative' && !hasOperator(expression.of))
