import { readGuide } from '../../src/incidents/guides/read-guide.js'
import { suggestGuides } from '../../src/incidents/guides/suggest-guides.js'
import type { GuideShelf, IncidentPorts } from '../../src/jobs/incidents/parts.js'
import { solvedLike } from '../../src/jobs/incidents/remembering.js'
import type { Store } from '../../src/store/connect.js'

/** Guides that a test writes down, read as an operator's are. */
export function guideShelf() {
  const texts = new Map<string, string>()
  const all = () => [...texts].map(([name, markdown]) => readGuide(markdown, name))
  const shelf: GuideShelf = {
    all: async () => all(),
    fitting: async (symptoms, most) =>
      suggestGuides(symptoms, all())
        .slice(0, most)
        .map(({ guide, why }) => ({ name: guide.name, title: guide.title, why })),
    take: async (name) => {
      const markdown = texts.get(name)
      return markdown === undefined ? null : { guide: readGuide(markdown, name), markdown }
    },
  }
  return { shelf, put: (name: string, markdown: string) => void texts.set(name, markdown) }
}

/** Incidents on a real store; whoever is paged and what is written on paper is the part of other tests. */
export function incidentPorts({ incidents }: Pick<Store, 'incidents'>, guides: GuideShelf): IncidentPorts {
  const said = (text: string) => ({ kind: 'said' as const, text })
  return {
    store: incidents.rows,
    reads: incidents.reads,
    guides,
    alerts: { act: async (act) => said(act.name) },
    pages: { page: async () => said('Paged.'), onDuty: async () => said('Nobody.') },
    papers: {
      review: async ({ incident }) => ({ name: 'review.md', markdown: `# ${incident.title}` }),
      record: async ({ incident }) => ({ name: 'recovery.md', markdown: `# ${incident.title}` }),
      metrics: async (days) => said(`${days} days`),
      rehearsed: incidents.rehearsals.of,
      solved: (words) => solvedLike(incidents.solved, words, new Date()),
    },
  }
}
