import { type ComponentChildren, createContext, type FunctionComponent } from 'preact'
import { useContext } from 'preact/hooks'
import type { BoundedRange } from './months'
import type { Filter, Route, ViewRoute } from './route'
import type { Caller } from './sign-in/caller'
import { Store, useStore } from './store'
import type { OwnerKind } from './types'

/**
 * An optional part of the dashboard. To remove a capability, delete its folder and its line in `capabilities/index.ts`.
 */
export interface Capability {
  views?: View[]
  /** Components that this capability adds to other views. */
  extensions?: { [Name in keyof ExtensionPoints]?: FunctionComponent<ExtensionPoints[Name]> }
  /** Returns the route to this capability's view for a filter, for example the report on one mentor's sessions. */
  viewOf?(filter: Filter): Partial<Route>
  figures?: Figures
  /**
   * Returns the mentors or organisations whose names contain every word of `text`, ignoring case, accents and
   * apostrophes.
   */
  suggestNames?(kind: OwnerKind, text: string): Promise<string[]>
  /** Returns why this capability's action is unavailable for `count` selected rows, or '' if it is available. */
  hintForSelected?(count: number): string
  shared?: SharedSource
}

export interface View extends ViewRoute {
  /** `id` is the path parameter, or '' if the path has no parameter. */
  Component: FunctionComponent<{ id: string }>
  /** Returns the page title. If this function is absent, the view sets the page title itself. */
  title?(id: string): string
  /** The view's tab in the header: its text, and its position among the tabs. */
  tab?: { text: string; position: number }
  /** Text of the view's menu entry. A view that has neither a tab nor a menu entry is shown as part of the list. */
  menu?: string
  /** Whether the user is allowed to open the view. Users who are not allowed to open the view see the list instead. */
  isFor?(user: Caller): boolean
}

/**
 * Extension points of the views, where capabilities can add components, with the props that these components receive.
 */
export interface ExtensionPoints {
  aboveList: object
  /** Components that are shown before the list's own controls. */
  listControls: object
  /** `describedBy` is the element id of the hint about the selection. */
  selectedRowsActions: { ids: string[]; describedBy: string }
  /**
   * `shown` is the range of months that the report shows, or null until the range is known. `totals` has the totals on
   * the page and those of the range, if the page's totals cover other months.
   */
  reportActions: { filter: Filter; shown: BoundedRange | null; totals: Record<'page' | 'shown', CurrencySums[]> | null }
}

/** Value and cost in one currency. */
export type CurrencySums = Record<'timeValue' | 'programmeCost', number> & { currency: string | null }

/** Live figures for the sessions that match the list's filter. */
export interface Figures {
  /** Null while unknown. Currencies are sorted by their number of results, highest first. */
  known: Store<{ sessions: number; amounts: { currency: string | null }[] } | null>
  follow(filter: Filter): FiguresFollower
}

export interface FiguresFollower {
  /**
   * Discards the figures and subscribes again. Call this method after a gap in the feed, because the figures may then
   * be wrong.
   */
  restart(): void
  stop(): void
}

/** A source of shared items that are not session results. */
export interface SharedSource {
  isFor(user: Caller): boolean
  read(): Promise<SharedItem[]>
}

/** A shared item, which anyone who has its link can open. */
export interface SharedItem {
  id: string
  kind: string
  name: string
  /** Route to the item's view, if it has one. */
  view?: Partial<Route>
  subject: ComponentChildren
  expiresAt: string
  views: number
  /** The link's path, or the reason why the link is not shown. */
  link: { path: string } | { hidden: string }
  /** Returns the question that asks the user whether to revoke the link. */
  revoking: (name: ComponentChildren) => ComponentChildren
  revoke(): Promise<unknown>
}

export const Capabilities = createContext<readonly Capability[]>([])

export const useCapabilities = (): readonly Capability[] => useContext(Capabilities)

/** Renders the components that capabilities add at an extension point. */
export function ExtensionPoint<Name extends keyof ExtensionPoints>({
  name,
  props,
}: {
  name: Name
  props: ExtensionPoints[Name]
}) {
  const added = useCapabilities().flatMap(({ extensions }) => extensions?.[name] ?? []) as FunctionComponent<
    ExtensionPoints[Name]
  >[]
  return added.map(Component => <Component key={Component} {...props} />)
}

const unknownFigures: Figures['known'] = new Store(null)

/**
 * Returns the figures for the sessions that match the list's filter, or null while they are unknown or if the totals
 * capability is absent.
 */
export function useFigures() {
  const source = useCapabilities().find(({ figures }) => figures)?.figures
  return useStore(source?.known ?? unknownFigures)
}
