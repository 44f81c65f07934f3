/** Next calls it once, before the first request. */
export async function register(): Promise<void> {
  // eslint-disable-next-line no-restricted-syntax -- written over by the build, which leaves out what follows elsewhere
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { noteSocketAddresses } = await import('./socket-address.ts')
  noteSocketAddresses()
}
