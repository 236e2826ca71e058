import { z } from 'zod'
import { list, matching, name, secret, text, webAddress, whole, yes } from './values.js'

/** PagerDuty as the pager of some services. */
export const pagerduty = z.strictObject({
  token: secret,
  /** Whoever changes are made as; PagerDuty wants the address of one of its users. */
  from: matching(/^\S+@\S+$/, 'the e-mail address of a user of PagerDuty'),
  services: z.record(
    name,
    z.strictObject({
      /** By which what comes from there is matched. */
      id: matching(/^[A-Z0-9]{6,20}$/, 'the id of a service such as "PABC123"'),
      routingKey: secret,
      /** Whose level 1 is on call for it. */
      policy: matching(/^[A-Z0-9]{6,20}$/, 'the id of an escalation policy such as "PESC123"'),
    }),
  ),
  url: webAddress.default('https://api.pagerduty.com'),
  events: webAddress.default('https://events.pagerduty.com'),
})
export type PagerDutySection = z.output<typeof pagerduty>

/** What the public reads. */
export const statusPage = z.strictObject({
  title: text('what the page is called'),
  /** Where people read it. */
  address: webAddress,
  /** Served by Shipmate itself; port 0 does not serve it. */
  port: whole(0, 65_535).default(0),
  listen: text('an address to listen at').default('127.0.0.1'),
  /** Files for a static host are written here. */
  folder: text('the path of a folder').optional(),
  components: list(
    z.strictObject({
      name: text('what customers call it'),
      service: text('the name of a service'),
      environment: text('the name of an environment').default('prod'),
      /** Its id at statuspage.io. */
      statuspage: text('the id of a component').optional(),
    }),
    'a list of components',
  ).min(1, { error: 'at least one component' }),
  /** The same updates at statuspage.io. */
  statuspage: z
    .strictObject({
      page: text('the id of a page'),
      token: secret,
      /** E-mails to its subscribers. */
      notify: yes.default(true),
      url: webAddress.default('https://api.statuspage.io'),
    })
    .optional(),
})
export type StatusPageSection = z.output<typeof statusPage>

/** Where a message to customers goes: a workflow of n8n, or any webhook. */
export const customers = z.strictObject({
  url: secret,
  /** Signs each message. */
  secret,
  /** The other side drops a message whose key it has seen; only then may one be sent again that may have arrived. */
  deduplicates: yes.default(false),
})
export type CustomersSection = z.output<typeof customers>

/** Where follow-ups become issues. */
export const followUps = z.strictObject({
  repository: matching(/^[\w.-]+\/[\w.-]+$/, 'a repository such as "acme/storefront"'),
  token: secret,
  label: text('the name of a label').default('incident-follow-up'),
  url: webAddress.default('https://api.github.com'),
})
export type FollowUpsSection = z.output<typeof followUps>
