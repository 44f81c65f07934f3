/** What a summary is wanted of; undefined when none is asked for in clear words. */
export type SummaryOf = 'conversation' | 'documents' | 'text'

/** So much text of the person's own, and it is this text that is to be summarised. */
const pastedCharacters = 400
/** The sign stands at the beginning of a message, or at its end. */
const looked = 300

const polite =
  /^(?:(?:hi|hello|hey|hallo|hola|bonjour|ok(?:ay)?)\b[\s,!.]*)?(?:(?:please|kindly|now|bitte|por favor|s'il (?:te|vous) plaît|(?:can|could|would|will) you(?: please)?|i(?:'d| would) like(?: you to)?|i (?:want|need)(?: you to)?|let's|kannst du(?: mir)?(?: bitte)?|können sie(?: mir)?(?: bitte)?|puedes|podrías|peux-tu|pouvez-vous|pourriez-vous)[\s,]+)*/iu

const nouns = 'summary|overview|recap|gist|rundown|synopsis|abstract'
const measure =
  '(?:(?:very|short|brief|quick|concise|long|detailed|one|two|three|four|five|six|\\d+)[- ]?(?:line|sentence|word|page|paragraph|point)?s?,? )*'

/** At the beginning of what is asked, so that "who wrote the summary of …?" is none. */
const starts = [
  /^summari[sz]e\b/,
  /^sum (?:it|this|that|them|everything )?\s?up\b/,
  /^(?:recap|condense|boil down)\b/,
  new RegExp(
    `^(?:(?:give|write|make|create|prepare|show|get|send) (?:me |us )?)?(?:an? |the )?${measure}(?:${nouns}) (?:of|on|about|for)\\b`,
  ),
  new RegExp(`^(?:give|write|make) (?:me |us )?(?:an? |the )?${measure}(?:${nouns})\\b[\\s.!?]*$`),
  /^(?:what (?:are|were) )?(?:list |give me |tell me )?the (?:key|main|most important) (?:points|takeaways|findings|messages|ideas)(?: (?:of|from|in|so far)\b|[\s.?!]*$)/,
  /^what (?:did|have|had) we (?:all )?(?:decided?|discuss(?:ed)?|agreed?|talk(?:ed)?|conclude[d]?|settled?|covered?)\b/,
  /^what (?:has|was) (?:been )?(?:said|decided|discussed|agreed)(?: on)?(?: here)? so far\b/,
  /^(?:fasse?|fassen sie) .*\bzusammen\b/,
  /\bzusammen(?:zu)?fassen[\s.!?]*$/,
  /^(?:(?:gib|mach|schreib|erstelle?)e? (?:mir |uns )?)?(?:(?:eine|die) )?(?:kurze |knappe )?zusammenfassung\b/,
  /^was haben wir (?:bisher |alles )*(?:beschlossen|entschieden|besprochen|vereinbart)\b/,
  /^(?:resúm|resum)(?:e|ir|a|eme|elo|irme) (?=(?:el|la|los|las|este|esta|esto|mi|mis|lo|nuestr[ao]|de|un|una|en)\b)/,
  /^(?:resúme(?:me|lo|la)|(?:haz(?:me)?|dame|escribe) un (?:breve )?resumen)\b/,
  /^qué (?:hemos )?(?:decidido|decidimos|acordado|acordamos|hablado|hablamos)\b/,
  /^résume[rz]?\b/,
  /^resume[rz]? (?=(?:le|la|les|ce|cet|cette|ces|mon|ma|mes|notre|nos)\b|l')/,
  /^(?:(?:fais|faites|donne|donnez|écris)(?:-moi| moi)? )?un (?:bref |court )?résumé(?!\p{L})/u,
  /^qu'(?:avons-nous|est-ce qu'on a|est-ce que nous avons) (?:décidé|convenu|discuté)(?!\p{L})/u,
]
const anywhere = /\btl;?dr\b/
const ends = /\b(?:and|then|und|y|et) summari[sz]e(?: (?:it|them|this|that|everything))?[\s.!]*$/

const conversation =
  /\b(?:(?:our|this|the|my) (?:whole |entire |last |previous )?(?:conversation|chat|discussion|dialogue?|talk)|so far|we (?:all )?(?:decided?|discuss(?:ed)?|agreed?|talk(?:ed)?|concluded?|settled?|covered?|said)|(?:unser|unsere|das|die|dieses?|diese) (?:ganzes? |ganze )?(?:gespräch|unterhaltung|chat|diskussion)|haben wir|bisher|nuestra (?:conversación|charla)|(?:esta|la) conversación|hemos|decidimos|acordamos|hablamos|notre (?:conversation|discussion)|(?:cette|la) conversation|jusqu'ici|avons-nous|nous avons|on a décidé)(?!\p{L})/u
/** A conversation is what is spoken here, not the word in the name of a document. */
const aboutDocuments = /\b(?:my|our|the) (?:documents?|files?|knowledge|sources?)\b|\.[a-z]{2,5}\b/

/** Fast enough to be asked of every message. */
export function wantsSummary(question: string): SummaryOf | undefined {
  const text = question.normalize('NFC').replaceAll('’', "'").trim().toLowerCase()
  const head = text.slice(0, looked)
  const tail = text.slice(-looked)
  const asked = head.replace(polite, '').replace(/^(?:to|me|mir|uns)\s+/, '')
  const isAsked =
    starts.some((start) => start.test(asked.split('\n', 1)[0]!)) ||
    anywhere.test(head) ||
    anywhere.test(tail) ||
    ends.test(tail)
  if (!isAsked) return undefined
  if (pastedText(question) !== undefined) return 'text'
  return conversation.test(asked) && !aboutDocuments.test(asked) ? 'conversation' : 'documents'
}

/** The text that came with the request, when it is long enough to be meant: after a colon, or on lines of its own. */
export function pastedText(question: string): string | undefined {
  if (question.length < pastedCharacters) return undefined
  const cut = /^[^\n:]{0,200}[:\n]\s*/.exec(question)
  const rest = cut ? question.slice(cut[0].length) : question
  if (rest.length >= pastedCharacters * 0.8) {
    // The request may stand below the text as well as above it.
    const below = rest.lastIndexOf('\n')
    const isBelow =
      cut?.[0] !== undefined && below > rest.length - 200 && anywhere.test(rest.slice(below).toLowerCase())
    return isBelow ? rest.slice(0, below).trim() : rest.trim()
  }
  return undefined
}
