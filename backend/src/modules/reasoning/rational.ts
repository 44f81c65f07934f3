import { NitroError } from '@nitroagi/shared/errors'

/** An exact number. The divisor is positive and shares no factor with the dividend. */
export interface Rational {
  dividend: bigint
  divisor: bigint
}

/** Numbers of more digits than this cost more than an answer is worth. */
const bitsAtMost = 40_000n
const exactDigitsAtMost = 60
const roundedDigits = 12

export function rational(dividend: bigint, divisor = 1n): Rational {
  if (divisor === 0n) throw new NitroError('invalid_input', 'Dividing by zero has no result.')
  const factor = greatestFactor(dividend < 0n ? -dividend : dividend, divisor < 0n ? -divisor : divisor)
  const sign = divisor < 0n ? -1n : 1n
  return { dividend: (sign * dividend) / factor, divisor: (sign * divisor) / factor }
}

/** From digits with at most one point, such as "12.50". */
export function parseRational(digits: string): Rational {
  const [whole = '0', fraction = ''] = digits.split('.')
  return rational(BigInt(whole + fraction), 10n ** BigInt(fraction.length))
}

export const add = (one: Rational, other: Rational): Rational =>
  rational(one.dividend * other.divisor + other.dividend * one.divisor, one.divisor * other.divisor)
export const negate = ({ dividend, divisor }: Rational): Rational => ({ dividend: -dividend, divisor })
export const multiply = (one: Rational, other: Rational): Rational =>
  rational(one.dividend * other.dividend, one.divisor * other.divisor)
export const divide = (one: Rational, other: Rational): Rational =>
  rational(one.dividend * other.divisor, one.divisor * other.dividend)
export const isWhole = ({ divisor }: Rational): boolean => divisor === 1n

/** The remainder has the sign of the divisor, as in everyday clock arithmetic. */
export function remainder(one: Rational, other: Rational): Rational {
  const quotient = divide(one, other)
  let floor = quotient.dividend / quotient.divisor
  if (quotient.dividend < 0n && floor * quotient.divisor !== quotient.dividend) floor -= 1n
  return add(one, negate(multiply(other, rational(floor))))
}

export function power(base: Rational, exponent: Rational): Rational {
  if (!isWhole(exponent)) throw new NitroError('invalid_input', 'I calculate whole powers and square roots only.')
  const times = exponent.dividend < 0n ? -exponent.dividend : exponent.dividend
  const size = BigInt(Math.max(bitLength(base.dividend), bitLength(base.divisor)))
  if (size * times > bitsAtMost && size > 1n) throw new NitroError('invalid_input', 'That number is too large to show.')
  // Powers of 0, 1 and -1 stay small however often they are taken.
  const raised = size <= 1n ? times % 2n || (times === 0n ? 0n : 2n) : times
  const [dividend, divisor] = [base.dividend ** raised, base.divisor ** raised]
  return exponent.dividend < 0n ? rational(divisor, dividend) : rational(dividend, divisor)
}

export function factorial(of: Rational): Rational {
  if (!isWhole(of) || of.dividend < 0n || of.dividend > 1_000n) {
    throw new NitroError('invalid_input', 'I calculate factorials of whole numbers up to 1000.')
  }
  let product = 1n
  for (let factor = 2n; factor <= of.dividend; factor++) product *= factor
  return rational(product)
}

/** Exact where the root is; otherwise right to forty places, with `isExact: false`. */
export function squareRoot(of: Rational): { value: Rational; isExact: boolean } {
  if (of.dividend < 0n) throw new NitroError('invalid_input', 'A negative number has no real square root.')
  const [top, bottom] = [floorRoot(of.dividend), floorRoot(of.divisor)]
  if (top * top === of.dividend && bottom * bottom === of.divisor)
    return { value: rational(top, bottom), isExact: true }
  const scale = 10n ** 40n
  return { value: rational(floorRoot((of.dividend * scale * scale) / of.divisor), scale), isExact: false }
}

/** Exact where the root is; otherwise right to thirty places, with `isExact: false`. */
export function cubeRoot(of: Rational): { value: Rational; isExact: boolean } {
  if (of.dividend < 0n) {
    const { value, isExact } = cubeRoot(negate(of))
    return { value: negate(value), isExact }
  }
  const [top, bottom] = [floorCubeRoot(of.dividend), floorCubeRoot(of.divisor)]
  if (top ** 3n === of.dividend && bottom ** 3n === of.divisor) return { value: rational(top, bottom), isExact: true }
  const scale = 10n ** 30n
  return { value: rational(floorCubeRoot((of.dividend * scale ** 3n) / of.divisor), scale), isExact: false }
}

function floorCubeRoot(value: bigint): bigint {
  let [low, high] = [0n, 1n << BigInt(Math.ceil(value.toString(2).length / 3) + 1)]
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (middle ** 3n <= value) low = middle
    else high = middle - 1n
  }
  return low
}

/** All digits when they end and are not too many; otherwise rounded, with a leading "≈ ". */
export function formatRational(value: Rational, isExact = true): string {
  const places = isExact ? decimalPlaces(value.divisor) : undefined
  if (places !== undefined) {
    const digits = fixed(value, places)
    if (digits.length <= exactDigitsAtMost) return digits
  }
  return `≈ ${rounded(value)}`
}

/** How many decimal places the number needs; undefined when they never end. */
function decimalPlaces(divisor: bigint): number | undefined {
  let [rest, twos, fives] = [divisor, 0, 0]
  for (; rest % 2n === 0n && twos <= exactDigitsAtMost; twos++) rest /= 2n
  for (; rest % 5n === 0n && fives <= exactDigitsAtMost; fives++) rest /= 5n
  return rest === 1n ? Math.max(twos, fives) : undefined
}

/** Rounded half away from zero at so many places, without zeros at the end, grouped by thousands. */
function fixed({ dividend, divisor }: Rational, places: number): string {
  const scaled = (dividend < 0n ? -dividend : dividend) * 10n ** BigInt(places)
  const digits = ((2n * scaled + divisor) / (2n * divisor)).toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '')
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole
  const isZero = /^0*$/.test(whole + fraction)
  return `${dividend < 0n && !isZero ? '-' : ''}${grouped}${fraction === '' ? '' : `.${fraction}`}`
}

function rounded(value: Rational): string {
  const size = Math.abs(value.dividend === 0n ? 0 : decimalExponent(value))
  if (size > 20) return scientific(value)
  return fixed(value, Math.max(0, roundedDigits - 1 - decimalExponent(value)))
}

function scientific(value: Rational): string {
  const exponent = decimalExponent(value)
  const shifted = multiply(value, power(rational(10n), rational(BigInt(-exponent))))
  return `${fixed(shifted, roundedDigits - 1)} × 10^${exponent}`
}

/** The power of ten of the first digit that is not zero. */
function decimalExponent({ dividend, divisor }: Rational): number {
  const size = dividend < 0n ? -dividend : dividend
  let exponent = size.toString().length - divisor.toString().length
  const isBelow = exponent >= 0 ? size < divisor * 10n ** BigInt(exponent) : size * 10n ** BigInt(-exponent) < divisor
  if (isBelow) exponent -= 1
  return exponent
}

const bitLength = (value: bigint): number =>
  (value < 0n ? -value : value).toString(16).length * 4 - (value === 0n || value === 1n || value === -1n ? 3 : 0)

function greatestFactor(one: bigint, other: bigint): bigint {
  while (other !== 0n) [one, other] = [other, one % other]
  return one
}

function floorRoot(of: bigint): bigint {
  if (of < 2n) return of
  let root = 1n << BigInt(Math.ceil(of.toString(2).length / 2))
  for (;;) {
    const next = (root + of / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
