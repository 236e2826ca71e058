import { readGuide } from '../../src/incidents/guides/read-guide.js'
import type { GuideShelf, IncidentPorts } from '../../src/jobs/incidents/parts.js'
import type { Store } from '../../src/store/connect.js'

/** Guides that a test writes down, read as an operator's are. */
export function guideShelf() {
  const texts = new Map<string, string>()
  const shelf: GuideShelf = {
    all: async () => [...texts].map(([name, markdown]) => readGuide(markdown, name)),
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
      metrics: async (days) => said(`${days} days`),
      rehearsed: incidents.rehearsals.of,
    },
  }
}
