'use client'

import { Check, Copy } from 'lucide-react'
import { createContext, useContext, useRef, useState, type ComponentProps, type ReactNode } from 'react'
import { defaultRehypePlugins, Streamdown, type Components, type ExtraProps } from 'streamdown'
import { IconButton } from './button.tsx'
import { markNumbers } from './mark-numbers.ts'

type MarkdownProps = {
  text: string
  isStreaming?: boolean
  /** Shows a number in brackets, such as [1]; what it returns undefined for stays text. */
  numberMark?: (number: number) => ReactNode
}

const NumberMark = createContext<MarkdownProps['numberMark']>(undefined)

/**
 * Text from a model is hostile input: no raw HTML, no images from elsewhere, links to the web and to mail only.
 */
export function Markdown({ text, isStreaming = false, numberMark }: MarkdownProps) {
  return (
    <NumberMark value={numberMark}>
      <div className="prose">
        <Streamdown
          mode={isStreaming ? 'streaming' : 'static'}
          parseIncompleteMarkdown={isStreaming}
          // A half-arrived [1] is a citation, not the beginning of a link.
          remend={{ links: false, images: false }}
          rehypePlugins={rehypePlugins}
          components={components}
          linkSafety={{ enabled: false }}
          controls={false}
        >
          {text}
        </Streamdown>
      </div>
    </NumberMark>
  )
}

// Without `raw`, HTML in the text is shown as the characters it is made of.
const rehypePlugins = [defaultRehypePlugins['sanitize']!, markNumbers]

const heading =
  (Tag: 'h2' | 'h3' | 'h4') =>
  ({ children }: ComponentProps<'h2'> & ExtraProps) => <Tag>{children}</Tag>

const components: Components = {
  // The page has a first heading of its own.
  h1: heading('h2'),
  h2: heading('h3'),
  h3: heading('h4'),
  h4: heading('h4'),
  h5: heading('h4'),
  h6: heading('h4'),
  p: ({ children }) => <p>{children}</p>,
  ul: ({ children }) => <ul>{children}</ul>,
  ol: ({ children, start }) => <ol start={start}>{children}</ol>,
  li: ({ children }) => <li>{children}</li>,
  strong: ({ children }) => <strong>{children}</strong>,
  blockquote: ({ children }) => <blockquote>{children}</blockquote>,
  hr: () => <hr />,
  code: ({ children }) => <code>{children}</code>,
  inlineCode: ({ children }) => <code>{children}</code>,
  pre: CodeBlock,
  table: ({ children }) => (
    <div className="overflow-x-auto" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  thead: ({ children }) => <thead>{children}</thead>,
  tbody: ({ children }) => <tbody>{children}</tbody>,
  tr: ({ children }) => <tr>{children}</tr>,
  th: ({ children }) => <th>{children}</th>,
  td: ({ children }) => <td>{children}</td>,
  a: ({ href, children }) => <SafeLink href={href}>{children}</SafeLink>,
  img: ({ src, alt }) => <SafeLink href={typeof src === 'string' ? src : undefined}>{alt || 'Image'}</SafeLink>,
  'number-mark': ({ node }) => (
    <Mark number={Number(node?.properties['number'])} space={String(node?.properties['space'])} />
  ),
}

function SafeLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const url = URL.parse(href ?? '')
  if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol)) return <>{children}</>
  return (
    <a href={url.href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  )
}

/** Keeps a mark on the line of the word it belongs to. */
const wordJoiner = '\u2060'

function Mark({ number, space }: { number: number; space: string }) {
  const mark = useContext(NumberMark)?.(number)
  if (mark === undefined) return `${space}[${number}]`
  return (
    <>
      {wordJoiner}
      {mark}
    </>
  )
}

function CodeBlock({ children }: ComponentProps<'pre'> & ExtraProps) {
  const block = useRef<HTMLPreElement>(null)
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(block.current?.textContent ?? '')
    setCopied(true)
    setTimeout(() => setCopied(false), 1500)
  }
  return (
    <div className="group relative">
      <pre
        ref={block}
        tabIndex={0}
        className="overflow-x-auto rounded-lg border border-line bg-panel px-4 py-3 font-mono text-sm leading-6"
      >
        {children}
      </pre>
      <IconButton
        label={isCopied ? 'Copied' : 'Copy the code'}
        onClick={() => void copy()}
        className="absolute top-1.5 right-1.5 bg-panel opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
      >
        {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
    </div>
  )
}
