/** Words of questions and of tables, made comparable. */

export interface Token {
  text: string
  /** Lower case, without accents. */
  word: string
  stem: string
}

const pattern =
  /\d{4}-\d{2}(?:-\d{2})?|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\/\d{1,2}\/\d{4}|\d+(?:[.,]\d+)*|[<>]=?|!=|=|[%€$£¥]|[\p{L}\p{M}]+(?:['’][\p{L}]+)?|[\p{L}\p{M}\p{N}]+/gu

/** German joins what other languages part: "Durchschnittsalter", "Gesamtumsatz". */
const joined = /\b(durchschnitts|gesamt|höchst|mindest|maximal|minimal)(?=\p{L}{4})/giu

export function tokensOf(text: string): Token[] {
  return (text.replace(joined, '$1 ').match(pattern) ?? []).flatMap((found) => {
    // "Germany's" is about Germany.
    const bare = found.replace(/['’]s$/i, '')
    const word = fold(bare)
    return word === '' ? [] : [{ text: bare, word, stem: stemOf(word) }]
  })
}

export const fold = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss')

/** Rough on purpose, and the same for both sides: "prices" and "price", "Städte" and "Stadt" become one. */
export function stemOf(word: string): string {
  let stem = word
  if (/^\d/.test(stem)) return stem
  for (;;) {
    const next = stem.replace(/ies$/, 'y').replace(/(?:ing|ed|en|er|es|e|n|s)$/, '')
    if (next.length < 4 || next === stem) break
    stem = next
  }
  // "sales" and "sale", "ages" and "age": too short for the rule above.
  return stem.length > 3 && stem.endsWith('s') && !stem.endsWith('ss') ? stem.slice(0, -1) : stem
}

/** Words of a column's name; what stands in brackets behind it is its unit. */
export function nameWords(name: string): Token[] {
  const spaced = name
    .replace(/\s*[([][^)\]]*[)\]]\s*$/, '')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/[_\-./\\]+/g, ' ')
  return tokensOf(spaced).filter(({ word }) => !joining.has(word))
}

const joining = new Set('of the a an der die das des den de la le les el los las du von del'.split(' '))

/** What people call the same thing. A word of a question stands for a column whose name has another of its group. */
const concepts = [
  'sales sale sold sell revenue turnover umsatz umsaetze ventas ventes verkauft proceeds',
  'price cost costs expensive cheap preis kosten kostet teuer precio prix coute cuesta',
  'quantity qty units unit pieces menge anzahl stueck cantidad quantite sold bought',
  'amount total sum value betrag summe importe montant spent spend paid pay revenue sales',
  'salary pay wage wages earn earns earned earning paid gehalt verdient verdienen salario salaire compensation',
  'name person called named',
  'country nation land pais pays',
  'city town stadt ciudad ville where live lives located based wohnt',
  'customer client buyer kunde kunden cliente acheteur bought',
  'employee staff worker mitarbeiter empleado employe',
  'order orders ordered purchase bestellung pedido commande',
  'product item article produkt artikel producto produit goods',
  'department dept division team abteilung departamento departement',
  'age old alter edad alt',
  'weight heavy heavier weigh weighs gewicht schwer peso poids',
  'height tall hoehe high groesse',
  'length long laenge duration',
  'area large flaeche superficie',
  'population inhabitants einwohner people poblacion habitants populous',
  'stock inventory available lager lagerbestand bestand',
  'rating score stars rated bewertung note',
  'category type kind kategorie categoria categorie',
  'date day when datum fecha wann',
  'hired hire joined join started start eintritt eingetreten eingestellt',
  'founded built established gegruendet fondee fundada',
  'discount rabatt descuento remise reduction',
  'profit gewinn margin earnings beneficio',
  'region area territory gebiet',
].map((group) => new Set(group.split(' ').map((word) => stemOf(fold(word)))))

/** Groups that both stems are in. */
export const meanTheSame = (one: string, other: string): boolean =>
  concepts.some((group) => group.has(one) && group.has(other))

/** What rows often are, and what they may be called by another word. */
export const things =
  /^(?:employees?|staff|workers?|customers?|clients?|orders?|purchases?|products?|items?|articles?|goods|mitarbeiter|kunden?|bestellung(?:en)?|produkte?|artikel|empleados?|clientes?|pedidos?|productos?|employes?|commandes?|produits?)$/
