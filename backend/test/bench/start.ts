import { join } from 'node:path'
import { notStartable, startProduct } from './product.ts'
import { atMost, median, notMeasured, type Figure, type Row } from './row.ts'
import { temporaryFolder } from './surroundings.ts'

const again = { what: '`npm start` again, to the first page served', aim: atMost(5, 's') }
const fresh = { what: '`npm start` with a fresh data folder, to the first page served', aim: atMost(15, 's') }

export const start: Row = {
  name: 'start',
  title: 'Start',
  method:
    'From the command, `npm` included, until `ready` is printed and `GET /`, redirects followed, answered 200 with a page; built already; median.',
  async run({ isQuick, say }) {
    const reason = notStartable()
    if (reason) return [notMeasured(again.what, again.aim, reason), notMeasured(fresh.what, fresh.aim, reason)]
    const folder = temporaryFolder()
    try {
      const timeOf = async (name: string) => {
        const product = await startProduct(join(folder.path, name))
        await product.stop()
        say(`${name}: ${product.startSeconds.toFixed(1)} s`)
        return product.startSeconds
      }
      // Builds the web app when it is not built, which is not what is measured.
      await timeOf('again')
      const count = isQuick ? 1 : 5
      const againSeconds = await repeat(count, () => timeOf('again'))
      const freshSeconds = await repeat(Math.min(count, 3), (index) => timeOf(`fresh-${index}`))
      return [figure(again, againSeconds), figure(fresh, freshSeconds)]
    } finally {
      folder.remove()
    }
  },
}

const figure = ({ what, aim }: Pick<Figure, 'what' | 'aim'>, samples: number[]): Figure => ({
  what,
  aim,
  measured: median(samples),
  unit: 's',
  remark: `${samples.length} starts, the slowest ${Math.max(...samples).toFixed(1)} s`,
})

async function repeat(count: number, once: (index: number) => Promise<number>): Promise<number[]> {
  const samples: number[] = []
  for (let index = 0; index < count; index++) samples.push(await once(index))
  return samples
}
