import { createContext, useContext } from 'react'

/** Which message of this list is being edited. */
export type Editing = { ts?: string; edit: (ts: string | undefined) => void }

export const EditingContext = createContext<Editing>({ edit: () => {} })

export const useEditing = (): Editing => useContext(EditingContext)
