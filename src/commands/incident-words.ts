import type { IncidentId, Severity, Update } from '../incidents/incident.js'
import type { RunId } from '../runs/run.js'

/** What a person can want of an incident. Where `incident` is left out, the one whose channel was spoken in is meant. */
export type IncidentAct =
  | {
      name: 'declare'
      title: string
      service?: string
      environment?: string
      severity?: Severity
      private?: boolean
      /** A failed run it began with, or the alert. */
      run?: RunId
      alert?: number
      /** The guide that is rehearsed in it. */
      drill?: string
      /** The message it was declared from. */
      link?: string
    }
  | ({
      name: 'note'
      text: string
      kind?: 'note' | 'pinned' | 'decision'
      key?: string
      at?: Date
      link?: string
    } & Meant)
  | ({ name: 'severity'; severity: Severity } & Meant)
  /** `to` is a person's id; null gives it back. Left out: whoever asks claims it. */
  | ({ name: 'role'; role: string; to?: string | null } & Meant)
  | ({ name: 'task' | 'follow-up'; text: string; owner?: string } & Meant)
  | ({ name: 'tick'; task: number } & Meant)
  /** What is to end the error, as a person wrote it. */
  | ({ name: 'fix'; what: string; owner?: string } & Meant)
  | ({ name: 'draft'; text: string; phase: Update['phase']; audience: Update['audience'] } & Meant)
  | ({ name: 'publish'; update: number } & Meant)
  /** A suspect by its key, or by its number on the card; the last word counts. */
  | ({ name: 'settle'; suspect: string | number; verdict: 'confirmed' | 'cleared' } & Meant)
  /** `reason` overrides a gate that is closed; empty otherwise. */
  | ({ name: 'resolve'; reason: string } & Meant)
  | ({ name: 'reopen'; reason: string } & Meant)
  | ({ name: 'archive' } & Meant)
  | ({ name: 'duplicate'; of: IncidentId } & Meant)
  | ({ name: 'guide'; guide: string } & Meant)
  /** Rolls a suspected deploy back, as a run under the usual approvals. */
  | ({ name: 'roll back'; run: RunId } & Meant)
  /** Says that one is at a guide's step, so that nobody does it twice. */
  | ({ name: 'take'; step: string } & Meant)
  /** A guide's check is looked at once more. */
  | ({ name: 'look again'; step: string } & Meant)
  /** Rehearses a guide with people, in an incident that is marked as a drill. */
  | { name: 'drill'; guide: string; service?: string; environment?: string }
  /** Whoever is on duty is called now. */
  | ({ name: 'page'; whom?: string } & Meant)
  /** The end of a page: somebody is there. */
  | ({ name: 'acknowledge' } & Meant)

type Meant = { incident?: IncidentId }

export type AlertAct =
  | { name: 'acknowledge alert'; alert: number }
  | { name: 'silence alert'; alert: number; minutes: number }
  | { name: 'declare from alert'; alert: number }
  | { name: 'merge alert'; alert: number; incident: IncidentId }
  /** It is the same trouble as another alert: nobody is told of it, and it goes where that one is. */
  | { name: 'duplicate alert'; alert: number; of: number }

/** A button on an incident's card or an alert's message: an act, decided at the desk as typed words are. */
export type IncidentPress =
  | Exclude<IncidentAct, { name: 'declare' }>
  | AlertAct
  | { name: 'declare from run'; run: RunId }

/** Forms about incidents and alerts, by the names that `Desk.form` takes. */
export type IncidentFormName = 'incident' | 'update' | 'resolve' | 'role' | 'task' | 'silence'

export type IncidentQuery =
  | { name: 'incident'; incident?: IncidentId }
  | { name: 'incidents'; all: boolean }
  | { name: 'timeline'; incident?: IncidentId }
  | { name: 'review'; incident?: IncidentId }
  /** What was done to recover, alone. */
  | { name: 'record'; incident?: IncidentId }
  | { name: 'guides'; words: string }
  | { name: 'guide'; guide: string }
  | { name: 'drills' }
  | { name: 'on call' }
  | { name: 'metrics'; days: number }
