type Node = {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/**
 * Turns [1] in running text into a `number-mark` element. Code and links keep theirs as they are.
 * The space before it goes into the mark, which stands on its word unless it stays text.
 */
export function markNumbers() {
  return (tree: Node): void => mark(tree)
}

function mark(node: Node): void {
  if (!node.children || node.tagName === 'code' || node.tagName === 'a') return
  node.children = node.children.flatMap((child) => (child.type === 'text' ? split(child.value ?? '') : [child]))
  for (const child of node.children) mark(child)
}

function split(text: string): Node[] {
  return text
    .split(/(\s?\[\d{1,3}\])/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const [, space, number] = /^(\s?)\[(\d+)\]$/.exec(piece) ?? []
      if (number === undefined) return { type: 'text', value: piece }
      return { type: 'element', tagName: 'number-mark', properties: { number: Number(number), space }, children: [] }
    })
}
