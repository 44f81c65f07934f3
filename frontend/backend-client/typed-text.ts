type Leaving = { kept: readonly string[] }

const channelName = 'nitro-sign-out'

/** One for the page, because a channel does not hear what was said on it: whoever signs out here goes where they are sent. */
let channel: BroadcastChannel | undefined
const otherTabs = (): BroadcastChannel | undefined =>
  typeof BroadcastChannel === 'undefined' ? undefined : (channel ??= new BroadcastChannel(channelName))

/** Drafts, choices and the link that somebody came with: in this tab, and in the others of this browser. */
export function forgetTypedText(kept: readonly string[] = []): void {
  forget(kept)
  otherTabs()?.postMessage({ kept } satisfies Leaving)
}

/** Does the same when somebody signs out in another tab, then calls `onLeave`. Gives how to stop listening. */
export function forgetWithOtherTabs(onLeave: () => void): () => void {
  const tabs = otherTabs()
  if (!tabs) return () => {}
  tabs.onmessage = ({ data }: MessageEvent<Leaving>) => {
    forget(data.kept)
    onLeave()
  }
  return () => {
    tabs.onmessage = null
  }
}

function forget(kept: readonly string[]): void {
  try {
    for (const name of Object.keys(sessionStorage)) if (!kept.includes(name)) sessionStorage.removeItem(name)
  } catch {
    // A browser without storage keeps nothing.
  }
}
