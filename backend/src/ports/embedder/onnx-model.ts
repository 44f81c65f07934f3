/** For tests: a graph of one node that looks each piece's vector up in a table, written byte by byte as ONNX wants it. */
export function onnxLookup(vectors: readonly (readonly number[])[]): Buffer {
  const table = message([
    ...[vectors.length, vectors[0]?.length ?? 0].map((size) => number(1, size)),
    number(2, elementTypes.float),
    text(8, 'vectors'),
    bytes(9, Buffer.from(new Float32Array(vectors.flat()).buffer)),
  ])
  const gather = message([text(1, 'vectors'), text(1, 'input_ids'), text(2, 'last_hidden_state'), text(4, 'Gather')])
  const graph = message([
    bytes(1, gather),
    text(2, 'lookup'),
    bytes(5, table),
    bytes(11, value('input_ids', elementTypes.int64, ['texts', 'pieces'])),
    bytes(11, value('attention_mask', elementTypes.int64, ['texts', 'pieces'])),
    bytes(12, value('last_hidden_state', elementTypes.float, ['texts', 'pieces', vectors[0]?.length ?? 0])),
  ])
  const operators = message([text(1, ''), number(2, 17)])
  return message([number(1, 8), text(2, 'test'), bytes(7, graph), bytes(8, operators)])
}

const elementTypes = { float: 1, int64: 7 }

function value(name: string, elementType: number, shape: readonly (string | number)[]): Buffer {
  const sizes = shape.map((size) => bytes(1, typeof size === 'string' ? text(2, size) : number(1, size)))
  const tensor = message([number(1, elementType), bytes(2, message(sizes))])
  return message([text(1, name), bytes(2, bytes(1, tensor))])
}

// The wire format of protocol buffers: a field's number and kind, then a number, or a length and so many bytes.
const message = (fields: readonly Buffer[]) => Buffer.concat(fields)
const number = (field: number, amount: number) => Buffer.concat([varint(field * 8), varint(amount)])
const bytes = (field: number, content: Buffer) =>
  Buffer.concat([varint(field * 8 + 2), varint(content.length), content])
const text = (field: number, content: string) => bytes(field, Buffer.from(content))

function varint(amount: number): Buffer {
  const groups = []
  for (let rest = amount; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...groups, rest])
    groups.push((rest % 128) + 128)
  }
}
