import type { Form } from '../../commands/reply.js'
import { refused } from '../../errors.js'
import type { Standing } from '../../releases/people.js'
import { isOpen } from '../../releases/routines/calendar.js'
import type { Occurrence } from '../../releases/routines/routine.js'
import type { FormValues } from '../desk/forms.js'
import type { Mistake } from '../desk/mistakes.js'
import type { DeskParts } from '../desk/parts.js'
import { mayNotTick, type RoutineAct } from './acting.js'

/** Asks for the evidence or the reason. Throws refused when this person may not say anything of it: nobody writes in vain. */
export async function routineForm(parts: DeskParts, known: FormValues, standing: Standing | null): Promise<Form> {
  const occurrence = await parts.routines.rows.occurrence(Number(known.occurrence ?? 0))
  const routine = occurrence && parts.catalogue.routines[occurrence.routine]
  if (!occurrence || !routine || !isOpen(occurrence))
    throw refused('routine-ended', 'Nothing is asked for here any more.', {
      next: 'Look at what is due now: /ops routines',
    })
  const denial = await mayNotTick(parts, routine, occurrence, standing)
  if (denial) throw refused(denial.code, `${denial.what} ${denial.why}`, { next: denial.next })
  return formOf(occurrence, known)
}

function formOf({ id, routine, asked }: Occurrence, known: FormValues): Form {
  const skipping = known.as === 'skipped'
  return {
    name: 'routine',
    title: skipping ? 'Skip it this time' : 'It is done',
    submit: skipping ? 'Skip' : 'Done',
    intro: `${routine}: ${asked?.says ?? ''}`,
    fields: [
      {
        name: 'note',
        label: skipping ? 'Why?' : 'What shows it?',
        hint: skipping ? 'It stands beside it in the channel.' : 'What you saw, in a few words, or a link.',
        long: true,
        ...(known.note !== undefined && { value: known.note }),
      },
      { name: 'occurrence', label: '', value: String(id), carried: true },
      { name: 'as', label: '', value: skipping ? 'skipped' : 'done', carried: true },
    ],
  }
}

/** What a submitted form, or a button that asks for no words, says. */
export const routineActOf = ({ occurrence, as, note = '' }: FormValues): RoutineAct => ({
  name: 'routine',
  routine: '',
  occurrence: Number(occurrence ?? 0),
  as: as === 'skipped' ? 'skipped' : 'done',
  note,
})

/** Slack takes blanks for words. */
export const routineMistake = ({ note = '' }: FormValues): Mistake | null =>
  note.trim() === '' ? { field: 'note', text: 'Say it in a few words: they stand beside it in the channel.' } : null
