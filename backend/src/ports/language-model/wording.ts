import { termsOf } from '../../terms.ts'

/** What questions are worded with and passages put otherwise: that such a word is missing says little. */
const paleWords = `
  previously besides think believe happen give entity addition amount percentage take took say said go went want wish
  decide long attribute able make made add prior try write wrote along begin began start come came due compare often hold
  near according final native find found gain consider receive famous person people example need inside stand grow reason
  back typical month year day later usually process exist title cause bring similar arrange determine purpose help role
  seek refer term responsible place location locate around occur identify date create involve idea today result contribute
  issue serve follow claim appear associate describe mention main primary major important popular common number several
  various different specific certain particular current present original early late become remain continue allow include
  contain consist provide offer lead way manner method thing aspect factor feature property characteristic word phrase
  event area part member group last first know known get keep put see seen show work call possible able general
  generally mostly main list get end act action effect affect relate relation exact approximately roughly estimate`

/** Words that stand for one another: irregular forms, and what is asked for in one word and said in another. */
const kinWords = `
  think thought | give gave given | take took taken | go went gone | write wrote written writer author | begin began begun
  start started | come came | hold held | find found discover discovery | bring brought | lead led leader | win won winner
  winning | lose lost loss | buy bought purchase | sell sold sale | build built construct construction | make made | know
  knew known | grow grew grown growth | fight fought battle | teach taught teacher | speak spoke spoken | see saw seen |
  rise rose risen | fall fell fallen | choose chose chosen choice | die died death dead | bear born birth birthplace | live
  lived life reside resident inhabitant | marry married marriage wife husband | kill killed murder | defeat defeated beat
  beaten | send sent | spend spent | meet met meeting | leave left | run ran | rule ruled ruler reign | long length | high
  height tall | wide width | deep depth | old age | heavy weight | hot temperature | fast speed | strong strength |
  percentage percent proportion | many numerous | big large great | largest biggest | small little tiny | cost price |
  pay paid payment | job occupation profession | found founded established establish creation created create formed form |
  called named known termed dubbed nicknamed | movie film | city town | country nation | american america | british britain |
  french france | german germany | spanish spain | italian italy | chinese china | russian russia | english england | use
  used utilize employ | begun began | study studied research | near close nearby | help helped assist aid | stop ended end
  ceased | show showed shown display | become became | get got gained obtain obtained received receive | keep kept | say
  said stated | people persons population | begin originate originated origin | reason because due cause caused | belief
  believe believed | different differ difference | replace replaced replacement succeed succeeded successor | doctor
  physician | car automobile | child children | man men | woman women | half 50 | once formerly previously | allow allowed
  permit permitted | require required need needed must | contain contained include included consist comprised | happen
  happened occur occurred | kind type | hurt injured injury wounded | attack attacked | destroy destroyed destruction`

const stemsOf = (words: string) => termsOf(words).map(({ stem }) => stem)

export const isPale: ReadonlySet<string> = new Set(stemsOf(paleWords))

export const kinOf: ReadonlyMap<string, ReadonlySet<string>> = readKin()

function readKin() {
  const kin = new Map<string, Set<string>>()
  for (const group of kinWords.split('|')) {
    const stems = stemsOf(group)
    for (const stem of stems) {
      const known = kin.get(stem) ?? new Set<string>()
      for (const other of stems) if (other !== stem) known.add(other)
      kin.set(stem, known)
    }
  }
  return kin
}
