/** A story of a known sort, as the expression that it asks for. */
export interface Problem {
  statement: string
  expression: string
  /** What the result is counted in, where the story says so. */
  unit?: string
}

const amount = String.raw`[$€£]?\s?(\d[\d,]*(?:\.\d+)?)`
const money = String.raw`(?:\s?(?:dollars?|euros?|pounds?|usd|eur|gbp|bucks|€|\$|£))?`
const thing = String.raw`(?:[\p{L}-]+ ){0,2}([\p{L}-]+)`

const sorts: readonly [pattern: string, problem: (parts: string[]) => Problem | undefined][] = [
  [
    `^(?:if )?(\\d+) ${thing} (?:costs?|are|is) ${amount}${money}[,.;]? (?:how much|what) (?:do|does|would|will|are|is) (\\d+) (?:[\\p{L}-]+ ){0,2}?([\\p{L}-]+)(?: cost)?$`,
    ([many, first, price, wanted, second]) =>
      isSameThing(first!, second!)
        ? { statement: `${price} / ${many} × ${wanted}`, expression: `${price} / ${many} * ${wanted}` }
        : undefined,
  ],
  [
    `^(\\d[\\d,]*(?:\\.\\d+)?) [\\p{L}-]+(?: [\\p{L}-]+)? (?:at|for) ${amount}${money} (?:each|apiece|a piece|(?:per|an?) [\\p{L}]+)$`,
    ([many, price]) => ({ statement: `${many} × ${price}`, expression: `${many} * ${price}` }),
  ],
  [
    `^(?:i|we) (?:have|had) ${amount}${money},? (?:and|but|then) (?:i |we )?(?:spend|spent|pay|paid|lose|lost|give away|gave away) ${amount}${money}[.,;]? how much (?:is|do i have|do we have|have i|remains)(?: left)?$`,
    ([had, spent]) => ({ statement: `${had} − ${spent}`, expression: `${had} - ${spent}` }),
  ],
  [
    `^(?:split|divide|share) ${amount}${money} (?:between|among|amongst|by|into) (\\d+)(?: (?:people|persons|friends|ways|parts|of us))?$`,
    ([whole, count]) => ({ statement: `${whole} / ${count}`, expression: `${whole} / ${count}` }),
  ],
  [
    `^${amount}${money} at (\\d+(?:\\.\\d+)?)\\s?(?:%|percent) (compound|simple) interest for (\\d{1,3}) years?$`,
    ([principal, rate, sort, years]) => interest(principal!, rate!, sort!, years!),
  ],
  [
    `^(\\d+(?:\\.\\d+)?)\\s?(?:%|percent) (simple|compound) interest on ${amount}${money} (?:for|over) (\\d{1,3}) years?$`,
    ([rate, sort, principal, years]) => interestAlone(principal!, rate!, sort!, years!),
  ],
  [
    `^(?:an? |the )?[\\p{L}]+ (?:drives?|drove|travels?|travelled|traveled|runs?|ran|cycles?|cycled|flies|flew|goes|went) (\\d+(?:\\.\\d+)?)\\s?(km|kilomet(?:er|re)s|miles?|m|met(?:er|re)s) in (\\d+(?:\\.\\d+)?) (hours?|h|seconds?|s)[.,;]? (?:what (?:is|was) (?:its|the|his|her|my|their) (?:average )?speed|how fast (?:is|was|does|did) (?:it|he|she|they)(?: go| drive| run)?)$`,
    ([distance, length, time, clock]) => speed(distance!, length!, time!, clock!),
  ],
]

/** The problem that the whole question tells; undefined for every other story. */
export function wordProblem(asked: string): Problem | undefined {
  for (const [pattern, problem] of sorts) {
    const found = new RegExp(pattern, 'iu').exec(asked)
    if (found) return problem(found.slice(1))
  }
  return undefined
}

function isSameThing(one: string, other: string): boolean {
  const bare = (name: string) => name.toLowerCase().replace(/(?:es|s)$/, '')
  return bare(one) === bare(other)
}

/** What there is in the end, compounded once a year. */
function interest(principal: string, rate: string, sort: string, years: string): Problem {
  return sort.toLowerCase() === 'compound'
    ? {
        statement: `${principal} × (1 + ${rate}%)^${years}, compounded once a year`,
        expression: `${principal} * (1 + ${rate}/100)^${years}`,
      }
    : {
        statement: `${principal} × (1 + ${years} × ${rate}%)`,
        expression: `${principal} * (1 + ${years} * ${rate}/100)`,
      }
}

/** The interest itself. */
function interestAlone(principal: string, rate: string, sort: string, years: string): Problem {
  return sort.toLowerCase() === 'simple'
    ? { statement: `${principal} × ${rate}% × ${years}`, expression: `${principal} * ${rate}/100 * ${years}` }
    : {
        statement: `${principal} × (1 + ${rate}%)^${years} − ${principal}, compounded once a year`,
        expression: `${principal} * (1 + ${rate}/100)^${years} - ${principal}`,
      }
}

function speed(distance: string, length: string, time: string, clock: string): Problem | undefined {
  const far = /^k/i.test(length) ? 'km' : /^mi/i.test(length) ? 'miles' : 'm'
  const isHours = /^h/i.test(clock)
  if ((far === 'm') === isHours) return undefined
  const unit = far === 'km' ? 'km/h' : far === 'miles' ? 'mph' : 'm/s'
  return {
    statement: `${distance} ${far} / ${time} ${isHours ? 'hours' : 's'}`,
    expression: `${distance} / ${time}`,
    unit,
  }
}
