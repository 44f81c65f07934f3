/** What somebody has typed and not sent, or sent without the server having it. Lives as long as the tab. */
export type Draft = {
  text: string
  /** The Idempotency-Key that `text` was sent with, when it is not known whether it arrived. */
  key?: string
}

const nameOf = (conversation: string) => `nitro-draft:${conversation}`

export function readDraft(conversation: string): Draft {
  try {
    const draft = JSON.parse(sessionStorage.getItem(nameOf(conversation)) ?? '') as Draft
    return typeof draft.text === 'string' ? draft : { text: '' }
  } catch {
    return { text: '' }
  }
}

export function saveDraft(conversation: string, draft: Draft): void {
  try {
    if (draft.text) sessionStorage.setItem(nameOf(conversation), JSON.stringify(draft))
    else sessionStorage.removeItem(nameOf(conversation))
  } catch {
    // A browser without storage, or a full one: the text is still in the field.
  }
}
