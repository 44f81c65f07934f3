type Leaving = { kept: readonly string[] }

const channelName = 'nitro-sign-out'

/** Drafts, choices and the link that somebody came with: in this tab, and in the others of this browser. */
export function forgetTypedText(kept: readonly string[] = []): void {
  forget(kept)
  if (typeof BroadcastChannel === 'undefined') return
  const channel = new BroadcastChannel(channelName)
  channel.postMessage({ kept } satisfies Leaving)
  channel.close()
}

/** Does the same when somebody signs out in another tab, then calls `onLeave`. Gives how to stop listening. */
export function forgetWithOtherTabs(onLeave: () => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => {}
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<Leaving>) => {
    forget(data.kept)
    onLeave()
  }
  return () => channel.close()
}

function forget(kept: readonly string[]): void {
  try {
    for (const name of Object.keys(sessionStorage)) if (!kept.includes(name)) sessionStorage.removeItem(name)
  } catch {
    // A browser without storage keeps nothing.
  }
}
