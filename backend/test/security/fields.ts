interface Schema {
  $ref?: string
  format?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
}

interface Operation {
  parameters?: { name: string; in: string; schema?: Schema }[]
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

/** Of every route of the OpenAPI document, the fields that take an id, named as an entry of the matrix names them. */
export const fieldsWithIds = (document: Document) => fieldsOf(document, (schema) => schema.format === 'uuid')

/** The same of all fields, for trying what else they take. */
export const allFields = (document: Document) => fieldsOf(document, () => true)

function fieldsOf(document: Document, isWanted: Wanted): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, { parameters = [], requestBody }] of Object.entries(operations)) {
      const fields = [
        ...parameters.flatMap(({ name, in: place, schema }) =>
          fieldsIn(document, isWanted, schema, `${place}.${name}`),
        ),
        ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
          fieldsIn(document, isWanted, schema, 'body'),
        ),
      ]
      found[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`] = [...new Set(fields)]
    }
  }
  return found
}

type Wanted = (schema: Schema) => boolean

function fieldsIn(document: Document, isWanted: Wanted, schema: Schema | undefined, at: string, depth = 0): string[] {
  if (!schema || depth > 12) return []
  const inner = (one: Schema, where: string) => fieldsIn(document, isWanted, one, where, depth + 1)
  const name = schema.$ref?.split('/').pop()
  if (name !== undefined) return inner(document.components?.schemas?.[name] ?? {}, at)
  return [
    ...(isWanted(schema) ? [at] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([property, value]) => inner(value, `${at}.${property}`)),
    ...(schema.items ? inner(schema.items, `${at}[]`) : []),
    ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((some) => some ?? []).flatMap((one) => inner(one, at)),
  ]
}
