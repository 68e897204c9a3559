import { type ComponentChildren, createContext, type FunctionComponent } from 'preact'
import { useContext } from 'preact/hooks'
import type { BoundedRange } from './months'
import type { Filter, Route, ViewRoute } from './route'
import type { Caller } from './sign-in/caller'
import { Store, useStore } from './store'

/** A part of the dashboard that can be taken out: its folder and its line in `capabilities/index.ts`. */
export interface Capability {
  views?: View[]
  /** Components that it adds to views of other parts. */
  places?: { [Name in keyof Places]?: FunctionComponent<Places[Name]> }
  /** Returns the route to this capability's view of the sessions that match a filter, for example those of one mentor. */
  viewOf?(filter: Filter): Partial<Route>
  figures?: Figures
  /** Returns names of mentors or organisations that contain all words of the text, without regard to case, accents and apostrophes. */
  suggestNames?(kind: 'mentor' | 'organisation', text: string): Promise<string[]>
  /** Returns why its action is not possible with this number of selected rows. Returns '' if it is possible. */
  hintForSelected?(count: number): string
  shared?: SharedSource
}

/** A row in the table of views. */
export interface View extends ViewRoute {
  /** `id` is the parameter in the path, or '' without one. */
  Component: FunctionComponent<{ id: string }>
  /** Title of the page. If absent, the view sets the title. */
  title?(id: string): string
  /** Text of the view's tab in the header, and its place among the tabs. */
  tab?: { text: string; place: number }
  /** Text of the view's entry in the menu. A view without a tab and without an entry is a part of the list. */
  menu?: string
  /** Whether the user may open the view. Other users see the list instead. */
  isFor?(user: Caller): boolean
}

/** Places that capabilities can fill, with the props of the components there. */
export interface Places {
  aboveList: object
  /** The first controls of the list. */
  listControls: object
  /** `describedBy` is the id of the hint for the selected rows. */
  selectedRowsActions: { ids: string[]; describedBy: string }
  /** `shown` is null until the months of the report are known. */
  reportActions: { filter: Filter; shown: BoundedRange | null }
}

/** Live figures of the sessions under the filter of the list. */
export interface Figures {
  /** The currencies with the most results come first. Null while unknown. */
  known: Store<{ sessions: number; amounts: { currency: string | null }[] } | null>
  follow(filter: Filter): FiguresFollower
}

export interface FiguresFollower {
  /** Discards the figures, which may be wrong after a gap, and subscribes again. */
  restart(): void
  stop(): void
}

/** A source of shared items other than the results of sessions. */
export interface SharedSource {
  isFor(user: Caller): boolean
  read(): Promise<SharedItem[]>
}

/** Something that anyone with a link can open. */
export interface SharedItem {
  id: string
  kind: string
  name: string
  /** The view of the shared item, if there is one. */
  view?: Partial<Route>
  subject: ComponentChildren
  expiresAt: string
  views: number
  /** The link, or why it is not shown. */
  link: { path: string } | { hidden: string }
  /** Returns the question whether to revoke the link. */
  revoking: (name: ComponentChildren) => ComponentChildren
  revoke(): Promise<unknown>
}

export const Capabilities = createContext<readonly Capability[]>([])

export const useCapabilities = (): readonly Capability[] => useContext(Capabilities)

/** Shows what capabilities add to a place. */
export function Place<Name extends keyof Places>({ name, props }: { name: Name; props: Places[Name] }) {
  const added = useCapabilities().flatMap(({ places }) => places?.[name] ?? []) as FunctionComponent<Places[Name]>[]
  return added.map(Component => <Component key={Component} {...props} />)
}

const unknownFigures: Figures['known'] = new Store(null)

/**
 * Returns the figures of the sessions under the filter of the list. Null while unknown, or without the capability of
 * totals.
 */
export function useFigures() {
  const source = useCapabilities().find(({ figures }) => figures)?.figures
  return useStore(source?.known ?? unknownFigures)
}
