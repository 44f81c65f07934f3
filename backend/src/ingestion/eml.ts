import { readFile, stat, writeFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime'
import { NitroError } from '@nitroagi/shared/errors'
import { markupToText } from './html.ts'
import { cleanText } from './pages.ts'
import { type Findings, saneDate } from './sections.ts'

/** Its parts are held whole, encoded and decoded. */
const bytesAtMost = 60 * 1024 * 1024
const attachmentsAtMost = 50

export interface MailReader extends Findings {
  text(text: string): Promise<void>
  /** Reads a file that came with the mail; throws what is wrong with it. */
  attachment(path: string, name: string): Promise<void>
}

export async function readEml(path: string, scratch: string, reader: MailReader): Promise<void> {
  const { size } = await stat(path)
  if (size > bytesAtMost) {
    throw new NitroError(
      'document_too_large',
      `A mail may have at most ${bytesAtMost / 1024 / 1024} MB; this has ${Math.round(size / 1024 / 1024)} MB. Save its attachments and upload them.`,
    )
  }
  const mail = await parse(path)
  const sent = saneDate(mail.date)
  if (sent) reader.date(sent)
  const isEncrypted = isLocked(mail)
  if (isEncrypted) reader.notice('The mail is encrypted (PGP or S/MIME), so only its headers could be read')
  const body = isEncrypted ? '' : (mail.text?.trim() ?? '') || markupToText(mail.html ?? '')
  const names = mail.attachments.map(nameOf)
  const list = names.length > 0 && !isEncrypted ? `\n\nAttachments: ${names.join(', ')}` : ''
  await reader.text(cleanText(`${headersOf(mail)}\n\n${body}${list}`))
  if (!isEncrypted) await readAttachments(mail.attachments, scratch, reader)
}

async function parse(path: string): Promise<Email> {
  try {
    return await PostalMime.parse(await readFile(path), { maxNestingDepth: 32, maxRfc822NestingDepth: 3 })
  } catch (cause) {
    throw new NitroError('document_corrupt', 'This mail is damaged: its parts cannot be told apart', { cause })
  }
}

async function readAttachments(attachments: readonly Attachment[], scratch: string, reader: MailReader): Promise<void> {
  const unread: string[] = []
  for (const [index, attachment] of attachments.entries()) {
    const name = nameOf(attachment, index)
    if (index >= attachmentsAtMost) {
      unread.push(`${attachments.length - index} more, because at most ${attachmentsAtMost} are read`)
      break
    }
    const file = join(scratch, randomUUID())
    try {
      await writeFile(file, bytesOf(attachment.content), { flag: 'wx', mode: 0o600 })
      await reader.attachment(file, name)
    } catch (error) {
      if (!(error instanceof NitroError)) throw error
      unread.push(name)
    } finally {
      await rm(file, { force: true })
    }
  }
  if (unread.length > 0) reader.notice(`Not read of its attachments: ${unread.join(', ')}`.slice(0, 1_000))
}

const bytesOf = (content: Attachment['content']) =>
  typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content)

const nameOf = ({ filename, mimeType }: Attachment, index: number) =>
  filename
    ?.replace(/[\p{Cc}/\\]/gu, ' ')
    .trim()
    .slice(0, 200) || `Attachment ${index + 1} (${mimeType})`

const headersOf = (mail: Email) =>
  [
    ['From', people(mail.from ? [mail.from] : [])],
    ['To', people(mail.to)],
    ['Cc', people(mail.cc)],
    ['Date', mail.date ?? ''],
    ['Subject', mail.subject ?? ''],
  ]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

const people = (addresses: readonly Address[] = []): string =>
  addresses
    .map(({ name, address, group }) => {
      if (group) return `${name}: ${people(group)}`
      return name && address ? `${name} <${address}>` : name || address
    })
    .join(', ')

function isLocked(mail: Email): boolean {
  const type = mail.headers.find(({ key }) => key === 'content-type')?.value.toLowerCase() ?? ''
  return (
    type.startsWith('multipart/encrypted') ||
    (/^application\/(x-)?pkcs7-mime/.test(type) && !type.includes('signed-data')) ||
    /^\s*-----BEGIN PGP MESSAGE-----/.test(mail.text ?? '')
  )
}
