import { add, divide, multiply, negate, parseRational, rational, type Rational } from './rational.ts'

interface Unit {
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
  ['length', 'mm', '0.001', 'mm millimeter millimeters millimetre millimetres'],
  ['length', 'cm', '0.01', 'cm centimeter centimeters centimetre centimetres'],
  ['length', 'm', '1', 'm meter meters metre metres'],
  ['length', 'km', '1000', 'km kms kilometer kilometers kilometre kilometres'],
  ['length', 'in', '0.0254', 'inch inches'],
  ['length', 'ft', '0.3048', 'ft foot feet'],
  ['length', 'yd', '0.9144', 'yd yard yards'],
  ['length', 'miles', '1609.344', 'mi mile miles'],
  ['length', 'nautical miles', '1852', 'nmi'],
  ['mass', 'mg', '0.000001', 'mg milligram milligrams'],
  ['mass', 'g', '0.001', 'g gram grams'],
  ['mass', 'kg', '1', 'kg kgs kilo kilos kilogram kilograms'],
  ['mass', 't', '1000', 't tonne tonnes'],
  ['mass', 'oz', '0.028349523125', 'oz ounce ounces'],
  ['mass', 'lb', '0.45359237', 'lb lbs pound pounds'],
  ['mass', 'stone', '6.35029318', 'stone stones'],
  ['volume', 'ml', '0.001', 'ml milliliter milliliters millilitre millilitres'],
  ['volume', 'cl', '0.01', 'cl centiliter centiliters centilitre centilitres'],
  ['volume', 'l', '1', 'l liter liters litre litres'],
  ['volume', 'US gallons', '3.785411784', 'gallon gallons gal'],
  ['volume', 'US pints', '0.473176473', 'pint pints'],
  ['volume', 'US cups', '0.2365882365', 'cup cups'],
  ['time', 'ms', '0.001', 'ms millisecond milliseconds'],
  ['time', 's', '1', 's sec second seconds'],
  ['time', 'minutes', '60', 'min mins minute minutes'],
  ['time', 'hours', '3600', 'h hr hrs hour hours'],
  ['time', 'days', '86400', 'day days'],
  ['time', 'weeks', '604800', 'week weeks'],
  ['area', 'm²', '1', 'm2 m² sqm'],
  ['area', 'km²', '1000000', 'km2 km²'],
  ['area', 'ha', '10000', 'ha hectare hectares'],
  ['area', 'acres', '4046.8564224', 'acre acres'],
  ['area', 'sq ft', '0.09290304', 'sqft ft2 ft²'],
  ['speed', 'km/h', '1000/3600', 'km/h kmh kph'],
  ['speed', 'mph', '0.44704', 'mph'],
  ['speed', 'm/s', '1', 'm/s'],
  ['speed', 'knots', '1852/3600', 'knot knots kn'],
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
  return units.get(
    asked
      .toLowerCase()
      .replace(/^(?:degrees?|deg)\s+/, '')
      .replace(/^square (?=feet|foot)/, 'sq')
      .replace('sqfeet', 'sqft'),
  )
}

/** undefined when the units measure different things. */
export function convert(amount: Rational, from: Unit, to: Unit): Rational | undefined {
  if (from.dimension !== to.dimension) return undefined
  return divide(add(add(multiply(amount, from.factor), from.offset), negate(to.offset)), to.factor)
}
