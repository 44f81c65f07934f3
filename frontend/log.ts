/** One line of JSON per event for whoever runs the web app. Names and codes only: never bodies, tokens or cookies. */
export function logError(event: string, error: unknown): void {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined
  console.error(
    JSON.stringify({
      time: new Date().toISOString(),
      level: 'error',
      event,
      error: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown',
      ...(cause ? { cause: `${cause.name}: ${cause.message}` } : {}),
    }),
  )
}
