import { add, divide, multiply, negate, parseRational, rational, type Rational } from './rational.ts'

export interface Unit {
  dimension: string
  /** One of it in the dimension's base unit, exactly. */
  factor: Rational
  /** Added after the factor; temperatures only. */
  offset: Rational
  /** As it is shown. */
  name: string
}

const exactly = (text: string): Rational => {
  const [top = '0', bottom = '1'] = text.split('/')
  return divide(parseRational(top), parseRational(bottom))
}

/** Dimension → shown name → size in the base unit → the names by which people ask. Definitions, not measurements. */
const definitions: [dimension: string, name: string, factor: string, names: string][] = [
  [
    'length',
    'mm',
    '0.001',
    'mm millimeter millimeters millimetre millimetres millimetern milímetro milímetros millimètre millimètres',
  ],
  [
    'length',
    'cm',
    '0.01',
    'cm centimeter centimeters centimetre centimetres zentimeter zentimetern centímetro centímetros centimètre centimètres',
  ],
  ['length', 'm', '1', 'm meter meters metre metres metern metro metros mètre mètres'],
  [
    'length',
    'km',
    '1000',
    'km kms kilometer kilometers kilometre kilometres kilometern kilómetro kilómetros kilomètre kilomètres',
  ],
  ['length', 'in', '0.0254', 'inch inches zoll pulgada pulgadas pouce pouces'],
  ['length', 'ft', '0.3048', 'ft foot feet fuß pie pies pied pieds'],
  ['length', 'yd', '0.9144', 'yd yard yards yarda yardas'],
  ['length', 'miles', '1609.344', 'mi mile miles meile meilen milla millas'],
  ['length', 'nautical miles', '1852', 'nmi nauticalmile nauticalmiles'],
  ['mass', 'mg', '0.000001', 'mg milligram milligrams'],
  ['mass', 'g', '0.001', 'g gram grams gramm gramo gramos gramme grammes'],
  ['mass', 'kg', '1', 'kg kgs kilo kilos kilogram kilograms kilogramm kilogramo kilogramos kilogramme kilogrammes'],
  ['mass', 't', '1000', 't tonne tonnes tonnen tonelada toneladas metricton metrictons'],
  ['mass', 'oz', '0.028349523125', 'oz ounce ounces unzen onza onzas'],
  ['mass', 'lb', '0.45359237', 'lb lbs pound pounds libra libras'],
  ['mass', 'stone', '6.35029318', 'stone stones'],
  ['volume', 'ml', '0.001', 'ml milliliter milliliters millilitre millilitres mililitro mililitros cc'],
  ['volume', 'cl', '0.01', 'cl centiliter centiliters centilitre centilitres'],
  ['volume', 'l', '1', 'l liter liters litre litres litern litro litros litre'],
  ['volume', 'US gallons', '3.785411784', 'gallon gallons gal usgallon usgallons'],
  ['volume', 'US pints', '0.473176473', 'pint pints uspint uspints'],
  ['volume', 'US cups', '0.2365882365', 'cup cups'],
  ['volume', 'm³', '1000', 'm3 m³ cubicmeter cubicmeters cubicmetre cubicmetres kubikmeter'],
  ['volume', 'cu ft', '28.316846592', 'ft3 ft³ cuft cubicfoot cubicfeet'],
  ['volume', 'imperial gallons', '4.54609', 'imperialgallon imperialgallons ukgallon ukgallons'],
  ['volume', 'US fl oz', '0.0295735295625', 'floz fluidounce fluidounces'],
  ['volume', 'US tablespoons', '0.01478676478125', 'tbsp tablespoon tablespoons'],
  ['volume', 'US teaspoons', '0.00492892159375', 'tsp teaspoon teaspoons'],
  ['time', 'ms', '0.001', 'ms millisecond milliseconds'],
  ['time', 's', '1', 's sec second seconds sekunde sekunden segundo segundos seconde secondes'],
  ['time', 'minutes', '60', 'min mins minute minutes minuten minuto minutos'],
  ['time', 'hours', '3600', 'h hr hrs hour hours stunde stunden hora horas heure heures'],
  ['time', 'days', '86400', 'day days tag tage tagen día días jour jours'],
  ['time', 'weeks', '604800', 'week weeks woche wochen semana semanas semaine semaines'],
  ['area', 'm²', '1', 'm2 m² sqm squaremeter squaremeters squaremetre squaremetres quadratmeter'],
  [
    'area',
    'km²',
    '1000000',
    'km2 km² squarekilometer squarekilometers squarekilometre squarekilometres quadratkilometer',
  ],
  ['area', 'ha', '10000', 'ha hectare hectares'],
  ['area', 'acres', '4046.8564224', 'acre acres'],
  ['area', 'sq ft', '0.09290304', 'sqft ft2 ft² squarefoot squarefeet sqfoot sqfeet'],
  ['area', 'cm²', '0.0001', 'cm2 cm² squarecentimeter squarecentimeters squarecentimetres'],
  ['area', 'sq in', '0.00064516', 'in2 sqin squareinch squareinches'],
  ['area', 'sq yd', '0.83612736', 'yd2 sqyd squareyard squareyards'],
  ['area', 'sq mi', '2589988.110336', 'mi2 sqmi squaremile squaremiles'],
  ['speed', 'km/h', '1000/3600', 'km/h kmh kph'],
  ['speed', 'mph', '0.44704', 'mph'],
  ['speed', 'm/s', '1', 'm/s'],
  ['speed', 'knots', '1852/3600', 'knot knots kn'],
  ['data', 'bits', '1/8', 'bit bits'],
  ['data', 'bytes', '1', 'b byte bytes'],
  ['data', 'kB', '1000', 'kb kilobyte kilobytes'],
  ['data', 'MB', '1000000', 'mb megabyte megabytes'],
  ['data', 'GB', '1000000000', 'gb gigabyte gigabytes'],
  ['data', 'TB', '1000000000000', 'tb terabyte terabytes'],
  ['data', 'KiB', '1024', 'kib kibibyte kibibytes'],
  ['data', 'MiB', '1048576', 'mib mebibyte mebibytes'],
  ['data', 'GiB', '1073741824', 'gib gibibyte gibibytes'],
  ['energy', 'J', '1', 'j joule joules'],
  ['energy', 'kJ', '1000', 'kj kilojoule kilojoules'],
  ['energy', 'kcal', '4184', 'kcal kilocalorie kilocalories'],
  ['energy', 'kWh', '3600000', 'kwh'],
]

const units = new Map<string, Unit>(
  definitions.flatMap(([dimension, name, factor, names]) =>
    names
      .split(' ')
      .map((asked) => [asked, { dimension, name, factor: exactly(factor), offset: rational(0n) }] as const),
  ),
)
const temperatures: [name: string, factor: string, offset: string, names: string][] = [
  ['K', '1', '0', 'k kelvin kelvins'],
  ['°C', '1', '273.15', 'c °c celsius centigrade'],
  ['°F', '5/9', '45967/180', 'f °f fahrenheit'],
]
for (const [name, factor, offset, names] of temperatures) {
  for (const asked of names.split(' ')) {
    units.set(asked, { dimension: 'temperature', name, factor: exactly(factor), offset: exactly(offset) })
  }
}

export function unitNamed(asked: string): Unit | undefined {
  const name = asked
    .toLowerCase()
    .replace(/^(?:degrees?|deg)\s+/, '')
    .replace(/^sq\.?\s+/, 'sq ')
  // NFKC has made m2 of m², so both are known; "square feet" is kept without its space.
  return units.get(name) ?? units.get(name.replace(/\s+/g, '')) ?? units.get(name.replace(/²/g, '2').replace(/³/g, '3'))
}

/** undefined when the units measure different things. */
export function convert(amount: Rational, from: Unit, to: Unit): Rational | undefined {
  if (from.dimension !== to.dimension) return undefined
  return divide(add(add(multiply(amount, from.factor), from.offset), negate(to.offset)), to.factor)
}
