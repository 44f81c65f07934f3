import type { Ports } from './open-ports.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { createSpendingRepository } from './ports/database/spending.ts'
import { meterEmbedders } from './ports/embedder/metered.ts'
import { meterModels } from './ports/language-model/metered.ts'
import { meterSpeech } from './ports/language-model/metered-speech.ts'
import { embeddingPriceOf, minutePriceOf } from './ports/language-model/prices.ts'
import { meterReranker } from './ports/reranker/metered.ts'
import type { Reranker } from './ports/reranker/port.ts'
import { createSpendingMeter } from './services/spending-meter.ts'

type Billing = Pick<Ports, 'connection' | 'models' | 'embedders' | 'speech'>

/** Longer than a call may take, with all its waiting and trying again. */
const leaseSecondsFor = (config: Config) => Math.max(900, config.languageModel.timeoutSeconds * 2)

/** The ports as the product is given them: whatever a provider bills passes the meter first. */
export function meterPorts(config: Config, { connection, models, embedders, speech }: Billing, log: Log) {
  const { modelPrices } = config
  const repository = createSpendingRepository(connection)
  const meter = createSpendingMeter({ repository, log, leaseSeconds: leaseSecondsFor(config) })
  return {
    repository,
    meter,
    ports: {
      models: meterModels(models, meter),
      embedders: meterEmbedders(embedders, meter, (name) => embeddingPriceOf(name, modelPrices)),
      speech: meterSpeech(speech, meter, (name) => minutePriceOf(name, modelPrices)),
    },
    reranker: (reranker: Reranker): Reranker =>
      meterReranker(reranker, meter, embeddingPriceOf(`rerank/${reranker.id}`, modelPrices)),
  }
}
