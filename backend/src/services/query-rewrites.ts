/**
 * What people put around a question out of politeness. Its words are frequent enough to be words of documents too, where
 * they mean something else.
 */
const frames: RegExp[] = [
  /^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b(?: there)?[,!. ]+/iu,
  /^(?:(?:please|kindly)[, ]+)?(?:can|could|would|will) you (?:please |kindly |maybe )?(?:tell|show|explain to|remind|inform) (?:me|us)(?: again)?[, ]+(?:about |please )?/iu,
  /^(?:(?:please|kindly)[, ]+)(?:tell|show|remind) (?:me|us)[, ]+(?:about )?/iu,
  /^(?:tell|remind) me[, ]+(?:about )?/iu,
  /^(?:i|we)(?: would|['’]d) (?:like|love) to know[, ]+(?:about )?/iu,
  /^(?:i|we) (?:want|need) to know[, ]+(?:about )?/iu,
  /^do you (?:happen to )?know[, ]+/iu,
  /^(?:i|we)(?: am|['’]m| are|['’]re)? (?:wonder|wondering)[, ]+(?:about )?/iu,
  /^(?:kannst|könntest|können|könnten) (?:du|sie) (?:mir|uns) (?:bitte )?(?:sagen|zeigen|erklären)[, ]+/iu,
  /^(?:bitte )?sag(?:e|en sie)? (?:mir|uns) (?:bitte )?[, ]+/iu,
  /^(?:ich|wir) (?:möchte|würde gerne?|möchten) (?:gerne? )?wissen[, ]+/iu,
  /^(?:pouvez-vous|peux-tu|pourriez-vous) (?:me|nous) (?:dire|montrer|expliquer) (?:s['’]il vous pla[iî]t )?/iu,
  /^(?:¿ ?)?(?:puedes|podrías|puede|podría) (?:decirme|decirnos|explicarme)[, ]+(?:por favor[, ]+)?/iu,
]
const tails =
  /(?:[,.!]? +(?:please|bitte|por favor|s['’]il vous pla[iî]t)|[,.!?] *(?:many thanks|thanks|thank you|danke|merci|gracias))[.! ]*(\??)$/iu

/** The question without its courtesies; as it is when nothing would be left. */
export function withoutFrames(question: string): string {
  let rest = question.trim()
  for (let round = 0; round < 3; round++) {
    const before = rest
    for (const frame of frames) rest = rest.replace(frame, '')
    if (rest === before) break
  }
  rest = rest.replace(tails, '$1').trim()
  return /\p{L}{2}/u.test(rest) ? rest : question.trim()
}
