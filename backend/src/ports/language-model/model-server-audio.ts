/** The audio endpoints of the model server: what it "hears" and says follows from the bytes and words that it is given. */

export interface Recording {
  model: string
  file: { name: string; type: string; size: number }
  /** As Whisper's `verbose_json`, which holds the fields of the plain form too. */
  transcription: { text: string; language: string; duration: number; segments: object[] }
}

/** Reads the form of a transcription request; throws when there is no file in it. */
export async function readRecording(body: Buffer, contentType: string): Promise<Recording> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const file = form.get('file')
  if (!(file instanceof File)) throw new TypeError('There is no file in the form')
  const bytes = Buffer.from(await file.arrayBuffer())
  const text = `A recording of ${bytes.length} bytes.`
  const duration = secondsOf(bytes)
  return {
    model: String(form.get('model')),
    file: { name: file.name, type: file.type, size: bytes.length },
    transcription: { text, language: 'english', duration, segments: [{ id: 0, start: 0, end: duration, text }] },
  }
}

/** A WAV file says how long it is; of any other one the server makes a guess. */
function secondsOf(bytes: Buffer): number {
  const isWav = bytes.subarray(8, 12).toString('latin1') === 'WAVE' && bytes.length > 44
  const perSecond = isWav ? bytes.readUInt32LE(28) : 16_000
  return perSecond === 0 ? 0 : Math.round((bytes.length / perSecond) * 100) / 100
}

/** An MP3 of silence that any player plays: about a second for ten letters. */
export function speak(input: string): Buffer {
  const frame = Buffer.alloc(417)
  frame.set([0xff, 0xfb, 0x90, 0x64])
  const frames = Math.min(2_000, Math.max(20, input.length * 4))
  return Buffer.concat(Array.from({ length: frames }, () => frame))
}
