import { createHash } from 'node:crypto'

/** What a client of the Chat Completions API sends, as far as the able model looks at it. */
export interface ChatBody {
  model: string
  stream?: boolean
  messages?: ChatMessage[]
  tools?: { function: { name: string } }[]
  tool_choice?: unknown
  response_format?: { type: string; json_schema?: { name?: string; schema?: Schema } }
}

type Content = string | null | { type: string; text?: string; image_url?: { url: string } }[]
interface ChatMessage {
  role: string
  content?: Content
}

export interface ToolCallReply {
  name: string
  /** JSON, or what a broken model takes for it. */
  arguments: string
}

export interface Reply {
  text: string
  toolCalls: ToolCallReply[]
}

/**
 * A model without a mind that does what it is asked to: plans as JSON, calls the tools that it is offered, says what it
 * sees of an image, and quotes the first passage that it is given.
 */
export function ableReply(body: ChatBody): Reply {
  const messages = body.messages ?? []
  const lastUser = messages.findLastIndex(({ role }) => role === 'user')
  const question = textIn(messages[lastUser]?.content)
  if (body.response_format && body.response_format.type !== 'text') return said(jsonFor(body, question))

  const results = messages.slice(lastUser + 1).filter(({ role }) => role === 'tool')
  if (results.length > 0) return said(`The tools gave: ${results.map(({ content }) => inner(content)).join('; ')}.`)

  const images = imagesIn(messages[lastUser]?.content)
  if (images.length > 0) return said(images.map(describeImage).join(' '))

  const toolCalls = body.tool_choice === 'none' ? [] : callsFor(question.split('\n\n<')[0]!, offered(body))
  if (toolCalls.length > 0) return { text: '', toolCalls }

  const passage = /<passage number="(\d+)"[^>]*>\n([^.!?\n]*[.!?]?)/.exec(question)
  return said(passage ? `${passage[2]} [${passage[1]}]` : 'Hello from a local server.')
}

const said = (text: string): Reply => ({ text, toolCalls: [] })

const textIn = (content: Content | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n')

/** A result without the fence that it stands in. */
const inner = (content: Content | undefined): string =>
  textIn(content)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()

const offered = ({ tools = [] }: ChatBody) => new Set(tools.map((tool) => tool.function.name))

function callsFor(question: string, names: ReadonlySet<string>): ToolCallReply[] {
  const calls: ToolCallReply[] = []
  const call = (name: string, input: object) => {
    if (names.has(name)) calls.push({ name, arguments: JSON.stringify(input) })
  }
  const expression = expressionIn(question)
  if (/\b(?:tool|calculat)/i.test(question)) call('calculator', { expression: expression ?? '17 * 23' })
  if (/\btime\b/i.test(question)) call('current_time', { timeZone: 'Asia/Tokyo' })
  if (/\bsearch (?:for )?(.+)/i.test(question)) {
    call('search', { query: /\bsearch (?:for )?(.+)/i.exec(question)![1]!.slice(0, 200) })
  }
  return calls
}

const expressionIn = (question: string): string | undefined => /\d[\d.]*(?:\s*[-+*/×]\s*\d[\d.]*)+/.exec(question)?.[0]

function jsonFor({ response_format, messages = [] }: ChatBody, question: string): string {
  const rules = messages.filter(({ role }) => role === 'system').map(({ content }) => textIn(content))
  if (response_format?.json_schema?.name === 'plan' || rules.some((rule) => rule.startsWith('You plan'))) {
    return JSON.stringify(planFor(/<question>\n([\s\S]*?)\n<\/question>/.exec(question)?.[1] ?? question))
  }
  return JSON.stringify(instanceOf(response_format?.json_schema?.schema ?? { type: 'object' }))
}

/** Two things to find out, which need nothing of each other, and the answer from both. */
function planFor(question: string) {
  const expression = expressionIn(question)
  const words = question.split(/\s+/)
  const half = (from: number, to?: number) => words.slice(from, to).join(' ').slice(0, 200) || question.slice(0, 200)
  const middle = Math.ceil(words.length / 2)
  const step = (id: string, capability: string, task: string, input: string, dependsOn: string[] = []) => ({
    id,
    capability,
    task,
    input,
    dependsOn,
  })
  return {
    steps: [
      step('first-half', 'search', 'Look up the first half', half(0, middle)),
      expression === undefined
        ? step('second-half', 'search', 'Look up the second half', half(middle))
        : step('sum', 'arithmetic', 'Work out the sum', expression),
      step('conclude', 'answer', 'Answer from both', '', [
        'first-half',
        expression === undefined ? 'second-half' : 'sum',
      ]),
    ],
  }
}

interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
  minItems?: number
}

/** The plainest value of a shape. */
function instanceOf(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf?.[0]) return instanceOf(schema.anyOf[0])
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, instanceOf(property)]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => instanceOf(schema.items ?? {}))
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return 'local'
  }
}

const imagesIn = (content: Content | undefined): string[] =>
  typeof content === 'string' ? [] : (content ?? []).flatMap((part) => part.image_url?.url ?? [])

/** Only from its bytes: a PNG says in its header how large it is. */
function describeImage(url: string): string {
  const match = /^data:([^;,]+);base64,(.*)$/s.exec(url)
  if (!match) return 'The image did not come as data.'
  const bytes = Buffer.from(match[2]!, 'base64')
  const mark = createHash('sha256').update(bytes).digest('hex').slice(0, 8)
  const isPng = bytes.subarray(1, 4).toString('latin1') === 'PNG' && bytes.length > 24
  return isPng
    ? `The image is a PNG of ${bytes.readUInt32BE(16)} × ${bytes.readUInt32BE(20)} pixels (${mark}).`
    : `The image is ${match[1]} of ${bytes.length} bytes (${mark}).`
}
