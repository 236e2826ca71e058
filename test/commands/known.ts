import type { Known } from '../../src/commands/command.js'

const where: { [environment: string]: string[] } = {
  prod: ['storefront', 'blog'],
  staging: ['storefront', 'blog'],
  lab: ['blog'],
  empty: [],
}
const usual: { [environment: string]: string } = { prod: 'storefront', lab: 'blog' }

/** Two services in prod with storefront meant by default, two in staging with none, one in lab. */
export const known: Known = {
  services: ['storefront', 'blog'],
  environments: Object.keys(where),
  placed: (environment) => where[environment] ?? [],
  usual: (environment) => usual[environment] ?? null,
  databases: [{ name: 'shop', service: 'storefront', environment: 'prod' }],
}

/** As `/deploy` has one environment to choose from. */
export const onlyProd: Known = {
  ...known,
  environments: ['prod'],
  services: ['storefront'],
  placed: () => ['storefront'],
}
