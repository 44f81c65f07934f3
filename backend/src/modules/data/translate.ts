/** What questions in other languages ask, in the English words that the rules know. Applied to what names no column and no value. */
const phrases: readonly (readonly [RegExp, string])[] = (
  [
    // German
    [/\bwie viele?\b/, 'how many'],
    [/\bwieviele?\b/, 'how many'],
    [/\banzahl(?: der| von| an)?\b/, 'number of'],
    [/\bim (?:durch)?schnitt\b/, 'on average'],
    [/\bdurchschnittlich(?:e[rnsm]?)?\b/, 'average'],
    [/\bdurchschnitt(?:swert)?(?: der| des| von)?\b/, 'average'],
    [/\bmittler(?:e[rnsm]?)\b/, 'average'],
    [/\bsumme (?:der|des|aller|von)\b/, 'sum of'],
    [/\b(?:insgesamt|gesamt(?:e[rnsm]?)?)\b/, 'total'],
    [/\b(?:hochste[rnsm]?|grosste[rnsm]?)\b/, 'highest'],
    [/\b(?:niedrigste[rnsm]?|kleinste[rnsm]?|geringste[rnsm]?)\b/, 'lowest'],
    [/\bteuerste[rnsm]?\b/, 'most expensive'],
    [/\b(?:billigste|gunstigste)[rnsm]?\b/, 'cheapest'],
    [/\balteste[rnsm]?\b/, 'oldest'],
    [/\bjungste[rnsm]?\b/, 'youngest'],
    [/\b(?:meisten|am meisten)\b/, 'most'],
    [/\bwenigsten\b/, 'least'],
    [/\b(?:pro|je|nach)\b/, 'per'],
    [/\bwelche[rnsm]?\b/, 'which'],
    [/\bwas\b/, 'what'],
    [/\bwer\b/, 'who'],
    [/\bzeige?(?: mir)?\b/, 'show'],
    [/\bmehr als\b|\buber\b/, 'more than'],
    [/\bweniger als\b|\bunter\b/, 'less than'],
    [/\bmindestens\b/, 'at least'],
    [/\bhochstens\b/, 'at most'],
    [/\bzwischen\b/, 'between'],
    [/\bohne\b/, 'without'],
    [/\bnicht\b|\bausser\b/, 'not'],
    [/\boder\b/, 'or'],
    [/\bund\b/, 'and'],
    [/\bseit\b/, 'since'],
    [/\bvor\b/, 'before'],
    [/\bhat(?:ten|te)?\b|\bhaben\b/, 'has'],
    [/\b(?:ist|sind|war|waren|wurden?|gibt es|gab es)\b/, 'is'],
    [/\banteil (?:der|des|von|an)?\b/, 'share of '],
    [/\bverschiedene[rnsm]?\b/, 'different'],
    [/\bmonat\b/, 'month'],
    [/\bjahr\b/, 'year'],
    [/\bquartal\b/, 'quarter'],
    [/\b(?:der|die|das|den|dem|des|im|in|am|an|aus|von|vom|zu|bei|es|ein|eine|einer|einen|mit|alle|aller)\b/, ' '],
    // Spanish
    [/\bcuant[oa]s\b/, 'how many'],
    [/\bnumero de\b/, 'number of'],
    [/\b(?:promedio|media)(?: de| del)?\b/, 'average'],
    [/\bsuma de(?:l| los| las)?\b/, 'sum of'],
    [/\bmas alt[oa]s?\b|\bmayor\b/, 'highest'],
    [/\bmas baj[oa]s?\b|\bmenor\b/, 'lowest'],
    [/\bmas de\b/, 'more than'],
    [/\bmenos de\b/, 'less than'],
    [/\bpor\b/, 'per'],
    [/\b(?:cual|cuales|que)\b/, 'which'],
    [/\bquien\b/, 'who'],
    [/\b(?:hay|fue|fueron|son|esta|estan|tiene|tienen)\b/, 'is'],
    // French
    [/\bcombien(?: de| d)?\b/, 'how many'],
    [/\bnombre de\b/, 'number of'],
    [/\bmoyenne?(?: de| des| du)?\b/, 'average'],
    [/\bsomme (?:de|des|du)\b/, 'sum of'],
    [/\bplus (?:eleve|haut|grand)e?s?\b/, 'highest'],
    [/\bplus (?:bas|petit|faible)(?:se)?s?\b/, 'lowest'],
    [/\bplus (?:de|que)\b/, 'more than'],
    [/\bmoins (?:de|que)\b/, 'less than'],
    [/\bpar\b/, 'per'],
    [/\bquel(?:le)?s?\b/, 'which'],
    [/\bqui\b/, 'who'],
    [/\b(?:est|sont|etait|etaient|ont)\b/, 'is'],
    [/\b(?:mes|mois)\b/, 'month'],
    [/\b(?:ano|annee|an)\b/, 'year'],
    [/\b(?:el|la|los|las|de|del|le|les|du|des|un|une|una|en|dans|avec|con|il|y|au|aux)\b/, ' '],
  ] as const
).map(([pattern, english]) => [new RegExp(pattern.source, 'g'), english])

/** Only for a question that is not in English; its small words mean other things there. */
export function translated(text: string): string {
  if (!otherLanguage.test(text)) return text
  return phrases.reduce((said, [pattern, english]) => said.replace(pattern, english), text)
}

const otherLanguage =
  /\b(?:wie ?viele?|welche[rnsm]?|durchschnitt\w*|summe|anzahl|hochste\w*|niedrigste\w*|der|die|das|gesamt\w*|ist|sind|war|wer|cuant[oa]s|cual|cuales|promedio|suma|numero de|que|quien|combien|quel(?:le)?s?|moyenne?|somme|nombre de|est|qui|los|las|les|des)\b/
