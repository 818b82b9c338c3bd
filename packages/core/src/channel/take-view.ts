import type { SubscribeOptions } from './channel-options.ts'
import type { ChannelState } from './channel-state.ts'
import { createView, type View } from './view.ts'

/** The view that a subscription asks for: that of everybody, one of its own, or one that it shares by a key. */
export function takeView<Events>(state: ChannelState, options: SubscribeOptions<Events>): View {
  const { filter, transform, key } = options
  if (filter === undefined && transform === undefined) return state.view
  state.keyedViews ??= new Map()
  const known = key === undefined ? undefined : state.keyedViews.get(key)
  const view =
    known ??
    createView(
      state.options.serialize,
      state.log,
      filter as View['filter'],
      transform as View['transform'],
      key,
    )
  if (key !== undefined) state.keyedViews.set(key, view)
  view.users += 1
  return view
}

/** Gives it back. What nobody has is forgotten. */
export function releaseView({ keyedViews }: ChannelState, view: View): void {
  // Only what has a key may be found again.
  if (view.key === undefined) return
  view.users -= 1
  if (view.users === 0) keyedViews?.delete(view.key)
}
