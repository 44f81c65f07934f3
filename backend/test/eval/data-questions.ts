import { workbook } from '../workbook.ts'

/** Tables made by code, and questions whose truth is computed here in plain TypeScript, without the module. */

export interface Sale {
  id: number
  date: string
  customer: string
  region: string | null
  product: string
  category: string
  quantity: number
  price: number
  amount: number
  status: string
}

const products = [
  ['Laptop', 'Electronics', 999],
  ['Monitor', 'Electronics', 210.1],
  ['Headphones', 'Electronics', 59.95],
  ['Desk Chair', 'Furniture', 120.5],
  ['Standing Desk', 'Furniture', 449],
  ['Lamp', 'Furniture', 35.25],
  ['Notebook', 'Stationery', 2.2],
  ['Pen', 'Stationery', 0.9],
] as const
const customers = ['Alice Meyer', 'Bob Stone', 'Chen Wu', 'Dana Roy', 'Eve Lang', 'Farid Aziz', 'Greta Holm']
const regions = ['North', 'South', 'East', 'West']
const statuses = ['Delivered', 'Delivered', 'Delivered', 'Pending', 'Cancelled']

/** The same numbers every time, and no pattern that a reader would see. */
function createDice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const day = (dice: (sides: number) => number, from: number, years: number) =>
  new Date(Date.UTC(from, 0, 1 + dice(365 * years))).toISOString().slice(0, 10)

function makeSales(): Sale[] {
  const dice = createDice(7)
  return Array.from({ length: 140 }, (_, at) => {
    const [product, category, price] = products[dice(products.length)]!
    const quantity = 1 + dice(price < 10 ? 90 : 5)
    return {
      id: 5001 + at,
      date: day(dice, 2023, 2),
      customer: customers[dice(customers.length)]!,
      region: at % 23 === 5 ? null : regions[dice(regions.length)]!,
      product,
      category,
      quantity,
      price,
      amount: Math.round(quantity * price * 100) / 100,
      status: statuses[dice(statuses.length)]!,
    }
  })
}

export interface Colleague {
  name: string
  abteilung: string
  stadt: string
  eintritt: string
  gehalt: number | null
  alter: number
}

function makeColleagues(): Colleague[] {
  const dice = createDice(11)
  const first = ['Anna', 'Ben', 'Clara', 'David', 'Emma', 'Finn', 'Greta', 'Hans', 'Ida', 'Jan']
  const last = ['Maier', 'Schulz', 'Weber', 'Köhler', 'Vogt']
  return Array.from({ length: 45 }, (_, at) => ({
    name: `${first[at % 10]} ${last[Math.floor(at / 10)]}`,
    abteilung: ['Vertrieb', 'Entwicklung', 'Einkauf', 'Personal'][dice(4)]!,
    stadt: ['Köln', 'Berlin', 'Hamburg'][dice(3)]!,
    eintritt: day(dice, 2010, 12),
    gehalt: at % 17 === 3 ? null : 32_000 + dice(60_000) + 0.5,
    alter: 22 + dice(42),
  }))
}

export interface Place {
  city: string
  country: string
  population: number
  area: number
  founded: number
  coastal: boolean
}

const places: Place[] = [
  ['Arven', 'Norland', 812_400, 454, 1231, true],
  ['Belgate', 'Norland', 95_210, 120.5, 1877, false],
  ['Corwick', 'Estria', 1_405_000, 891, 1102, true],
  ['Dunmere', 'Estria', 230_050, 310, 1650, false],
  ['Elsbourg', 'Sudania', 3_120_900, 1_205, 912, true],
  ['Farholt', 'Sudania', 54_300, 77.2, 1920, false],
  ['Granwell', 'Norland', 410_000, 205, 1480, true],
  ['Hestow', 'Westmark', 665_500, 388, 1388, false],
  ['Ilmara', 'Westmark', 1_010_750, 512, 1290, true],
  ['Jorvale', 'Estria', 412_300, 260.4, 1733, false],
].map(
  ([city, country, population, area, founded, coastal]) =>
    ({ city, country, population, area, founded, coastal }) as Place,
)

export const sales = makeSales()
const colleagues = makeColleagues()

const german = (value: number) => {
  const [whole, fraction] = value.toFixed(2).split('.')
  return `${whole!.replace(/\B(?=(\d{3})+$)/g, '.')},${fraction}`
}
const money = (value: number) =>
  `"$${value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}"`

export const files: { name: string; bytes: string | Buffer }[] = [
  {
    name: 'sales.csv',
    bytes: [
      'Order ID,Order Date,Customer,Region,Product,Category,Quantity,Unit Price,Amount,Status',
      ...sales.map((sale) =>
        [
          sale.id,
          sale.date,
          sale.customer,
          sale.region ?? '',
          sale.product,
          sale.category,
          sale.quantity,
          money(sale.price),
          money(sale.amount),
          sale.status,
        ].join(','),
      ),
    ].join('\n'),
  },
  {
    name: 'mitarbeiter.csv',
    bytes: [
      'Name;Abteilung;Stadt;Eintritt;Gehalt;Alter',
      ...colleagues.map(({ name, abteilung, stadt, eintritt, gehalt, alter }) =>
        [
          name,
          abteilung,
          stadt,
          eintritt.split('-').reverse().join('.'),
          gehalt === null ? 'k.A.' : `${german(gehalt)} €`,
          alter,
        ].join(';'),
      ),
    ].join('\n'),
  },
  {
    name: 'cities.xlsx',
    bytes: workbook([
      {
        name: 'Cities',
        rows: [
          ['City', 'Country', 'Population', 'Area (km²)', 'Founded', 'Coastal'],
          ...places.map(({ city, country, population, area, founded, coastal }) => [
            city,
            country,
            population,
            area,
            founded,
            coastal,
          ]),
        ],
      },
    ]),
  },
]

/** A number, a list in any order, rows in order, or null: the table does not say. */
export type Truth =
  number | string | readonly (string | number)[] | { ordered: readonly (string | number | null)[][] } | null

export interface DataQuestion {
  kind:
    | 'filter'
    | 'aggregate'
    | 'group'
    | 'date'
    | 'top'
    | 'share'
    | 'compare'
    | 'empty'
    | 'lookup'
    | 'german'
    | 'unanswerable'
    | 'later'
    | 'later'
  text: string
  truth: Truth
}

const sum = (values: readonly number[]) => Math.round(values.reduce((total, value) => total + value, 0) * 100) / 100
const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2
}
function grouped<Row>(rows: readonly Row[], key: (row: Row) => string | null, value: (rows: Row[]) => number) {
  const groups = new Map<string | null, Row[]>()
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row])
  return [...groups].map(([name, members]) => [name, value(members)] as [string | null, number])
}
const byValue = (rows: [string | null, number][]) => rows.toSorted((a, b) => b[1] - a[1])
const byName = (rows: [string | null, number][]) => rows.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
const amounts = (rows: readonly Sale[]) => sum(rows.map(({ amount }) => amount))
const share = (part: number, whole: number) => (100 * part) / whole
const of = (test: (sale: Sale) => boolean) => sales.filter(test)
const people = (test: (colleague: Colleague) => boolean) => colleagues.filter(test)
const paid = (rows: readonly Colleague[]) => rows.flatMap(({ gehalt }) => (gehalt === null ? [] : [gehalt]))
const oldest = colleagues.toSorted((a, b) => b.alter - a.alter)[0]!
const priciest = products.toSorted((a, b) => b[2] - a[2])

export const questions: DataQuestion[] = [
  // Filters and counts
  { kind: 'filter', text: 'How many orders are there in the sales table?', truth: sales.length },
  { kind: 'filter', text: 'How many orders were cancelled?', truth: of(({ status }) => status === 'Cancelled').length },
  {
    kind: 'filter',
    text: 'How many delivered orders came from the South region?',
    truth: of(({ status, region }) => status === 'Delivered' && region === 'South').length,
  },
  {
    kind: 'filter',
    text: 'How many orders have an amount over 1,000?',
    truth: of(({ amount }) => amount > 1000).length,
  },
  {
    kind: 'filter',
    text: 'How many orders had a quantity of at least 50?',
    truth: of(({ quantity }) => quantity >= 50).length,
  },
  {
    kind: 'filter',
    text: 'How many orders with an amount between 100 and 500 are there?',
    truth: of(({ amount }) => amount >= 100 && amount <= 500).length,
  },
  {
    kind: 'filter',
    text: 'How many orders are neither pending nor cancelled?',
    truth: of(({ status }) => status === 'Delivered').length,
  },
  {
    kind: 'filter',
    text: 'How many orders did Chen Wu place?',
    truth: of(({ customer }) => customer === 'Chen Wu').length,
  },
  {
    kind: 'filter',
    text: 'How many orders are for pens or notebooks?',
    truth: of(({ product }) => product === 'Pen' || product === 'Notebook').length,
  },
  {
    kind: 'filter',
    text: 'How many different customers are in the sales data?',
    truth: new Set(sales.map(({ customer }) => customer)).size,
  },
  {
    kind: 'filter',
    text: 'Which cities have more than a million inhabitants?',
    truth: places.filter(({ population }) => population > 1_000_000).map(({ city }) => city),
  },
  {
    kind: 'filter',
    text: 'Which cities were founded before 1300?',
    truth: places.filter(({ founded }) => founded < 1300).map(({ city }) => city),
  },
  { kind: 'filter', text: 'How many cities are coastal?', truth: places.filter(({ coastal }) => coastal).length },
  // Aggregates
  { kind: 'aggregate', text: 'What is the total amount of all orders?', truth: amounts(sales) },
  { kind: 'aggregate', text: 'What is the average order amount?', truth: mean(sales.map(({ amount }) => amount)) },
  {
    kind: 'aggregate',
    text: 'What is the median quantity per order?',
    truth: median(sales.map(({ quantity }) => quantity)),
  },
  {
    kind: 'aggregate',
    text: 'What is the highest amount of a single order?',
    truth: Math.max(...sales.map(({ amount }) => amount)),
  },
  {
    kind: 'aggregate',
    text: 'How much did Eve Lang spend in total?',
    truth: amounts(of(({ customer }) => customer === 'Eve Lang')),
  },
  {
    kind: 'aggregate',
    text: 'How many laptops were sold?',
    truth: sum(of(({ product }) => product === 'Laptop').map(({ quantity }) => quantity)),
  },
  {
    kind: 'aggregate',
    text: 'Total quantity of pens sold in the West',
    truth: sum(of(({ product, region }) => product === 'Pen' && region === 'West').map(({ quantity }) => quantity)),
  },
  {
    kind: 'aggregate',
    text: 'What is the combined population of the cities in Estria?',
    truth: sum(places.filter(({ country }) => country === 'Estria').map(({ population }) => population)),
  },
  {
    kind: 'aggregate',
    text: 'What is the average area of coastal cities?',
    truth: mean(places.filter(({ coastal }) => coastal).map(({ area }) => area)),
  },
  // Groups
  {
    kind: 'group',
    text: 'What is the total amount per category?',
    truth: { ordered: byValue(grouped(sales, ({ category }) => category, amounts)) },
  },
  {
    kind: 'group',
    text: 'How many orders were there by status?',
    truth: {
      ordered: byValue(
        grouped(
          sales,
          ({ status }) => status,
          (rows) => rows.length,
        ),
      ),
    },
  },
  {
    kind: 'group',
    text: 'Average unit price for each category',
    truth: {
      ordered: byValue(
        grouped(
          sales,
          ({ category }) => category,
          (rows) => mean(rows.map(({ price }) => price)),
        ),
      ),
    },
  },
  {
    kind: 'group',
    text: 'Sum of quantity by product for delivered orders',
    truth: {
      ordered: byValue(
        grouped(
          of(({ status }) => status === 'Delivered'),
          ({ product }) => product,
          (rows) => sum(rows.map(({ quantity }) => quantity)),
        ),
      ),
    },
  },
  {
    kind: 'group',
    text: 'How many cities does each country have?',
    truth: {
      ordered: byValue(
        grouped(
          places,
          ({ country }) => country,
          (rows) => rows.length,
        ),
      ),
    },
  },
  {
    kind: 'group',
    text: 'Which customers have more than 20 orders?',
    truth: grouped(
      sales,
      ({ customer }) => customer,
      (rows) => rows.length,
    )
      .filter(([, many]) => many > 20)
      .map(([name]) => name!),
  },
  // Dates
  {
    kind: 'date',
    text: 'How many orders were placed in March 2024?',
    truth: of(({ date }) => date.startsWith('2024-03')).length,
  },
  {
    kind: 'date',
    text: 'What was the total amount in 2023?',
    truth: amounts(of(({ date }) => date.startsWith('2023'))),
  },
  {
    kind: 'date',
    text: 'Total amount in the second quarter of 2024',
    truth: amounts(of(({ date }) => date >= '2024-04' && date < '2024-07')),
  },
  {
    kind: 'date',
    text: 'How many orders came in after 1 October 2024?',
    truth: of(({ date }) => date > '2024-10-01').length,
  },
  {
    kind: 'date',
    text: 'Number of orders between 2023-05-01 and 2023-08-31',
    truth: of(({ date }) => date >= '2023-05-01' && date <= '2023-08-31').length,
  },
  {
    kind: 'date',
    text: 'What is the total amount per month in 2024?',
    truth: {
      ordered: byName(
        grouped(
          of(({ date }) => date.startsWith('2024')),
          ({ date }) => date.slice(0, 7),
          amounts,
        ),
      ),
    },
  },
  {
    kind: 'date',
    text: 'How many orders per year?',
    truth: {
      ordered: byName(
        grouped(
          sales,
          ({ date }) => date.slice(0, 4),
          (rows) => rows.length,
        ),
      ),
    },
  },
  {
    kind: 'date',
    text: 'When was the most recent order?',
    truth: sales
      .map(({ date }) => date)
      .toSorted()
      .at(-1)!,
  },
  {
    kind: 'date',
    text: 'In which month of 2024 was the total amount the highest?',
    truth: byValue(
      grouped(
        of(({ date }) => date.startsWith('2024')),
        ({ date }) => date.slice(0, 7),
        amounts,
      ),
    )[0]![0]!,
  },
  // The most and the least
  { kind: 'top', text: 'Which product has the highest unit price?', truth: priciest[0]![0] },
  { kind: 'top', text: 'What is the cheapest product?', truth: priciest.at(-1)![0] },
  {
    kind: 'top',
    text: 'Who are the top 3 customers by amount?',
    truth: { ordered: byValue(grouped(sales, ({ customer }) => customer, amounts)).slice(0, 3) },
  },
  {
    kind: 'top',
    text: 'Which region had the most orders?',
    truth: byValue(
      grouped(
        of(({ region }) => region !== null),
        ({ region }) => region,
        (rows) => rows.length,
      ),
    )[0]![0]!,
  },
  {
    kind: 'top',
    text: 'Which customer spent the most in 2023?',
    truth: byValue(
      grouped(
        of(({ date }) => date.startsWith('2023')),
        ({ customer }) => customer,
        amounts,
      ),
    )[0]![0]!,
  },
  {
    kind: 'top',
    text: 'Which category has the lowest average amount?',
    truth: byValue(
      grouped(
        sales,
        ({ category }) => category,
        (rows) => mean(rows.map(({ amount }) => amount)),
      ),
    ).at(-1)![0]!,
  },
  {
    kind: 'top',
    text: 'What are the two largest cities by area?',
    truth: {
      ordered: places
        .toSorted((a, b) => b.area - a.area)
        .slice(0, 2)
        .map(({ city, area }) => [city, area]),
    },
  },
  { kind: 'top', text: 'What is the oldest city?', truth: places.toSorted((a, b) => a.founded - b.founded)[0]!.city },
  // Shares and comparisons
  {
    kind: 'share',
    text: 'What percentage of orders are pending?',
    truth: share(of(({ status }) => status === 'Pending').length, sales.length),
  },
  {
    kind: 'share',
    text: 'What share of the total amount comes from Electronics?',
    truth: share(amounts(of(({ category }) => category === 'Electronics')), amounts(sales)),
  },
  {
    kind: 'share',
    text: 'What is the share of each region in the total amount?',
    truth: {
      ordered: byValue(
        grouped(
          sales,
          ({ region }) => region,
          (rows) => share(amounts(rows), amounts(sales)),
        ),
      ),
    },
  },
  {
    kind: 'compare',
    text: 'What is the difference in amount between 2024 and 2023?',
    truth: sum([
      amounts(of(({ date }) => date.startsWith('2024'))),
      -amounts(of(({ date }) => date.startsWith('2023'))),
    ]),
  },
  {
    kind: 'compare',
    text: 'How many more orders did Alice Meyer place than Bob Stone?',
    truth:
      of(({ customer }) => customer === 'Alice Meyer').length - of(({ customer }) => customer === 'Bob Stone').length,
  },
  {
    kind: 'compare',
    text: 'What is the ratio of Electronics to Furniture in amount?',
    truth:
      amounts(of(({ category }) => category === 'Electronics')) /
      amounts(of(({ category }) => category === 'Furniture')),
  },
  {
    kind: 'compare',
    text: 'What is the difference between the highest and the lowest population?',
    truth: 3_120_900 - 54_300,
  },
  // Empty cells
  { kind: 'empty', text: 'How many orders have no region?', truth: of(({ region }) => region === null).length },
  { kind: 'empty', text: 'How many lamp orders have an amount over 10,000?', truth: 0 },
  {
    kind: 'empty',
    text: 'Wie viele Mitarbeiter haben kein Gehalt?',
    truth: people(({ gehalt }) => gehalt === null).length,
  },
  // Single rows
  { kind: 'lookup', text: 'What is the status of order 5017?', truth: sales.find(({ id }) => id === 5017)!.status },
  { kind: 'lookup', text: 'What is the population of Granwell?', truth: 410_000 },
  { kind: 'lookup', text: 'Which country is Hestow in?', truth: 'Westmark' },
  { kind: 'lookup', text: 'When was Ilmara founded?', truth: 1290 },
  // German
  {
    kind: 'german',
    text: 'Wie hoch ist das durchschnittliche Gehalt in der Entwicklung?',
    truth: mean(paid(people(({ abteilung }) => abteilung === 'Entwicklung'))),
  },
  {
    kind: 'german',
    text: 'Wie viele Mitarbeiter arbeiten in Köln?',
    truth: people(({ stadt }) => stadt === 'Köln').length,
  },
  {
    kind: 'german',
    text: 'Was ist die Summe der Gehälter im Einkauf?',
    truth: sum(paid(people(({ abteilung }) => abteilung === 'Einkauf'))),
  },
  {
    kind: 'german',
    text: 'Wer ist der älteste Mitarbeiter?',
    truth: colleagues.filter(({ alter }) => alter === oldest.alter).map(({ name }) => name),
  },
  {
    kind: 'german',
    text: 'Durchschnittsalter pro Abteilung',
    truth: {
      ordered: byValue(
        grouped(
          colleagues,
          ({ abteilung }) => abteilung,
          (rows) => mean(rows.map(({ alter }) => alter)),
        ),
      ),
    },
  },
  {
    kind: 'german',
    text: 'Wie viele Mitarbeiter sind vor 2015 eingetreten?',
    truth: people(({ eintritt }) => eintritt < '2015').length,
  },
  {
    kind: 'german',
    text: 'What is the highest salary in Berlin?',
    truth: Math.max(...paid(people(({ stadt }) => stadt === 'Berlin'))),
  },
  {
    kind: 'german',
    text: 'Anzahl der Mitarbeiter je Stadt',
    truth: {
      ordered: byValue(
        grouped(
          colleagues,
          ({ stadt }) => stadt,
          (rows) => rows.length,
        ),
      ),
    },
  },
  // What the tables do not say
  { kind: 'unanswerable', text: 'What is the average shipping cost of orders?', truth: null },
  { kind: 'unanswerable', text: 'How many orders were returned?', truth: null },
  { kind: 'unanswerable', text: 'How many orders came from Canada?', truth: null },
  { kind: 'unanswerable', text: 'Which customer has the best rating?', truth: null },
  { kind: 'unanswerable', text: 'How many unicorns live in Arven?', truth: null },
  { kind: 'unanswerable', text: 'Who is the mayor of Corwick?', truth: null },
  { kind: 'unanswerable', text: 'What will the total amount be next year?', truth: null },
  { kind: 'unanswerable', text: 'What is the profit margin of laptops?', truth: null },
  // Written when the rules answered all of the others; at first sight they answered 18 of these 25
  {
    kind: 'later',
    text: 'How many pending orders are from the East?',
    truth: of(({ status, region }) => status === 'Pending' && region === 'East').length,
  },
  {
    kind: 'later',
    text: 'What was our revenue from desk chairs?',
    truth: amounts(of(({ product }) => product === 'Desk Chair')),
  },
  {
    kind: 'later',
    text: 'Give me the number of orders for every product.',
    truth: {
      ordered: byValue(
        grouped(
          sales,
          ({ product }) => product,
          (rows) => rows.length,
        ),
      ),
    },
  },
  {
    kind: 'later',
    text: 'List the products with a unit price below 50',
    truth: products.filter(([, , price]) => price < 50).map(([name]) => name),
  },
  {
    kind: 'later',
    text: 'What is the smallest order amount in 2024?',
    truth: Math.min(...of(({ date }) => date.startsWith('2024')).map(({ amount }) => amount)),
  },
  { kind: 'later', text: 'How much furniture did Dana Roy buy?', truth: null },
  {
    kind: 'later',
    text: 'What is the average quantity of pens per order?',
    truth: mean(of(({ product }) => product === 'Pen').map(({ quantity }) => quantity)),
  },
  { kind: 'later', text: 'Who placed order 5050?', truth: sales.find(({ id }) => id === 5050)!.customer },
  {
    kind: 'later',
    text: 'Which product was ordered least often?',
    truth: byValue(
      grouped(
        sales,
        ({ product }) => product,
        (rows) => rows.length,
      ),
    ).at(-1)![0]!,
  },
  {
    kind: 'later',
    text: 'Total amount by region and status',
    truth: {
      ordered: byValue(grouped(sales, ({ region, status }) => `${region}/${status}`, amounts)).map(([name, value]) => {
        const [region, status] = name!.split('/')
        return [region === 'null' ? null : region!, status!, value]
      }),
    },
  },
  {
    kind: 'later',
    text: 'What proportion of orders was delivered in 2023?',
    truth: share(
      of(({ status, date }) => status === 'Delivered' && date.startsWith('2023')).length,
      of(({ date }) => date.startsWith('2023')).length,
    ),
  },
  {
    kind: 'later',
    text: 'How many orders were placed on weekends?',
    truth: of(({ date }) => [0, 6].includes(new Date(date).getUTCDay())).length,
  },
  {
    kind: 'later',
    text: 'Monthly number of orders in 2023',
    truth: {
      ordered: byName(
        grouped(
          of(({ date }) => date.startsWith('2023')),
          ({ date }) => date.slice(0, 7),
          (rows) => rows.length,
        ),
      ),
    },
  },
  {
    kind: 'later',
    text: 'What is the total population of all coastal cities?',
    truth: sum(places.filter(({ coastal }) => coastal).map(({ population }) => population)),
  },
  { kind: 'later', text: 'Which country has the most cities?', truth: null },
  { kind: 'later', text: 'Which city has the smallest area?', truth: 'Farholt' },
  {
    kind: 'later',
    text: 'List cities in Norland with their population',
    truth: {
      ordered: places.filter(({ country }) => country === 'Norland').map(({ city, population }) => [city, population]),
    },
  },
  {
    kind: 'later',
    text: 'How many cities have fewer than 100,000 people?',
    truth: places.filter(({ population }) => population < 100_000).length,
  },
  { kind: 'later', text: 'What is the population density of Arven?', truth: null },
  {
    kind: 'later',
    text: 'Wie viele Personen arbeiten im Vertrieb in Hamburg?',
    truth: people(({ abteilung, stadt }) => abteilung === 'Vertrieb' && stadt === 'Hamburg').length,
  },
  {
    kind: 'later',
    text: 'Was ist das höchste Gehalt pro Abteilung?',
    truth: {
      ordered: byValue(
        grouped(
          colleagues,
          ({ abteilung }) => abteilung,
          (rows) => Math.max(...paid(rows)),
        ),
      ),
    },
  },
  { kind: 'later', text: 'Welche Mitarbeiter sind über 60?', truth: null },
  {
    kind: 'later',
    text: 'What is the average age of employees in Berlin?',
    truth: mean(people(({ stadt }) => stadt === 'Berlin').map(({ alter }) => alter)),
  },
  {
    kind: 'later',
    text: 'How many employees joined in 2018?',
    truth: people(({ eintritt }) => eintritt.startsWith('2018')).length,
  },
  { kind: 'later', text: 'How many orders were shipped late?', truth: null },
]
