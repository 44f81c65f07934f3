import { startMailServer } from './mail-server.ts'

/**
 * A mail server of our own, for journeys in a browser: `node backend/test/mail-server-main.ts` prints its URL as one line
 * (such as smtp://127.0.0.1:41234, for NITRO_SMTP_URL), then each letter that it is given as one line of JSON, until
 * SIGTERM.
 */
const server = await startMailServer()
process.stdout.write(`${server.url}\n`)
let isOver = false
process.once('SIGTERM', () => {
  isOver = true
  void server.close().then(() => process.exit())
})
for (let count = 0; !isOver; count++) {
  const { to, subject, text } = await server.letter(count)
  process.stdout.write(`${JSON.stringify({ to: to?.[0]?.address, subject, text })}\n`)
}
