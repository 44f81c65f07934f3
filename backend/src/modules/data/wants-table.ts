/**
 * Whether a question asks for something that is computed from many rows, or looked up in one. It runs on every question,
 * so it looks at words only; what it lets through without need costs a look into the tables.
 */
export function wantsTable(question: string): boolean {
  return question.length <= 1_000 && asks.test(question)
}

const asks = new RegExp(
  [
    String.raw`\b(?:how (?:many|much)|number of|count|total|sum of|sum|average|mean|median|avg|highest|lowest|largest|smallest|biggest|maximum|minimum|most|least|fewest|cheapest|oldest|youngest|newest|latest|earliest|heaviest|top|bottom|percent(?:age)?|share|proportion|ratio|difference|per|each|distinct|different|unique|more than|less than|at least|at most|between|over|under|above|below|rows?|column|table|sheet|spreadsheet|csv|excel)\b`,
    String.raw`\bby (?:month|year|day|quarter|region|country|category|\w+)\b`,
    String.raw`\b(?:list|show|which|who|what (?:is|was|are|were) the)\b`,
    String.raw`\b(?:wie ?viele?|anzahl|summe|durchschnitt\w*|insgesamt|h[öo]chste\w*|niedrigste\w*|meisten|wenigsten|anteil|prozent|pro|je|welche\w*|teuerste\w*|mittelwert|tabelle)\b`,
    String.raw`(?:^|[\s¿¡])(?:cu[áa]nt[oa]s?|promedio|suma|total|porcentaje|m[áa]ximo|m[íi]nimo|mayor|menor|mediana|cu[áa]l(?:es)?|tabla)(?=\s|$)`,
    String.raw`(?:^|[\s(])(?:combien|moyenne?|somme|pourcentage|m[ée]diane|quel(?:le)?s?|plus|moins|nombre|tableau)(?=\s|$)`,
    String.raw`多少|几个|平均|总|最[高低大小多少]|合計|いくつ|平均`,
  ].join('|'),
  'iu',
)
