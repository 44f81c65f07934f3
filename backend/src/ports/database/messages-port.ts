import type { NitroPart } from '@nitroagi/shared/runs'
import type { Call } from '../../call.ts'

/** Messages in the caller's own conversations and nothing else. */
export interface MessagesRepository {
  find(call: Call, messageId: string): Promise<{ role: string; parts: NitroPart[] } | undefined>
}
