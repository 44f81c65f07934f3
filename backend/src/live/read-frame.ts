import { ClientFrame } from '@nitroagi/shared/live'

type ReadFrame = { frame: ClientFrame } | { frame: undefined; problem: string; id: string | undefined }

/** A client's frame, or what is wrong with it, with its `id` when that can be told. */
export function readFrame(data: Buffer): ReadFrame {
  let value: unknown
  try {
    value = JSON.parse(data.toString())
  } catch {
    return { frame: undefined, problem: 'A frame must be JSON', id: undefined }
  }
  const parsed = ClientFrame.safeParse(value)
  if (parsed.success) return { frame: parsed.data }
  // What does not fit has a reason at the least.
  const issue = parsed.error.issues[0]!
  const path = issue.path.map(String).join('.')
  const problem = path ? `${path}: ${issue.message}` : issue.message
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return { frame: undefined, problem, id: typeof id === 'string' && id.length <= 100 ? id : undefined }
}
