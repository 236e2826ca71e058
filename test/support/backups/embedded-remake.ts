import { z } from 'zod'
import { createEmbeddedEngine, type EmbeddedEngine } from '../../../src/integrations/backups/embedded/embedded.js'
import { openVault, storageSettings } from '../../../src/integrations/backups/storage/settings.js'
import type { JsonObject } from '../../../src/json.js'
import { contextFor } from './engine-rig.js'

const settingsSchema = z.object({ url: z.string(), storage: storageSettings, secret: z.string() })

/** The engine of a rig, in this process or in another one. */
export async function makeEngine(settings: JsonObject): Promise<EmbeddedEngine> {
  const { url, storage, secret } = settingsSchema.parse(settings)
  const vault = await openVault(storage, 'shop', async () => secret)
  return createEmbeddedEngine({ database: 'shop', url: async () => url, vault }, contextFor())
}
