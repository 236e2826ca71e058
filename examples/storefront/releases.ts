import type { Behaviour, Look } from './shop/release.js'

export type ReleasePlan = {
  version: string
  commit: string
  builtAt: string
  changes: { sha: string; author: string; subject: string }[]
  /** New with this release; every release carries those of the releases before it too. */
  migrations: { name: string; what: string; safe: boolean }[]
  look: Look
  palette: Palette
  behaviour: Behaviour
}

type Palette = { [variable: string]: string }

const sound: Behaviour = { warmUp: 0, neverReady: false, errorEvery: 0 }

const harbour: Palette = {
  paper: '#f5f7fa',
  ink: '#1c2733',
  accent: '#1f4e8c',
  hero: '#1f4e8c',
  'hero-ink': '#ffffff',
  card: '#ffffff',
  tint: '#e6edf5',
  soft: '#8fb0d8',
  glow: '#f2b441',
  round: '10px',
  shadow: '0 1px 4px rgba(20,40,70,.12)',
  display: 'system-ui,sans-serif',
  tracking: '0',
}

const lagoon: Palette = {
  ...harbour,
  paper: '#f2faf7',
  ink: '#12312c',
  accent: '#0b7a68',
  hero: 'linear-gradient(115deg,#0b7a68,#0d4f6b)',
  tint: '#d8f0ea',
  soft: '#7cc9ba',
  glow: '#ff8a5c',
  round: '20px',
  shadow: '0 6px 22px rgba(10,80,70,.13)',
  display: 'Georgia,"Times New Roman",serif',
  tracking: '.01em',
}

const sunset: Palette = {
  ...lagoon,
  paper: '#fff8f1',
  ink: '#3a2417',
  accent: '#c2451e',
  hero: 'linear-gradient(115deg,#c2451e,#e9973b)',
  tint: '#fde7d3',
  soft: '#f0b48a',
  glow: '#7a3fa0',
  shadow: '0 6px 22px rgba(150,70,20,.14)',
}

const harbourLook: Look = { name: 'harbour', tagline: 'Gear for steady hands', layout: 'grid', giftNotes: false }
const lagoonLook: Look = {
  name: 'lagoon',
  tagline: 'Fair winds, wrapped as a gift',
  layout: 'gallery',
  giftNotes: true,
}
const sunsetLook: Look = { name: 'sunset', tagline: 'The autumn locker is open', layout: 'gallery', giftNotes: true }

/** Oldest first. */
export const releasePlans: ReleasePlan[] = [
  {
    version: 'v1.7.3',
    commit: '5b1e0c9d7a3f48e2b6c15d90874fa2e36b9d0c41',
    builtAt: '2026-10-05T09:12:00.000Z',
    changes: [
      { sha: '5b1e0c9', author: 'Ines Falk', subject: 'Round totals once, at the end' },
      { sha: 'a04c7de', author: 'Tomás Rey', subject: 'Keep the cart for a signed-out visitor' },
    ],
    migrations: [
      { name: '001_products.sql', what: 'creates products', safe: true },
      { name: '002_orders.sql', what: 'creates orders and their lines', safe: true },
    ],
    look: harbourLook,
    palette: harbour,
    behaviour: sound,
  },
  {
    version: 'v1.8.0',
    commit: '9f2c4a7be1d03568c49a7f12b8e60d35c7a914e1',
    builtAt: '2026-10-19T13:40:00.000Z',
    changes: [
      { sha: '9f2c4a7', author: 'Ines Falk', subject: 'New look: lagoon' },
      { sha: '3f1c2ab', author: 'Mara Lindqvist', subject: 'Gift notes on orders' },
      { sha: '77d0e15', author: 'Mara Lindqvist', subject: 'Add orders.gift_note' },
      { sha: 'c8b93f4', author: 'Tomás Rey', subject: 'Larger product pictures' },
      { sha: '1d6aa02', author: 'Tomás Rey', subject: 'Serve assets from the pool of all releases' },
      { sha: 'e40b7c8', author: 'Ines Falk', subject: 'Show the build in the footer' },
    ],
    migrations: [{ name: '003_order_gift_note.sql', what: 'adds the column orders.gift_note', safe: true }],
    look: lagoonLook,
    palette: lagoon,
    behaviour: sound,
  },
  {
    version: 'v1.8.1',
    commit: 'd17b60f3c2954ea8816f0bd7a93c5e24f8017b6c',
    builtAt: '2026-10-22T08:05:00.000Z',
    changes: [{ sha: 'd17b60f', author: 'Tomás Rey', subject: 'Warmer accent on prices, better contrast' }],
    migrations: [],
    look: lagoonLook,
    palette: { ...lagoon, accent: '#08695a', glow: '#ff7a45' },
    behaviour: sound,
  },
  {
    version: 'v1.9.0',
    commit: '02e8d5b94c7f4a1e9d3068b7fc52a4916e0b3d7f',
    builtAt: '2026-11-09T15:30:00.000Z',
    changes: [
      { sha: '02e8d5b', author: 'Mara Lindqvist', subject: 'New look: sunset' },
      { sha: 'b35f9d1', author: 'Mara Lindqvist', subject: 'Cache prices before taking visitors' },
    ],
    migrations: [],
    look: sunsetLook,
    palette: sunset,
    behaviour: { ...sound, warmUp: 8000 },
  },
  {
    version: 'v1.9.1',
    commit: '84d2f6c01b9e3a57f0c4e8d16a72b95f3c08e7d4',
    builtAt: '2026-11-11T09:10:00.000Z',
    changes: [{ sha: '84d2f6c', author: 'Tomás Rey', subject: 'Take visitors at once, cache prices behind them' }],
    migrations: [],
    look: { ...sunsetLook, tagline: 'The autumn locker is open, and quick' },
    palette: { ...sunset, accent: '#b0472f' },
    behaviour: sound,
  },
  {
    version: 'v2.0.0-rc.1',
    commit: '6ac91f70d8b245e3a7c0e69b15d84f2037b6e8a9',
    builtAt: '2026-11-12T10:20:00.000Z',
    changes: [{ sha: '6ac91f7', author: 'Tomás Rey', subject: 'Search by what is drawn on the box' }],
    migrations: [],
    look: { ...sunsetLook, tagline: 'Find it by its picture' },
    palette: sunset,
    behaviour: { ...sound, neverReady: true },
  },
  {
    version: 'v2.0.0-rc.2',
    commit: 'f48d03ba7e1c49b0952d6c87e3b1fa60d25c79e4',
    builtAt: '2026-11-16T16:45:00.000Z',
    changes: [
      { sha: 'f48d03b', author: 'Mara Lindqvist', subject: 'Start at once, fill the price cache on the way' },
      { sha: '8c2e77a', author: 'Ines Falk', subject: 'Winter tagline' },
    ],
    migrations: [],
    look: { ...sunsetLook, tagline: 'Winter is when gear is tested' },
    palette: { ...sunset, accent: '#a13a5b', hero: 'linear-gradient(115deg,#5a2a6b,#c2451e)' },
    behaviour: { ...sound, errorEvery: 20 },
  },
  {
    version: 'v2.0.0-rc.3',
    commit: '3e90b7c25d8f41a6b07c93e8d2f5a1640c7be918',
    builtAt: '2026-11-18T11:05:00.000Z',
    changes: [
      { sha: '3e90b7c', author: 'Tomás Rey', subject: 'Drop the tables of orders: the warehouse has them' },
      { sha: 'c5d1a84', author: 'Tomás Rey', subject: 'Hand each order to the warehouse' },
    ],
    migrations: [{ name: '004_drop_orders.sql', what: 'drops orders and their lines', safe: false }],
    look: { ...sunsetLook, tagline: 'Packed where it is kept' },
    palette: { ...sunset, accent: '#7a5a1e' },
    behaviour: sound,
  },
]
