import { boolean, byType, type Check, list, oneOf, report, shape, string, url } from './check.js'
import { limits } from './limits.js'

/** A plain_text object of up to `max` characters. */
export function plain(max: number): Check {
  return byType({ plain_text: shape({ type: oneOf('plain_text'), text: string(max, 1), 'emoji?': boolean }) })
}

/** A mrkdwn object of up to `max` characters. */
export function mrkdwn(max: number): Check {
  return byType({ mrkdwn: shape({ type: oneOf('mrkdwn'), text: string(max, 1), 'verbatim?': boolean }) })
}

/** A text object of either kind. */
export function text(max: number): Check {
  return byType({ plain_text: plain(max), mrkdwn: mrkdwn(max) })
}

export const confirm: Check = shape({
  'title?': plain(limits.confirm.title),
  text: text(limits.confirm.text),
  'confirm?': plain(limits.confirm.button),
  'deny?': plain(limits.confirm.button),
  'style?': oneOf('primary', 'danger'),
})

/** An option; menus take plain text alone, checkboxes and radio buttons mrkdwn too. */
export function option(label: (max: number) => Check, more: { [name: string]: Check } = {}): Check {
  return shape({
    text: label(limits.option.text),
    value: string(limits.option.value),
    'description?': label(limits.option.description),
    ...more,
  })
}

export const menuOption = option(plain)
export const choice = option(text)
export const overflowOption = shape({
  text: plain(limits.option.text),
  'value?': string(limits.option.value),
  'description?': plain(limits.option.description),
  'url?': url(limits.url),
})

export const optionGroup: Check = shape({
  label: plain(limits.optionGroupLabel),
  options: list(menuOption, limits.select.options),
})

/** What an app answers when an external select asks; nothing found is an answer too. */
export const suggestions: Check = shape(
  {
    'options?': list(menuOption, limits.select.options, 0),
    'option_groups?': list(optionGroup, limits.select.groups, 0),
  },
  (answer, place) => {
    if ((answer.options === undefined) === (answer.option_groups === undefined)) {
      report(place, 'conflict', 'must have either options or option_groups, not both', 'options or option_groups')
    }
  },
)

export const conversationFilter: Check = shape(
  {
    'include?': list(oneOf('im', 'mpim', 'private', 'public'), 4),
    'exclude_external_shared_channels?': boolean,
    'exclude_bot_users?': boolean,
  },
  (filter, place) => {
    if (Object.keys(filter).length === 0) report(place, 'missing_field', 'must filter by at least one field')
  },
)

const slackFile: Check = shape({ 'url?': url(limits.url), 'id?': string(limits.id, 1) }, (file, place) => {
  if ((file.url === undefined) === (file.id === undefined)) {
    report(place, 'conflict', 'must have either url or id, not both', 'url or id')
  }
})

/** The fields of a picture, wherever it stands: one source, and words for those who cannot see it. */
export const pictureFields = {
  'image_url?': url(limits.url),
  'slack_file?': slackFile,
  alt_text: string(limits.image.alt, 1),
}

export const oneSource = (picture: { [name: string]: unknown }, place: Parameters<Check>[1]): void => {
  if ((picture.image_url === undefined) === (picture.slack_file === undefined)) {
    report(place, 'conflict', 'must have either image_url or slack_file, not both', 'image_url or slack_file')
  }
}

export const picture: Check = byType({ image: shape({ type: oneOf('image'), ...pictureFields }, oneSource) })
