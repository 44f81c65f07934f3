import { startModelServer } from '../src/ports/language-model/model-server.ts'

/**
 * An OpenAI-compatible server of our own, for journeys in a browser: `node backend/test/model-server-main.ts [port]`
 * prints its base URL as one line (such as http://127.0.0.1:41234/v1) and runs until SIGTERM. Give the URL to the backend
 * as OPENAI_COMPATIBLE_BASE_URL; its first listed model, `able`, is then the default. No key is needed. What it does:
 *
 * - A question with "calculate" or "tool" calls the calculator with the first expression in it (17 * 23 without one), one
 *   with "time" calls current_time for Asia/Tokyo, one with "search for …" calls search; two of them call both at once.
 *   Then it answers "The tools gave: …" with the results.
 * - A plan (response_format, asked for with planner: model or by a complex question) has three steps: first-half (search),
 *   second-half (search; `sum`, arithmetic, when the question holds an expression), and conclude (answer).
 * - An image is answered from its bytes: "The image is a PNG of 320 × 200 pixels (1a2b3c4d)."
 * - With passages it says the first sentence of the first one with its number; otherwise "Hello from a local server."
 * - POST /v1/audio/transcriptions answers "A recording of N bytes.", POST /v1/audio/speech an MP3 of silence, with any
 *   model name (such as compatible/ears in NITRO_TRANSCRIPTION_MODEL).
 */
const server = await startModelServer({ port: Number(process.argv[2] ?? 0), models: ['able', 'healthy'] })
process.stdout.write(`${server.baseUrl}\n`)
process.once('SIGTERM', () => void server.close())
