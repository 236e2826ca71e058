import type { Asker, FormName, Press } from '../../src/commands/command.js'
import type { IncidentPress } from '../../src/commands/incident-words.js'
import type { Form, Reply } from '../../src/commands/reply.js'
import type { Desk, FormValues, Home, Mistake } from '../../src/jobs/desk.js'

export type Asked =
  | { what: 'say'; words: string; command: string; asker: Asker }
  | { what: 'mentions'; words: string; asker: Asker }
  | { what: 'form'; name: FormName; known: FormValues; asker: Asker }
  | { what: 'submit'; name: FormName; values: FormValues; asker: Asker }
  | { what: 'press'; press: Press; asker: Asker }
  | { what: 'press incident'; press: IncidentPress; asker: Asker }
  | { what: 'home'; asker: Asker }

/** A desk that answers what a test says and notes what it was asked: the face's tests are about the face. */
export function scriptedDesk() {
  const asked: Asked[] = []
  const script = {
    reply: (_asked: Asked): Promise<Reply> | Reply => ({ kind: 'said', text: 'Noted.' }),
    form: (_known: FormValues): Promise<Form> | Form => deployForm(),
    mistake: (_values: FormValues): Mistake | null => null,
    home: (): Home => ({ waitsForMe: [], routines: [], running: [], broken: [], incidents: [], locked: [], may: [] }),
  }
  const answer = async (one: Asked) => {
    asked.push(one)
    return script.reply(one)
  }
  const desk: Desk = {
    say: (words, command, asker) => answer({ what: 'say', words, command, asker }),
    mentions: (words, asker) => answer({ what: 'mentions', words, asker }),
    mistakeIn: (_name, values) => script.mistake(values),
    submitForm: (name, values, asker) => answer({ what: 'submit', name, values, asker }),
    press: (press, asker) => answer({ what: 'press', press, asker }),
    pressIncident: (press, asker) => answer({ what: 'press incident', press, asker }),
    async form(name, known, asker) {
      asked.push({ what: 'form', name, known, asker })
      return script.form(known)
    },
    async home(asker) {
      asked.push({ what: 'home', asker })
      return script.home()
    },
  }
  return { desk, asked, script }
}

/** The form of /deploy; versions depend on the environment. */
export function deployForm(environment = 'prod'): Form {
  const versions = environment === 'prod' ? ['v1.8.0', 'v1.7.4'] : ['v2.0.0-rc.1']
  return {
    name: 'deploy',
    title: 'Deploy',
    submit: 'Show the plan',
    intro: 'Nothing runs before you and others have seen the plan.',
    fields: [
      {
        name: 'service',
        label: 'Service',
        value: 'storefront',
        options: [{ value: 'storefront', label: 'storefront' }],
      },
      {
        name: 'environment',
        label: 'Environment',
        value: environment,
        refresh: true,
        options: ['prod', 'staging'].map((value) => ({ value, label: value })),
      },
      {
        name: 'version',
        label: 'Version',
        value: versions[0] ?? '',
        options: versions.map((value) => ({ value, label: value, description: 'built 2 h ago' })),
      },
      { name: 'note', label: 'Note', optional: true, hint: 'Stands on the card.' },
    ],
  }
}
