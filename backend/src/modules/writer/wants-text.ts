const polite =
  /^(?:(?:hi|hello|hey|hallo|hola|bonjour|ok(?:ay)?)\b[\s,!.]*)?(?:(?:please|kindly|now|bitte|por favor|s'il (?:te|vous) plaît|(?:can|could|would|will) you(?: please)?|(?:help|let) me|i(?:'d| would) like(?: you)? to|i (?:want|need) you to|puedes|podrías|peux-tu|pouvez-vous|pourriez-vous)[\s,]+)*/iu

/** What is written to be read by others, and how long it is unless somebody says. Longer ones come first. */
const forms: readonly { name: string; words: number; isShort: boolean; pattern: RegExp }[] = [
  {
    name: 'report',
    words: 900,
    isShort: false,
    pattern: /\b(?:report|white ?paper|bericht|informe|rapport|compte rendu)\b/,
  },
  {
    name: 'article',
    words: 800,
    isShort: false,
    pattern:
      /\b(?:article|essay|blog(?: ?post| entry)?|blogbeitrag|artikel|aufsatz|beitrag|artículo|ensayo|entrada|billet|essai)\b/,
  },
  {
    name: 'proposal',
    words: 700,
    isShort: false,
    pattern: /\b(?:proposal|business case|angebot|vorschlag|propuesta|proposition)\b/,
  },
  { name: 'speech', words: 600, isShort: false, pattern: /\b(?:speech|talk|rede|discurso|discours)\b/ },
  { name: 'newsletter', words: 500, isShort: false, pattern: /\b(?:newsletter|boletín)\b/ },
  {
    name: 'story',
    words: 700,
    isShort: false,
    pattern: /\b(?:(?:short )?story|geschichte|cuento|historia|histoire|conte)\b/,
  },
  {
    name: 'guide',
    words: 800,
    isShort: false,
    pattern: /\b(?:guide|tutorial|how-to|handbook|manual|anleitung|guía|manuel)\b/,
  },
  {
    name: 'email',
    words: 150,
    isShort: true,
    pattern: /\b(?:e-?mails?|mail|reply|response|courriel|correo(?: electrónico)?|antwort|respuesta|réponse)\b/,
  },
  {
    name: 'letter',
    words: 250,
    isShort: true,
    pattern: /\b(?:(?:cover |thank-you )?letter|brief|anschreiben|bewerbung|kündigung|carta|lettre)\b/,
  },
  {
    name: 'memo',
    words: 250,
    isShort: true,
    pattern:
      /\b(?:memo|memorandum|announcement|press release|invitation|notice|pressemitteilung|einladung|ankündigung|comunicado|invitación|anuncio|communiqué|annonce)\b/,
  },
  {
    name: 'post',
    words: 120,
    isShort: true,
    pattern: /\b(?:(?:linkedin |social media |facebook |instagram )?post|tweet|caption|publicación|publication)\b/,
  },
  { name: 'poem', words: 120, isShort: true, pattern: /\b(?:poem|haiku|limerick|toast|gedicht|poema|poème)\b/ },
  {
    name: 'text',
    words: 250,
    isShort: true,
    pattern: /\b(?:message|text|note|description|bio|job ad|review|nachricht|texto|mensaje|texte|message)\b/,
  },
]

const verbs = [
  /^(?:write|draft|compose|pen|prepare) (?:up )?(?:me |us |him |her |them )?(?:an? |the |some |my |our |one )?/,
  /^(?:create|generate|produce) (?:me |us )?(?:an? |my |our )?/,
  /^(?:schreibe?|schreib|schreiben sie|verfasse?|verfassen sie|entwirf|entwerfen sie|formuliere?|formulieren sie) (?:mir |uns |bitte )*(?:eine?n? |die |das |den |meine?n? )?/,
  /^(?:kannst du|könntest du|können sie|könnten sie) (?:mir |uns |bitte )*(?:eine?n? )?(?=.*\b(?:schreiben|verfassen|entwerfen|formulieren)\b)/,
  /^(?:escribe|escríbeme|escriba|escribir|redacta|redáctame|redacte|redactar|prepara) (?:me )?(?:una? |el |la )?/,
  /^(?:écris|écrivez|écrire|rédige|rédigez|rédiger|prépare|préparez)(?:-moi|-nous)? (?:une? |le |la |l')?/,
]
/** Written by a program for a program; and a summary is another module's. */
const other =
  /^(?:[a-z+#-]+ ){0,4}(?:function|functions|code|program|script|query|regex|sql|class|test|tests|formula|command|summary|overview|recap|zusammenfassung|resumen|résumé|json|table|list|tabelle|tabla)\b|^(?:down|out)\b/

/** The form must be named soon: "write down who sent the email" asks for none. */
const wordsBefore = 7

export interface WantedText {
  form: string
  words: number
  /** Written in one go; anything longer is outlined first. */
  isShort: boolean
}

/** The text that a person asks to have written for them; undefined when they ask for something else. Fast. */
export function wantsText(question: string): WantedText | undefined {
  const text = question.slice(0, 400).normalize('NFC').replaceAll('’', "'").trim().toLowerCase().replace(polite, '')
  const verb = verbs.find((pattern) => pattern.test(text))
  if (!verb) return undefined
  const object = text.replace(verb, '')
  if (other.test(object)) return undefined
  const beginning = object
    .split(/\s+/)
    .slice(0, wordsBefore)
    .join(' ')
    .split(/[,:;.\n]| (?:about|to|for|on|that|über|an|sobre|para|sur|pour|à) /)[0]!
  const found = forms
    .map((form) => ({ form, at: beginning.search(form.pattern) }))
    .filter(({ at }) => at >= 0)
    .sort((one, another) => one.at - another.at)[0]?.form
  return found && { form: found.name, words: found.words, isShort: found.isShort }
}
