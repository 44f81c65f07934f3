const ours = /^\/(chat|knowledge|modules|settings|workspace|invitation)(?:\/[\w-]+)*$/

/** Only our own pages: a link to sign in must not lead elsewhere afterwards. */
export const safeNext = (next: string | undefined): string => (next && ours.test(next) ? next : '/chat')
